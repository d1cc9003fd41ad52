"""The figures from rollups: each function answers None where only the runs themselves can (`rolled.py`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Date, DateTime, and_, cast, false, func, or_, select
from sqlalchemy.orm import Session

from core.analytics import percentiles
from core.analytics.breakdowns import Dimension, Group, StepFigures, key_of, label_of, names, step_figures
from core.analytics.figures import WEEKLY_SAVINGS, Bucket, Savings, Summary, TrendPoint, without_gaps
from core.analytics.filters import NONE, Filters, is_counted
from core.analytics.lenses import Grain, Lens
from core.analytics.rolled import Measured, Question, has_changes, rows
from core.analytics.rules import Rate, Total, totals
from core.analytics.tables import RollupProgress
from core.executions.rules import ExecutionState

_OF_GROUPS = ("runs", "completed", "successes", "failed", "abandoned", "stale")

_ENDED = ("completed", "failed", "abandoned", "stale")
"""What is counted, as in `rules.result_of`."""

_COLUMNS: dict[Dimension, tuple[str, ...]] = {
    Dimension.WORKFLOW: ("workflow_id",), Dimension.AGENT: ("agent_id",), Dimension.COUNCIL: ("council_id",),
    Dimension.MARKET: ("market",), Dimension.SKILL: ("skill_level",), Dimension.SEGMENT: ("market", "skill_level"),
}  # fmt: skip

Sums = dict[str, int]
Key = tuple[Any, ...]
T = TypeVar("T")
Amounts = list[tuple[str, str, int, Decimal, int, Decimal]]


def savings(session: Session, filters: Filters) -> Savings | None:
    estimated = _amounts(session, Question(Measured.SAVINGS, filters))
    logged = _amounts(session, Question(Measured.OUTCOMES, filters))
    if estimated is None or logged is None:
        return None
    return Savings(
        estimated=_estimates(estimated.get((), ())),
        measured=totals((metric, unit, total, n) for metric, unit, n, total, _, _ in logged.get((), ())),
        proven=totals((metric, unit, total, n) for metric, unit, _, _, n, total in logged.get((), ())),
    )


def summary(session: Session, filters: Filters) -> Summary | None:
    found = _sums(session, Question(Measured.RUNS, filters))
    if found is None:
        return None
    sums = found.get((), defaultdict(int))
    return Summary(
        sums["runs"], Rate(sums["successes"], _counted(sums)), sums["failed"],
        percentiles.durations(
            session, filters, sums["completed"], timed=sums["timed"], elapsed_ms=sums["elapsed_ms"],
            work_ms=sums["work_ms"], wait_ms=sums["wait_ms"], ai_ms=sums["ai_ms"],
        ),
    )  # fmt: skip


def rate(session: Session, filters: Filters) -> Rate | None:
    found = _sums(session, Question(Measured.RUNS, filters, only=_OF_GROUPS))
    if found is None:
        return None
    sums = found.get((), defaultdict(int))
    return Rate(sums["successes"], _counted(sums))


def states(session: Session, filters: Filters) -> dict[ExecutionState, int] | None:
    found = _sums(session, Question(Measured.RUNS, filters))
    if found is None:
        return None
    sums = found.get((), defaultdict(int))
    return {state: sums[state.value] for state in ExecutionState}


def trend(session: Session, filters: Filters, bucket: Bucket) -> list[TrendPoint] | None:
    by = Grain.WEEK if bucket is Bucket.WEEK else Grain.DAY
    runs = _sums(session, Question(Measured.RUNS, filters, by=by, only=_OF_GROUPS), bucket=bucket)
    estimated = _amounts(session, Question(Measured.SAVINGS, filters, by=by), bucket=bucket)
    if runs is None or estimated is None:
        return None
    points = {
        key[0]: TrendPoint(
            key[0], sums["runs"], sums["completed"], Rate(sums["successes"], _counted(sums)),
            _estimates(estimated.get(key, ())),
        )
        for key, sums in runs.items()
        if sums["runs"]
    }  # fmt: skip
    return without_gaps(points, bucket)


def groups(session: Session, filters: Filters, dimension: Dimension) -> list[Group] | None:
    columns = _COLUMNS[dimension]
    runs = _sums(session, Question(Measured.RUNS, filters, columns, only=_OF_GROUPS))
    estimated = _amounts(session, Question(Measured.SAVINGS, filters, columns))
    if runs is None or estimated is None:
        return None
    labels = names(session, dimension)
    work = percentiles.work_by(session, filters, key_of(dimension), sum(one["completed"] for one in runs.values()))
    found = [
        Group(
            "/".join(key), label_of(dimension, "/".join(key), labels), one["runs"], one["completed"],
            Rate(one["successes"], _counted(one)), *work.get("/".join(key), (None, None)),
            _estimates(estimated.get(key, ())),
        )
        for key, one in runs.items()
        if one["runs"]
    ]  # fmt: skip
    return sorted(found, key=lambda group: (-group.runs, group.label))


def counts(session: Session, filters: Filters, dimension: Dimension) -> dict[str, int] | None:
    """Runs by key, most first; without those that have none."""
    runs = _sums(session, Question(Measured.RUNS, filters, _COLUMNS[dimension], only=("runs",)))
    if runs is None:
        return None
    found = {str(key[0]): sums["runs"] for key, sums in runs.items() if sums["runs"] and key[0] != NONE}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def steps(session: Session, filters: Filters, workflow_id: str, now: datetime) -> list[StepFigures] | None:
    """From how many steps each counted run had finished: steps are done one after the other (G3)."""
    question = Question(Measured.RUNS, replace(filters, workflow_id=workflow_id), by=Grain.DAY)
    found = question.parts()
    if question.lens is not Lens.WORKFLOW or found is None or has_changes(session):
        return None
    query = (
        select(RollupProgress.steps_completed, func.sum(RollupProgress.runs))
        .where(RollupProgress.sample.is_(filters.dataset.sample), RollupProgress.workflow_id == workflow_id)
        .where(
            or_(false(), *(and_(RollupProgress.day >= span.first, RollupProgress.day < span.end) for span in found[0]))
        )
        .group_by(RollupProgress.steps_completed)
    )
    finished = {row[0]: int(row[1]) for row in session.execute(query)}
    asked = replace(filters, workflow_id=workflow_id)
    work = percentiles.work_of_steps(session, asked, is_counted(now), sum(finished.values()))
    return step_figures(finished, work)


def _once(session: Session, question: Question, bucket: Bucket | None, ask: Callable[..., T]) -> T:
    """Each question is asked once for each reading."""
    kept = session.info.setdefault(_once, {})
    if (question, bucket) not in kept:
        kept[question, bucket] = ask(session, question, bucket)
    found: T = kept[question, bucket]
    return found


def _sums(session: Session, question: Question, *, bucket: Bucket | None = None) -> dict[Key, Sums] | None:
    """The measures summed by the question's columns, or by bucket of days."""
    return _once(session, question, bucket, _summed)


