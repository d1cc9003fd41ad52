"""Reading projects: the list, one with how far its channels are, its items page by page, its report and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true, tuple_
from sqlalchemy.orm import Session

from core.actions.rules import ActionState, reads_all
from core.actions.tables import Action, Attempt
from core.actor import Actor
from core.audit.tables import AuditEntry
from core.database.unit_of_work import Database
from core.engine.queues import kind_of
from core.errors import InvalidInput, NotFound
from core.projects.items import failed_actions
from core.projects.report import ItemView, Report, report_of
from core.projects.rules import ItemState, RunState, item_state, item_words
from core.projects.settling import counts, stopped_before_call
from core.projects.tables import Project, ProjectItem, ProjectRun
from core.settings import Settings

MOST_ROWS = 500


@dataclass(frozen=True)
class ProjectRow:
    """A project in a list."""

    id: UUID
    name: str
    created_by: str
    created_at: datetime
    items: int
    problems: int
    card_id: UUID | None
    card_state: ActionState | None
    run_state: RunState | None
    sample: bool


@dataclass(frozen=True)
class ChannelProgress:
    """How far one kind of channel is."""

    kind: str
    counts: Mapping[ItemState, int]
    rate: str
    """`at most 60 in 60 s`; empty where there is no limit."""
    seconds_each: float = 0.0
    """What the rate allows one item on average."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def seconds_left(self) -> float:
        """What the rate makes of the items that are still to do, at least."""
        left = sum(self.counts.get(one, 0) for one in (ItemState.READY, ItemState.WAITING))
        return left * self.seconds_each

    @property
    def over(self) -> int:
        return sum(self.counts.get(one, 0) for one in (ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED))


@dataclass(frozen=True)
class ProjectView:
    row: ProjectRow
    channels: Sequence[ChannelProgress]
    started_at: datetime | None
    finished_at: datetime | None
    state_by: str
    """Who paused, resumed or cancelled the run last."""
    version: int
    retryable: int = 0
    """Items that can be tried again: refused, or stopped by a rule."""

    @property
    def seconds_left(self) -> float:
        """How long the rates make what is left last, at least: channels go side by side."""
        return max((one.seconds_left for one in self.channels), default=0.0)

    def count(self, *states: ItemState) -> int:
        return sum(one.counts.get(state, 0) for one in self.channels for state in states)


@dataclass(frozen=True)
class ItemPage:
    rows: Sequence[ItemView]
    total: int
    next: str | None
    """Where the next page begins; None on the last."""


@dataclass(frozen=True)
class ProjectEvent:
    name: str
    """`execution.started`, `project.paused` and so on."""
    at: datetime
    by: str
    facts: Mapping[str, Any]


class ProjectQueries:
    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings

    def page(
        self, actor: Actor, *, before: str | None = None, offset: int = 0, limit: int = 50
    ) -> tuple[Sequence[ProjectRow], int, str | None]:
        """(rows, total, cursor): newest first. Those who decide see all, everybody else what they made."""
        limit = max(1, min(limit, MOST_ROWS))
        query = _projects().where(_visible(actor)).order_by(Project.created_at.desc(), Project.id.desc())
        if before is not None:
            query = query.where(tuple_(Project.created_at, Project.id) < _place(before))
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(Project).where(_visible(actor))) or 0
            found = [_project(row) for row in session.execute(query.offset(max(0, offset)).limit(limit + 1))]
        rows = found[:limit]
        following = f"{rows[-1].created_at.isoformat()}~{rows[-1].id}" if len(found) > limit else None
        return rows, total, following

    def exists(self, project_id: UUID) -> bool:
        with self._database.reading() as session:
            return session.get(Project, project_id) is not None

    def project(self, actor: Actor, project_id: UUID) -> ProjectView:
        """NotFound for whoever may not see it."""
        with self._database.reading() as session:
            row = _seen(session, actor, project_id)
            run = session.scalar(select(ProjectRun).where(ProjectRun.project_id == project_id))
            by_kind = counts(session, project_id, begun=run is not None)
            version = session.get_one(Project, project_id).version
            return ProjectView(
                row=row, channels=[self._channel(kind, one) for kind, one in sorted(by_kind.items())],
                started_at=run.started_at if run else None, finished_at=run.finished_at if run else None,
                state_by=run.state_by if run else "", version=version,
                retryable=session.scalar(select(func.count()).select_from(failed_actions(project_id).subquery())) or 0,
            )  # fmt: skip

    def items(
        self,
        actor: Actor,
        project_id: UUID,
        *,
        state: ItemState | None = None,
        kind: str | None = None,
        text: str = "",
        after: int = 0,
        offset: int = 0,
        limit: int = 50,
    ) -> ItemPage:
        """In their order. `after` is the position where the page before ended, `text` part of key or summary."""
        limit = max(1, min(limit, MOST_ROWS))
        with self._database.reading() as session:
            _seen(session, actor, project_id)
            wanted = [one for one in _items(session, project_id) if _matches(one, state, kind, text)]
        rest = [one for one in wanted if one.position > after][max(0, offset) :]
        rows = rest[:limit]
        return ItemPage(rows, len(wanted), str(rows[-1].position) if len(rest) > limit else None)

    def item(self, actor: Actor, project_id: UUID, key: str) -> ItemView:
        with self._database.reading() as session:
            _seen(session, actor, project_id)
            found = next((one for one in _items(session, project_id, ProjectItem.key == key)), None)
        if found is None:
            raise NotFound(kind="item", id=key[:120])
        return found

    def report(self, actor: Actor, project_id: UUID) -> Report:
        """What became of every item that is over; complete once the run is."""
        with self._database.reading() as session:
            row = _seen(session, actor, project_id)
            found = _items(session, project_id) if row.run_state is not None else []
        return report_of(project_id, found)

    def events(self, actor: Actor, project_id: UUID) -> Sequence[ProjectEvent]:
        """Everything that the audit keeps of the project, in its order."""
        with self._database.reading() as session:
            _seen(session, actor, project_id)
            query = (
                select(AuditEntry).where(AuditEntry.subject == f"project:{project_id}").order_by(AuditEntry.sequence)
            )
            return [ProjectEvent(one.event, one.at, one.actor_name, one.after or {}) for one in session.scalars(query)]

    def of_action(self, action_id: UUID) -> UUID | None:
        """The project that this action is a card or an item of."""
        with self._database.reading() as session:
            as_item = select(ProjectItem.project_id).where(ProjectItem.action_id == action_id)
            as_card = select(Project.id).where(Project.card_id == action_id)
            return session.scalar(as_item) or session.scalar(as_card)

    def _channel(self, kind: str, by_state: Mapping[ItemState, int]) -> ChannelProgress:
        rate = self._settings.channel_rates.get(kind)
        if rate is None:
            return ChannelProgress(kind, by_state, "")
        count, seconds = rate
        return ChannelProgress(kind, by_state, f"at most {count:,} in {seconds:g} s", seconds / count)


