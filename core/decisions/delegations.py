"""Giving one's seat to another person until a date, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import aliased

from core.actor import Actor, ActorKind, Role
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.decisions.electorate import DECIDING_ROLES
from core.decisions.tables import Council, CouncilMember, Delegation
from core.errors import CountersignError, InvalidInput, NotAllowed, NotFound
from core.identity.rules import checked_line
from core.identity.tables import User

LONGEST = timedelta(days=365)


class AlreadyDelegated(CountersignError):
    """{name} has given this seat away for some of that time already, to {to}. Take that back first; nothing was saved."""

    http_status = 409


@dataclass(frozen=True)
class DelegationRow:
    id: UUID
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    council_id: str | None
    council_name: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    by_admin: bool
    """Somebody else than the delegator set it up."""
    in_force: bool


class DelegationService:
    def __init__(self, database: Database) -> None:
        self._database = database

    def give(
        self,
        actor: Actor,
        *,
        to: UUID,
        ends_at: datetime,
        starts_at: datetime | None = None,
        council_id: str | None = None,
        reason: str = "",
        of: UUID | None = None,
    ) -> UUID:
        """Gives `actor`'s seat, or for an admin that of the absent person `of`, to `to` until `ends_at`.

        Without a council every seat is given. It goes no further: who was given a seat does not give it on.
        """
        voter = _must_give(actor, of)
        reason = checked_line("Reason", reason, 500, optional=True)
        with self._database.begin() as uow:
            starts = max(starts_at, uow.now) if starts_at is not None else uow.now
            _check_time(starts, ends_at)
            if to == voter:
                raise InvalidInput(field="To", problem="name another person; your seat is yours already.")
            # the delegator's row is locked, so that two requests at once cannot both find the time free
            giver = _person(uow, voter, lock=True)
            receiver = _person(uow, to)
            for who, field in ((giver, "From"), (receiver, "To")):
                if not who.active or DECIDING_ROLES.isdisjoint(who.roles):
                    problem = f"{who.name} has none of the roles council, operator and admin, or is not active."
                    raise InvalidInput(field=field, problem=problem)
            if council_id is not None:
                _must_sit(uow, giver, council_id)
            _must_be_free(uow, giver, council_id, starts, ends_at)
            given = Delegation(
                from_user_id=voter, to_user_id=to, council_id=council_id, starts_at=starts, ends_at=ends_at,
                reason=reason, created_by=actor.user_id, created_at=uow.now,
            )  # fmt: skip
            uow.session.add(given)
            uow.session.flush()
            after = {
                "from": str(voter), "to": str(to), "council": council_id, "starts_at": starts, "ends_at": ends_at,
                "reason": reason,
            }  # fmt: skip
            audit.record(uow, actor, "delegation.given", f"delegation:{given.id}", after=after)
            return given.id

    def revoke(self, actor: Actor, delegation_id: UUID) -> None:
        """Takes a seat back at once; the delegator, or an admin. What was voted with it stands."""
        _must_be_person(actor)
        with self._database.begin() as uow:
            given = uow.session.get(Delegation, delegation_id, with_for_update=True)
            mine = given is not None and given.from_user_id == actor.user_id
            if given is None or not (mine or _administers(actor)):
                raise NotFound(kind="delegation", id=delegation_id)
            if given.revoked_at is None and given.ends_at > uow.now:
                given.revoked_at = uow.now
                audit.record(uow, actor, "delegation.revoked", f"delegation:{given.id}")


class DelegationQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def mine(self, actor: Actor) -> Sequence[DelegationRow]:
        """Seats this person gave away or was given, now or soon."""
        return self._read(or_(Delegation.from_user_id == actor.user_id, Delegation.to_user_id == actor.user_id))

    def all(self, actor: Actor) -> Sequence[DelegationRow]:
        """Every seat that is given away now or soon, for those who decide."""
        actor.must_have(Role.OPERATOR, Role.COUNCIL, Role.ADMIN, to="read delegations")
        return self._read(true())

    def read(self, actor: Actor, delegation_id: UUID) -> DelegationRow:
        """One that holds or is to come: for the two people, and for those who decide."""
        for row in self._read(Delegation.id == delegation_id):
            if actor.user_id in {row.from_id, row.to_id} or actor.has(*DECIDING_ROLES):
                return row
        raise NotFound(kind="delegation", id=delegation_id)

    def people(self) -> Sequence[tuple[UUID, str]]:
        """To whom a seat may be given, by name."""
        roles = sorted(role.value for role in DECIDING_ROLES)
        query = select(User.id, User.name).where(User.active, ~User.sample, User.roles.overlap(roles))
        with self._database.reading() as session:
            return [(row.id, row.name) for row in session.execute(query.order_by(User.name, User.id))]

    def _read(self, chosen: ColumnElement[bool]) -> Sequence[DelegationRow]:
        now = self._database.clock.now()
        giver, receiver = aliased(User), aliased(User)
        query = (
            select(Delegation, giver.name, receiver.name, Council.name)
            .join(giver, giver.id == Delegation.from_user_id)
            .join(receiver, receiver.id == Delegation.to_user_id)
            .outerjoin(Council, Council.id == Delegation.council_id)
            .where(chosen, Delegation.revoked_at.is_(None), Delegation.ends_at > now)
            .order_by(Delegation.starts_at, Delegation.id)
        )
        with self._database.reading() as session:
            return [
                DelegationRow(
                    one.id, one.from_user_id, from_name, one.to_user_id, to_name, one.council_id, council,
                    one.starts_at, one.ends_at, one.reason, one.created_by != one.from_user_id, one.starts_at <= now,
                )
                for one, from_name, to_name, council in session.execute(query)
            ]  # fmt: skip


def _must_give(actor: Actor, of: UUID | None) -> UUID:
    _must_be_person(actor)
    assert actor.user_id is not None
    if of is None or of == actor.user_id:
        return actor.user_id
    if not _administers(actor):
        raise NotAllowed(who=actor.name, what="give another person's seat away", needs="admin")
    return of


def _must_be_person(actor: Actor) -> None:
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(who=actor.name, what="give seats away", needs="person with a seat")
    if actor.scopes is not None and actor.scopes.isdisjoint({"decide", "admin"}):
        raise NotAllowed(who=actor.name, what="give seats away with this token", needs="token with the scope decide")


def _administers(actor: Actor) -> bool:
    return actor.has(Role.ADMIN) and (actor.scopes is None or "admin" in actor.scopes)


def _check_time(starts: datetime, ends: datetime) -> None:
    if ends <= starts:
        raise InvalidInput(field="End", problem="choose a time after the start.")
    if ends - starts > LONGEST:
        raise InvalidInput(field="End", problem="choose at most 365 days.")


def _person(uow: UnitOfWork, user_id: UUID, *, lock: bool = False) -> User:
    user = uow.session.get(User, user_id, with_for_update=lock or None)
    if user is None or user.sample:
        raise NotFound(kind="person", id=user_id)
    return user


def _must_sit(uow: UnitOfWork, giver: User, council_id: str) -> None:
    seat = select(CouncilMember.user_id).where(
        CouncilMember.council_id == council_id, CouncilMember.user_id == giver.id
    )
    if uow.session.scalar(seat) is None:
        raise InvalidInput(field="Council", problem=f"{giver.name} does not sit on it.")


def _must_be_free(uow: UnitOfWork, giver: User, council_id: str | None, starts: datetime, ends: datetime) -> None:
    """Two people cannot hold one seat at a time: every seat overlaps with each, one council's with itself."""
    query = (
        select(User.name)
        .join(Delegation, Delegation.to_user_id == User.id)
        .where(
            Delegation.from_user_id == giver.id, Delegation.revoked_at.is_(None),
            Delegation.starts_at < ends, Delegation.ends_at > starts,
        )
    )  # fmt: skip
    if council_id is not None:
        query = query.where(or_(Delegation.council_id.is_(None), Delegation.council_id == council_id))
    holder = uow.session.scalar(query.limit(1))
    if holder is not None:
        raise AlreadyDelegated(name=giver.name, to=holder)
