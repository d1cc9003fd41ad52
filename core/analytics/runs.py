"""Runs as lists and one by one: what a page shows and what the API answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from core.actor import Actor
from core.analytics.filters import Filters, conditions, visible_to
from core.analytics.rules import Rate, Result, result_of
from core.analytics.tables import Performance
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.decisions.tables import Ballot, Council, Decision
from core.errors import NotFound
from core.executions.queries import after as after_row
from core.executions.queries import place
from core.executions.rules import ExecutionState, StepState
from core.executions.tables import Execution, ExecutionStep
from core.identity.tables import Agent, User
from core.outcomes.rules import ReviewState
from core.outcomes.tables import Outcome, Proof

MOST_A_PAGE = 1_000


@dataclass(frozen=True)
class RunRow:
    """A run with the names of what it belongs to; names are None where there is nothing to name."""

    run: Execution
    title: str
    person: str | None
    agent: str | None
    council: str | None

    @property
    def id(self) -> UUID:
        return self.run.id

    @property
    def cursor(self) -> str:
        """Where this row stands: given as `after`, the page continues behind it."""
        return after_row(self.run.created_at, self.run.id)


@dataclass(frozen=True)
class RunPage:
    """Newest first. `total` is of the whole list; `next_cursor` is None on its last page."""

    rows: list[RunRow]
    total: int
    next_cursor: str | None


@dataclass(frozen=True)
class RunMetrics:
    """What one run measured (R2). Seconds are from start to end; savings are a week's, None unless the run completed."""

    duration_seconds: float | None
    estimated_weekly_savings: Any
    savings_currency: str | None
    success_rate: float | None
    """Of this run alone: 1 a success, 0 not, None while it is not counted."""
    error_count: int


@dataclass(frozen=True)
class LoggedOutcome:
    outcome: Outcome
    proofs: list[Proof]


@dataclass(frozen=True)
class StepLine:
    number: int
    title: str
    state: StepState
    notes: str
    work_ms: int


@dataclass(frozen=True)
class RunDetail:
    """A run with everything that hangs on it, in the order in which it happened."""

    row: RunRow
    result: Result
    steps: list[StepLine]
    outcomes: list[LoggedOutcome]
    decision: Decision | None
    votes: list[Ballot]
    metrics: RunMetrics
    workflow_rate: Rate
    """Success of this workflow in the same dataset, for comparison."""


class RunQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, reader: Actor, filters: Filters, *, limit: int = 100, offset: int = 0, after: str | None = None
    ) -> RunPage:
        """At most `limit` runs that `reader` may see, behind `after` (a cursor, cheap at any depth) or from `offset`."""
        limit = max(1, min(limit, MOST_A_PAGE))
        where = [visible_to(reader), *conditions(filters)]
        query = _rows().where(*where).order_by(Execution.created_at.desc(), Execution.id.desc()).limit(limit + 1)
        if after is not None:
            query = query.where(tuple_(Execution.created_at, Execution.id) < place(after))
        elif offset > 0:
            query = query.offset(offset)
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(Execution).where(*where)) or 0
            found = [_row(record) for record in session.execute(query)]
        more = len(found) > limit
        rows = found[:limit]
        return RunPage(rows, total, rows[-1].cursor if more else None)

    def every(self, reader: Actor, filters: Filters) -> Iterator[RunRow]:
        """All of them, a thousand at a time, for an export."""
        after: str | None = None
        while True:
            page = self.page(reader, filters, limit=MOST_A_PAGE, after=after)
            yield from page.rows
            if (after := page.next_cursor) is None:
                return

    def detail(self, reader: Actor, run_id: UUID) -> RunDetail:
        """The run with all that hangs on it; NotFound if there is none, or it is not for `reader` to see."""
        with self._database.reading() as session:
            record = session.execute(_rows().where(Execution.id == run_id, visible_to(reader))).first()
            if record is None:
                raise NotFound(kind="run", id=run_id)
            row = _row(record)
            outcomes = _outcomes(session, run_id)
            decision = session.get(Decision, row.run.decision_id) if row.run.decision_id else None
            return RunDetail(
                row=row,
                result=self._result(row.run, outcomes),
                steps=_steps(session, row.run),
                outcomes=outcomes,
                decision=decision,
                votes=_votes(session, decision),
                metrics=self._metrics(row.run, outcomes),
                workflow_rate=_workflow_rate(session, row.run),
            )

    def _result(self, run: Execution, outcomes: list[LoggedOutcome]) -> Result:
        kept = sum(logged.outcome.review_state is not ReviewState.REJECTED for logged in outcomes)
        now = self._database.clock.now()
        return result_of(run.state, outcomes=kept, last_activity_at=run.last_activity_at, now=now)

    def _metrics(self, run: Execution, outcomes: list[LoggedOutcome]) -> RunMetrics:
        ended, began = run.completed_at, run.started_at
        completed = run.state is ExecutionState.COMPLETED
        result = self._result(run, outcomes)
        return RunMetrics(
            duration_seconds=(ended - began).total_seconds() if ended and began else None,
            estimated_weekly_savings=run.calculated_savings if completed else None,
            savings_currency=run.savings_currency if completed else None,
            success_rate={Result.SUCCESS: 1.0, Result.FAILURE: 0.0, Result.NOT_COUNTED: None}[result],
            error_count=1 if run.state is ExecutionState.FAILED else 0,
        )


