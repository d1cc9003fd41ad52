"""What came of runs, and what suits next: logging an outcome, asking for recommendations."""

from __future__ import annotations

from pydantic import Field

from api.mcp.tool import Call, Tool
from api.models import Body
from api.routes.outcomes import OutcomeAnswer, OutcomeBody, log_outcome
from api.routes.recommendations import RecommendationsAnswer, read_recommendations
from core.identity.rules import Scope

ORDER = 4


class Recommend(Body):
    limit: int = Field(default=3, ge=1, le=20)
    objective: str | None = Field(
        default=None,
        max_length=80,
        description="success, or metric:unit such as revenue:USD. Default: what was chosen.",
    )


def log(call: Call, asked: OutcomeBody) -> OutcomeAnswer:
    return log_outcome(call.app, call.actor, asked)


def recommend(call: Call, asked: Recommend) -> RecommendationsAnswer:
    return read_recommendations(call.app, call.actor, asked.limit, asked.objective)


TOOLS = (
    Tool(
        "log_outcome", "Log an outcome of your run",
        "Writes down what came of a run that is yours: revenue, time saved, customers. Only what really happened; people "
        "review it.",
        Scope.EXECUTE, OutcomeBody, OutcomeAnswer, log, changes=True,
    ),
    Tool(
        "recommend_workflows", "Ask which workflow suits",
        "Answers which workflows are likely to bring most, with how many results stand behind that and how sure it is.",
        Scope.READ, Recommend, RecommendationsAnswer, recommend,
    ),
)  # fmt: skip
