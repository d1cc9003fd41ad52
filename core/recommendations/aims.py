"""What recommendations aim at: the installation's policy, and what one person chose instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actor import Actor, ActorKind, Role
from core.audit import service as audit
from core.catalog.currencies import currencies
from core.database.unit_of_work import UnitOfWork
from core.errors import Conflict, InvalidInput, NotAllowed
from core.outcomes.rules import checked_unit
from core.recommendations.rules import SUCCESS, Objective
from core.recommendations.tables import ChosenObjective, RecommendationPolicy

MOST_SHARE = 0.5
"""With more, people would mostly see what is not known to be best."""

_ROW = 1


@dataclass(frozen=True)
class Policy:
    """`explore_share` of the days of each person are for trying what little is known of. Version 0: never changed."""

    objective: Objective = SUCCESS
    explore: bool = True
    explore_share: float = 0.2
    changed_by: str | None = None
    changed_at: datetime | None = None
    version: int = 0

    @property
    def share(self) -> float:
        return self.explore_share if self.explore else 0.0


def policy_in(session: Session) -> Policy:
    return policy_of(session.get(RecommendationPolicy, _ROW))


def policy_of(row: RecommendationPolicy | None) -> Policy:
    """What the row says; without one, what a new installation does."""
    if row is None:
        return Policy()
    return Policy(
        Objective.from_key(row.objective) or SUCCESS, row.explore, float(row.explore_share),
        row.changed_by, row.changed_at, row.version,
    )  # fmt: skip


def keep_choice(uow: UnitOfWork, user_id: UUID, objective: Objective | None) -> None:
    """None: from now on as the policy says."""
    if objective is None:
        uow.session.execute(delete(ChosenObjective).where(ChosenObjective.user_id == user_id))
        return
    row = {"objective": objective.key, "chosen_at": uow.now}
    query = insert(ChosenObjective).values(user_id=user_id, **row)
    uow.session.execute(query.on_conflict_do_update(index_elements=["user_id"], set_=row))


def change_policy(
    uow: UnitOfWork,
    actor: Actor,
    *,
    objective: Objective | None,
    explore: bool | None,
    explore_share: float | None,
    expected_version: int | None,
) -> Policy:
    """Changes what is given and leaves the rest; Conflict if `expected_version` is no longer the one in force."""
    _must_change(actor)
    first = Policy()
    uow.session.execute(
        insert(RecommendationPolicy)
        .values(
            id=_ROW, objective=first.objective.key, explore=first.explore, explore_share=first.explore_share,
            changed_by="the installation", changed_at=uow.now, version=0,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    row = uow.session.scalars(select(RecommendationPolicy).with_for_update()).one()
    if expected_version is not None and expected_version != row.version:
        raise Conflict(what="What recommendations aim at")
    before = _facts(row)
    if objective is not None:
        row.objective = checked(objective).key
    if explore is not None:
        row.explore = explore
    if explore_share is not None:
        row.explore_share = _checked_share(explore_share)
    if _facts(row) != before:
        row.changed_by, row.changed_at, row.version = actor.name[:200], uow.now, row.version + 1
        audit.record(
            uow, actor, "recommendation_policy.changed", "recommendation_policy:1", before=before, after=_facts(row)
        )
    uow.session.flush()
    return policy_in(uow.session)


def checked(objective: Objective) -> Objective:
    """`objective` with its unit as outcomes store it, or UnitDoesNotFit."""
    if objective.metric is None:
        return SUCCESS
    return Objective(objective.metric, checked_unit(objective.metric, objective.unit or "", currencies()))


def _checked_share(share: float) -> Decimal:
    if not 0 <= share <= MOST_SHARE:
        raise InvalidInput(field="Share of days", problem=f"use 0 to {MOST_SHARE * 100:.0f} %.")
    return Decimal(str(round(share, 3)))


def _facts(row: RecommendationPolicy) -> dict[str, object]:
    return {"objective": row.objective, "explore": row.explore, "explore_share": f"{row.explore_share:.3f}"}


def _must_change(actor: Actor) -> None:
    if actor.kind not in {ActorKind.PERSON, ActorKind.SYSTEM}:
        raise NotAllowed(who=actor.name, what="change what recommendations aim at", needs="admin")
    if actor.scopes is not None and "admin" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="change it with this token", needs="token with the scope admin")
    actor.must_have(Role.ADMIN, to="change what recommendations aim at")
