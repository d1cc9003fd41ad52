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
from core.errors import InvalidInput
from core.recommendations.rules import Level, Objective
from core.recommendations.service import Ranked
from core.recommendations.words import explored_words

router = APIRouter(prefix="/recommendations", tags=["Results"])


class ObjectiveAnswer(Answer):
    key: str = Field(description="As the parameter `objective` takes it: `success`, or `metric:unit`.")
    metric_type: str | None
    unit: str | None = Field(description="Values are expected in this unit and in no other.")


class ExpectedBenefit(Answer):
    expected: float
    low: float = Field(description="90 % of what is believed lies between low and high.")
    high: float


class RecommendationAnswer(Answer):
    rank: int
    workflow_id: str
    title: str
    reason: str = Field(description="Why, in words, with its n and interval.")
    note: str | None = Field(description="What one must know of its place, such as a missing value in the unit.")
    level: Level = Field(description="Whose results n counts: people like you, your market, everyone; few or none.")
    n: int = Field(description="Runs that may be shown; more may stand behind the chance.")
    people: int
    success_chance: float = Field(description="Expected for you, from all results, in whole percents.")
    success_chance_low: float = Field(description="90 % of what is believed lies between low and high.")
    success_chance_high: float
    benefit: ExpectedBenefit | None = Field(description="What a run is expected to bring in the objective's unit.")
    explored: bool = Field(description="Shown higher than what is known of it would put it, to learn more.")
    explored_because: str | None
    allowed: bool = Field(description="Whether your tier includes it.")
    needs_tier: Tier
    open_execution_id: UUID | None = Field(description="Your unfinished run of it.")


class RecommendationsAnswer(Answer):
    dataset: Dataset
    objective: ObjectiveAnswer = Field(description="What the list is ordered by.")
    objectives: list[ObjectiveAnswer] = Field(description="What it can be ordered by.")
    explores: bool = Field(description="Whether some days show what little is known of.")
    recommendations: list[RecommendationAnswer]


@router.get("", summary="What suits you, the best first")
def read_recommendations(
    app: App,
    actor: Reader,
    limit: Annotated[int, Query(ge=1, le=20)] = 3,
    objective: Annotated[
        str | None, Query(max_length=80, description="Default: what you chose, else what an admin did.")
    ] = None,
) -> RecommendationsAnswer:
    """From the results of people alike, never from groups of fewer than five. Reading counts as nothing."""
    found = app.recommendations.look(actor, limit, _asked(objective))
    return RecommendationsAnswer(
        dataset=found.dataset, objective=_objective(found.objective), explores=found.policy.share > 0,
        objectives=[_objective(one) for one in found.objectives],
        recommendations=[_recommendation(row) for row in found.rows],
    )  # fmt: skip


def _asked(key: str | None) -> Objective | None:
    found = None if key is None else Objective.from_key(key)
    if key is not None and found is None:
        raise InvalidInput(field="Objective", problem="use success, or metric:unit such as revenue:USD.")
    return found


def _objective(objective: Objective) -> ObjectiveAnswer:
    return ObjectiveAnswer(key=objective.key, metric_type=objective.metric, unit=objective.unit)


def _recommendation(row: Ranked) -> RecommendationAnswer:
    expected = row.benefit
    return RecommendationAnswer(
        rank=row.rank, workflow_id=row.definition.workflow_id, title=row.definition.title, reason=row.reason,
        note=row.note, level=row.level, n=row.counts.n, people=row.counts.people, success_chance=row.chance.middle,
        success_chance_low=row.chance.low, success_chance_high=row.chance.high,
        benefit=ExpectedBenefit(expected=expected.middle, low=expected.low, high=expected.high) if expected else None,
        explored=row.explored, explored_because=explored_words(row.counts) if row.explored else None,
        allowed=row.allowed, needs_tier=row.needs, open_execution_id=row.open_run,
    )  # fmt: skip
