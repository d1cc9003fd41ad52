"""One run with everything that hangs on it: outcomes with proofs, decision and votes, steps, what it measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.analytics import sums
from core.analytics.filters import Filters
from core.analytics.rules import Dataset, Rate, Result, result_of
from core.analytics.run_rows import RunRow
from core.catalog.tables import WorkflowRevision
from core.decisions.tables import Ballot, Decision
from core.executions.automated.tables import RunGate
from core.executions.rules import ExecutionState, StepState
from core.executions.tables import Execution, ExecutionStep
from core.outcomes.rules import ReviewState
from core.outcomes.tables import Outcome, Proof


@dataclass(frozen=True)
class RunMetrics:
    """What one run measured (R2). Seconds are from start to end; savings are a week's, None unless the run completed."""

    duration_seconds: float | None
    estimated_weekly_savings: Any
    savings_currency: str | None
    success_rate: float | None
    """Of this run alone: 1 a success, 0 not, None while it is not counted."""
    error_count: int


class Measured(Protocol):
    """A run, or what a statement read of one."""

    @property
    def state(self) -> ExecutionState: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def completed_at(self) -> datetime | None: ...
    @property
    def calculated_savings(self) -> Decimal | None: ...
    @property
    def savings_currency(self) -> str | None: ...


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
class RunFacts:
    """What programs are told of a run beside its row."""

    row: RunRow
    decision: Decision | None
    votes: list[Ballot]
    metrics: RunMetrics


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


def detail_of(session: Session, row: RunRow, now: datetime) -> RunDetail:
    run = row.run
    outcomes = _outcomes(session, run.id)
    kept = sum(logged.outcome.review_state is not ReviewState.REJECTED for logged in outcomes)
    result = result_of(run.state, outcomes=kept, last_activity_at=run.last_activity_at, now=now)
    decision = session.get(Decision, run.decision_id) if run.decision_id else None
    alike = Filters(Dataset.SAMPLE if run.sample else Dataset.REAL, workflow_id=run.workflow_id)
    return RunDetail(
        row=row, result=result, steps=_steps(session, run), outcomes=outcomes, decision=decision,
        votes=_votes(session, decision), metrics=metrics_of(run, result),
        workflow_rate=sums.rate(session, alike) or Rate(0, 0),
    )  # fmt: skip


def facts_of(session: Session, row: RunRow, now: datetime) -> RunFacts:
    """As `detail_of`, without what only the page shows: half as many statements."""
    run = row.run
    counted = select(func.count()).where(Outcome.execution_id == run.id, Outcome.review_state != ReviewState.REJECTED)
    kept = session.scalar(counted) or 0
    result = result_of(run.state, outcomes=kept, last_activity_at=run.last_activity_at, now=now)
    asked = select(RunGate.decision_id).where(RunGate.execution_id == run.id, RunGate.decision_id.is_not(None))
    of_run = or_(Decision.id == run.decision_id, Decision.id.in_(asked))
    decisions = session.scalars(select(Decision).where(of_run).order_by(Decision.opened_at, Decision.id)).all()
    ballots = select(Ballot).where(Ballot.decision_id.in_([one.id for one in decisions]))
    votes = list(session.scalars(ballots.order_by(Ballot.cast_at, Ballot.id))) if decisions else []
    return RunFacts(row, decisions[-1] if decisions else None, votes, metrics_of(run, result))


def metrics_of(run: Measured, result: Result) -> RunMetrics:
    ended, began = run.completed_at, run.started_at
    completed = run.state is ExecutionState.COMPLETED
    return RunMetrics(
        duration_seconds=(ended - began).total_seconds() if ended and began else None,
        estimated_weekly_savings=run.calculated_savings if completed else None,
        savings_currency=run.savings_currency if completed else None,
        success_rate={Result.SUCCESS: 1.0, Result.FAILURE: 0.0, Result.NOT_COUNTED: None}[result],
        error_count=1 if run.state is ExecutionState.FAILED else 0,
    )


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
