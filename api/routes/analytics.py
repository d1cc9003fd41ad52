"""Figures side by side, as on the page Analytics: sums, trends, groups, the leaderboard, waits and outliers (SPEC A2, A3)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.analytics_models import (
    CouncilWaitsAnswer,
    GroupAnswer,
    LeaderboardAnswer,
    OutliersAnswer,
    RunGroupsAnswer,
    StandingAnswer,
    StepsAnswer,
    SummaryAnswer,
    TrendAnswer,
    TrendPointAnswer,
    WaitsAnswer,
    council_waits_answer,
    outliers_answer,
    step_answer,
    summary_answer,
    total_answer,
    waits_answer,
)
from api.auth import App, Reader
from api.models import Key, Moment
from core.actor import Role
from core.analytics.breakdowns import Dimension
from core.analytics.figures import Bucket
from core.analytics.filters import Filters
from core.analytics.outliers import Measure
from core.analytics.rules import Dataset

router = APIRouter(prefix="/analytics", tags=["Results"])

READERS = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)


def filters(
    app: App,
    actor: Reader,
    since: Annotated[Moment | None, Query(description="Runs started then or later, with time zone.")] = None,
    until: Annotated[Moment | None, Query(description="Runs started before then, with time zone.")] = None,
    workflow_type_id: Annotated[Key | None, Query()] = None,
    agent_id: Annotated[Key | None, Query(description="`none`: runs without an agent.")] = None,
    council_id: Annotated[Key | None, Query(description="`none`: runs without a council.")] = None,
    market: Annotated[Key | None, Query()] = None,
    skill_level: Annotated[Key | None, Query()] = None,
    dataset: Annotated[Dataset | None, Query(description="Default: real, unless only sample data is there.")] = None,
) -> Filters:
    """Which runs a figure is about. Whoever may not see figures of everybody's runs is refused here."""
    actor.must_have(*READERS, to="read figures of everybody's runs")
    return Filters(
        dataset=app.analytics_queries.chosen_dataset(dataset), since=since, until=until,
        workflow_id=workflow_type_id, agent_id=agent_id, council_id=council_id, market=market, skill_level=skill_level,
    )  # fmt: skip


Asked = Annotated[Filters, Depends(filters)]


@router.get("/summary", summary="Read the sums over a period")
def read_summary(app: App, asked: Asked) -> SummaryAnswer:
    """For operators, councils, analysts and admins. Estimated, measured and proven are never added to each other."""
    queries = app.analytics_queries
    return summary_answer(asked.dataset, queries.summary(asked), queries.savings(asked), queries.as_of())


@router.get("/trend", summary="Read runs and savings by day, week or month")
def read_trend(app: App, asked: Asked, bucket: Bucket = Bucket.WEEK) -> TrendAnswer:
    """For operators, councils, analysts and admins. Days are UTC days, the same for every reader."""
    points = [
        TrendPointAnswer(
            start=one.start, runs=one.runs, completed=one.completed, success_rate=one.rate.share,
            estimated=[total_answer(total) for total in one.estimated],
        )
        for one in app.analytics_queries.trend(asked, bucket)
    ]  # fmt: skip
    return TrendAnswer(dataset=asked.dataset, bucket=bucket, points=points)


@router.get("/groups", summary="Compare workflows, agents, councils or segments")
def read_groups(app: App, asked: Asked, dimension: Dimension) -> RunGroupsAnswer:
    """For operators, councils, analysts and admins; most runs first."""
    groups = [
        GroupAnswer(
            key=one.key, label=one.label, runs=one.runs, completed=one.completed, success_rate=one.rate.share,
            success_rate_low=one.rate.low, success_rate_high=one.rate.high, success_rate_n=one.rate.n,
            work_p50_seconds=one.work_p50, work_p90_seconds=one.work_p90,
            estimated=[total_answer(total) for total in one.estimated],
        )
        for one in app.analytics_queries.groups(asked, dimension)
    ]  # fmt: skip
    return RunGroupsAnswer(dataset=asked.dataset, dimension=dimension, groups=groups)


@router.get("/leaderboard", summary="Rank agents by what their runs saved and how often people approved")
def read_leaderboard(
    app: App,
    asked: Asked,
    currency: Annotated[
        str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217; default: the usual one.")
    ] = None,
) -> LeaderboardAnswer:
    """For operators, councils, analysts and admins."""
    standings = [
        StandingAnswer(
            agent_id=one.agent_id, name=one.name, runs=one.runs, savings=one.savings, currency=one.currency,
            approval_rate=one.approval.share, approvals_n=one.approval.n, score=one.score,
        )
        for one in app.analytics_queries.leaderboard(asked, currency)
    ]  # fmt: skip
    return LeaderboardAnswer(dataset=asked.dataset, standings=standings)


@router.get("/steps", summary="Compare the steps of one guided workflow")
def read_steps(app: App, asked: Asked, workflow_id: Annotated[Key, Query()]) -> StepsAnswer:
    """For operators, councils, analysts and admins: where people stop, and how long each step takes them."""
    found = app.analytics_queries.steps(asked, workflow_id)
    return StepsAnswer(dataset=asked.dataset, workflow_id=workflow_id, steps=[step_answer(one) for one in found])


@router.get("/waits", summary="Find where runs stand still, and what waiting costs")
def read_waits(app: App, asked: Asked) -> WaitsAnswer:
    """For operators, councils, analysts and admins; longest waits first. Many runs are looked at as an even sample."""
    return waits_answer(asked.dataset, app.analytics_queries.bottlenecks(asked))


@router.get("/council-waits", summary="Read how long decisions waited for each council")
def read_council_waits(app: App, asked: Asked) -> CouncilWaitsAnswer:
    """For operators, councils, analysts and admins."""
    return council_waits_answer(asked.dataset, app.analytics_queries.council_waits(asked))


@router.get("/outliers", summary="Find runs far beyond what their workflow usually takes or saves")
def read_outliers(app: App, asked: Asked, measure: Measure = Measure.DURATION) -> OutliersAnswer:
    """For operators, councils, analysts and admins; the farthest first."""
    return outliers_answer(asked.dataset, app.analytics_queries.outliers(asked, measure))