def _summed(session: Session, question: Question, bucket: Bucket | None) -> dict[Key, Sums] | None:
    found = rows(session, question)
    if found is None:
        return None
    keys = _keys(found, question, bucket)
    query = select(*keys, *(func.sum(found.c[name]).label(name) for name in question.names)).group_by(*keys)
    return {
        tuple(row[: len(keys)]): {
            name: int(value or 0) for name, value in zip(question.names, row[len(keys) :], strict=True)
        }
        for row in session.execute(query)
        if row[len(keys)] is not None
    }


def _amounts(session: Session, question: Question, *, bucket: Bucket | None = None) -> dict[Key, Amounts] | None:
    """(metric, unit, n, total, proven n, proven total) by the question's columns, or by bucket of days."""
    return _once(session, question, bucket, _amounts_of)


def _amounts_of(session: Session, question: Question, bucket: Bucket | None) -> dict[Key, Amounts] | None:
    found = rows(session, question)
    if found is None:
        return None
    keys = _keys(found, question, bucket)
    sums = [func.coalesce(func.sum(found.c[name]), 0) for name in question.names]
    query = select(*keys, found.c.metric, found.c.unit, *sums).group_by(*keys, found.c.metric, found.c.unit)
    amounts: dict[Key, Amounts] = {}
    for row in session.execute(query):
        metric, unit, n, total, proven_n, proven = row[len(keys) :]
        amounts.setdefault(tuple(row[: len(keys)]), []).append(
            (metric, unit, int(n), Decimal(total), int(proven_n), Decimal(proven))
        )
    return amounts


def _keys(found: Any, question: Question, bucket: Bucket | None) -> list[Any]:
    if bucket is not None:
        return [cast(func.date_trunc(bucket.value, cast(found.c.day, DateTime)), Date)]
    return [found.c[name] for name in question.columns]


def _estimates(amounts: Sequence[tuple[str, str, int, Decimal, int, Decimal]]) -> tuple[Total, ...]:
    return totals((WEEKLY_SAVINGS, unit, total, n) for _, unit, n, total, _, _ in amounts)


def _counted(sums: Sums) -> int:
    return sum(sums[name] for name in _ENDED)
