"""Reading sites: for pages and API with who may see them, and for visitors without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from core.actor import Actor, ActorKind, Role
from core.database.unit_of_work import Database
from core.errors import InvalidInput, NotFound
from core.executions.tables import Execution
from core.identifiers import parse_id
from core.websites.built import SiteFile
from core.websites.live import LiveSite, LiveSites, Tree
from core.websites.rules import CheckState, DeploymentKind, DeploymentState, MessageState
from core.websites.tables import SiteDeploymentRow, SiteMessageRow, SiteReportRow, SiteRow, SiteVersionRow

READERS = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)
MOST_ROWS = 100
MISSING = "404.html"


@dataclass(frozen=True)
class SiteSummary:
    id: UUID
    slug: str
    name: str
    address: str | None
    """None: never published."""
    target: str | None
    state: DeploymentState | None
    """Of the newest deployment."""
    versions: int
    messages: int
    """Of visitors; test messages are not counted."""
    run_id: UUID | None
    created_at: datetime


@dataclass(frozen=True)
class SitePage:
    rows: Sequence[SiteSummary]
    total: int
    next_cursor: str | None


@dataclass(frozen=True)
class VersionView:
    id: UUID
    number: int
    digest: str
    files: int
    size: int
    pages: Sequence[str]
    """Paths of its pages, for links into the preview."""
    notes: Sequence[str]
    created_at: datetime
    is_live: bool


@dataclass(frozen=True)
class DeploymentView:
    id: UUID
    version_id: UUID
    version_number: int
    kind: DeploymentKind
    target: str
    state: DeploymentState
    address: str
    error: str
    begun_at: datetime
    ended_at: datetime | None
    by: str


@dataclass(frozen=True)
class CheckView:
    name: str
    state: CheckState
    evidence: str
    findings: Sequence[str]
    facts: Mapping[str, Any]
    has_picture: bool
    version_id: UUID
    deployment_id: UUID | None
    measured_at: datetime


@dataclass(frozen=True)
class MessageView:
    id: UUID
    name: str
    email: str
    text: str
    is_test: bool
    state: MessageState
    words: str
    """What is known of its delivery, in a sentence."""
    received_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class SiteView:
    summary: SiteSummary
    contact_email: str | None
    versions: Sequence[VersionView]
    """Newest first."""
    deployments: Sequence[DeploymentView]
    report: Sequence[CheckView]
    """Of the live version, or of the newest one where none is live."""
    messages: Sequence[MessageView]


@dataclass(frozen=True)
class MessagePage:
    rows: Sequence[MessageView]
    total: int
    """Of visitors; tests among the rows are not counted."""
    next_cursor: str | None


class SiteQueries:
    def __init__(self, database: Database, live: LiveSites) -> None:
        self._database, self.live = database, live

    # -- people and programs ----------------------------------------------------------------------------------------

    def page(self, actor: Actor, *, cursor: str = "", limit: int = 20) -> SitePage:
        """Newest first; `cursor` is what the page before gave."""
        limit = max(1, min(limit, MOST_ROWS))
        query = select(SiteRow).where(visible_to(actor)).order_by(SiteRow.created_at.desc(), SiteRow.id.desc())
        if cursor:
            query = query.where(tuple_(SiteRow.created_at, SiteRow.id) < _place(cursor))
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(SiteRow).where(visible_to(actor))) or 0
            found = session.scalars(query.limit(limit + 1)).all()
            rows = _summaries(session, found[:limit])
        last = found[limit - 1] if len(found) > limit else None
        return SitePage(rows, total, f"{last.created_at.isoformat()}~{last.id}" if last else None)

    def one(self, actor: Actor, site_id: UUID) -> SiteView:
        """NotFound also for whoever may not see it."""
        with self._database.reading() as session:
            site = _seen(session, actor, site_id)
            versions = session.scalars(
                select(SiteVersionRow).where(SiteVersionRow.site_id == site_id).order_by(SiteVersionRow.number.desc())
            ).all()
            deployments = session.scalars(
                select(SiteDeploymentRow).where(SiteDeploymentRow.site_id == site_id)
                .order_by(SiteDeploymentRow.number.desc()).limit(MOST_ROWS)
            ).all()  # fmt: skip
            shown = site.live_version_id or (versions[0].id if versions else None)
            numbers = {one.id: one.number for one in versions}
            return SiteView(
                summary=_summaries(session, [site])[0],
                contact_email=site.contact_email,
                versions=[_version(one, site.live_version_id) for one in versions],
                deployments=[_deployment(one, numbers) for one in deployments],
                report=_report(session, shown) if shown else [],
                messages=[_message(one) for one in _messages(session, site_id, None, 20)],
            )

    def report(self, actor: Actor, site_id: UUID, version_id: UUID | None = None) -> Sequence[CheckView]:
        """What was measured of a version; of the live one, else the newest, where none is named."""
        with self._database.reading() as session:
            site = _seen(session, actor, site_id)
            newest = select(SiteVersionRow.id).where(SiteVersionRow.site_id == site_id)
            if version_id is not None and session.scalar(newest.where(SiteVersionRow.id == version_id)) is None:
                raise NotFound(kind="version of this site", id=version_id)
            shown = (
                version_id
                or site.live_version_id
                or session.scalar(newest.order_by(SiteVersionRow.number.desc()).limit(1))
            )
            return _report(session, shown) if shown else []

    def picture(self, actor: Actor, site_id: UUID, version_id: UUID, check: str) -> bytes:
        """The screenshot of a check, PNG."""
        with self._database.reading() as session:
            _seen(session, actor, site_id)
            data = session.scalar(
                select(SiteReportRow.picture)
                .join(SiteVersionRow, SiteVersionRow.id == SiteReportRow.version_id)
                .where(
                    SiteVersionRow.site_id == site_id, SiteReportRow.version_id == version_id,
                    SiteReportRow.check_name == check, SiteReportRow.picture.is_not(None),
                )
                .order_by(SiteReportRow.measured_at.desc())
                .limit(1)
            )  # fmt: skip
        if data is None:
            raise NotFound(kind="screenshot", id=check[:80])
        return data

    def messages(self, actor: Actor, site_id: UUID, *, cursor: str = "", limit: int = 20) -> MessagePage:
        limit = max(1, min(limit, MOST_ROWS))
        with self._database.reading() as session:
            _seen(session, actor, site_id)
            found = _messages(session, site_id, _place(cursor) if cursor else None, limit + 1)
            counted = SiteMessageRow.site_id == site_id, ~SiteMessageRow.is_test
            total = session.scalar(select(func.count()).select_from(SiteMessageRow).where(*counted)) or 0
        last = found[limit - 1] if len(found) > limit else None
        cursor = f"{last.received_at.isoformat()}~{last.id}" if last else ""
        return MessagePage([_message(one) for one in found[:limit]], total, cursor or None)

    def of_run(self, actor: Actor, run_id: UUID) -> SiteSummary | None:
        """The site a run made, if there is one the actor may see."""
        with self._database.reading() as session:
            found = session.scalar(select(SiteRow).where(SiteRow.run_id == run_id, visible_to(actor)))
            return _summaries(session, [found])[0] if found else None

    def deployment(self, actor: Actor, site_id: UUID, deployment_id: UUID) -> DeploymentView:
        with self._database.reading() as session:
            _seen(session, actor, site_id)
            row = session.get(SiteDeploymentRow, deployment_id)
            if row is None or row.site_id != site_id:
                raise NotFound(kind="deployment of this site", id=deployment_id)
            number = session.scalar(select(SiteVersionRow.number).where(SiteVersionRow.id == row.version_id)) or 0
            return _deployment(row, {row.version_id: number})

    def deployed(self, deployment_id: UUID) -> bool:
        """Whether there is such a deployment, for requests that are repeated."""
        with self._database.reading() as session:
            return session.get(SiteDeploymentRow, deployment_id) is not None

    # -- what browsers ask for --------------------------------------------------------------------------------------

    def serve(self, slug: str, path: str) -> SiteFile | None:
        """The file of the live version at `path` as a browser asks for it; None where there is none."""
        site = self.live.site(slug)
        return self._file(site.tree, path) if site and site.tree else None

    def live_site(self, slug: str) -> LiveSite | None:
        return self.live.site(slug)

    def preview(self, actor: Actor, version_id: UUID, path: str) -> SiteFile | None:
        """The same of any version, for whoever may see its site; NotFound for everybody else."""
        return self._file(self.preview_tree(actor, version_id), path)

    def preview_tree(self, actor: Actor, version_id: UUID) -> Tree:
        with self._database.reading() as session:
            site_id = session.scalar(select(SiteVersionRow.site_id).where(SiteVersionRow.id == version_id))
            if site_id is None:
                raise NotFound(kind="version of a site", id=version_id)
            _seen(session, actor, site_id)
        tree = self.live.tree(version_id)
        assert tree is not None
        return tree

    def _file(self, tree: Tree, path: str) -> SiteFile | None:
        found = found_in(tree.files, path)
        if found is None or found not in tree.files:
            return None
        said = tree.files[found]
        return SiteFile(self.live.contents(said["sha256"], said["media_type"]).data, said["media_type"])


def found_in(files: Mapping[str, Any], path: str) -> str | None:
    """The file that answers `path`, looked up and never opened: "about/" is "about/index.html". A path that lacks only
    its slash answers with it behind, which is no file: ask for that instead. None where there is nothing."""
    if path == "" or path.endswith("/"):
        return f"{path}index.html" if f"{path}index.html" in files else None
    if path in files:
        return path
    return f"{path}/" if f"{path}/index.html" in files else None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Those who read every site; everybody else those of their own runs, and what they made."""
    if actor.scopes is not None and "read" not in actor.scopes:
        return ~true()
    if actor.kind in (ActorKind.JOB, ActorKind.SYSTEM) or actor.has(*READERS):
        return true()
    own: ColumnElement[bool] = and_(SiteRow.made_by_kind == actor.kind, SiteRow.made_by_id == actor.id)
    runs = select(Execution.id)
    if actor.user_id is not None:
        return or_(own, SiteRow.run_id.in_(runs.where(Execution.user_id == actor.user_id)))
    if actor.kind is ActorKind.AGENT:
        return or_(own, SiteRow.run_id.in_(runs.where(Execution.agent_id == actor.id)))
    return own