def _projects() -> Select[Any]:
    mine = ProjectItem.project_id == Project.id
    held = mine & ~ProjectItem.left_out & ProjectItem.problem.is_not(None)
    items = select(func.count()).where(mine).correlate(Project).scalar_subquery()
    problems = select(func.count()).where(held).correlate(Project).scalar_subquery()
    return (
        select(Project, items, problems, Action.state, ProjectRun.state)
        .outerjoin(ProjectRun, ProjectRun.project_id == Project.id)
        .outerjoin(Action, Action.id == func.coalesce(ProjectRun.card_action_id, Project.card_id))
    )


def _project(found: Any) -> ProjectRow:
    project, items, problems, card_state, run_state = found
    return ProjectRow(
        id=project.id, name=project.name, created_by=project.created_by_name, created_at=project.created_at,
        items=items, problems=problems, card_id=project.card_id, card_state=card_state, run_state=run_state,
        sample=project.sample,
    )  # fmt: skip


def _visible(actor: Actor) -> ColumnElement[bool]:
    return true() if reads_all(actor) else Project.created_by_id == actor.id


def _seen(session: Session, actor: Actor, project_id: UUID) -> ProjectRow:
    found = session.execute(_projects().where(Project.id == project_id, _visible(actor))).first()
    if found is None:
        raise NotFound(kind="project", id=project_id)
    return _project(found)


def _items(session: Session, project_id: UUID, *more: ColumnElement[bool]) -> list[ItemView]:
    query = (
        select(
            ProjectItem.position, ProjectItem.key, ProjectItem.channel, ProjectItem.operation, ProjectItem.params,
            ProjectItem.summary, ProjectItem.problem, ProjectItem.left_out,
            ProjectItem.skipped, ProjectItem.action_id, Action.state, Action.error, Action.reference, Action.attempts,
            Attempt.message, stopped_before_call().label("stopped"), ProjectRun.id.label("run"),  # type: ignore[attr-defined]
        )
        .outerjoin(ProjectRun, ProjectRun.project_id == ProjectItem.project_id)
        .outerjoin(Action, Action.id == ProjectItem.action_id)
        .outerjoin(Attempt, and_(Attempt.action_id == Action.id, Attempt.number == Action.attempts))
        .where(ProjectItem.project_id == project_id, *more)
        .order_by(ProjectItem.position)
    )  # fmt: skip
    return [_item(row) for row in session.execute(query)]


def _item(row: Any) -> ItemView:
    state = item_state(
        problem=row.problem is not None, left_out=row.left_out, skipped=row.skipped is not None,
        begun=row.run is not None, action=row.state, stopped=row.stopped,
    )  # fmt: skip
    left_out = f"Left out before approval. {row.problem or ''}".strip() if row.left_out else None
    words = item_words(state, row.state, error=row.error, why=row.skipped or left_out or row.problem)
    return ItemView(
        position=row.position, key=row.key, channel=row.channel, kind=kind_of(row.channel), operation=row.operation,
        state=state, summary=row.summary, message=words or row.message or "", reference=row.reference,
        action_id=row.action_id, params=dict(row.params), attempts=row.attempts or 0,
    )  # fmt: skip


def _matches(item: ItemView, state: ItemState | None, kind: str | None, text: str) -> bool:
    wanted = text.strip().casefold()
    return (
        (state is None or item.state is state)
        and (not kind or item.kind == kind)
        and (not wanted or any(wanted in one.casefold() for one in (item.key, item.summary, item.message)))
    )


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, _, number = cursor.partition("~")
    try:
        found = datetime.fromisoformat(at), UUID(number)
        found[0].timestamp()
    except (ValueError, OverflowError):
        raise InvalidInput(field="Cursor", problem="it is not one that a page before gave.") from None
    if found[0].tzinfo is None:
        raise InvalidInput(field="Cursor", problem="it is not one that a page before gave.")
    return found
