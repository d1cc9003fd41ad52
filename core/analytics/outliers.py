"""Runs far beyond what their workflow usually takes or saves, by a rule that a few extreme runs cannot bend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import exp
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, String, and_, case, cast, extract, func, literal, select
from sqlalchemy.orm import Session

from core.analytics.counting import sample_of
from core.analytics.filters import Filters, conditions
from core.analytics.rules import SMALL_N
from core.catalog.tables import WorkflowRevision
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.identity.tables import Agent, User

FAR = 3.5
"""Robust z-scores beyond this are outliers: B. Iglewicz and D. Hoaglin, How to Detect and Handle Outliers (1993)."""

_TO_SIGMA = 1.4826
"""Makes the median absolute deviation of normal data its standard deviation."""

LEAST_SPREAD = 0.1
"""Of logarithms, about 10 %: where most runs are alike to the second, the next one is no outlier for that."""

NEWEST = 5_000
MOST_SHOWN = 30


class Measure(StrEnum):
    DURATION = "duration"
    SAVINGS = "savings"


@dataclass(frozen=True)
class Usual:
    """What is usual in one workflow: the median, and the bounds beyond which a run is an outlier. Seconds, or money."""

    workflow_id: str
    title: str
    currency: str | None
    n: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlier:
    run_id: UUID
    usual: Usual
    person: str | None
    created_at: datetime
    value: float
    score: float
    """Robust z-score of the logarithm; negative below the median."""

    @property
    def times(self) -> float:
        """How many times the median it is."""
        return self.value / self.usual.median


@dataclass(frozen=True)
class Outliers:
    """`found`: the farthest first, among the `looked_at` newest completed runs of the filters."""

    measure: Measure
    usual: tuple[Usual, ...]
    found: tuple[Outlier, ...]
    looked_at: int
    sampled: bool
    """What is usual was taken from an even sample."""


def outliers(session: Session, filters: Filters, measure: Measure) -> Outliers:
    """What is usual is asked of all runs of the workflow in the period, whoever had them; the runs are of `filters`."""
    everybody = replace(
        filters, agent_id=None, council_id=None, market=None, skill_level=None, states=None, user_id=None, text="",
        waits_for_people=False,
    )  # fmt: skip
    sample = sample_of(session, everybody)
    value, currency, where = _measured(measure)
    rows = session.execute(_usual(value, currency, [where, *sample.conditions(everybody)])).all()
    titles = dict(
        session.execute(
            select(WorkflowRevision.workflow_id, WorkflowRevision.title).where(
                WorkflowRevision.current, WorkflowRevision.workflow_id.in_({row.workflow_id for row in rows})
            )
        ).all()
    )
    usual = {}
    for row in rows:
        reach = FAR * _spread(row.mad)
        usual[row.workflow_id, row.currency] = Usual(
            row.workflow_id, titles.get(row.workflow_id, row.workflow_id), row.currency or None, row.n,
            exp(row.middle), exp(row.middle - reach), exp(row.middle + reach),
        )  # fmt: skip
    looked_at, found = _far(session, filters, measure, usual, {(r.workflow_id, r.currency): r for r in rows})
    known = sorted(usual.values(), key=lambda one: (-one.n, one.title))
    return Outliers(measure, tuple(known), found, looked_at, not sample.whole)


def _measured(measure: Measure) -> tuple[ColumnElement[Any], ColumnElement[str], ColumnElement[bool]]:
    """The value, its currency ('' for seconds), and which runs have one."""
    completed = Execution.state == ExecutionState.COMPLETED
    if measure is Measure.DURATION:
        seconds = extract("epoch", Execution.completed_at - Execution.started_at)
        return seconds, literal("", String), and_(completed, seconds > 0)
    saved: ColumnElement[Any] = cast(Execution.calculated_savings, Numeric)
    return saved, func.coalesce(Execution.savings_currency, ""), and_(completed, saved > 0)


def _usual(value: ColumnElement[Any], currency: ColumnElement[str], where: list[ColumnElement[bool]]) -> Any:
    """Median and median absolute deviation of the logarithm, by workflow and currency, where there are runs enough."""
    logs = (
        select(Execution.workflow_id, currency.label("currency"), func.ln(value).label("log")).where(*where).cte("logs")
    )
    middles = (
        select(
            logs.c.workflow_id, logs.c.currency, func.count().label("n"),
            func.percentile_cont(0.5).within_group(logs.c.log).label("middle"),
        )
        .group_by(logs.c.workflow_id, logs.c.currency)
        .having(func.count() >= SMALL_N)
        .cte("middles")
    )  # fmt: skip
    off = func.abs(logs.c.log - middles.c.middle)
    return (
        select(
            middles.c.workflow_id, middles.c.currency, middles.c.n, middles.c.middle,
            func.percentile_cont(0.5).within_group(off).label("mad"),
        )
        .join(logs, and_(logs.c.workflow_id == middles.c.workflow_id, logs.c.currency == middles.c.currency))
        .group_by(middles.c.workflow_id, middles.c.currency, middles.c.n, middles.c.middle)
    )  # fmt: skip


def _far(
    session: Session,
    filters: Filters,
    measure: Measure,
    usual: dict[tuple[str, str], Usual],
    rows: dict[tuple[str, str], Any],
) -> tuple[int, tuple[Outlier, ...]]:
    """The newest runs of the period, those of `filters` among them, and what lies outside the bounds."""
    value, currency, where = _measured(measure)
    # The limit stands inside: however little the filters leave, no more is read than the newest of the period.
    indexed = Filters(filters.dataset, filters.since, filters.until, filters.workflow_id)
    newest = (
        select(Execution.id).where(*conditions(indexed)).order_by(Execution.created_at.desc(), Execution.id.desc())
        .limit(NEWEST).cte("newest")
    )  # fmt: skip
    among = [Execution.id.in_(select(newest.c.id)), where, *conditions(filters)]
    looked_at = session.scalar(select(func.count()).select_from(Execution).where(*among)) or 0
    if not usual:
        return looked_at, ()
    bounds = [
        (and_(Execution.workflow_id == workflow_id, currency == unit), (one.low, one.high))
        for (workflow_id, unit), one in usual.items()
    ]
    low = case(*((this, pair[0]) for this, pair in bounds))
    high = case(*((this, pair[1]) for this, pair in bounds))
    middle = case(*((this, one.median) for (this, _), one in zip(bounds, usual.values(), strict=True)))
    spread = case(*((this, _spread(rows[key].mad)) for (this, _), key in zip(bounds, usual, strict=True)))
    score = (func.ln(value) - func.ln(middle)) / spread
    query = (
        select(
            Execution.id, Execution.workflow_id, currency.label("currency"), Execution.created_at, value.label("value"),
            score.label("score"), func.coalesce(User.name, Agent.name).label("person"),
        )
        .outerjoin(User, User.id == Execution.user_id)
        .outerjoin(Agent, Agent.id == Execution.agent_id)
        .where(*among, (value < low) | (value > high))
        .order_by(func.abs(score).desc(), Execution.id)
        .limit(MOST_SHOWN)
    )  # fmt: skip
    found = tuple(
        Outlier(
            row.id, usual[row.workflow_id, row.currency], row.person, row.created_at, float(Decimal(row.value)),
            float(row.score),
        )
        for row in session.execute(query)
    )  # fmt: skip
    return looked_at, found


def _spread(mad: float) -> float:
    return _TO_SIGMA * max(float(mad), LEAST_SPREAD / _TO_SIGMA)