def _rows() -> Select[Execution, str, str, str, str]:
    person, agent, council = aliased(User), aliased(Agent), aliased(Council)
    return (
        select(Execution, WorkflowRevision.title, person.name, agent.name, council.name)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .outerjoin(person, person.id == Execution.user_id)
        .outerjoin(agent, agent.id == Execution.agent_id)
        .outerjoin(council, council.id == Execution.council_id)
    )


def _row(record: Any) -> RunRow:
    return RunRow(*record)


def _outcomes(session: Session, run_id: UUID) -> list[LoggedOutcome]:
    proofs: dict[UUID, list[Proof]] = {}
    found = select(Proof).join(Outcome, Outcome.id == Proof.outcome_id).where(Outcome.execution_id == run_id)
    for proof in session.scalars(found.order_by(Proof.uploaded_at, Proof.id)):
        proofs.setdefault(proof.outcome_id, []).append(proof)
    query = select(Outcome).where(Outcome.execution_id == run_id).order_by(Outcome.logged_at, Outcome.id)
    return [LoggedOutcome(outcome, proofs.get(outcome.id, [])) for outcome in session.scalars(query)]


def _votes(session: Session, decision: Decision | None) -> list[Ballot]:
    if decision is None:
        return []
    query = select(Ballot).where(Ballot.decision_id == decision.id).order_by(Ballot.cast_at, Ballot.id)
    return list(session.scalars(query))


def _workflow_rate(session: Session, run: Execution) -> Rate:
    query = select(func.sum(Performance.successes), func.sum(Performance.ended)).where(
        Performance.sample.is_(run.sample), Performance.workflow_id == run.workflow_id
    )
    successes, n = session.execute(query).one()
    return Rate(successes or 0, n or 0)


def _steps(session: Session, run: Execution) -> list[StepLine]:
    """The steps with the titles they had in the revision the run began with."""
    definition = (
        session.scalar(select(WorkflowRevision.definition).where(WorkflowRevision.digest == run.revision)) or {}
    )
    titles = [str(step.get("title", "")) for step in definition.get("steps", [])]
    rows = session.scalars(
        select(ExecutionStep).where(ExecutionStep.execution_id == run.id).order_by(ExecutionStep.number)
    )
    return [
        StepLine(
            row.number, titles[row.number - 1] if row.number <= len(titles) else "", row.state, row.notes, row.work_ms
        )
        for row in rows
    ]