def _seen(session: Session, actor: Actor, site_id: UUID) -> SiteRow:
    found = session.scalar(select(SiteRow).where(SiteRow.id == site_id, visible_to(actor)))
    if found is None:
        raise NotFound(kind="site", id=site_id)
    return found


def _summaries(session: Session, sites: Sequence[SiteRow]) -> list[SiteSummary]:
    ids = [one.id for one in sites]
    versions: dict[UUID, int] = {  # noqa: C416 - a Row is no tuple to mypy
        found: count
        for found, count in session.execute(
            select(SiteVersionRow.site_id, func.count())
            .where(SiteVersionRow.site_id.in_(ids))
            .group_by(SiteVersionRow.site_id)
        )
    }
    messages: dict[UUID, int] = {  # noqa: C416
        found: count
        for found, count in session.execute(
            select(SiteMessageRow.site_id, func.count())
            .where(SiteMessageRow.site_id.in_(ids), ~SiteMessageRow.is_test)
            .group_by(SiteMessageRow.site_id)
        )
    }
    states: dict[UUID, DeploymentState] = {}
    for site_id, state in session.execute(
        select(SiteDeploymentRow.site_id, SiteDeploymentRow.state)
        .where(SiteDeploymentRow.site_id.in_(ids))
        .order_by(SiteDeploymentRow.number)
    ):
        states[site_id] = state
    return [
        SiteSummary(
            id=one.id, slug=one.slug, name=one.name, address=one.address, target=one.live_target,
            state=states.get(one.id), versions=versions.get(one.id, 0), messages=messages.get(one.id, 0),
            run_id=one.run_id, created_at=one.created_at,
        )
        for one in sites
    ]  # fmt: skip


