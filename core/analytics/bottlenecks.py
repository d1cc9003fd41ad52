"""Where runs stop or stand still: at which step, at which gate, before which council, and what the waiting for people costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from typing import Any

from sqlalchemy import Numeric, Text, and_, case, cast, extract, func, literal, select, union_all
from sqlalchemy.orm import Session

from core.analytics.counting import sample_of
from core.analytics.filters import Filters, is_counted
from core.analytics.rules import Rate
from core.analytics.sampling import Sample, runs_in
from core.catalog.tables import WorkflowRevision
from core.decisions.rules import DecisionState
from core.decisions.tables import Council, Decision
from core.executions.automated.rules import GateKind, GateState
from core.executions.automated.tables import RunGate, RunNode
from core.executions.rules import ENDED, StepState
from core.executions.tables import Execution, ExecutionStep

_Z_95 = 1.959963984540054
_HOUR = Decimal(3600)


@dataclass(frozen=True)
class Standstill:
    """One step of one guided workflow. Waits are of finished steps, in seconds: begun to done, less the hands-on time."""

    workflow_id: str
    workflow: str
    number: int
    title: str
    ended: Rate
    """Of the ended runs that reached it, those that finished it."""
    here: int
    """Open runs that stand at it now."""
    waits: int
    p50: float | None
    p90: float | None
    total: float

    @property
    def stopped(self) -> int:
        return self.ended.n - self.ended.successes


@dataclass(frozen=True)
class GateWait:
    """One step of an automated workflow where runs stop for `kind`. Seconds from opened to closed, of closed gates."""

    workflow_id: str
    workflow: str
    step: str
    kind: GateKind
    closed: int
    open: int
    p50: float | None
    p90: float | None
    total: float


class Cause(StrEnum):
    """What kept people's runs waiting."""

    PAUSE = "pause"
    """Nobody worked on the run, and no program did: a pause, an outside party, an open gate."""
    COUNCIL = "council"
    """The run had been proposed, and its council had not decided."""


@dataclass(frozen=True)
class WaitingCost:
    """Waiting hours × the hourly wage of each run's own rate card, in one currency; None where no card says a wage.

    From a sample, hours and cost are estimates of the whole, and `low` to `high` is the 95 % interval of the cost.
    """

    cause: Cause
    currency: str | None
    runs: int
    hours: float
    cost: Decimal | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class Bottlenecks:
    runs: int
    """How many runs were looked at."""
    sampled: bool
    """They are an even sample: counts and sums of steps and gates are the sample's own, costs are of the whole."""
    steps: tuple[Standstill, ...]
    gates: tuple[GateWait, ...]
    costs: tuple[WaitingCost, ...]


@dataclass(frozen=True)
class CouncilWait:
    """How the decisions on runs of one council went; seconds from opened to decided."""

    council_id: str
    name: str
    approval: Rate
    expired: int
    open: int
    p50: float | None
    p90: float | None


@dataclass(frozen=True)
class CouncilWaits:
    runs: int
    sampled: bool
    councils: tuple[CouncilWait, ...]


def bottlenecks(session: Session, filters: Filters, now: datetime) -> Bottlenecks:
    """Longest waits first, in each of the three."""
    sample = sample_of(session, filters)
    return Bottlenecks(
        runs_in(session, filters, sample), not sample.whole, _steps(session, filters, sample, now),
        _gates(session, filters, sample), _costs(session, filters, sample),
    )  # fmt: skip


