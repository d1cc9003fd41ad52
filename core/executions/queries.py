"""Reading runs: one with its steps, the open ones, and the history page by page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true, tuple_
from sqlalchemy.orm import Session

from core.actor import Actor, ActorKind, Role, Tier
from core.catalog.model import GuidedStep
from core.catalog.queries import definition_of
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.errors import InvalidInput, NotFound
from core.executions.progress import Progress, Timer
from core.executions.rules import OPEN, VIEWS, ExecutionState, GoesOnByItself, StepState, View, is_owner, may_read
from core.executions.tables import Execution, ExecutionStep
from core.executions.walk import Walk, WalkStep
from core.identifiers import parse_id
from core.identity.tables import User

MOST_ROWS = 1_000


@dataclass(frozen=True)
class RunRow:
    """A run in a list."""

    id: UUID
    workflow_id: str
    title: str
    tier: Tier
    owner_name: str | None
    agent_id: str | None
    council_id: str | None
    decision_id: UUID | None
    state: ExecutionState
    progress: Progress
    timer: Timer
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calculated_savings: Decimal | None
    savings_currency: str | None
    created_at: datetime
    started_at: datetime | None
    last_activity_at: datetime
    completed_at: datetime | None
    error: str | None
    sample: bool
    version: int

    @property
    def view(self) -> View:
        return VIEWS[self.state]


@dataclass(frozen=True)
class RunPage:
    rows: Sequence[RunRow]
    total: int
    """How many there are in all with these filters."""
    next: str | None
    """Where the next page begins; None on the last."""


class ExecutionQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def walk(self, actor: Actor, execution_id: UUID) -> Walk:
        """One guided run with its definition and steps, for its owner, operators and admins; else NotFound."""
        with self._database.reading() as session:
            query = _joined().where(Execution.id == execution_id)
            found = session.execute(query).first()
            if found is None or not may_read(actor, user_id=found[0].user_id, agent_id=found[0].agent_id):
                raise NotFound(kind="run", id=execution_id)
            row, revision, owner = found
            if row.automated:
                raise GoesOnByItself()
            return _walk(session, actor, row, revision, owner)

    def open_runs(self, actor: Actor, *, limit: int = 20) -> list[RunRow]:
        """The person's guided runs that can go on, the one touched last first."""
        if actor.user_id is None:
            return []
        query = (
            _joined()
            .where(Execution.user_id == actor.user_id, Execution.state.in_(OPEN), ~Execution.automated)
            .order_by(Execution.last_activity_at.desc(), Execution.id.desc())
            .limit(limit)
        )
        with self._database.reading() as session:
            return [_row(*found) for found in session.execute(query)]

    def page(
        self,
        actor: Actor,
        *,
        mine: bool = False,
        states: Collection[ExecutionState] | None = None,
        workflow_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        sample: bool | None = False,
        before: str | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> RunPage:
        """Newest first. Operators, council members, analysts and admins see all; everybody else, and `mine`, their own.

        `before` is the `next` of the page before and costs the same at any depth; `offset` is for short lists.
        """
        limit = max(1, min(limit, MOST_ROWS))
        wanted = [
            _visible(actor, mine),
            Execution.state.in_(states) if states is not None else true(),
            Execution.workflow_id == workflow_id if workflow_id else true(),
            Execution.agent_id == agent_id if agent_id else true(),
            Execution.council_id == council_id if council_id else true(),
            Execution.sample.is_(sample) if sample is not None else true(),
        ]
        query = _joined().where(*wanted).order_by(Execution.created_at.desc(), Execution.id.desc())
        if before is not None:
            query = query.where(tuple_(Execution.created_at, Execution.id) < place(before))
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(Execution).where(*wanted)) or 0
            found = [_row(*row) for row in session.execute(query.offset(max(0, offset)).limit(limit + 1))]
        rows = found[:limit]
        following = after(rows[-1].created_at, rows[-1].id) if len(found) > limit else None
        return RunPage(rows, total, following)


