"""Recommending workflows to a person, and keeping what was shown, clicked and started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session

from core.actor import Actor
from core.analytics.queries import AnalyticsQueries
from core.analytics.rules import Dataset
from core.catalog.queries import CatalogQueries
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import InvalidInput, NotFound
from core.executions.rules import OPEN, ExecutionState
from core.executions.tables import Execution
from core.identifiers import new_id
from core.identity.tables import Profile, User
from core.outcomes.rules import MetricType
from core.recommendations import aims
from core.recommendations.aims import Policy
from core.recommendations.beliefs import LEAST_VALUES, Beliefs, Believing
from core.recommendations.ranking import About, list_for
from core.recommendations.ranking import Ranked as Ranked
from core.recommendations.rules import SUCCESS, Objective
from core.recommendations.tables import ChosenObjective, Recommendation, RecommendationPolicy

_SHOW_AGAIN_AFTER = timedelta(hours=6)
"""The same list shown again sooner is the same showing: a page draws itself many times."""


@dataclass(frozen=True)
class Recommended(Ranked):
    """One that was shown, by the id under which that is kept."""

    id: UUID


@dataclass(frozen=True)
class Looked:
    """A list in order, and what it is ordered by.

    `dataset` says whose results it rests on, `has_profile` whether the person said who they are, `objectives` what
    else it could be ordered by.
    """

    rows: Sequence[Ranked]
    dataset: Dataset
    has_profile: bool
    objective: Objective
    objectives: tuple[Objective, ...]
    policy: Policy


@dataclass(frozen=True)
class Recommendations(Looked):
    """A list that was shown."""

    rows: Sequence[Recommended]


class RecommendationService:
    def __init__(self, database: Database, catalog: CatalogQueries, analytics: AnalyticsQueries) -> None:
        self._database, self._catalog, self._analytics = database, catalog, analytics
        self._believing = Believing(analytics, database.clock)

    def recommend(self, actor: Actor, limit: int = 3) -> Recommendations:
        """Ranks the current workflows for `actor` and keeps that these were shown, at these ranks."""
        found = self.look(actor, limit)
        with self._database.begin() as uow:
            ids = _keep(uow, _person(actor), found.rows, found.objective)
        rows = [Recommended(**vars(row), id=kept) for row, kept in zip(found.rows, ids, strict=True)]
        return Recommendations(**(vars(found) | {"rows": rows}))

    def look(self, actor: Actor, limit: int = 3, objective: Objective | None = None) -> Looked:
        """The same list for whoever only reads: nothing is kept, so nothing counts as shown.

        `objective` orders this one list otherwise than was chosen.
        """
        user_id = _person(actor)
        with self._database.reading() as session:
            dataset = self._analytics.chosen_dataset()
            definitions = [one for one in self._catalog.current() if not one.is_automated]
            beliefs = self._believing.now(dataset, definitions)
            profile, policy, chosen, last = _person_facts(session, user_id)
            offered = _offered(beliefs, policy)
            if objective is not None and objective not in offered:
                raise _not_offered(objective)
            chosen = objective or chosen
            objective = chosen if chosen in offered and chosen is not None else policy.objective
            about = About(user_id, profile, last, _open_runs(session, user_id), self._database.clock.now().date())
        rows = list_for(actor, about, definitions, beliefs, objective, policy)[: max(0, limit)]
        return Looked(rows, dataset, profile is not None, objective, offered, policy)

    def choose(self, actor: Actor, objective: Objective | None) -> None:
        """What this person's list is ordered by from now on; None: as the installation's policy says."""
        user_id = _person(actor)
        if objective is not None and objective not in self.look(actor, 0).objectives:
            raise _not_offered(objective)
        with self._database.begin() as uow:
            aims.keep_choice(uow, user_id, objective)

    def change_policy(
        self,
        actor: Actor,
        *,
        objective: Objective | None = None,
        explore: bool | None = None,
        explore_share: float | None = None,
        expected_version: int | None = None,
    ) -> Policy:
        """What lists are ordered by unless a person chooses, and whether some days are for trying. Admins only."""
        with self._database.begin() as uow:
            return aims.change_policy(
                uow, actor, objective=objective, explore=explore, explore_share=explore_share,
                expected_version=expected_version,
            )  # fmt: skip

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


def _person(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise InvalidInput(field="Recommendations", problem="only a person gets them.")
    return actor.user_id


def _offered(beliefs: Beliefs, policy: Policy) -> tuple[Objective, ...]:
    """What a list may be ordered by, most values first. A unit of somebody's own making could name them."""
    found = {
        one: n for one, n in beliefs.objectives().items() if n >= LEAST_VALUES and one.metric is not MetricType.CUSTOM
    }
    order = [SUCCESS, *sorted(found, key=lambda one: (-found[one], one.key))]
    return tuple(order if policy.objective in order else [*order, policy.objective])


