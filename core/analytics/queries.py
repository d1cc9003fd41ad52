"""What pages and the API read of results: datasets, figures, breakdowns, rollups, and the metrics of `/api/workflows`."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, select

from core.analytics import bottlenecks, breakdowns, counting, figures, outliers, rolled, sums
from core.analytics.bottlenecks import Bottlenecks, CouncilWaits
from core.analytics.breakdowns import Dimension, Group, Standing, StepFigures
from core.analytics.figures import Bucket, Savings, Summary, TrendPoint
from core.analytics.filters import Filters
from core.analytics.lenses import Grain, Lens
from core.analytics.outliers import Measure, Outliers
from core.analytics.rolled import AsOf as AsOf
from core.analytics.rules import Dataset, Rate, Total, totals
from core.analytics.run_totals import KEPT_SECONDS
from core.analytics.tables import Rollup, RollupAmount, RollupPass
from core.database.unit_of_work import Database
from core.executions.rules import VIEWS, ApiStatus, ExecutionState
from core.executions.tables import Execution

DEFAULT_CURRENCY = "USD"


@dataclass(frozen=True)
class DatasetChoice:
    """Which dataset a figure is about, and which there are."""

    chosen: Dataset
    real_runs: bool
    sample_runs: bool

    @property
    def can_switch(self) -> bool:
        return self.sample_runs


@dataclass(frozen=True)
class PerformanceRow:
    """One cell, workflow × market × skill level; `averages` holds one average a metric and unit."""

    workflow_id: str
    market: str
    skill_level: str
    rate: Rate
    people: int
    averages: tuple[Total, ...]
    completion_hours: float | None
    updated_at: datetime


@dataclass(frozen=True)
class WorkflowMetrics:
    """The answer of `GET /api/workflows/metrics` (A2), of one dataset."""

    dataset: Dataset
    total_workflows: int
    total_weekly_savings: Decimal
    """Estimated weekly savings of completed runs in `savings_currency` only; the others stand beside it."""
    savings_currency: str
    weekly_savings_by_currency: dict[str, Decimal]
    average_duration_seconds: float | None
    p50_duration_seconds: float | None
    p90_duration_seconds: float | None
    success_rate: float | None
    success_rate_low: float
    success_rate_high: float
    success_rate_n: int
    error_count: int
    status_distribution: dict[str, int]
    workflows_by_agent: dict[str, int]
    workflows_by_council: dict[str, int]
    workflows_by_type: dict[str, int]
    as_of: AsOf


_DATASETS = select(
    select(Execution.id).where(Execution.sample.is_(False)).exists(),
    select(Execution.id).where(Execution.sample.is_(True)).exists(),
)


class AnalyticsQueries:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._real_until = 0.0

    def chosen_dataset(self, wanted: Dataset | None = None) -> Dataset:
        """`dataset(wanted).chosen`, for programs that ask often: real runs that were there a moment ago are there."""
        if wanted is None and time.monotonic() < self._real_until:
            return Dataset.REAL
        found = self.dataset(wanted)
        if found.real_runs:
            self._real_until = time.monotonic() + KEPT_SECONDS
        return found.chosen

    def dataset(self, wanted: Dataset | None = None) -> DatasetChoice:
        """The dataset to show: the one wanted if it has runs; else real, unless only sample data is there."""
        with self._database.asking() as connection:
            real, sample = connection.execute(_DATASETS).one()
        has = {False: real, True: sample}
        default = Dataset.SAMPLE if has[True] and not has[False] else Dataset.REAL
        chosen = wanted if wanted is not None and (wanted is Dataset.REAL or has[True]) else default
        return DatasetChoice(chosen, real_runs=has[False], sample_runs=has[True])

    def as_of(self) -> AsOf:
        """How fresh what this answers is."""
        with self._database.reading() as session:
            return rolled.as_of(session)

    def savings(self, filters: Filters) -> Savings:
        filters = self._open_ended(filters)
        with self._database.reading() as session:
            return sums.savings(session, filters) or figures.savings(session, filters)

    def summary(self, filters: Filters) -> Summary:
        filters = self._open_ended(filters)
        with self._database.reading() as session:
            return sums.summary(session, filters) or figures.summary(session, filters, self._now())

    def states(self, filters: Filters) -> dict[ExecutionState, int]:
        filters = self._open_ended(filters)
        with self._database.reading() as session:
            return counting.states(session, filters)

    def trend(self, filters: Filters, bucket: Bucket = Bucket.WEEK) -> list[TrendPoint]:
        """By UTC days, the same for every reader."""
        filters = self._open_ended(filters)
        with self._database.reading() as session:
            found = sums.trend(session, filters, bucket)
            return figures.trend(session, filters, bucket, self._now()) if found is None else found

    def groups(self, filters: Filters, dimension: Dimension) -> list[Group]:
        filters = self._open_ended(filters)
        with self._database.reading() as session:
            found = sums.groups(session, filters, dimension)
            return breakdowns.groups(session, filters, dimension, self._now()) if found is None else found

    def names(self, dimension: Dimension) -> dict[str, str]:
        """Key and name of every workflow, agent or council, for a filter."""
        with self._database.reading() as session:
            return breakdowns.names(session, dimension)

    def steps(self, filters: Filters, workflow_id: str) -> list[StepFigures]:
        filters = self._open_ended(filters)
        with self._database.reading() as session:
            found = sums.steps(session, filters, workflow_id, self._now())
            return breakdowns.steps(session, filters, workflow_id, self._now()) if found is None else found

    def leaderboard(self, filters: Filters, currency: str | None = None) -> list[Standing]:
        """Agents ranked in one currency: the one asked for, or the one most completed runs are counted in."""
        with self._database.reading() as session:
            runs = self.groups(filters, Dimension.AGENT)
            currency = currency or _main_currency(self.savings(filters))
            return breakdowns.leaderboard(session, filters, runs, currency)

    def bottlenecks(self, filters: Filters) -> Bottlenecks:
        """Where runs stop or stand still, and what the waiting for people costs; of many runs, from an even sample."""
        with self._database.reading() as session:
            return bottlenecks.bottlenecks(session, filters, self._now())

    def council_waits(self, filters: Filters) -> CouncilWaits:
        """How long the decisions on runs waited for each council, and how they ended."""
        with self._database.reading() as session:
            return bottlenecks.council_waits(session, filters)

    def outliers(self, filters: Filters, measure: Measure) -> Outliers:
        """Runs far beyond what their workflow usually takes or saves."""
        with self._database.reading() as session:
            return outliers.outliers(session, filters, measure)

    def performance(
        self,
        dataset: Dataset,
        *,
        workflow_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
    ) -> list[PerformanceRow]:
        """The cells as of the last pass, by workflow and segment, over all time."""
        cells, amounts = _cells(Rollup, dataset, *_COUNTED), _cells(RollupAmount, dataset, *_AMOUNTS)
        for name, value in (("workflow_id", workflow_id), ("market", market), ("skill_level", skill_level)):
            if value is not None:
                cells = cells.where(getattr(Rollup, name) == value)
                amounts = amounts.where(getattr(RollupAmount, name) == value)
        values: dict[tuple[str, str, str], list[tuple[str, str, Decimal, int]]] = defaultdict(list)
        with self._database.reading() as session:
            rolled_up_at = session.scalar(select(RollupPass.rolled_up_at)) or self._now()
            for row in session.execute(amounts.where(RollupAmount.metric != figures.WEEKLY_SAVINGS)):
                values[tuple(row[:3])].append(tuple(row[3:]))
            found = [_performance_row(row, values[tuple(row[:3])], rolled_up_at) for row in session.execute(cells)]
        return [row for row in found if row.rate.n]

    def aggregated_at(self) -> datetime | None:
        """When the performance figures were last brought up to date; None before the first time."""
        return self.as_of().rolled_up_at

    def metrics(self, filters: Filters, currency: str | None = None) -> WorkflowMetrics:
        filters = self._open_ended(filters)
        with self._database.reading() as session:
            fresh = rolled.as_of(session)
            found, saved, by_state = self.summary(filters), self.savings(filters), self.states(filters)
            by_agent, by_council, by_type = (
                counting.runs_by(session, filters, dimension)
                for dimension in (Dimension.AGENT, Dimension.COUNCIL, Dimension.WORKFLOW)
            )
        by_currency = {total.unit: total.value for total in saved.estimated}
        currency = currency or _main_currency(saved)
        distribution = {status.value: 0 for status in ApiStatus}
        for state, n in by_state.items():
            distribution[VIEWS[state].api.value] += n
        return WorkflowMetrics(
            dataset=filters.dataset,
            total_workflows=found.runs,
            total_weekly_savings=by_currency.get(currency, Decimal(0)),
            savings_currency=currency,
            weekly_savings_by_currency=by_currency,
            average_duration_seconds=found.durations.average,
            p50_duration_seconds=found.durations.p50,
            p90_duration_seconds=found.durations.p90,
            success_rate=found.rate.share,
            success_rate_low=found.rate.low,
            success_rate_high=found.rate.high,
            success_rate_n=found.rate.n,
            error_count=found.errors,
            status_distribution=distribution,
            workflows_by_agent=by_agent,
            workflows_by_council=by_council,
            workflows_by_type=by_type,
            as_of=fresh,
        )

    def _open_ended(self, filters: Filters) -> Filters:
        """A period that ends in the future has no end: nothing was created after now, and whole weeks are fewer rows."""
        return replace(filters, until=None) if filters.until is not None and filters.until > self._now() else filters

    def _now(self) -> datetime:
        return self._database.clock.now()


def _main_currency(saved: Savings) -> str:
    return saved.estimated[0].unit if saved.estimated else DEFAULT_CURRENCY


_COUNTED = ("completed", "abandoned", "failed", "stale", "successes", "people", "worked", "work_ms")
_AMOUNTS = ("metric", "unit", "total", "n")


def _cells(table: Any, dataset: Dataset, *names: str) -> Select[Any]:
    """The columns `names` of each cell over all time, behind the three that name it."""
    return (
        select(table.workflow_id, table.market, table.skill_level, *(getattr(table, name) for name in names))
        .where(table.sample.is_(dataset.sample), table.lens == Lens.WORKFLOW_SEGMENT, table.grain == Grain.ALL)
        .order_by(table.workflow_id, table.market, table.skill_level)
    )


def _performance_row(
    row: Row[Any], values: list[tuple[str, str, Decimal, int]], rolled_up_at: datetime
) -> PerformanceRow:
    return PerformanceRow(
        workflow_id=row.workflow_id,
        market=row.market,
        skill_level=row.skill_level,
        rate=Rate(row.successes, row.completed + row.abandoned + row.failed + row.stale),
        people=row.people,
        averages=totals(values),
        completion_hours=row.work_ms / row.worked / 3_600_000 if row.worked else None,
        updated_at=rolled_up_at,
    )