def _version(row: SiteVersionRow, live: UUID | None) -> VersionView:
    pages = sorted(path.removesuffix("index.html") for path in row.tree if path.endswith("index.html"))
    size = sum(one["size"] for one in row.tree.values())
    return VersionView(
        row.id, row.number, row.digest, len(row.tree), size, pages, row.notes, row.created_at, row.id == live
    )


def _deployment(row: SiteDeploymentRow, numbers: Mapping[UUID, int]) -> DeploymentView:
    return DeploymentView(
        id=row.id, version_id=row.version_id, version_number=numbers[row.version_id], kind=row.kind, target=row.target,
        state=row.state, address=row.address, error=row.error, begun_at=row.begun_at, ended_at=row.ended_at,
        by=row.by_name,
    )  # fmt: skip


def _report(session: Session, version_id: UUID) -> list[CheckView]:
    """Each check once, as it was measured last."""
    picture = SiteReportRow.picture.is_not(None).label("has_picture")
    columns = [one for one in SiteReportRow.__table__.columns if one.name != "picture"]
    rows = session.execute(
        select(*columns, picture).where(SiteReportRow.version_id == version_id).order_by(SiteReportRow.measured_at)
    ).all()
    last = {row.check_name: row for row in rows}
    return [
        CheckView(
            name=row.check_name, state=row.state, evidence=row.evidence, findings=row.findings, facts=row.facts,
            has_picture=row.has_picture, version_id=row.version_id, deployment_id=row.deployment_id,
            measured_at=row.measured_at,
        )
        for row in last.values()
    ]  # fmt: skip


def _messages(
    session: Session, site_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[SiteMessageRow]:
    query = select(SiteMessageRow).where(SiteMessageRow.site_id == site_id)
    if before is not None:
        query = query.where(tuple_(SiteMessageRow.received_at, SiteMessageRow.id) < before)
    return session.scalars(
        query.order_by(SiteMessageRow.received_at.desc(), SiteMessageRow.id.desc()).limit(limit)
    ).all()


def _message(row: SiteMessageRow) -> MessageView:
    return MessageView(
        row.id, row.name, row.email, row.text, row.is_test, row.state, row.words, row.received_at, row.sent_at
    )


def _place(cursor: str) -> Any:
    at, _, identity = cursor.partition("~")
    try:
        found = parse_id(identity)
        if found is None:
            raise ValueError
        return datetime.fromisoformat(at), found
    except ValueError:
        raise InvalidInput(field="Cursor", problem="use what the page before gave.") from None
