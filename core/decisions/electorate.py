"""Who may vote on a decision at this moment: the people its panels name, and the seats given to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Actor, Role
from core.decisions.policy import Policy
from core.decisions.rules import Cast, Given, Panel, electorate_of
from core.decisions.tables import Ballot, Council, CouncilMember, Decision, Delegation
from core.identifiers import parse_id
from core.identity.tables import User

DECIDING_ROLES = frozenset({Role.OPERATOR, Role.COUNCIL, Role.ADMIN})
_RECEIVER = aliased(User)
"""Whom a seat may be given to, and who may sit on a council."""


@dataclass(frozen=True)
class _Seats:
    name: str
    people: frozenset[str]
    """Its active members; nobody while it is switched off."""


class Electorate:
    """Reads the people behind policies, each group once: one request may show many decisions of the same councils."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._councils: dict[str, _Seats] = {}
        self._holders: dict[frozenset[str], frozenset[str]] = {}
        self._grouped_people: dict[frozenset[str], frozenset[str]] = {}
        self._active: dict[frozenset[str], frozenset[str]] = {}

    def panels(self, decision: Decision) -> tuple[Panel, ...]:
        """The decision's panels with those who may vote now."""
        policies = [Policy.from_json(stored) for stored in decision.panels]
        self._read({policy.council for policy in policies if policy.council is not None})
        return tuple(
            Panel(policy, electorate_of(policy, self.people(policy), decision.authors), self._name(policy))
            for policy in policies
        )

    def people(self, policy: Policy) -> frozenset[str]:
        """The ids of the active people whom the policy names; an unknown, inactive or empty council names nobody.

        Once escalated admins are named too, but never in the place of a council that names nobody, or of a group.
        """
        admins = frozenset({Role.ADMIN.value} if policy.asks_admins else ())
        if policy.council is not None:
            self._read({policy.council})
            sitting = self._councils[policy.council].people
            return sitting | self._holding(admins) if sitting else sitting
        return self._holding(policy.roles | admins) | self._named(policy.users) | self._grouped(policy.groups)

    def _name(self, policy: Policy) -> str:
        return self._councils[policy.council].name if policy.council is not None else ""

    def _read(self, councils: set[str]) -> None:
        """Reads those that are not known yet, all in one look."""
        missing = councils - self._councils.keys()
        if not missing:
            return
        sitting = and_(User.id == CouncilMember.user_id, User.active, Council.active)
        query = (
            select(Council.id, Council.name, User.id)
            .outerjoin(CouncilMember, CouncilMember.council_id == Council.id)
            .outerjoin(User, sitting)
            .where(Council.id.in_(missing))
        )
        found: dict[str, tuple[str, set[str]]] = {council: ("", set()) for council in missing}
        for council, name, user in self._session.execute(query):
            found[council] = (name, found[council][1] | ({str(user)} if user is not None else set()))
        self._councils |= {council: _Seats(name, frozenset(people)) for council, (name, people) in found.items()}

    def _holding(self, roles: frozenset[str]) -> frozenset[str]:
        if not roles:
            return frozenset()
        if roles not in self._holders:
            query = select(User.id).where(User.active, ~User.sample, User.roles.overlap(sorted(roles)))
            self._holders[roles] = frozenset(str(found) for found in self._session.scalars(query))
        return self._holders[roles]

    def _grouped(self, groups: frozenset[str]) -> frozenset[str]:
        if not groups:
            return frozenset()
        if groups not in self._grouped_people:
            query = select(User.id).where(User.active, ~User.sample, User.groups.overlap(sorted(groups)))
            self._grouped_people[groups] = frozenset(str(found) for found in self._session.scalars(query))
        return self._grouped_people[groups]

    def _named(self, users: frozenset[str]) -> frozenset[str]:
        ids = [user for user in map(parse_id, users) if user is not None]
        if not ids:
            return frozenset()
        if users not in self._active:
            query = select(User.id).where(User.active, ~User.sample, User.id.in_(ids))
            self._active[users] = frozenset(str(found) for found in self._session.scalars(query))
        return self._active[users]


def people_of(session: Session, policy: Policy) -> frozenset[str]:
    """As `Electorate.people`, for one policy."""
    return Electorate(session).people(policy)


def given_to(session: Session, actor: Actor, now: datetime) -> Sequence[Given]:
    """The seats that were given to `actor` and are theirs to fill now, the longest given first."""
    if actor.user_id is None or not actor.has(*DECIDING_ROLES):
        return ()
    query = (
        select(Delegation.from_user_id, User.name, Delegation.council_id)
        .join(User, User.id == Delegation.from_user_id)
        .join(_RECEIVER, _RECEIVER.id == Delegation.to_user_id)
        .where(Delegation.to_user_id == actor.user_id, *in_force(now), User.active, _RECEIVER.active)
        .order_by(Delegation.starts_at, Delegation.id)
    )
    return [Given(str(voter), name, council) for voter, name, council in session.execute(query)]


def in_force(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A delegation that holds at `now`."""
    return (Delegation.starts_at <= now, Delegation.ends_at > now, Delegation.revoked_at.is_(None))


def ballots_of(session: Session, decision_id: UUID) -> Sequence[Ballot]:
    """In the order in which they were cast."""
    query = select(Ballot).where(Ballot.decision_id == decision_id).order_by(Ballot.cast_at, Ballot.id)
    return session.scalars(query).all()


def as_cast(ballots: Iterable[Ballot]) -> tuple[Cast, ...]:
    """The ballots as the tally sees them."""
    return tuple(Cast(str(one.voter_id), one.vote, str(one.cast_by_id)) for one in ballots)
