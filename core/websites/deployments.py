"""Deployments as the database knows them: asked for, begun before anything is published, switched, ended; one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, update

from core.actor import Actor
from core.audit import service as audit
from core.connectors.transports.email_params import spelled
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.errors import CountersignError, NotFound
from core.identifiers import new_id
from core.websites.live import LiveSites
from core.websites.rules import UNDER_WAY, DeploymentKind, DeploymentState
from core.websites.tables import SiteDeploymentRow, SiteRow, SiteVersionRow
from core.websites.target import Published

log = structlog.get_logger(__name__)

PUBLISH_SITE = "publish_site"
MOST_TAKES = 3
"""Workers that may end while they publish it, before it is told as failed."""
_TURN_SECONDS = 1.0

LEASE = timedelta(minutes=15)
"""Longer than any deployment takes: after this, whoever was at it has ended."""

_UNDONE = (DeploymentState.RUNNING, DeploymentState.FAILED, DeploymentState.UNANSWERED)
"""What a repeat with the same key takes up again."""


class SiteDeploymentUnderWay(CountersignError):
    """This site is being published since {since:%H:%M} UTC. Wait until that has ended; nothing was changed."""

    http_status = 409


class DeploymentKeyTaken(CountersignError):
    """The key of this deployment was used for another one. Use a key of its own; nothing was changed."""

    http_status = 409


@dataclass(frozen=True)
class Deployment:
    id: UUID
    address: str
    """Ends with a slash; empty where nothing was published."""
    state: DeploymentState
    error: str = ""
    version_id: UUID | None = None


@dataclass(frozen=True)
class Taken:
    """One that a worker publishes now."""

    id: UUID
    site_id: UUID
    version_id: UUID
    target: str
    key: str


class Deployments:
    def __init__(self, database: Database, engine: EngineClient, live: LiveSites) -> None:
        self._database, self._engine, self._live = database, engine, live

    def ask(
        self, uow: UnitOfWork, actor: Actor, site: SiteRow, version: SiteVersionRow, target: str, kind: DeploymentKind,
        deployment_id: UUID | None,
    ) -> Deployment:  # fmt: skip
        """Puts it behind those asked for before; `site` is locked. Workers publish them in this order, one at a time."""
        there = uow.session.get(SiteDeploymentRow, deployment_id) if deployment_id else None
        if there is not None:
            if (there.site_id, there.version_id, there.target) != (site.id, version.id, target):
                raise DeploymentKeyTaken
            return _told(there)
        identity = deployment_id or new_id()
        row = _row(
            uow, identity, f"asked:{identity}", actor, site.id, version.id, target, kind, DeploymentState.WAITING
        )
        self._hand_over(uow, row)
        after = {"version": version.number, "digest": version.digest, "target": target, "kind": kind.value}
        audit.record(uow, actor, "site.deployment_requested", f"site:{site.id}", after=after)
        return _told(row)

    def take(self, deployment_id: UUID) -> Taken | None:
        """What a worker publishes now; None where there is nothing to do, or others come first: then it is queued again."""
        with self._database.begin() as uow:
            row = uow.session.get(SiteDeploymentRow, deployment_id)
            if row is None:
                return None
            uow.session.get_one(SiteRow, row.site_id, with_for_update=True)
            uow.session.refresh(row, with_for_update=True)
            if row.state not in UNDER_WAY:
                return None
            if self._others_first(uow, row):
                self._hand_over(uow, row, after_seconds=_TURN_SECONDS)
                return None
            if _begun_since(uow, row):
                row.state, row.ended_at = DeploymentState.OVERTAKEN, uow.now
                return None
            row.takes += 1
            if row.takes > MOST_TAKES:
                row.state, row.ended_at, row.error = DeploymentState.FAILED, uow.now, _ENDS_WORKERS
                audit.record(
                    uow, _by(row), "site.deployment_failed", f"site:{row.site_id}", after={"error": _ENDS_WORKERS}
                )
                return None
            if row.state is DeploymentState.WAITING:
                version = uow.session.get_one(SiteVersionRow, row.version_id)
                after = {
                    "version": version.number,
                    "digest": version.digest,
                    "target": row.target,
                    "kind": row.kind.value,
                }
                audit.record(uow, _by(row), "site.deployment_begun", f"site:{row.site_id}", after=after)
            row.state, row.begun_at = DeploymentState.RUNNING, uow.now
            return Taken(row.id, row.site_id, row.version_id, row.target, row.key)

    def begin(
        self, actor: Actor, site_id: UUID, version_id: UUID, target: str, key: str, kind: DeploymentKind,
        deployment_id: UUID | None,
    ) -> Deployment:  # fmt: skip
        """The row of this deployment, written before anything is published; under the site's lock, so that only one is."""
        with self._database.begin() as uow:
            site = uow.session.get(SiteRow, site_id, with_for_update=True)
            version = uow.session.get(SiteVersionRow, version_id)
            if site is None or version is None or version.site_id != site_id:
                raise NotFound(kind="version of this site", id=version_id)
            row = uow.session.scalar(select(SiteDeploymentRow).where(SiteDeploymentRow.key == key))
            if row is not None:
                if (row.site_id, row.version_id, row.target) != (site_id, version_id, target):
                    raise DeploymentKeyTaken
                newer = _begun_since(uow, row)
                if row.state is DeploymentState.RUNNING and newer:
                    row.state, row.ended_at = DeploymentState.OVERTAKEN, uow.now
                elif row.state in _UNDONE and not newer:
                    row.state, row.error, row.begun_at, row.ended_at = DeploymentState.RUNNING, "", uow.now, None
                return _told(row)
            if (first := _under_way(uow, site_id)) is not None:
                raise SiteDeploymentUnderWay(since=first.begun_at)
            made = _row(
                uow, deployment_id or new_id(), key, actor, site_id, version_id, target, kind, DeploymentState.RUNNING
            )
            after = {"version": version.number, "digest": version.digest, "target": target, "kind": kind.value}
            audit.record(uow, actor, "site.deployment_begun", f"site:{site_id}", after=after)
            return _told(made)

    def switch(self, deployment_id: UUID, published: Published) -> bool:
        """Says which version is live, in one transaction; for "here" this is what publishes it."""
        with self._database.begin() as uow:
            found = uow.session.get_one(SiteDeploymentRow, deployment_id)
            site = uow.session.get_one(SiteRow, found.site_id, with_for_update=True)
            uow.session.refresh(found, with_for_update=True)
            if found.state is not DeploymentState.RUNNING:
                return False
            version = uow.session.get_one(SiteVersionRow, found.version_id)
            before = {"version_id": site.live_version_id, "target": site.live_target}
            site.live_version_id, site.live_target, site.address = version.id, found.target, published.address
            site.contact_email = _contact_of(version.content) or site.contact_email
            found.address, found.reference = published.address, published.reference
            event = "site.rolled_back" if found.kind is DeploymentKind.ROLLBACK else "site.deployed"
            after = {"version_id": version.id, "digest": version.digest, "target": found.target}
            audit.record(uow, _by(found), event, f"site:{site.id}", before=before, after=after)
            slug = site.slug
        self._live.forget(slug)
        return True

    def end(self, deployment_id: UUID, problem: str) -> Deployment:
        state = DeploymentState.UNANSWERED if problem else DeploymentState.LIVE
        self.settle(deployment_id, state, problem)
        return self.one(deployment_id)

    def failed(self, deployment_id: UUID, problem: str) -> Deployment:
        log.warning("site.not_deployed", deployment=str(deployment_id), problem=problem)
        with self._database.begin() as uow:
            row = uow.session.get_one(SiteDeploymentRow, deployment_id, with_for_update=True)
            if row.state is DeploymentState.RUNNING:
                row.state, row.error, row.ended_at = DeploymentState.FAILED, problem, uow.now
                audit.record(
                    uow, _by(row), "site.deployment_failed", f"site:{row.site_id}", after={"error": problem[:500]}
                )
        return self.one(deployment_id)

    def settle(self, deployment_id: UUID, state: DeploymentState, problem: str) -> None:
        with self._database.begin() as uow:
            uow.session.execute(
                update(SiteDeploymentRow)
                .where(SiteDeploymentRow.id == deployment_id, SiteDeploymentRow.state == DeploymentState.RUNNING)
                .values(state=state, error=problem, ended_at=uow.now)
            )

    def one(self, deployment_id: UUID) -> Deployment:
        with self._database.reading() as session:
            return _told(session.get_one(SiteDeploymentRow, deployment_id))

    def of_key(self, site_id: UUID, key: str) -> SiteDeploymentRow | None:
        with self._database.reading() as session:
            return session.scalar(
                select(SiteDeploymentRow).where(SiteDeploymentRow.key == key, SiteDeploymentRow.site_id == site_id)
            )

    def _others_first(self, uow: UnitOfWork, row: SiteDeploymentRow) -> bool:
        return _under_way(uow, row.site_id, before=row.number) is not None

    def _hand_over(self, uow: UnitOfWork, row: SiteDeploymentRow, after_seconds: float = 0) -> None:
        row.hands += 1
        uow.session.flush()
        work_id = f"site_deployment:{row.id}:{row.hands}"
        self._engine.enqueue(
            uow, QueueName.SITES, PUBLISH_SITE, str(row.id), work_id=work_id, after_seconds=after_seconds
        )


