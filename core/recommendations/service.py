"""Recommending workflows to a person, and keeping what was shown, clicked and started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.actor import Actor, Tier
from core.analytics.queries import AnalyticsQueries, PerformanceRow
from core.analytics.rules import Dataset
from core.catalog.queries import CatalogQueries, Definition
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import InvalidInput, NotFound
from core.executions.rules import OPEN, ExecutionState
from core.executions.tables import Execution
from core.identifiers import new_id
from core.identity.rules import SkillLevel
from core.identity.tables import Profile
from core.recommendations.rules import (
    Candidate,
    Counts,
    Estimate,
    Segment,
    cold_start,
    estimate,
    goal_share,
    ranked,
    reason,
    score,
)
from core.recommendations.tables import Recommendation

_SHOW_AGAIN_AFTER = timedelta(hours=6)
"""The same list shown again sooner is the same showing: a page draws itself many times."""

_DIFFICULTY = {Tier.STARTER: SkillLevel.BEGINNER, Tier.PRO: SkillLevel.INTERMEDIATE, Tier.SCALE: SkillLevel.ADVANCED}


@dataclass(frozen=True)
class Ranked:
    """One workflow for one person; `rank` begins at 1."""

    rank: int
    definition: Definition
    estimate: Estimate
    score: float
    reason: str
    allowed: bool
    """Whether the person's tier includes it; if not, `needs` says which does."""
    needs: Tier
    open_run: UUID | None
    """The person's unfinished run of it, to go on with."""


@dataclass(frozen=True)
class Recommended(Ranked):
    """One that was shown, by the id under which that is kept."""

    id: UUID


@dataclass(frozen=True)
class Recommendations:
    """In order. `dataset` says whose results they rest on; `has_profile` whether the person said who they are."""

    rows: list[Recommended]
    dataset: Dataset
    has_profile: bool


class RecommendationService:
    def __init__(self, database: Database, catalog: CatalogQueries, analytics: AnalyticsQueries) -> None:
        self._database, self._catalog, self._analytics = database, catalog, analytics

    def recommend(self, actor: Actor, limit: int = 3) -> Recommendations:
        """Ranks the current workflows for `actor` and keeps that these were shown, at these ranks."""
        user_id = _person(actor)
        dataset = self._analytics.dataset().chosen
        order = self._rank(actor, user_id, dataset)
        with self._database.begin() as uow:
            shown = order.weighed[: max(0, limit)]
            ids = _keep(uow, user_id, shown)
        rows = [Recommended(**vars(one), id=ids[one.rank - 1]) for one in order.rows(actor)[: len(ids)]]
        return Recommendations(rows, dataset, order.has_profile)

    def look(self, actor: Actor, limit: int = 3) -> tuple[list[Ranked], Dataset]:
        """The same ranking for a program that only reads: nothing is kept, so nothing counts as shown."""
        dataset = self._analytics.dataset().chosen
        return self._rank(actor, _person(actor), dataset).rows(actor)[: max(0, limit)], dataset

    def _rank(self, actor: Actor, user_id: UUID, dataset: Dataset) -> _Order:
        definitions = [one for one in self._catalog.current() if not one.is_automated]
        cells = _by_workflow(self._analytics.performance(dataset))
        with self._database.reading() as session:
            profile = session.get(Profile, user_id)
            last, open_runs = _history(session, user_id)
        weighed = {one.workflow_id: _weigh(one, profile, cells.get(one.workflow_id, [])) for one in definitions}
        order = ranked(
            [
                Candidate(
                    one.workflow_id, weighed[one.workflow_id].score, actor.tier.includes(one.tier),
                    one.workflow_id == last,
                )
                for one in definitions
            ]
        )  # fmt: skip
        return _Order([weighed[one.workflow_id] for one in order], open_runs, profile is not None)

    def clicked(self, actor: Actor, recommendation_id: UUID) -> None:
        """Keeps that the person opened it; the first click counts."""
        with self._database.begin() as uow:
            _mine(uow, actor, recommendation_id)
            uow.session.execute(
                update(Recommendation)
                .where(Recommendation.id == recommendation_id, Recommendation.clicked_at.is_(None))
                .values(clicked_at=uow.now)
            )

    def started(self, actor: Actor, recommendation_id: UUID, execution_id: UUID) -> None:
        """Ties the run that came of it to the recommendation; the result is the run's."""
        with self._database.begin() as uow:
            row = _mine(uow, actor, recommendation_id)
            run = uow.session.get(Execution, execution_id)
            if run is None or run.user_id != actor.user_id or run.workflow_id != row.workflow_id:
                raise NotFound(kind="run", id=execution_id)
            row.execution_id = row.execution_id or execution_id
            row.clicked_at = row.clicked_at or uow.now