def council_waits(session: Session, filters: Filters) -> CouncilWaits:
    """Councils by how many of the runs' decisions were theirs."""
    sample = sample_of(session, filters)
    waited = extract("epoch", Decision.decided_at - Decision.opened_at)
    voted = Decision.state.in_((DecisionState.APPROVED, DecisionState.REJECTED))
    rows = session.execute(
        select(
            Execution.council_id, func.max(Council.name).label("name"), func.count().label("n"),
            func.count().filter(Decision.state == DecisionState.APPROVED).label("approved"),
            func.count().filter(voted).label("voted"),
            func.count().filter(Decision.state == DecisionState.EXPIRED).label("expired"),
            func.count().filter(Decision.state == DecisionState.OPEN).label("open"),
            func.percentile_cont([0.5, 0.9]).within_group(waited).filter(voted).label("waited"),
        )
        .join(Decision, Decision.id == Execution.decision_id)
        .join(Council, Council.id == Execution.council_id)
        .where(*sample.conditions(filters))
        .group_by(Execution.council_id)
        .order_by(func.count().desc(), Execution.council_id)
    ).all()  # fmt: skip
    found = tuple(
        CouncilWait(
            str(row.council_id), row.name, Rate(row.approved, row.voted), row.expired, row.open,
            _part(row.waited, 0), _part(row.waited, 1),
        )
        for row in rows
    )  # fmt: skip
    return CouncilWaits(sum(row.n for row in rows), not sample.whole, found)


def _steps(session: Session, filters: Filters, sample: Sample, now: datetime) -> tuple[Standstill, ...]:
    elapsed = extract("epoch", ExecutionStep.completed_at - ExecutionStep.started_at)
    waited = func.greatest(elapsed - ExecutionStep.work_ms / 1000.0, 0)
    done, reached = ExecutionStep.state == StepState.DONE, ExecutionStep.state != StepState.PENDING
    timed = and_(done, elapsed.is_not(None))
    here = and_(ExecutionStep.state == StepState.ACTIVE, Execution.state.not_in(sorted(ENDED)))
    rows = session.execute(
        select(
            Execution.workflow_id, ExecutionStep.number,
            func.count().filter(reached, is_counted(now)).label("reached"),
            func.count().filter(done, is_counted(now)).label("done"),
            func.count().filter(here).label("here"), func.count().filter(timed).label("waits"),
            func.percentile_cont([0.5, 0.9]).within_group(waited).filter(timed).label("waited"),
            func.coalesce(func.sum(waited).filter(timed), 0).label("total"),
        )
        .join(ExecutionStep, ExecutionStep.execution_id == Execution.id)
        .where(~Execution.automated, *sample.conditions(filters))
        .group_by(Execution.workflow_id, ExecutionStep.number)
    ).all()  # fmt: skip
    titles = _titles(session, {row.workflow_id for row in rows})
    found = []
    for row in rows:
        workflow, steps = titles.get(row.workflow_id, (row.workflow_id, {}))
        found.append(
            Standstill(
                row.workflow_id, workflow, row.number, steps.get(row.number, ""), Rate(row.done, row.reached), row.here,
                row.waits, _part(row.waited, 0), _part(row.waited, 1), float(row.total),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda step: (-step.total, step.workflow, step.number)))


def _gates(session: Session, filters: Filters, sample: Sample) -> tuple[GateWait, ...]:
    waited = extract("epoch", RunGate.closed_at - RunGate.opened_at)
    closed = and_(RunGate.state == GateState.CLOSED, RunGate.closed_at.is_not(None))
    step = func.split_part(RunGate.path, "[", 1)
    rows = session.execute(
        select(
            Execution.workflow_id, step.label("step"), RunGate.kind, func.max(RunNode.title).label("title"),
            func.count().filter(closed).label("closed"),
            func.count().filter(RunGate.state == GateState.OPEN).label("open"),
            func.percentile_cont([0.5, 0.9]).within_group(waited).filter(closed).label("waited"),
            func.coalesce(func.sum(waited).filter(closed), 0).label("total"),
        )
        .join(RunGate, RunGate.execution_id == Execution.id)
        .outerjoin(RunNode, and_(RunNode.execution_id == Execution.id, RunNode.path == RunGate.path))
        .where(Execution.automated, RunGate.state != GateState.WITHDRAWN, *sample.conditions(filters))
        .group_by(Execution.workflow_id, step, RunGate.kind)
    ).all()  # fmt: skip
    titles = _titles(session, {row.workflow_id for row in rows})
    found = [
        GateWait(
            row.workflow_id, titles.get(row.workflow_id, (row.workflow_id, {}))[0], row.title or row.step, row.kind,
            row.closed, row.open, _part(row.waited, 0), _part(row.waited, 1), float(row.total),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda gate: (-gate.total, -gate.open, gate.workflow, gate.step)))


