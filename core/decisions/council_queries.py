"""Councils for pages and API: what each oversees, who sits, by which rule it decides and how much waits for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.actor import Actor, ActorKind, Role
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database
from core.decisions.electorate import DECIDING_ROLES
from core.decisions.policy import Policy, RiskLevel
from core.decisions.review import policy_of
from core.decisions.rules import DecisionState
from core.decisions.tables import Council, CouncilMember, Decision
from core.errors import NotFound
from core.identity.tables import User


@dataclass(frozen=True)
class Member:
    id: UUID
    name: str
    active: bool
    """Who is not active has no vote."""


@dataclass(frozen=True)
class Overseer:
    """What somebody who is about to start work may know of a council that will be asked."""

    id: str
    name: str
    voters: frozenset[UUID]
    """Active members."""


@dataclass(frozen=True)
class CouncilRow:
    id: str
    name: str
    description: str
    domains: tuple[str, ...]
    policy: Policy
    criteria: tuple[str, ...]
    threshold: tuple[Decimal, str] | None
    risk_from: RiskLevel | None
    blocked_operations: tuple[str, ...]
    members: tuple[Member, ...]
    waiting: int
    """How many open decisions need it."""
    active: bool
    sample: bool
    version: int
    updated_at: datetime

    @property
    def voters(self) -> int:
        return sum(member.active for member in self.members)


class CouncilQueries:
    def __init__(self, database: Database, connectors: Connectors) -> None:
        self._database, self._connectors = database, connectors

    def all(self, actor: Actor) -> Sequence[CouncilRow]:
        """The installation's own first, then those of the sample data."""
        _must_read(actor)
        with self._database.reading() as session:
            query = select(Council).order_by(Council.sample, ~Council.active, Council.name, Council.id)
            return _rows(session, session.scalars(query).all(), self._database.clock.now())

    def read(self, actor: Actor, council_id: str) -> CouncilRow:
        _must_read(actor)
        with self._database.reading() as session:
            council = session.get(Council, council_id)
            if council is None:
                raise NotFound(kind="council", id=council_id)
            return _rows(session, [council], self._database.clock.now())[0]

    def overseers(self, domains: Collection[str]) -> Sequence[Overseer]:
        """The installation's active councils that oversee one of these, by name; for anybody who may start work."""
        wanted = {one.casefold() for one in domains}
        query = select(Council).where(Council.active, ~Council.sample).order_by(Council.name, Council.id)
        with self._database.reading() as session:
            found = [one for one in session.scalars(query) if wanted & {domain.casefold() for domain in one.domains}]
            voters = (
                select(CouncilMember.council_id, User.id)
                .join(User, User.id == CouncilMember.user_id)
                .where(CouncilMember.council_id.in_([one.id for one in found]), User.active)
            )
            seats = session.execute(voters).all()
        return [
            Overseer(one.id, one.name, frozenset(user for council, user in seats if council == one.id)) for one in found
        ]

    def operations(self) -> Mapping[str, str]:
        """Each operation that can be blocked, with its title."""
        return {operation.name: operation.title for operation in self._connectors.all()}

    def candidates(self) -> Sequence[Member]:
        """Who may be given a seat, by name."""
        roles = sorted(role.value for role in DECIDING_ROLES)
        query = select(User.id, User.name).where(User.active, ~User.sample, User.roles.overlap(roles))
        with self._database.reading() as session:
            return [Member(row.id, row.name, True) for row in session.execute(query.order_by(User.name, User.id))]


def _rows(session: Session, councils: Sequence[Council], now: datetime) -> list[CouncilRow]:
    ids = [council.id for council in councils]
    seats: dict[str, list[Member]] = {}
    sitting = (
        select(CouncilMember.council_id, User.id, User.name, User.active)
        .join(User, User.id == CouncilMember.user_id)
        .where(CouncilMember.council_id.in_(ids))
        .order_by(User.name, User.id)
    )
    for council_id, user_id, name, active in session.execute(sitting):
        seats.setdefault(council_id, []).append(Member(user_id, name, active))
    word = func.unnest(Decision.audience).label("word")
    open_now = (
        select(word)
        .where(Decision.state == DecisionState.OPEN, or_(Decision.deadline.is_(None), Decision.deadline > now))
        .where(Decision.audience.overlap([f"council:{one}" for one in ids]))
        .subquery()
    )
    counted = session.execute(select(open_now.c.word, func.count()).group_by(open_now.c.word))
    waiting: dict[str, int] = {str(found): int(number) for found, number in counted}
    return [
        CouncilRow(
            id=one.id, name=one.name, description=one.description, domains=tuple(one.domains), policy=policy_of(one),
            criteria=tuple(one.criteria), threshold=_threshold(one), risk_from=one.risk_from,
            blocked_operations=tuple(one.blocked_operations), members=tuple(seats.get(one.id, ())),
            waiting=waiting.get(f"council:{one.id}", 0), active=one.active, sample=one.sample, version=one.version,
            updated_at=one.updated_at,
        )
        for one in councils
    ]  # fmt: skip


def _threshold(council: Council) -> tuple[Decimal, str] | None:
    amount, currency = council.weekly_savings_threshold, council.threshold_currency
    return (amount, currency) if amount is not None and currency is not None else None


def _must_read(actor: Actor) -> None:
    """Whoever decides or proposes may know who decides."""
    if actor.kind is ActorKind.PERSON:
        actor.must_have(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN, to="read councils")
