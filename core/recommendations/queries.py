"""What came of recommendations: shown, clicked, started and ended with a result, by rank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from core.analytics.filters import is_success
from core.analytics.rules import Dataset
from core.analytics.tables import CountedRun
from core.database.unit_of_work import Database
from core.executions.tables import Execution
from core.recommendations.evaluation import Quality, SeenRun, evaluate
from core.recommendations.tables import Recommendation

LEARNT_FROM = timedelta(days=365)
HELD_OUT = timedelta(days=30)


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

    def quality(self, dataset: Dataset) -> list[Quality]:
        """How well the runs of the year before foretell those of the last 30 days, by each method, the best first."""
        now = self._database.clock.now()
        query = (
            select(
                Execution.created_at, CountedRun.workflow_id, CountedRun.market, CountedRun.skill_level,
                CountedRun.user_id, CountedRun.success,
            )
            .join(Execution, Execution.id == CountedRun.execution_id)
            .where(CountedRun.sample.is_(dataset.sample), Execution.created_at >= now - LEARNT_FROM)
        )  # fmt: skip
        with self._database.reading() as session:
            runs = [
                SeenRun(row.created_at, row.workflow_id, (row.market, row.skill_level), str(row.user_id), row.success)
                for row in session.execute(query)
            ]
        return evaluate(runs, now - HELD_OUT)
