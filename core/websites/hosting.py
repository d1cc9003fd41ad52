"""What happens to sites: their versions are published, one after the other, and what was measured is written down."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError

from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.canonical import canonical_json
from core.connectors.registry import Connectors
from core.connectors.transports.calls import CallFailed
from core.database.lasting import lasting
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.engine.steps import Steps
from core.errors import CountersignError, NotFound
from core.files.storage import FileStore
from core.identifiers import new_id, parse_id
from core.settings import Settings
from core.websites.answering import answers_with
from core.websites.check import Measured
from core.websites.deployments import Deployment, Deployments, SiteDeploymentUnderWay, Taken
from core.websites.live import LiveSites
from core.websites.rules import DeploymentKind, DeploymentState
from core.websites.tables import SiteDeploymentRow, SiteReportRow, SiteRow, SiteVersionRow
from core.websites.target import Place
from core.websites.targets_known import HERE, Chosen
from core.websites.versions import Versions, must_change

log = structlog.get_logger(__name__)

_LOOK_EVERY_SECONDS = 0.25
_PUBLISHED = (DeploymentState.LIVE, DeploymentState.UNANSWERED)


class NoVersionBefore(CountersignError):
    """There is no earlier version of this site that was ever published. Nothing was changed."""

    http_status = 409


class NeverPublished(CountersignError):
    """This version was never published. Its own run publishes it, once its review is over; nothing was changed."""

    http_status = 409


class SiteService(Versions):
    def __init__(
        self, database: Database, store: FileStore, settings: Settings, connectors: Connectors, engine: EngineClient,
        live: LiveSites,
    ) -> None:  # fmt: skip
        super().__init__(database, store, settings, connectors)
        self._deployments = Deployments(database, engine, live)

    def deploy(
        self, site_id: UUID, version_id: UUID, *, target: str = HERE, key: str, actor: Actor = SYSTEM,
        kind: DeploymentKind = DeploymentKind.DEPLOY, deployment_id: UUID | None = None, patience: float = 0,
    ) -> Deployment:  # fmt: skip
        """For the step of a run whose review is over; people and programs `redeploy`, which asks who they are.

        Publishes a kept version and asks its address for it; `target` is "here", or "sftp" or "s3" with the name of a
        connection behind a colon where it is not the usual one.

        Repeated with the same key, after a crash or not, it is done once. One that FAILED is tried again, and of one
        that is UNANSWERED the address is asked again, as long as no later one has begun; what is LIVE is answered.
        What the target refuses is a deployment that FAILED, with the version before still there. Waits
        `patience` seconds for those asked for before it; then raises SiteDeploymentUnderWay. Raises DeploymentKeyTaken, NotFound.
        """
        self._chosen(target)  # one there is none of must not leave a deployment behind
        until = time.monotonic() + patience
        while True:
            try:
                begun = self._deployments.begin(actor, site_id, version_id, target, key, kind, deployment_id)
                break
            except SiteDeploymentUnderWay:
                if time.monotonic() >= until:
                    raise
                time.sleep(_LOOK_EVERY_SECONDS)
        if begun.state is not DeploymentState.RUNNING:
            return begun
        return self._publish(Taken(begun.id, site_id, version_id, target, key))

    def rollback(self, actor: Actor, site_id: UUID, *, deployment_id: UUID | None = None) -> Deployment:
        """Lets a worker publish what was published before what is live now, on the same target."""
        must_change(actor)
        with self._database.begin() as uow:
            site = _locked(uow, site_id)
            if deployment_id is not None and (asked := uow.session.get(SiteDeploymentRow, deployment_id)) is not None:
                before = uow.session.get_one(SiteVersionRow, asked.version_id)
                return self._deployments.ask(
                    uow, actor, site, before, asked.target, DeploymentKind.ROLLBACK, deployment_id
                )
            live = uow.session.scalar(select(SiteVersionRow.number).where(SiteVersionRow.id == site.live_version_id))
            found = uow.session.scalar(
                select(SiteVersionRow)
                .join(SiteDeploymentRow, SiteDeploymentRow.version_id == SiteVersionRow.id)
                .where(
                    SiteVersionRow.site_id == site_id, SiteVersionRow.number < (live or 0),
                    SiteDeploymentRow.state.in_(_PUBLISHED),
                )
                .order_by(SiteVersionRow.number.desc())
                .limit(1)
            )  # fmt: skip
            if found is None:
                raise NoVersionBefore
            target = site.live_target or HERE
            self._chosen(target)
            return self._deployments.ask(uow, actor, site, found, target, DeploymentKind.ROLLBACK, deployment_id)

    def redeploy(
        self, actor: Actor, site_id: UUID, version_id: UUID, *, target: str | None = None,
        deployment_id: UUID | None = None,
    ) -> Deployment:  # fmt: skip
        """Lets a worker publish a version once more, on the target the site is on or another one.

        One that was never published is NeverPublished: what a review has not let through goes nowhere. The same
        `deployment_id` again is the same deployment.
        """
        must_change(actor)
        with self._database.begin() as uow:
            site = _locked(uow, site_id)
            version = uow.session.get(SiteVersionRow, version_id)
            if version is None or version.site_id != site_id:
                raise NotFound(kind="version of this site", id=version_id)
            before = select(SiteDeploymentRow.id).where(
                SiteDeploymentRow.version_id == version_id, SiteDeploymentRow.state.in_(_PUBLISHED)
            )
            if uow.session.scalar(before.limit(1)) is None:
                raise NeverPublished
            wanted = target or site.live_target or HERE
            self._chosen(wanted)  # one there is none of must not leave a deployment behind
            return self._deployments.ask(uow, actor, site, version, wanted, DeploymentKind.REDEPLOY, deployment_id)

    def publish_asked(self, steps: Steps, deployment_id: str) -> str:
        """What a worker does for one that was asked for; answers its state. Safe to repeat and to interrupt."""
        identity = parse_id(deployment_id)
        assert identity is not None
        taken = lasting(lambda: self._deployments.take(identity))
        if taken is None:
            return "left alone"
        try:
            return self._publish(taken).state.value
        except (OperationalError, InterfaceError):
            raise  # the database is away for long: the engine keeps it, and whoever takes it over goes on
        except Exception as problem:  # told as failed; a worker's edge
            log.exception("site.not_published", deployment=deployment_id)
            words = f"It could not be published ({type(problem).__name__}). The version before answers as it did."
            return lasting(lambda: self._deployments.failed(identity, words)).state.value

    def _publish(self, taken: Taken) -> Deployment:
        """Puts its files on the target, says that it is live, and asks its address for it."""
        try:
            way, built = self._chosen(taken.target), self.built(taken.version_id)
            published = way.target.publish(self._place(way, taken.site_id), built, taken.key)
        except (CallFailed, CountersignError) as problem:
            words = str(problem)
            return lasting(lambda: self._deployments.failed(taken.id, words))
        if not lasting(lambda: self._deployments.switch(taken.id, published)):
            return self._deployments.one(taken.id)
        said = answers_with(published.address, built, timeout=self._settings.call_timeout_seconds)
        return lasting(lambda: self._deployments.end(taken.id, said))

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

    def _place(self, way: Chosen, site_id: UUID) -> Place:
        with self._database.reading() as session:
            slug = session.scalar(select(SiteRow.slug).where(SiteRow.id == site_id))
        assert slug is not None
        return way.place(slug)


def _locked(uow: UnitOfWork, site_id: UUID) -> SiteRow:
    site = uow.session.get(SiteRow, site_id, with_for_update=True)
    if site is None:
        raise NotFound(kind="site", id=site_id)
    return site
