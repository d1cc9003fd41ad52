"""Who may vote on a decision at this moment: the people its panels name, and the seats given to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.decisions.policy import Policy
from core.decisions.rules import Cast, Given, Panel, electorate_of
from core.decisions.tables import Ballot, Council, CouncilMember, Decision, Delegation
from core.identifiers import parse_id
from core.identity.tables import User

DECIDING_ROLES = frozenset({Role.OPERATOR, Role.COUNCIL, Role.ADMIN})
"""Whom a seat may be given to, and who may sit on a council."""


class Electorate:
    """Reads the people behind policies, each group once: one request may show many decisions of the same councils."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._people: dict[tuple[object, ...], frozenset[str]] = {}
        self._names: dict[str, str] | None = None

    def panels(self, decision: Decision) -> tuple[Panel, ...]:
        """The decision's panels with those who may vote now."""
        return tuple(self._panel(Policy.from_json(stored), decision.authors) for stored in decision.panels)

    def people(self, policy: Policy) -> frozenset[str]:
        key = (policy.council, policy.roles, policy.users, policy.escalated)
        if key not in self._people:
            self._people[key] = people_of(self._session, policy)
        return self._people[key]

    def _panel(self, policy: Policy, authors: Iterable[str]) -> Panel:
        name = ""
        if policy.council is not None:
            if self._names is None:
                self._names = {row.id: row.name for row in self._session.execute(select(Council.id, Council.name))}
            name = self._names.get(policy.council, "")
        return Panel(policy, electorate_of(policy, self.people(policy), authors), name)


def people_of(session: Session, policy: Policy) -> frozenset[str]:
    """The ids of the active people whom the policy names; an unknown, inactive or empty council names nobody.

    Once escalated admins are named too, but never in the place of a council that names nobody.
    """
    if policy.council is not None:
        members = (
            select(User.id)
            .join(CouncilMember, CouncilMember.user_id == User.id)
            .join(Council, Council.id == CouncilMember.council_id)
            .where(Council.id == policy.council, Council.active, User.active)
        )
        sitting = frozenset(str(one) for one in session.scalars(members))
        return sitting | _holding(session, {Role.ADMIN.value}) if sitting and policy.escalated else sitting
    roles = policy.roles | ({Role.ADMIN.value} if policy.escalated else frozenset())
    named = select(User.id).where(
        User.active, ~User.sample, User.id.in_([found for user in policy.users if (found := parse_id(user))])
    )
    return _holding(session, roles) | frozenset(str(one) for one in session.scalars(named))


def given_to(session: Session, actor: Actor, now: datetime) -> Sequence[Given]:
    """The seats that were given to `actor` and are theirs to fill now, the longest given first."""
    if actor.user_id is None or not actor.has(*DECIDING_ROLES):
        return ()
    query = (
        select(Delegation.from_user_id, User.name, Delegation.council_id)
        .join(User, User.id == Delegation.from_user_id)
        .where(Delegation.to_user_id == actor.user_id, *in_force(now), User.active)
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


def _holding(session: Session, roles: Iterable[str]) -> frozenset[str]:
    query = select(User.id).where(User.active, ~User.sample, User.roles.overlap(sorted(roles)))
    return frozenset(str(found) for found in session.scalars(query))
