"""What works for whom: success, values and durations by workflow and segment (SPEC A3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.auth import App, Reader
from api.models import Answer, Key
from core.analytics.filters import SEES_ALL_RUNS
from core.analytics.queries import PerformanceRow
from core.analytics.rules import Dataset
from core.identity.rules import Market, SkillLevel
from core.recommendations.rules import LEAST_PEOPLE, averages_to_show

router = APIRouter(prefix="/performance", tags=["Results"])


class AverageValue(Answer):
    metric_type: str
    unit: str = Field(description="Averages of different units are never added.")
    average: Decimal
    count: int


class PerformanceCell(Answer):
    workflow_id: str
    market: str
    skill_level: str
    success_rate: float | None
    success_rate_low: float = Field(description="Lower end of the 95 % interval (Wilson).")
    success_rate_high: float
    data_points: int = Field(description="Runs that ended; running ones are not counted.")
    people: int
    average_values: list[AverageValue]
    completion_hours: float | None
    updated_at: datetime


class PerformanceAnswer(Answer):
    dataset: Dataset
    aggregated_at: datetime | None = Field(description="When these figures were last brought up to date.")
    cells: list[PerformanceCell]


@router.get("", summary="Success by workflow, market and skill level")
def read_performance(
    app: App,
    actor: Reader,
    workflow_id: Annotated[Key | None, Query()] = None,
    market: Market | None = None,
    skill_level: SkillLevel | None = None,
    dataset: Annotated[Dataset | None, Query(description="Default: real, unless only sample data is there.")] = None,
) -> PerformanceAnswer:
    """As last aggregated. Groups of fewer than five people are for operators, councils, analysts and admins only.

    So are averages of fewer than five values, and of units that people named themselves.
    """
    chosen = app.analytics_queries.chosen_dataset(dataset)
    rows = app.analytics_queries.performance(chosen, workflow_id=workflow_id, market=market, skill_level=skill_level)
    if not actor.has(*SEES_ALL_RUNS):
        rows = [replace(row, averages=averages_to_show(row.averages)) for row in rows if row.people >= LEAST_PEOPLE]
    return PerformanceAnswer(
        dataset=chosen, aggregated_at=app.analytics_queries.aggregated_at(), cells=[_cell(row) for row in rows]
    )


def _cell(row: PerformanceRow) -> PerformanceCell:
    return PerformanceCell(
        workflow_id=row.workflow_id, market=row.market, skill_level=row.skill_level, success_rate=row.rate.share,
        success_rate_low=row.rate.low, success_rate_high=row.rate.high, data_points=row.rate.n, people=row.people,
        average_values=[
            AverageValue(metric_type=total.metric, unit=total.unit, average=total.average, count=total.n)
            for total in row.averages
        ],
        completion_hours=row.completion_hours, updated_at=row.updated_at,
    )  # fmt: skip
