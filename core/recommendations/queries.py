"""What came of recommendations: shown, clicked, started and ended with a result, by rank."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from core.analytics.filters import is_success
from core.database.unit_of_work import Database
from core.executions.tables import Execution
from core.recommendations.tables import Recommendation


@dataclass(frozen=True)
class Uptake:
    rank: int
    shown: int
    clicked: int
    started: int
    succeeded: int


class RecommendationQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def uptake(self) -> list[Uptake]:
        """One row a rank; recommendations are made to real people only."""
        query = (
            select(
                Recommendation.rank,
                func.count(),
                func.count(Recommendation.clicked_at),
                func.count(Recommendation.execution_id),
                func.count().filter(is_success()),
            )
            .outerjoin(Execution, Execution.id == Recommendation.execution_id)
            .group_by(Recommendation.rank)
            .order_by(Recommendation.rank)
        )
        with self._database.reading() as session:
            return [Uptake(*row) for row in session.execute(query)]