@dataclass(frozen=True)
class _Weighed:
    definition: Definition
    estimate: Estimate
    score: float
    reason: str


@dataclass(frozen=True)
class _Order:
    """Every current workflow, the best for the person first."""

    weighed: list[_Weighed]
    open_runs: dict[str, UUID]
    has_profile: bool

    def rows(self, actor: Actor) -> list[Ranked]:
        return [
            Ranked(
                rank=rank, definition=one.definition, estimate=one.estimate, score=one.score, reason=one.reason,
                allowed=actor.tier.includes(one.definition.tier), needs=one.definition.tier,
                open_run=self.open_runs.get(one.definition.workflow_id),
            )
            for rank, one in enumerate(self.weighed, 1)
        ]  # fmt: skip


def _person(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise InvalidInput(field="Recommendations", problem="only a person gets them.")
    return actor.user_id


def _weigh(definition: Definition, profile: Profile | None, cells: Sequence[PerformanceRow]) -> _Weighed:
    workflow = definition.workflow
    market = profile.market if profile else None
    skill = profile.skill_level if profile else None
    goal = profile.goal if profile else None
    suits = market in workflow.markets if market is not None and workflow.markets else None
    cold = cold_start(workflow.difficulty or _DIFFICULTY[definition.tier], skill, suits_market=suits)
    found = estimate(counts_of(cells), cold, market, skill)
    outcomes: dict[str, int] = {}
    for cell in cells:
        for total in cell.averages:
            outcomes[total.metric] = outcomes.get(total.metric, 0) + total.n
    stated = goal in workflow.goals
    share = goal_share(goal, stated, outcomes)
    return _Weighed(definition, found, score(found, share), reason(found, market, skill, goal, suits_goal=stated))


def counts_of(cells: Sequence[PerformanceRow]) -> dict[Segment, Counts]:
    return {(cell.market, cell.skill_level): Counts(cell.rate.successes, cell.rate.n, cell.people) for cell in cells}


def _by_workflow(rows: Sequence[PerformanceRow]) -> dict[str, list[PerformanceRow]]:
    found: dict[str, list[PerformanceRow]] = {}
    for row in rows:
        found.setdefault(row.workflow_id, []).append(row)
    return found


def _history(session: Session, user_id: UUID) -> tuple[str | None, dict[str, UUID]]:
    """What the person completed last, and their open run of each workflow."""
    completed = select(Execution.workflow_id).where(
        Execution.user_id == user_id, Execution.state == ExecutionState.COMPLETED
    )
    last = session.scalar(completed.order_by(Execution.completed_at.desc()).limit(1))
    running = select(Execution.workflow_id, Execution.id).where(
        Execution.user_id == user_id, Execution.state.in_(sorted(OPEN))
    )
    return last, {row[0]: row[1] for row in session.execute(running.order_by(Execution.last_activity_at))}


def _keep(uow: UnitOfWork, user_id: UUID, shown: Sequence[_Weighed]) -> list[UUID]:
    """Writes the showing, unless the same list was shown just before; answers the ids by rank."""
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"recommend:{user_id}", 0))))
    latest = select(func.max(Recommendation.shown_at)).where(Recommendation.user_id == user_id).scalar_subquery()
    before = uow.session.scalars(
        select(Recommendation)
        .where(Recommendation.user_id == user_id, Recommendation.shown_at == latest)
        .order_by(Recommendation.rank)
    ).all()
    same = [row.workflow_id for row in before] == [one.definition.workflow_id for one in shown]
    if before and same and uow.now - before[0].shown_at < _SHOW_AGAIN_AFTER:
        return [row.id for row in before]
    ids = []
    for rank, one in enumerate(shown, 1):
        low, high = one.estimate.interval
        ids.append(new_id())
        uow.session.add(
            Recommendation(
                id=ids[-1], user_id=user_id, workflow_id=one.definition.workflow_id, rank=rank,
                score=Decimal(f"{one.score:.6f}"), shown_at=uow.now,
                evidence={
                    "level": one.estimate.level, "n": one.estimate.counts.n, "people": one.estimate.counts.people,
                    "chance": round(one.estimate.chance, 4), "low": round(low, 4), "high": round(high, 4),
                    "reason": one.reason,
                },
            )
        )  # fmt: skip
    return ids


def _mine(uow: UnitOfWork, actor: Actor, recommendation_id: UUID) -> Recommendation:
    row = uow.session.get(Recommendation, recommendation_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound(kind="recommendation", id=recommendation_id)
    return row