_ENDS_WORKERS = (
    f"{MOST_TAKES} workers ended while they published it, so it is not tried again. The version before may answer; publish "
    "one that did once more."
)


def _under_way(uow: UnitOfWork, site_id: UUID, *, before: int | None = None) -> SiteDeploymentRow | None:
    """The first that is not over, in the order they were asked for; those nobody can be at any more are put aside."""
    query = select(SiteDeploymentRow).where(
        SiteDeploymentRow.site_id == site_id, SiteDeploymentRow.state.in_(UNDER_WAY)
    )
    if before is not None:
        query = query.where(SiteDeploymentRow.number < before)
    for row in uow.session.scalars(query.order_by(SiteDeploymentRow.number)):
        if row.begun_at > uow.now - LEASE:
            return row
        row.state, row.ended_at = DeploymentState.OVERTAKEN, uow.now
    return None


def _begun_since(uow: UnitOfWork, row: SiteDeploymentRow) -> bool:
    """Whether a later one has been begun: then this one must not publish any more."""
    later = select(SiteDeploymentRow.id).where(
        SiteDeploymentRow.site_id == row.site_id, SiteDeploymentRow.number > row.number,
        SiteDeploymentRow.state != DeploymentState.WAITING,
    )  # fmt: skip
    return uow.session.scalar(later.limit(1)) is not None


def _row(
    uow: UnitOfWork, identity: UUID, key: str, actor: Actor, site_id: UUID, version_id: UUID, target: str,
    kind: DeploymentKind, state: DeploymentState,
) -> SiteDeploymentRow:  # fmt: skip
    last = select(func.max(SiteDeploymentRow.number)).where(SiteDeploymentRow.site_id == site_id)
    row = SiteDeploymentRow(
        id=identity, site_id=site_id, version_id=version_id, number=(uow.session.scalar(last) or 0) + 1, kind=kind,
        target=target, state=state, key=key, begun_at=uow.now, by_kind=actor.kind, by_id=actor.id,
        by_name=actor.name[:200], hands=0, takes=0,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    return row


def _contact_of(content: Mapping[str, Any]) -> str | None:
    for label, said in content.get("organisation", ()):
        if str(label).strip().lower() in ("email", "e-mail"):
            try:
                return spelled(str(said))
            except ValueError:
                return None
    return None


def _told(row: SiteDeploymentRow) -> Deployment:
    return Deployment(row.id, row.address, row.state, row.error, row.version_id)


def _by(row: SiteDeploymentRow) -> Actor:
    return Actor(kind=row.by_kind, id=row.by_id, name=row.by_name)