def _joined() -> Select[Execution, WorkflowRevision, str]:
    return (
        select(Execution, WorkflowRevision, User.name)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .outerjoin(User, User.id == Execution.user_id)
    )


def _visible(actor: Actor, mine: bool) -> ColumnElement[bool]:
    if not mine and actor.has(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN):
        return true()
    if actor.kind is ActorKind.AGENT:
        return and_(Execution.user_id.is_(None), Execution.agent_id == actor.id)
    return Execution.user_id == actor.user_id


def after(at: datetime, row_id: UUID) -> str:
    """The cursor of the page that follows this row."""
    return f"{at.isoformat()}~{row_id}"


def place(cursor: str) -> tuple[datetime, UUID]:
    """What `after` wrote, or InvalidInput."""
    moment, _, number = cursor.partition("~")
    execution_id = parse_id(number)
    try:
        told = datetime.fromisoformat(moment)
        at = told.astimezone(UTC) if told.tzinfo else None
    except (ValueError, OverflowError):
        at = None
    if at is None or execution_id is None:
        raise InvalidInput(field="Cursor", problem="it is not one that a page before gave.")
    return at, execution_id


def _timer(row: Execution) -> Timer:
    return Timer(row.timer_kind, row.timer_since, row.work_ms, row.wait_ms, row.ai_ms)


def _progress(row: Execution) -> Progress:
    return Progress(total=row.total_steps, current=row.current_step, done=row.steps_completed)


def _row(row: Execution, revision: WorkflowRevision, owner: str | None) -> RunRow:
    return RunRow(
        id=row.id, workflow_id=row.workflow_id, title=revision.title, tier=revision.tier, owner_name=owner,
        agent_id=row.agent_id, council_id=row.council_id, decision_id=row.decision_id, state=row.state,
        progress=_progress(row), timer=_timer(row), inputs=row.inputs, outputs=row.outputs,
        calculated_savings=row.calculated_savings, savings_currency=row.savings_currency, created_at=row.created_at,
        started_at=row.started_at, last_activity_at=row.last_activity_at, completed_at=row.completed_at,
        error=row.error, sample=row.sample, version=row.version,
    )  # fmt: skip


def _walk(session: Session, actor: Actor, row: Execution, revision: WorkflowRevision, owner: str | None) -> Walk:
    definition = definition_of(revision)
    query = select(ExecutionStep).where(ExecutionStep.execution_id == row.id)
    kept = {step.number: step for step in session.scalars(query)}
    progress = _progress(row)
    steps = [_walk_step(told, kept.get(told.number), progress) for told in definition.guided.steps]
    return Walk(
        id=row.id, workflow_id=row.workflow_id, revision=row.revision, workflow=definition.guided,
        tier=definition.tier, state=row.state, steps=tuple(steps), progress=progress, timer=_timer(row),
        owner_name=owner, agent_id=row.agent_id, council_id=row.council_id, decision_id=row.decision_id,
        mine=is_owner(actor, user_id=row.user_id, agent_id=row.agent_id), inputs=row.inputs, outputs=row.outputs,
        calculated_savings=row.calculated_savings, savings_currency=row.savings_currency, created_at=row.created_at,
        started_at=row.started_at, completed_at=row.completed_at, end_reason=row.end_reason, error=row.error,
        sample=row.sample, version=row.version,
    )  # fmt: skip


def _walk_step(told: GuidedStep, kept: ExecutionStep | None, progress: Progress) -> WalkStep:
    """What the definition tells with what was done; runs that came in bulk have a count of steps and no rows."""
    done = told.number <= progress.done
    state = StepState.DONE if done else StepState.ACTIVE if told.number == progress.furthest else StepState.PENDING
    return WalkStep(
        number=told.number, title=told.title, description=told.description, tips=told.tips,
        estimated_time=told.estimated_time, waiting_time=told.waiting_time, state=kept.state if kept else state,
        notes=kept.notes if kept else "", work_ms=kept.work_ms if kept else 0,
        started_at=kept.started_at if kept else None, completed_at=kept.completed_at if kept else None,
    )  # fmt: skip
