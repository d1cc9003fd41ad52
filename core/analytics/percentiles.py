"""Half of the runs take less than …, nine in ten less than …: exact for few runs, from an even sample of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, extract, func, select
from sqlalchemy.orm import Session

from core.analytics.filters import Filters
from core.analytics.sampling import EXACT_TO, sample_for
from core.executions.rules import ExecutionState, StepState
from core.executions.tables import Execution, ExecutionStep

COMPLETED = Execution.state == ExecutionState.COMPLETED
ELAPSED_SECONDS: ColumnElement[Any] = extract("epoch", Execution.completed_at - Execution.started_at)
WORK_SECONDS: ColumnElement[Any] = Execution.work_ms / 1000.0
WORK_IS_KNOWN = Execution.work_ms > 0
"""A past run from an event log with one time for each event says how long it took, not how long hands were on it."""

Pair = tuple[float | None, float | None]
"""The median, and what nine in ten stay below."""

_STEPS = 2_000


@dataclass(frozen=True)
class Durations:
    """Seconds, over the completed runs; elapsed is from start to end, work is hands-on time."""

    n: int
    average: float | None
    p50: float | None
    p90: float | None
    work_p50: float | None
    work_p90: float | None
    work_total: float
    wait_total: float
    ai_total: float
    sampled: bool = False
    """The percentiles, and nothing else, are those of an even sample of the `n`."""


def durations(
    session: Session, filters: Filters, completed: int, *, timed: int, elapsed_ms: int, work_ms: int, wait_ms: int,
    ai_ms: int,
) -> Durations:  # fmt: skip
    """`completed` runs match `filters`, `timed` of them have a start and an end; the rest are their sums."""
    sample = sample_for(completed, exact_to=EXACT_TO)
    row = session.execute(
        select(
            _shares(ELAPSED_SECONDS).label("elapsed"), _shares(WORK_SECONDS).filter(WORK_IS_KNOWN).label("work")
        ).where(COMPLETED, *sample.conditions(filters))
    ).one()
    (p50, p90), (work_p50, work_p90) = _pair(row[0]), _pair(row[1])
    return Durations(
        n=completed, average=elapsed_ms / timed / 1000 if timed else None, p50=p50, p90=p90, work_p50=work_p50,
        work_p90=work_p90, work_total=work_ms / 1000, wait_total=wait_ms / 1000, ai_total=ai_ms / 1000,
        sampled=not sample.whole,
    )  # fmt: skip


def work_by(session: Session, filters: Filters, key: ColumnElement[Any], completed: int) -> dict[str, Pair]:
    """Hands-on seconds of completed runs by `key`, an expression on executions."""
    sample = sample_for(completed, exact_to=EXACT_TO)
    inner = (
        select(key.label("key"), WORK_SECONDS.label("work")).where(COMPLETED, *sample.conditions(filters)).subquery()
    )
    query = select(inner.c.key, _shares(inner.c.work).label("pair")).group_by(inner.c.key)
    return {str(name): _pair(pair) for name, pair in session.execute(query)}


def work_of_steps(session: Session, filters: Filters, counted: ColumnElement[bool], runs: int) -> dict[int, Pair]:
    """Hands-on seconds of the finished steps of counted runs, by the step's number."""
    sample = sample_for(runs, most=_STEPS)
    done = ExecutionStep.state == StepState.DONE
    query = (
        select(ExecutionStep.number, _shares(ExecutionStep.work_ms / 1000.0).filter(done).label("pair"))
        .join(Execution, Execution.id == ExecutionStep.execution_id)
        .where(counted, *sample.conditions(filters))
        .group_by(ExecutionStep.number)
    )
    return {number: _pair(pair) for number, pair in session.execute(query)}


def _shares(seconds: ColumnElement[Any]) -> Any:
    return func.percentile_cont([0.5, 0.9]).within_group(seconds)


def _pair(pair: Any) -> Pair:
    return (None, None) if pair is None else (_second(pair[0]), _second(pair[1]))


def _second(value: Any) -> float | None:
    return None if value is None else float(value)
