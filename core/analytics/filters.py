"""Which runs a figure is about: one dataset, a period, and whatever else narrows it, as a value and as SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, or_, select

from core.actor import Actor, ActorKind, Role
from core.analytics.rules import STALE_AFTER, UNKNOWN, Dataset
from core.catalog.tables import WorkflowRevision
from core.executions.automated.run_rows import waits_for_people
from core.executions.rules import ENDED, OPEN, ExecutionState
from core.executions.tables import Execution
from core.identity.tables import User
from core.outcomes.rules import ReviewState
from core.outcomes.tables import Outcome

NONE = "none"
"""As an agent, council or person: the runs without one."""

SEES_ALL_RUNS = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)


@dataclass(frozen=True)
class Filters:
    """All given conditions hold together. The period is of starts: `since` is in it, `until` is not."""

    dataset: Dataset
    since: datetime | None = None
    until: datetime | None = None
    workflow_id: str | None = None
    agent_id: str | None = None
    council_id: str | None = None
    market: str | None = None
    skill_level: str | None = None
    states: frozenset[ExecutionState] | None = None
    user_id: UUID | None = None
    text: str = ""
    """Part of a title, a person's name, an error, or the beginning of a run's id."""
    waits_for_people: bool = False
    """Only runs that go on when somebody answers or decides."""

    def before(self) -> Filters | None:
        """The same question about the period of equal length just before; None for an open period."""
        if self.since is None or self.until is None:
            return None
        return replace(self, since=self.since - (self.until - self.since), until=self.since)


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """`filters` as SQL on `executions`."""
    found: list[ColumnElement[bool]] = [Execution.sample.is_(filters.dataset.sample)]
    if filters.since is not None:
        found.append(Execution.created_at >= filters.since)
    if filters.until is not None:
        found.append(Execution.created_at < filters.until)
    if filters.states is not None:
        found.append(Execution.state.in_(sorted(filters.states)) if filters.states else false())
    if filters.user_id is not None:
        found.append(Execution.user_id == filters.user_id)
    if filters.workflow_id is not None:
        found.append(Execution.workflow_id == filters.workflow_id)
    if filters.agent_id is not None:
        found.append(
            Execution.agent_id.is_(None) if filters.agent_id == NONE else Execution.agent_id == filters.agent_id
        )
    if filters.council_id is not None:
        is_none = filters.council_id == NONE
        found.append(Execution.council_id.is_(None) if is_none else Execution.council_id == filters.council_id)
    for column, value in ((Execution.market, filters.market), (Execution.skill_level, filters.skill_level)):
        if value is not None:
            found.append(column.is_(None) if value == UNKNOWN else cast(column, String) == value)
    if filters.waits_for_people:
        found.extend((waits_for_people(), Execution.state.not_in(sorted(ENDED))))
    if filters.text.strip():
        found.append(_matches(filters.text.strip()))
    return found


def visible_to(reader: Actor) -> ColumnElement[bool]:
    """The runs `reader` may see: their own, and all of them for the roles that answer for all."""
    if reader.has(*SEES_ALL_RUNS) or reader.kind in {ActorKind.JOB, ActorKind.SYSTEM}:
        return Execution.id.is_not(None)
    if reader.kind is ActorKind.AGENT:
        return Execution.agent_id == reader.id
    return Execution.user_id == reader.user_id if reader.user_id is not None else false()


def own_only(reader: Actor, filters: Filters) -> Filters:
    """`filters` narrowed to what `reader` may see, for figures that are computed without `visible_to`."""
    if reader.has(*SEES_ALL_RUNS) or reader.kind in {ActorKind.JOB, ActorKind.SYSTEM}:
        return filters
    if reader.kind is ActorKind.AGENT:
        return replace(filters, agent_id=reader.id)
    if reader.user_id is None:
        return replace(filters, states=frozenset())
    return replace(filters, user_id=reader.user_id)


def has_outcome() -> ColumnElement[bool]:
    return exists().where(Outcome.execution_id == Execution.id, Outcome.review_state != ReviewState.REJECTED)


def is_success() -> ColumnElement[bool]:
    """`rules.result_of` in SQL; a test holds the two together."""
    return and_(Execution.state == ExecutionState.COMPLETED, has_outcome())


def is_counted(now: datetime) -> ColumnElement[bool]:
    """Whether a run says anything about its workflow at `now`, as in `rules.result_of`."""
    ended = (ExecutionState.COMPLETED, ExecutionState.ABANDONED, ExecutionState.FAILED)
    stale = and_(Execution.state.in_(sorted(OPEN)), Execution.last_activity_at <= now - STALE_AFTER)
    return or_(Execution.state.in_(ended), stale)


def _matches(text: str) -> ColumnElement[bool]:
    titles = select(WorkflowRevision.digest).where(WorkflowRevision.title.icontains(text, autoescape=True))
    people = select(User.id).where(User.name.icontains(text, autoescape=True))
    return or_(
        Execution.revision.in_(titles),
        Execution.user_id.in_(people),
        Execution.workflow_id.icontains(text, autoescape=True),
        Execution.error.icontains(text, autoescape=True),
        Execution.end_reason.icontains(text, autoescape=True),
        cast(Execution.id, String).istartswith(text, autoescape=True),
    )
