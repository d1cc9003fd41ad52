"""Reading sites for pages and API: every answer is one that this actor may see."""

from __future__ import annotations

from collections.abc import Sequence
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
from core.websites.live import LiveSites, Tree
from core.websites.rules import DeploymentState
from core.websites.tables import SiteDeploymentRow, SiteMessageRow, SiteReportRow, SiteRow, SiteVersionRow
from core.websites.views import (
    CheckView,
    DeploymentView,
    MessagePage,
    SitePage,
    SiteSummary,
    SiteView,
    deployment_view,
    message_view,
    report_of,
    summaries,
    version_view,
)

READERS = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)
MOST_ROWS = 100


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
            rows = summaries(session, found[:limit])
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
                summary=summaries(session, [site])[0],
                contact_email=site.contact_email,
                versions=[version_view(one, site.live_version_id) for one in versions],
                deployments=[deployment_view(one, numbers) for one in deployments],
                report=report_of(session, shown) if shown else [],
                messages=[message_view(one) for one in _messages(session, site_id, None, 20)],
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
            return report_of(session, shown) if shown else []

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
        return MessagePage([message_view(one) for one in found[:limit]], total, cursor or None)

    def of_run(self, actor: Actor, run_id: UUID) -> SiteSummary | None:
        """The site a run made or added to, if there is one the actor may see."""
        added = select(SiteVersionRow.site_id).where(SiteVersionRow.run_id == run_id)
        with self._database.reading() as session:
            found = session.scalar(
                select(SiteRow).where(or_(SiteRow.run_id == run_id, SiteRow.id.in_(added)), visible_to(actor)).limit(1)
            )
            return summaries(session, [found])[0] if found else None

    def deployment(self, actor: Actor, site_id: UUID, deployment_id: UUID) -> DeploymentView:
        with self._database.reading() as session:
            _seen(session, actor, site_id)
            row = session.get(SiteDeploymentRow, deployment_id)
            if row is None or row.site_id != site_id:
                raise NotFound(kind="deployment of this site", id=deployment_id)
            number = session.scalar(select(SiteVersionRow.number).where(SiteVersionRow.id == row.version_id)) or 0
            return deployment_view(row, {row.version_id: number})

    def state_of(self, deployment_id: UUID) -> DeploymentState | None:
        with self._database.reading() as session:
            return session.scalar(select(SiteDeploymentRow.state).where(SiteDeploymentRow.id == deployment_id))

    def deployed(self, deployment_id: UUID) -> bool:
        """Whether there is such a deployment, for requests that are repeated."""
        with self._database.reading() as session:
            return session.get(SiteDeploymentRow, deployment_id) is not None

    def preview(self, actor: Actor, version_id: UUID, path: str) -> SiteFile | None:
        """The same of any version, for whoever may see its site; NotFound for everybody else."""
        return self.live.file(self.preview_tree(actor, version_id), path)

    def preview_tree(self, actor: Actor, version_id: UUID) -> Tree:
        with self._database.reading() as session:
            site_id = session.scalar(select(SiteVersionRow.site_id).where(SiteVersionRow.id == version_id))
            if site_id is None:
                raise NotFound(kind="version of a site", id=version_id)
            _seen(session, actor, site_id)
        tree = self.live.tree(version_id)
        assert tree is not None
        return tree


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


def _messages(
    session: Session, site_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[SiteMessageRow]:
    query = select(SiteMessageRow).where(SiteMessageRow.site_id == site_id)
    if before is not None:
        query = query.where(tuple_(SiteMessageRow.received_at, SiteMessageRow.id) < before)
    return session.scalars(
        query.order_by(SiteMessageRow.received_at.desc(), SiteMessageRow.id.desc()).limit(limit)
    ).all()


def _place(cursor: str) -> Any:
    at, _, identity = cursor.partition("~")
    try:
        found = parse_id(identity)
        if found is None:
            raise ValueError
        return datetime.fromisoformat(at), found
    except ValueError:
        raise InvalidInput(field="Cursor", problem="use what the page before gave.") from None
