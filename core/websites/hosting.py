"""What happens to sites: a name is reserved, versions are kept, one is published, and what was measured is written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.actor import SYSTEM, Actor, ActorKind, Role
from core.audit import service as audit
from core.canonical import canonical_json
from core.connectors.registry import Connectors
from core.connectors.transports.calls import CallFailed
from core.connectors.transports.email_params import spelled
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import CountersignError, NotAllowed, NotFound
from core.files.storage import FileStore
from core.identifiers import new_id
from core.settings import Settings
from core.websites.answering import answers_with
from core.websites.built import BuiltSite, SiteFile
from core.websites.check import Measured
from core.websites.content import Site, site_as_json, site_from_json
from core.websites.live import LiveSites
from core.websites.rules import DeploymentKind, DeploymentState, slug_of
from core.websites.tables import SiteDeploymentRow, SiteReportRow, SiteRow, SiteVersionRow
from core.websites.target import Place, Published
from core.websites.targets_known import HERE, Chosen, chosen

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=15)
"""Longer than any deployment takes: after this, whoever was at it has ended."""

_SLUGS_TRIED = 10_000
_UNDONE = (DeploymentState.RUNNING, DeploymentState.FAILED, DeploymentState.UNANSWERED)
"""What a repeat with the same key takes up again."""


class SiteDeploymentUnderWay(CountersignError):
    """This site is being published since {since:%H:%M} UTC. Wait until that has ended; nothing was changed."""

    http_status = 409


class NoVersionBefore(CountersignError):
    """There is no earlier version of this site that was ever published. Nothing was changed."""

    http_status = 409


class NeverPublished(CountersignError):
    """This version was never published. Its own run publishes it, once its review is over; nothing was changed."""

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


class SiteService:
    def __init__(
        self, database: Database, store: FileStore, settings: Settings, connectors: Connectors, live: LiveSites
    ) -> None:
        self._database, self._store, self._settings = database, store, settings
        self._connectors, self._live = connectors, live

    # -- names and versions -----------------------------------------------------------------------------------------

    def reserve(
        self, by: UnitOfWork | Actor, *, name: str, run_id: UUID | None, contact_email: str | None = None,
        actor: Actor = SYSTEM,
    ) -> SiteRow:  # fmt: skip
        """The site of a run, under an address part nobody else has; the same run again is the same site.

        `by` is an open transaction, in whose name `actor` acts, or an actor that may change sites.
        """
        if isinstance(by, UnitOfWork):
            return _reserved(by, actor, name, run_id, contact_email)
        must_change(by)
        with self._database.begin() as uow:
            return _reserved(uow, by, name, run_id, contact_email)

    def keep(
        self, site_id: UUID, built: BuiltSite, site: Site, *, run_id: UUID | None = None, number: int | None = None,
        actor: Actor = SYSTEM,
    ) -> SiteVersionRow:  # fmt: skip
        """Keeps the files for good; the same files again are the same version. Versions count from 1."""
        tree: dict[str, Any] = {}
        for path, file in built.files.items():
            self._store.put(file.sha256, file.data)  # before the row: what the database names must be there
            tree[path] = {"sha256": file.sha256, "size": len(file.data), "media_type": file.media_type}
        with self._database.begin() as uow:
            row = uow.session.get(SiteRow, site_id, with_for_update=True)
            if row is None:
                raise NotFound(kind="site", id=site_id)
            same = SiteVersionRow.site_id == site_id, SiteVersionRow.digest == built.digest
            there = uow.session.scalar(select(SiteVersionRow).where(*same))
            if there is not None:
                return there
            last = uow.session.scalar(select(func.max(SiteVersionRow.number)).where(SiteVersionRow.site_id == site_id))
            made = SiteVersionRow(
                id=new_id(), site_id=site_id, number=max((last or 0) + 1, number or 0), digest=built.digest, tree=tree,
                content=site_as_json(site), notes=list(built.notes), run_id=run_id, created_at=uow.now,
            )  # fmt: skip
            uow.session.add(made)
            after = {"number": made.number, "digest": made.digest, "files": len(tree), "size": built.size}
            audit.record(uow, actor, "site.version_kept", f"site:{site_id}", after=after)
        return made

    def built(self, version_id: UUID) -> BuiltSite:
        version = self._version(version_id)
        files = {
            path: SiteFile(self._store.get(one["sha256"]), one["media_type"]) for path, one in version.tree.items()
        }
        return BuiltSite(files, tuple(version.notes))

    def site_of(self, version_id: UUID) -> Site:
        return site_from_json(self._version(version_id).content)

    # -- addresses --------------------------------------------------------------------------------------------------

    def public_address(self, slug: str) -> str:
        return f"{self._settings.base_url}/sites/{slug}/"

    def form_address(self, slug: str, target: str = HERE) -> str:
        """Where contact forms of a site are sent: to this installation, wherever its pages lie."""
        path = f"/sites/{slug}/contact"
        return path if target == HERE else f"{self._settings.base_url}{path}"

    def preview_address(self, version_id: UUID) -> str:
        """Inside of the dashboard, for signed-in people."""
        return f"{self._settings.base_url}/preview/{version_id}/"

    def address_on(self, target: str, slug: str) -> str:
        """Where a site of this slug will answer, so that its pages can name their own address."""
        return self._chosen(target).address(slug)

    # -- publishing -------------------------------------------------------------------------------------------------

    def deploy(
        self, site_id: UUID, version_id: UUID, *, target: str = HERE, key: str, actor: Actor = SYSTEM,
        kind: DeploymentKind = DeploymentKind.DEPLOY, deployment_id: UUID | None = None,
    ) -> Deployment:  # fmt: skip
        """For the step of a run whose review is over; people and programs `redeploy`, which asks who they are.

        Publishes a kept version and asks its address for it; `target` is "here", or "sftp" or "s3" with the name of a
        connection behind a colon where it is not the usual one.

        Repeated with the same key, after a crash or not, it is done once. One that FAILED is tried again, and of one
        that is UNANSWERED the address is asked again, as long as no later one has begun; what is LIVE is answered.
        What the target refuses is a deployment that FAILED, with the version before still there. Raises
        SiteDeploymentUnderWay, DeploymentKeyTaken, NotFound.
        """
        begun = self._begin(actor, site_id, version_id, target, key, kind, deployment_id)
        if begun.state is not DeploymentState.RUNNING:
            return begun
        try:
            way = self._chosen(target)
            built = self.built(version_id)
            published = self._publish(way, self._place(way, site_id), built, key)
        except (CallFailed, CountersignError) as problem:
            return self._failed(begun.id, str(problem))
        if not self._switch(begun.id, published):
            return self._one(begun.id)
        said = answers_with(published.address, built, timeout=self._settings.call_timeout_seconds)
        return self._end(begun.id, said)

    def rollback(
        self, actor: Actor, site_id: UUID, *, key: str | None = None, deployment_id: UUID | None = None
    ) -> Deployment:
        """Publishes what was published before what is live now, on the same target."""
        must_change(actor)
        if key is not None and (done := self._of_key(site_id, key)) is not None:
            return self.deploy(
                site_id, done.version_id, target=done.target, key=key, actor=actor, kind=DeploymentKind.ROLLBACK
            )
        with self._database.reading() as session:
            site = session.get(SiteRow, site_id)
            if site is None:
                raise NotFound(kind="site", id=site_id)
            live = session.scalar(select(SiteVersionRow.number).where(SiteVersionRow.id == site.live_version_id))
            before = session.scalar(
                select(SiteVersionRow)
                .join(SiteDeploymentRow, SiteDeploymentRow.version_id == SiteVersionRow.id)
                .where(
                    SiteVersionRow.site_id == site_id, SiteVersionRow.number < (live or 0),
                    SiteDeploymentRow.state.in_((DeploymentState.LIVE, DeploymentState.UNANSWERED)),
                )
                .order_by(SiteVersionRow.number.desc())
                .limit(1)
            )  # fmt: skip
        if before is None:
            raise NoVersionBefore
        return self.deploy(
            site_id, before.id, target=site.live_target or HERE, key=key or f"rollback:{new_id()}", actor=actor,
            kind=DeploymentKind.ROLLBACK, deployment_id=deployment_id,
        )  # fmt: skip

    def redeploy(
        self, actor: Actor, site_id: UUID, version_id: UUID, *, target: str | None = None, key: str | None = None,
        deployment_id: UUID | None = None,
    ) -> Deployment:  # fmt: skip
        """Publishes a version once more, on the target the site is on or another one.

        One that was never published is NeverPublished: what a review has not let through goes nowhere.
        """
        must_change(actor)
        with self._database.reading() as session:
            site = session.get(SiteRow, site_id)
            if site is None:
                raise NotFound(kind="site", id=site_id)
            of_site = SiteVersionRow.id == version_id, SiteVersionRow.site_id == site_id
            if session.scalar(select(SiteVersionRow.id).where(*of_site)) is None:
                raise NotFound(kind="version of this site", id=version_id)
            before = session.scalar(
                select(SiteDeploymentRow.id)
                .where(
                    SiteDeploymentRow.version_id == version_id,
                    SiteDeploymentRow.state.in_((DeploymentState.LIVE, DeploymentState.UNANSWERED)),
                )
                .limit(1)
            )
        if before is None:
            raise NeverPublished
        return self.deploy(
            site_id, version_id, target=target or site.live_target or HERE, key=key or f"redeploy:{new_id()}",
            actor=actor, kind=DeploymentKind.REDEPLOY, deployment_id=deployment_id,
        )  # fmt: skip

    def differences(self, deployment_id: UUID) -> list[str]:
        """Paths where the target serves something else than what was deployed."""
        with self._database.reading() as session:
            row = session.get_one(SiteDeploymentRow, deployment_id)
        way, built = self._chosen(row.target), self.built(row.version_id)
        return way.target.differences(self._place(way, row.site_id), built)

    def keep_report(self, version_id: UUID, deployment_id: UUID | None, results: Mapping[str, Measured]) -> None:
        """Writes down what was measured; the same check of the same deployment again replaces what it said."""
        with self._database.begin() as uow:
            for name, one in sorted(results.items()):
                said = {
                    "state": one.state, "evidence": one.evidence, "findings": list(one.findings),
                    "facts": json.loads(canonical_json(dict(one.facts))), "picture": one.picture, "measured_at": uow.now,
                }  # fmt: skip
                row = insert(SiteReportRow).values(
                    id=new_id(), version_id=version_id, deployment_id=deployment_id, check_name=name, **said
                )
                uow.session.execute(
                    row.on_conflict_do_update(index_elements=["version_id", "deployment_id", "check_name"], set_=said)
                )
            states = {name: one.state.value for name, one in results.items()}
            audit.record(uow, SYSTEM, "site.measured", f"site_version:{version_id}", after=states)

    # -- one deployment ---------------------------------------------------------------------------------------------

    def _begin(
        self, actor: Actor, site_id: UUID, version_id: UUID, target: str, key: str, kind: DeploymentKind,
        deployment_id: UUID | None,
    ) -> Deployment:  # fmt: skip
        """The row of this deployment, written before anything is published; under the site's lock, so that only one is."""
        self._chosen_exists(target)
        with self._database.begin() as uow:
            site = uow.session.get(SiteRow, site_id, with_for_update=True)
            version = uow.session.get(SiteVersionRow, version_id)
            if site is None or version is None or version.site_id != site_id:
                raise NotFound(kind="version of this site", id=version_id)
            row = uow.session.scalar(select(SiteDeploymentRow).where(SiteDeploymentRow.key == key))
            newest = uow.session.scalar(
                select(SiteDeploymentRow)
                .where(SiteDeploymentRow.site_id == site_id)
                .order_by(SiteDeploymentRow.number.desc())
                .limit(1)
            )
            if row is not None:
                if (row.site_id, row.version_id, row.target) != (site_id, version_id, target):
                    raise DeploymentKeyTaken
                newer = newest is not None and newest.id != row.id
                if row.state is DeploymentState.RUNNING and newer:
                    row.state, row.ended_at = DeploymentState.OVERTAKEN, uow.now
                elif row.state in _UNDONE and not newer:
                    row.state, row.error, row.begun_at, row.ended_at = DeploymentState.RUNNING, "", uow.now, None
                return _told(row)
            if newest is not None and newest.state is DeploymentState.RUNNING:
                if newest.begun_at > uow.now - LEASE:
                    raise SiteDeploymentUnderWay(since=newest.begun_at)
                newest.state, newest.ended_at = DeploymentState.OVERTAKEN, uow.now
            made = SiteDeploymentRow(
                id=deployment_id or new_id(), site_id=site_id, version_id=version_id, number=(newest.number if newest else 0) + 1,
                kind=kind, target=target, state=DeploymentState.RUNNING, key=key, begun_at=uow.now, by_kind=actor.kind,
                by_id=actor.id, by_name=actor.name[:200],
            )  # fmt: skip
            uow.session.add(made)
            uow.session.flush()
            after = {"version": version.number, "digest": version.digest, "target": target, "kind": kind.value}
            audit.record(uow, actor, "site.deployment_begun", f"site:{site_id}", after=after)
            return _told(made)

    def _publish(self, way: Chosen, place: Place, built: BuiltSite, key: str) -> Published:
        return way.target.publish(place, built, key)

    def _switch(self, deployment_id: UUID, published: Published) -> bool:
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

    def _end(self, deployment_id: UUID, problem: str) -> Deployment:
        state = DeploymentState.UNANSWERED if problem else DeploymentState.LIVE
        self._settle(deployment_id, state, problem)
        return self._one(deployment_id)

    def _failed(self, deployment_id: UUID, problem: str) -> Deployment:
        log.warning("site.not_deployed", deployment=str(deployment_id), problem=problem)
        with self._database.begin() as uow:
            row = uow.session.get_one(SiteDeploymentRow, deployment_id, with_for_update=True)
            if row.state is DeploymentState.RUNNING:
                row.state, row.error, row.ended_at = DeploymentState.FAILED, problem, uow.now
                audit.record(
                    uow, _by(row), "site.deployment_failed", f"site:{row.site_id}", after={"error": problem[:500]}
                )
        return self._one(deployment_id)

    def _settle(self, deployment_id: UUID, state: DeploymentState, problem: str) -> None:
        with self._database.begin() as uow:
            uow.session.execute(
                update(SiteDeploymentRow)
                .where(SiteDeploymentRow.id == deployment_id, SiteDeploymentRow.state == DeploymentState.RUNNING)
                .values(state=state, error=problem, ended_at=uow.now)
            )

    def _one(self, deployment_id: UUID) -> Deployment:
        with self._database.reading() as session:
            return _told(session.get_one(SiteDeploymentRow, deployment_id))

    def _of_key(self, site_id: UUID, key: str) -> SiteDeploymentRow | None:
        with self._database.reading() as session:
            return session.scalar(
                select(SiteDeploymentRow).where(SiteDeploymentRow.key == key, SiteDeploymentRow.site_id == site_id)
            )

    def _version(self, version_id: UUID) -> SiteVersionRow:
        with self._database.reading() as session:
            found = session.get(SiteVersionRow, version_id)
        if found is None:
            raise NotFound(kind="version of a site", id=version_id)
        return found

    def _place(self, way: Chosen, site_id: UUID) -> Place:
        with self._database.reading() as session:
            slug = session.scalar(select(SiteRow.slug).where(SiteRow.id == site_id))
        assert slug is not None
        return way.place(slug)

    def _chosen(self, target: str) -> Chosen:
        return chosen(target, self._connectors.accounts, self._settings)

    def _chosen_exists(self, target: str) -> None:
        """A target there is none of must not leave a deployment behind."""
        self._chosen(target)


