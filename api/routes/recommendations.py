"""Which workflow suits the caller, and why (SPEC A4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from api.auth import Administrator, App, Reader, Runner
from api.etag import IfMatch, etag, needed_version
from api.models import Answer, Body
from core.actor import Tier
from core.analytics.rules import Dataset
from core.bootstrap import Application
from core.errors import InvalidInput
from core.recommendations.rules import Level, Objective
from core.recommendations.service import Ranked
from core.recommendations.words import explored_words

router = APIRouter(prefix="/recommendations", tags=["Results"])

ObjectiveKey = Annotated[str, StringConstraints(min_length=1, max_length=80)]


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


class ShownAnswer(RecommendationAnswer):
    id: UUID = Field(description="Under which it is kept that it was shown to you.")


class ShownRecommendations(Answer):
    dataset: Dataset
    objective: ObjectiveAnswer
    recommendations: list[ShownAnswer]


class PolicyBody(Body):
    """What is left out, or null, stays as it is."""

    objective: ObjectiveKey | None = Field(default=None, examples=["success"])
    explore: bool | None = Field(default=None, description="Whether some days show what little is known of.")
    explore_share: float | None = Field(default=None, ge=0, le=1, description="Of the days.")


class ObjectiveBody(Body):
    objective: ObjectiveKey | None = Field(description="`success` or `metric:unit`; null: as the policy says.")


class StartedBody(Body):
    execution_id: UUID


class PolicyAnswer(Answer):
    objective: ObjectiveAnswer
    explore: bool
    explore_share: float
    changed_by: str | None
    changed_at: datetime | None
    version: int = Field(description="0: never changed; the ETag says the same.")


class RecommendationsAnswer(Answer):
    dataset: Dataset
    objective: ObjectiveAnswer = Field(description="What the list is ordered by.")
    objectives: list[ObjectiveAnswer] = Field(description="What it can be ordered by.")
    explores: bool = Field(description="Whether some days show what little is known of.")
    recommendations: list[RecommendationAnswer]


@router.get("/policy", summary="Read what lists of recommendations are ordered by")
def read_policy(app: App, actor: Reader, response: Response) -> PolicyAnswer:
    return _policy(app, response)


@router.patch("/policy", summary="Change what lists of recommendations are ordered by")
def change_policy(
    app: App, actor: Administrator, body: PolicyBody, response: Response, if_match: IfMatch = None
) -> PolicyAnswer:
    """For admins; `If-Match` is needed. It holds where a person has not chosen."""
    app.recommendations.change_policy(
        actor, objective=_asked(body.objective), explore=body.explore, explore_share=body.explore_share,
        expected_version=needed_version(if_match),
    )  # fmt: skip
    return _policy(app, response)


@router.put("/objective", status_code=204, summary="Choose what your list is ordered by")
def choose_objective(app: App, actor: Runner, body: ObjectiveBody) -> None:
    """null: as the installation's policy says."""
    app.recommendations.choose(actor, _asked(body.objective))


@router.post("/shown", status_code=201, summary="Get recommendations to show to yourself, and keep that they were")
def show_recommendations(
    app: App, actor: Runner, limit: Annotated[int, Query(ge=1, le=20)] = 3
) -> ShownRecommendations:
    """As the page does; each has an id, to say that it was opened and what run came of it."""
    found = app.recommendations.recommend(actor, limit)
    return ShownRecommendations(
        dataset=found.dataset, objective=_objective(found.objective),
        recommendations=[ShownAnswer(id=row.id, **_recommendation(row).model_dump()) for row in found.rows],
    )  # fmt: skip


@router.post("/{recommendation_id}/opened", status_code=204, summary="Say that you opened a recommendation")
def open_recommendation(app: App, actor: Runner, recommendation_id: UUID) -> None:
    """The first time counts."""
    app.recommendations.clicked(actor, recommendation_id)


@router.post("/{recommendation_id}/started", status_code=204, summary="Say which run came of a recommendation")
def start_recommendation(app: App, actor: Runner, recommendation_id: UUID, body: StartedBody) -> None:
    """Your own run of the recommended workflow."""
    app.recommendations.started(actor, recommendation_id, body.execution_id)


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


def _policy(app: Application, response: Response) -> PolicyAnswer:
    found = app.recommendations_queries.policy()
    response.headers["ETag"] = etag(found.version)
    return PolicyAnswer(
        objective=_objective(found.objective), explore=found.explore, explore_share=found.explore_share,
        changed_by=found.changed_by, changed_at=found.changed_at, version=found.version,
    )  # fmt: skip
