"""Which workflow suits the caller, and why (SPEC A4)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.auth import App, Reader
from api.models import Answer
from core.actor import Tier
from core.analytics.rules import Dataset
from core.recommendations.service import Ranked

router = APIRouter(prefix="/recommendations", tags=["Results"])


class RecommendationAnswer(Answer):
    rank: int
    workflow_id: str
    title: str
    reason: str = Field(description="Why, in a sentence with its n.")
    level: str = Field(description="What the chance rests on: people like you, your market, everyone, or a guess.")
    n: int = Field(description="Runs it rests on.")
    people: int
    success_chance: float
    success_chance_low: float
    success_chance_high: float
    allowed: bool = Field(description="Whether your tier includes it.")
    needs_tier: Tier
    open_execution_id: UUID | None = Field(description="Your unfinished run of it.")


class RecommendationsAnswer(Answer):
    dataset: Dataset
    recommendations: list[RecommendationAnswer]


@router.get("", summary="What suits you, the best first")
def read_recommendations(
    app: App, actor: Reader, limit: Annotated[int, Query(ge=1, le=20)] = 3
) -> RecommendationsAnswer:
    """From the results of people alike, never from groups of fewer than five. Reading counts as nothing."""
    rows, dataset = app.recommendations.look(actor, limit)
    return RecommendationsAnswer(dataset=dataset, recommendations=[_recommendation(row) for row in rows])


def _recommendation(row: Ranked) -> RecommendationAnswer:
    low, high = row.estimate.interval
    return RecommendationAnswer(
        rank=row.rank, workflow_id=row.definition.workflow_id, title=row.definition.title, reason=row.reason,
        level=row.estimate.level, n=row.estimate.counts.n, people=row.estimate.counts.people,
        success_chance=row.estimate.chance, success_chance_low=low, success_chance_high=high, allowed=row.allowed,
        needs_tier=row.needs, open_execution_id=row.open_run,
    )  # fmt: skip
