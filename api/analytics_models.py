"""Figures of many runs, as answers of the API: every share with its n, every sum with its unit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from api.models import Answer
from core.analytics.bottlenecks import Bottlenecks, Cause, CouncilWaits
from core.analytics.breakdowns import Dimension, StepFigures
from core.analytics.figures import Bucket, Savings, Summary
from core.analytics.outliers import Measure, Outliers
from core.analytics.queries import AsOf
from core.analytics.rules import Dataset, Total
from core.executions.automated.rules import GateKind


class RunTotalAnswer(Answer):
    metric: str = Field(examples=["weekly_savings"])
    unit: str = Field(description="A currency, or the unit of the metric; two units are two totals.", examples=["USD"])
    value: Decimal = Field(examples=["1250.50"])
    n: int


class SummaryAnswer(Answer):
    dataset: Dataset
    runs: int
    success_rate: float | None
    success_rate_low: float = Field(description="Lower end of the 95 % interval (Wilson).")
    success_rate_high: float
    success_rate_n: int
    errors: int
    average_seconds: float | None = Field(description="Of completed runs, from start to end.")
    p50_seconds: float | None
    p90_seconds: float | None
    work_p50_seconds: float | None = Field(description="Hands-on time.")
    work_p90_seconds: float | None
    estimated: list[RunTotalAnswer] = Field(description="Weekly savings as calculated for completed runs.")
    measured: list[RunTotalAnswer] = Field(description="Outcomes as logged.")
    proven: list[RunTotalAnswer] = Field(description="Of these, with a verified proof.")
    rolled_up_at: datetime | None


class TrendPointAnswer(Answer):
    start: date = Field(description="The first day of the bucket, in UTC.")
    runs: int
    completed: int
    success_rate: float | None
    estimated: list[RunTotalAnswer]


class TrendAnswer(Answer):
    dataset: Dataset
    bucket: Bucket
    points: list[TrendPointAnswer]


class GroupAnswer(Answer):
    key: str = Field(description="As filters take it; a segment's is market/level.")
    label: str
    runs: int
    completed: int
    success_rate: float | None
    success_rate_low: float
    success_rate_high: float
    success_rate_n: int
    work_p50_seconds: float | None
    work_p90_seconds: float | None
    estimated: list[RunTotalAnswer]


class RunGroupsAnswer(Answer):
    dataset: Dataset
    dimension: Dimension
    groups: list[GroupAnswer]


class StandingAnswer(Answer):
    agent_id: str
    name: str
    runs: int
    savings: Decimal
    currency: str
    approval_rate: float | None
    approvals_n: int
    score: float


class LeaderboardAnswer(Answer):
    dataset: Dataset
    standings: list[StandingAnswer]


class StepAnswer(Answer):
    number: int
    reached: int
    done: int
    lost: int
    work_p50_seconds: float | None
    work_p90_seconds: float | None


class StepsAnswer(Answer):
    dataset: Dataset
    workflow_id: str
    steps: list[StepAnswer]


class StandstillAnswer(Answer):
    workflow_id: str
    step: int
    title: str
    finished_rate: float | None
    here: int = Field(description="Open runs that stand at it now.")
    waits: int
    p50_seconds: float | None
    p90_seconds: float | None
    total_seconds: float


class GateWaitAnswer(Answer):
    workflow_id: str
    step: str
    kind: GateKind
    closed: int
    open: int
    p50_seconds: float | None
    p90_seconds: float | None
    total_seconds: float


class WaitingCostAnswer(Answer):
    cause: Cause
    currency: str | None
    runs: int
    hours: float
    cost: Decimal | None
    low: Decimal | None
    high: Decimal | None


class WaitsAnswer(Answer):
    dataset: Dataset
    runs: int = Field(description="How many runs were looked at.")
    sampled: bool = Field(description="They are an even sample: costs are of the whole, all else is the sample's own.")
    steps: list[StandstillAnswer]
    gates: list[GateWaitAnswer]
    costs: list[WaitingCostAnswer]


class CouncilWaitAnswer(Answer):
    council_id: str
    name: str
    approval_rate: float | None
    decided: int
    expired: int
    open: int
    p50_seconds: float | None
    p90_seconds: float | None


class CouncilWaitsAnswer(Answer):
    dataset: Dataset
    runs: int
    sampled: bool
    councils: list[CouncilWaitAnswer]


class OutlierAnswer(Answer):
    run_id: UUID
    workflow_id: str
    title: str
    created_at: datetime
    value: float = Field(description="Seconds, or money in `currency`.")
    currency: str | None
    median: float = Field(description="Of its workflow.")
    score: float = Field(description="Robust z-score of the logarithm; negative below the median.")


class OutliersAnswer(Answer):
    dataset: Dataset
    measure: Measure
    looked_at: int
    sampled: bool
    outliers: list[OutlierAnswer]


def total_answer(total: Total) -> RunTotalAnswer:
    return RunTotalAnswer(metric=total.metric, unit=total.unit, value=total.value, n=total.n)


def summary_answer(dataset: Dataset, found: Summary, saved: Savings, as_of: AsOf) -> SummaryAnswer:
    spans = found.durations
    return SummaryAnswer(
        dataset=dataset, runs=found.runs, success_rate=found.rate.share, success_rate_low=found.rate.low,
        success_rate_high=found.rate.high, success_rate_n=found.rate.n, errors=found.errors,
        average_seconds=spans.average, p50_seconds=spans.p50, p90_seconds=spans.p90,
        work_p50_seconds=spans.work_p50, work_p90_seconds=spans.work_p90,
        estimated=[total_answer(one) for one in saved.estimated],
        measured=[total_answer(one) for one in saved.measured],
        proven=[total_answer(one) for one in saved.proven], rolled_up_at=as_of.rolled_up_at,
    )  # fmt: skip


def step_answer(one: StepFigures) -> StepAnswer:
    return StepAnswer(
        number=one.number, reached=one.reached, done=one.done, lost=one.lost, work_p50_seconds=one.work_p50,
        work_p90_seconds=one.work_p90,
    )  # fmt: skip


def waits_answer(dataset: Dataset, found: Bottlenecks) -> WaitsAnswer:
    steps = [
        StandstillAnswer(
            workflow_id=one.workflow_id, step=one.number, title=one.title, finished_rate=one.ended.share,
            here=one.here, waits=one.waits, p50_seconds=one.p50, p90_seconds=one.p90, total_seconds=one.total,
        )
        for one in found.steps
    ]  # fmt: skip
    gates = [
        GateWaitAnswer(
            workflow_id=one.workflow_id, step=one.step, kind=one.kind, closed=one.closed, open=one.open,
            p50_seconds=one.p50, p90_seconds=one.p90, total_seconds=one.total,
        )
        for one in found.gates
    ]  # fmt: skip
    costs = [WaitingCostAnswer.model_validate(one) for one in found.costs]
    return WaitsAnswer(
        dataset=dataset, runs=found.runs, sampled=found.sampled, steps=steps, gates=gates, costs=costs
    )  # fmt: skip


def council_waits_answer(dataset: Dataset, found: CouncilWaits) -> CouncilWaitsAnswer:
    councils = [
        CouncilWaitAnswer(
            council_id=one.council_id, name=one.name, approval_rate=one.approval.share, decided=one.approval.n,
            expired=one.expired, open=one.open, p50_seconds=one.p50, p90_seconds=one.p90,
        )
        for one in found.councils
    ]  # fmt: skip
    return CouncilWaitsAnswer(dataset=dataset, runs=found.runs, sampled=found.sampled, councils=councils)


def outliers_answer(dataset: Dataset, found: Outliers) -> OutliersAnswer:
    outliers = [
        OutlierAnswer(
            run_id=one.run_id, workflow_id=one.usual.workflow_id, title=one.usual.title, created_at=one.created_at,
            value=one.value, currency=one.usual.currency, median=one.usual.median, score=one.score,
        )
        for one in found.found
    ]  # fmt: skip
    return OutliersAnswer(
        dataset=dataset, measure=found.measure, looked_at=found.looked_at, sampled=found.sampled, outliers=outliers
    )