def _not_offered(objective: Objective) -> InvalidInput:
    return InvalidInput(field="Objective", problem=f"nothing can be ordered by {objective.key[:80]} here.")


def _person_facts(session: Session, user_id: UUID) -> tuple[Profile | None, Policy, Objective | None, str | None]:
    """Profile, policy, chosen objective and what the person completed last, in one question: a list takes milliseconds."""
    last = (
        select(Execution.workflow_id)
        .where(Execution.user_id == user_id, Execution.state == ExecutionState.COMPLETED)
        .order_by(Execution.completed_at.desc())
        .limit(1)
    )
    query = (
        select(Profile, RecommendationPolicy, ChosenObjective.objective, last.scalar_subquery())
        .select_from(User)
        .outerjoin(Profile, Profile.user_id == User.id)
        .outerjoin(RecommendationPolicy, true())
        .outerjoin(ChosenObjective, ChosenObjective.user_id == User.id)
        .where(User.id == user_id)
    )
    row = session.execute(query).first()
    if row is None:
        return None, Policy(), None, None
    profile, policy, chosen, completed = row
    return profile, aims.policy_of(policy), Objective.from_key(chosen) if chosen is not None else None, completed


def _open_runs(session: Session, user_id: UUID) -> dict[str, UUID]:
    """The person's open run of each workflow; of several, the one they touched last."""
    running = select(Execution.workflow_id, Execution.id).where(
        Execution.user_id == user_id, Execution.state.in_(sorted(OPEN))
    )
    return {row[0]: row[1] for row in session.execute(running.order_by(Execution.last_activity_at))}


def _keep(uow: UnitOfWork, user_id: UUID, shown: Sequence[Ranked], objective: Objective) -> list[UUID]:
    """Writes the showing, unless the same list was shown just before; answers the ids by rank."""
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"recommend:{user_id}", 0))))
    latest = select(func.max(Recommendation.shown_at)).where(Recommendation.user_id == user_id).scalar_subquery()
    before = uow.session.scalars(
        select(Recommendation)
        .where(Recommendation.user_id == user_id, Recommendation.shown_at == latest)
        .order_by(Recommendation.rank)
    ).all()
    same = [(row.workflow_id, row.objective, row.explored) for row in before] == [
        (one.definition.workflow_id, objective.key, one.explored) for one in shown
    ]
    if before and same and uow.now - before[0].shown_at < _SHOW_AGAIN_AFTER:
        return [row.id for row in before]
    ids = []
    for one in shown:
        ids.append(new_id())
        uow.session.add(
            Recommendation(
                id=ids[-1], user_id=user_id, workflow_id=one.definition.workflow_id, rank=one.rank,
                score=Decimal(f"{one.score:.6f}"), objective=objective.key, explored=one.explored,
                propensity=one.propensity, shown_at=uow.now,
                evidence={
                    "level": one.level, "n": one.counts.n, "people": one.counts.people,
                    "chance": one.chance.middle, "low": one.chance.low, "high": one.chance.high,
                    "benefit": asdict(one.benefit) if one.benefit else None, "reason": one.reason,
                },
            )
        )  # fmt: skip
    return ids


def _mine(uow: UnitOfWork, actor: Actor, recommendation_id: UUID) -> Recommendation:
    row = uow.session.get(Recommendation, recommendation_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound(kind="recommendation", id=recommendation_id)
    return row
