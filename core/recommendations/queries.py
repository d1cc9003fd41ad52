"""What came of recommendations: shown, clicked, started and ended with a result, by rank, and how good they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from core.analytics.filters import is_counted, is_success
from core.analytics.rules import UNKNOWN, Dataset
from core.database.unit_of_work import Database
from core.executions.tables import Execution
from core.recommendations import aims
from core.recommendations.aims import Policy
from core.recommendations.evaluation import Quality, SeenRun, Shown, Worth, evaluate, worth
from core.recommendations.tables import Recommendation

LEARNT_FROM = timedelta(days=365)
HELD_OUT = timedelta(days=30)
MOST_LEARNT = 20_000
"""The latest runs; more would say the same, and take the night."""


@dataclass(frozen=True)
class Uptake:
    """One rank, apart for what was shown to learn more."""

    rank: int
    explored: bool
    shown: int
    clicked: int
    started: int
    succeeded: int


class RecommendationQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def policy(self) -> Policy:
        with self._database.reading() as session:
            return aims.policy_in(session)

    def uptake(self) -> list[Uptake]:
        """One row a rank and kind; recommendations are made to real people only."""
        query = (
            select(
                Recommendation.rank,
                Recommendation.explored,
                func.count(),
                func.count(Recommendation.clicked_at),
                func.count(Recommendation.execution_id),
                func.count().filter(is_success()),
            )
            .outerjoin(Execution, Execution.id == Recommendation.execution_id)
            .group_by(Recommendation.rank, Recommendation.explored)
            .order_by(Recommendation.rank, Recommendation.explored)
        )
        with self._database.reading() as session:
            return [Uptake(*row) for row in session.execute(query)]

    def worth(self) -> list[Worth]:
        """What first places of the last year brought, and would have brought without learning."""
        query = (
            select(Recommendation.propensity, Recommendation.explored, func.coalesce(is_success(), False))
            .outerjoin(Execution, Execution.id == Recommendation.execution_id)
            .where(
                Recommendation.rank == 1,
                Recommendation.propensity.is_not(None),
                Recommendation.shown_at >= self._database.clock.now() - LEARNT_FROM,
            )
        )
        with self._database.reading() as session:
            shown = [
                Shown(propensity or 0.0, explored, success) for propensity, explored, success in session.execute(query)
            ]
        return worth(shown)

    def quality(self, dataset: Dataset) -> list[Quality]:
        """How well the runs of the year before foretell those of the last 30 days, by each method, the best first."""
        now = self._database.clock.now()
        query = (
            select(
                Execution.created_at, Execution.workflow_id, Execution.market, Execution.skill_level,
                Execution.user_id, is_success().label("success"),
            )
            .where(Execution.sample.is_(dataset.sample), Execution.created_at >= now - LEARNT_FROM, is_counted(now))
            .order_by(Execution.created_at.desc())
            .limit(MOST_LEARNT)
        )  # fmt: skip
        with self._database.reading() as session:
            runs = [
                SeenRun(
                    row.created_at,
                    row.workflow_id,
                    (row.market or UNKNOWN, row.skill_level or UNKNOWN),
                    str(row.user_id),
                    row.success,
                )
                for row in session.execute(query)
            ]
        return evaluate(runs, now - HELD_OUT)
