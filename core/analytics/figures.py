"""The figures of any set of runs, from the runs: three kinds of savings, success rate, durations, trend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from sqlalchemy import BigInteger, Date, and_, cast, func, select
from sqlalchemy.orm import Session

from core.analytics import percentiles
from core.analytics.filters import Filters, conditions, is_counted, is_success
from core.analytics.merging import SAVINGS_METRIC
from core.analytics.percentiles import COMPLETED, ELAPSED_SECONDS, Durations
from core.analytics.rules import Rate, Total, totals
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.outcomes.rules import ProofType, ReviewState
from core.outcomes.tables import Outcome

WEEKLY_SAVINGS = SAVINGS_METRIC

SAVE_NOTHING = (ExecutionState.FAILED, ExecutionState.CANCELLED, ExecutionState.ABANDONED)
"""Whatever was logged on these, it is no saving (A1); a denied run is cancelled."""


@dataclass(frozen=True)
class Savings:
    """Three figures that are never added: before (estimated), logged (measured), logged and verified (proven)."""

    estimated: tuple[Total, ...]
    """Weekly savings as calculated for the completed runs, one total a currency."""
    measured: tuple[Total, ...]
    """Outcomes that were not rejected, of runs that go on or completed, one total a metric and unit."""
    proven: tuple[Total, ...]
    """Those of the measured whose proof somebody else verified."""


@dataclass(frozen=True)
class Summary:
    runs: int
    rate: Rate
    errors: int
    durations: Durations


class Bucket(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class TrendPoint:
    """One day, week (from Monday) or month, named by its first day; days are UTC days, the same for every reader."""

    start: date
    runs: int
    completed: int
    rate: Rate
    estimated: tuple[Total, ...]


def savings(session: Session, filters: Filters) -> Savings:
    where = and_(*conditions(filters))
    estimates = session.execute(
        select(Execution.savings_currency, func.sum(Execution.calculated_savings), func.count())
        .where(where, COMPLETED, Execution.calculated_savings.is_not(None), Execution.savings_currency.is_not(None))
        .group_by(Execution.savings_currency)
    )
    verified = and_(Outcome.review_state == ReviewState.VERIFIED, Outcome.proof_type != ProofType.NONE)
    outcomes = session.execute(
        select(
            Outcome.metric_type, Outcome.unit, func.sum(Outcome.value), func.count(),
            func.coalesce(func.sum(Outcome.value).filter(verified), Decimal(0)), func.count().filter(verified),
        )
        .join(Execution, Execution.id == Outcome.execution_id)
        .where(where, Execution.state.not_in(SAVE_NOTHING), Outcome.review_state != ReviewState.REJECTED)
        .group_by(Outcome.metric_type, Outcome.unit)
    ).all()  # fmt: skip
    return Savings(
        estimated=totals(
            (WEEKLY_SAVINGS, currency, value or Decimal(0), n) for currency, value, n in estimates if currency
        ),
        measured=totals((row[0].value, row[1], row[2], row[3]) for row in outcomes),
        proven=totals((row[0].value, row[1], row[4], row[5]) for row in outcomes),
    )


def summary(session: Session, filters: Filters, now: datetime) -> Summary:
    row = session.execute(
        select(
            func.count().label("runs"),
            func.count().filter(is_success()).label("successes"),
            func.count().filter(is_counted(now)).label("counted"),
            func.count().filter(Execution.state == ExecutionState.FAILED).label("errors"),
            func.count().filter(COMPLETED).label("completed"),
            func.count(ELAPSED_SECONDS).filter(COMPLETED).label("timed"),
            cast(func.coalesce(func.sum(ELAPSED_SECONDS * 1000).filter(COMPLETED), 0), BigInteger).label("elapsed_ms"),
            func.coalesce(func.sum(Execution.work_ms).filter(COMPLETED), 0).label("work_ms"),
            func.coalesce(func.sum(Execution.wait_ms).filter(COMPLETED), 0).label("wait_ms"),
            func.coalesce(func.sum(Execution.ai_ms).filter(COMPLETED), 0).label("ai_ms"),
        ).where(*conditions(filters))
    ).one()
    times = percentiles.durations(
        session, filters, row.completed, timed=row.timed, elapsed_ms=row.elapsed_ms, work_ms=row.work_ms,
        wait_ms=row.wait_ms, ai_ms=row.ai_ms,
    )  # fmt: skip
    return Summary(row.runs, Rate(row.successes, row.counted), row.errors, times)


def states(session: Session, filters: Filters) -> dict[ExecutionState, int]:
    """How many runs are in each state, every state present."""
    query = select(Execution.state, func.count()).where(*conditions(filters)).group_by(Execution.state)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {state: found.get(state, 0) for state in ExecutionState}


def trend(session: Session, filters: Filters, bucket: Bucket, now: datetime) -> list[TrendPoint]:
    """One point for each bucket from the first run to the last, empty ones included."""
    start = cast(func.date_trunc(bucket.value, func.timezone("UTC", Execution.created_at)), Date).label("start")
    inner = select(
        start, Execution.state, Execution.savings_currency, Execution.calculated_savings,
        is_success().label("success"), is_counted(now).label("counted"),
    ).where(*conditions(filters)).subquery()  # fmt: skip
    counts = session.execute(
        select(
            inner.c.start, func.count(), func.count().filter(inner.c.state == ExecutionState.COMPLETED),
            func.count().filter(inner.c.success), func.count().filter(inner.c.counted),
        ).group_by(inner.c.start)
    ).all()  # fmt: skip
    amounts = session.execute(
        select(inner.c.start, inner.c.savings_currency, func.sum(inner.c.calculated_savings), func.count())
        .where(
            inner.c.state == ExecutionState.COMPLETED,
            inner.c.calculated_savings.is_not(None),
            inner.c.savings_currency.is_not(None),
        )
        .group_by(inner.c.start, inner.c.savings_currency)
    )
    estimated: dict[date, list[tuple[str, str, Decimal, int]]] = defaultdict(list)
    for day, currency, value, n in amounts:
        estimated[day].append((WEEKLY_SAVINGS, currency, value, n))
    points = {
        day: TrendPoint(day, runs, completed, Rate(successes, counted), totals(estimated[day]))
        for day, runs, completed, successes, counted in counts
    }
    return without_gaps(points, bucket)


def without_gaps(points: Mapping[date, TrendPoint], bucket: Bucket) -> list[TrendPoint]:
    """The points in order, with empty ones between the first and the last."""
    if not points:
        return []
    days = _starts(min(points), max(points), bucket)
    return [points.get(day, TrendPoint(day, 0, 0, Rate(0, 0), ())) for day in days]


def _starts(first: date, last: date, bucket: Bucket) -> list[date]:
    found = [first]
    while found[-1] < last:
        found.append(_next(found[-1], bucket))
    return found


def _next(day: date, bucket: Bucket) -> date:
    match bucket:
        case Bucket.DAY:
            return day + timedelta(days=1)
        case Bucket.WEEK:
            return day + timedelta(weeks=1)
        case Bucket.MONTH:
            return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert_never(bucket)