def _costs(session: Session, filters: Filters, sample: Sample) -> tuple[WaitingCost, ...]:
    """Only waits that are over; those that go on would grow with every look at the page."""
    timer = (
        select(func.sum(extract("epoch", RunGate.closed_at - RunGate.opened_at)))
        .where(RunGate.execution_id == Execution.id, RunGate.kind == GateKind.TIME, RunGate.closed_at.is_not(None))
        .scalar_subquery()
    )
    paused = case(
        (Execution.automated, func.greatest(Execution.wait_ms / 1000.0 - func.coalesce(timer, 0), 0)),
        else_=Execution.wait_ms / 1000.0,
    )
    undecided = case(
        (Execution.decision_id.is_not(None), extract("epoch", Execution.started_at - Execution.created_at)), else_=0
    )
    wage, currency = Execution.rate_card["hourly_wage"].astext, Execution.rate_card["currency"].astext
    looked = (
        select(
            cast(wage, Numeric).label("wage"), cast(currency, Text).label("currency"),
            paused.label("paused"), undecided.label("undecided"),
        )
        .where(*sample.conditions(filters))
        .cte("looked")
    )  # fmt: skip
    parts = union_all(
        *(
            select(literal(cause.value).label("cause"), looked.c.wage, looked.c.currency, cast(seconds, Numeric).label("s"))
            for cause, seconds in ((Cause.PAUSE, looked.c.paused), (Cause.COUNCIL, looked.c.undecided))
        )
    ).subquery()  # fmt: skip
    cost = parts.c.s / _HOUR * parts.c.wage
    currency_known = case((parts.c.wage.is_not(None), parts.c.currency))
    rows = session.execute(
        select(
            parts.c.cause, currency_known.label("currency"), func.count().label("n"), func.sum(parts.c.s).label("s"),
            func.sum(cost).label("cost"), func.sum(cost * cost).label("squares"),
        )
        .where(parts.c.s > 0)
        .group_by(parts.c.cause, currency_known)
    ).all()  # fmt: skip
    found = [_cost(row, sample) for row in rows]
    return tuple(sorted(found, key=lambda cost: (cost.currency is None, -(cost.cost or 0), -cost.hours)))


def _cost(row: Any, sample: Sample) -> WaitingCost:
    weight = Decimal(str(sample.weight))
    cost = None if row.currency is None or row.cost is None else row.cost * weight
    low = high = cost
    if cost is not None and not sample.whole:
        # Each run is drawn by itself with chance 1/w, so the variance of w·Σx is estimated by w²·(1 − 1/w)·Σx²
        # (Horvitz–Thompson under Bernoulli sampling: Särndal and others, Model Assisted Survey Sampling, 1992).
        squares = float(row.squares) * (1 - 1 / sample.weight)
        around = _Z_95 * sample.weight * sqrt(squares)
        low, high = max(cost - Decimal(str(around)), Decimal(0)), cost + Decimal(str(around))
    hours = float(row.s * weight) / 3600
    return WaitingCost(Cause(row.cause), row.currency, round(row.n * sample.weight), hours, cost, low, high)


def _titles(session: Session, workflows: set[str]) -> Mapping[str, tuple[str, dict[int, str]]]:
    """By workflow: what it is called now, and its steps."""
    query = select(WorkflowRevision.workflow_id, WorkflowRevision.title, WorkflowRevision.definition).where(
        WorkflowRevision.current, WorkflowRevision.workflow_id.in_(sorted(workflows))
    )
    found = {}
    for workflow_id, title, definition in session.execute(query):
        steps = enumerate(definition.get("steps") or [], 1)
        found[workflow_id] = (title, {number: str(step.get("title") or "") for number, step in steps})
    return found


def _part(pair: Any, index: int) -> float | None:
    return None if pair is None or pair[index] is None else float(pair[index])