def must_change(actor: Actor) -> None:
    if actor.scopes is not None and "execute" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="publish sites with this token", needs="token with the scope execute")
    if actor.kind not in (ActorKind.JOB, ActorKind.SYSTEM):
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="publish sites")


def _reserved(uow: UnitOfWork, actor: Actor, name: str, run_id: UUID | None, contact: str | None) -> SiteRow:
    if run_id is not None:
        there = uow.session.scalar(select(SiteRow).where(SiteRow.run_id == run_id))
        if there is not None:
            return there
    wanted = slug_of(name)
    for number in range(1, _SLUGS_TRIED):
        slug = wanted if number == 1 else f"{wanted}-{number}"
        row = insert(SiteRow).values(
            id=new_id(), slug=slug, name=name[:200], run_id=run_id, contact_email=contact, made_by_kind=actor.kind,
            made_by_id=actor.id, made_by_name=actor.name[:200], created_at=uow.now,
        )  # fmt: skip
        made = uow.session.scalar(row.on_conflict_do_nothing().returning(SiteRow.id))
        if made is not None:
            audit.record(uow, actor, "site.reserved", f"site:{made}", after={"slug": slug, "run_id": run_id})
            return uow.session.get_one(SiteRow, made)
        if run_id is not None:  # somebody else was first for this run
            there = uow.session.scalar(select(SiteRow).where(SiteRow.run_id == run_id))
            if there is not None:
                return there
    raise AssertionError("ten thousand sites of one name")


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
