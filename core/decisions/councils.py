"""Commands on councils: create, change, seat people, switch off and on; for admins, each refused if it could not work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.actor import Actor, ActorKind, Role
from core.audit import service as audit
from core.catalog.currencies import currencies
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database, UnitOfWork
from core.decisions.electorate import DECIDING_ROLES
from core.decisions.policy import Policy, RiskLevel, Rule
from core.decisions.tables import Council, CouncilMember
from core.errors import Conflict, CountersignError, InvalidInput, NotAllowed, NotFound
from core.identity.rules import checked_line
from core.identity.tables import User

MOST_MEMBERS, MOST_CRITERIA, MOST_DOMAINS = 50, 20, 30


class CouncilExists(CountersignError):
    """There is a council with the id {id} already. Choose another id, or change that council; nothing was saved."""

    http_status = 409


class CannotApprove(CountersignError):
    """This council could never approve anything: {problem} Nothing was saved."""

    http_status = 422


@dataclass(frozen=True)
class Terms:
    """What a council is and how it decides; `policy` names the council itself and nobody else."""

    name: str
    policy: Policy
    description: str = ""
    domains: tuple[str, ...] = ()
    """What it oversees: words that proposers use, channels (`email`), operations (`email_send`)."""
    criteria: tuple[str, ...] = ()
    threshold: tuple[Decimal, str] | None = None
    """Weekly savings above which work needs its review, with the currency."""
    risk_from: RiskLevel | None = None
    blocked_operations: tuple[str, ...] = field(default=())
    """Operations that are never executed while the council is active, whoever approves."""


class CouncilService:
    def __init__(self, database: Database, connectors: Connectors) -> None:
        self._database, self._connectors = database, connectors

    def create(self, actor: Actor, council_id: str, terms: Terms, members: Sequence[UUID]) -> None:
        """Founds a council with its members; what it oversees needs its approval from now on."""
        _must_administer(actor)
        council_id = _checked_id(council_id)
        with self._database.begin() as uow:
            made = insert(Council).values(
                id=council_id, name="", description="", domains=[], policy={}, criteria=[], blocked_operations=[],
                active=True, sample=False, created_at=uow.now, updated_at=uow.now, version=1,
            ).on_conflict_do_nothing().returning(Council.id)  # fmt: skip
            if uow.session.scalar(made) is None:
                raise CouncilExists(id=council_id)
            council = uow.session.get_one(Council, council_id)
            self._put(uow, council, terms, members)
            after = _facts(council, members)
            audit.record(uow, actor, "council.created", f"council:{council_id}", after=after)

    def change(
        self, actor: Actor, council_id: str, terms: Terms, members: Sequence[UUID], *, expected_version: int
    ) -> None:
        """Changes everything at once. Decisions that are open go on by the policy they were opened under."""
        _must_administer(actor)
        with self._database.begin() as uow:
            council = _locked(uow, council_id, expected_version)
            before = _facts(council, _members(uow, council_id))
            self._put(uow, council, terms, members)
            after = _facts(council, members)
            if after != before:
                council.version, council.updated_at = council.version + 1, uow.now
                audit.record(uow, actor, "council.changed", f"council:{council_id}", before=before, after=after)

    def set_members(self, actor: Actor, council_id: str, members: Sequence[UUID], *, expected_version: int) -> None:
        """Who sits from now on, on open decisions too; ballots of those who left no longer count."""
        _must_administer(actor)
        with self._database.begin() as uow:
            council = _locked(uow, council_id, expected_version)
            before = _members(uow, council_id)
            policy = Policy.from_json({**council.policy, "council": council_id, "roles": [], "users": []})
            self._seat(uow, council_id, policy, members)
            if set(members) != set(before):
                council.version, council.updated_at = council.version + 1, uow.now
                audit.record(
                    uow, actor, "council.members_changed", f"council:{council_id}",
                    before={"members": sorted(map(str, before))}, after={"members": sorted(map(str, members))},
                )  # fmt: skip

    def set_active(self, actor: Actor, council_id: str, active: bool, *, expected_version: int) -> None:
        """Off: nothing new needs it and it blocks nothing; what waits for it already is approved by nobody."""
        _must_administer(actor)
        with self._database.begin() as uow:
            council = _locked(uow, council_id, expected_version)
            if council.active is not active:
                council.active, council.version, council.updated_at = active, council.version + 1, uow.now
                event = "council.reactivated" if active else "council.deactivated"
                audit.record(uow, actor, event, f"council:{council_id}", after={"active": active})

    def _put(self, uow: UnitOfWork, council: Council, terms: Terms, members: Sequence[UUID]) -> None:
        council.name = checked_line("Name", terms.name, 120)
        council.description = checked_line("Description", terms.description, 500, optional=True)
        council.domains = sorted(
            {one.casefold() for one in _lines("Domains", terms.domains, most=MOST_DOMAINS, characters=80)}
        )
        council.criteria = _lines("Criteria", terms.criteria, most=MOST_CRITERIA, characters=200)
        council.risk_from = terms.risk_from
        council.weekly_savings_threshold, council.threshold_currency = _threshold(terms.threshold)
        council.blocked_operations = self._operations(terms.blocked_operations)
        stored = terms.policy.to_json() | {"council": council.id, "roles": [], "users": [], "escalated": False}
        policy = Policy.from_json(stored)
        council.policy = {key: value for key, value in stored.items() if key not in _NOT_KEPT}
        uow.session.flush()
        self._seat(uow, council.id, policy, members)

    def _seat(self, uow: UnitOfWork, council_id: str, policy: Policy, members: Sequence[UUID]) -> None:
        """Puts the people in; those who sit already may stay, whatever became of their account."""
        wanted, sitting = list(members), _members(uow, council_id)
        if len(set(wanted)) != len(wanted) or len(wanted) > MOST_MEMBERS:
            raise InvalidInput(field="Members", problem=f"name at most {MOST_MEMBERS} people, each once.")
        people = {one.id: one for one in uow.session.scalars(select(User).where(User.id.in_(wanted)))}
        for member in wanted:
            if (user := people.get(member)) is None:
                raise NotFound(kind="person", id=member)
            if member not in sitting and not _can_sit(user):
                problem = f"{user.name} is not active, or has none of the roles council, operator and admin."
                raise InvalidInput(field="Members", problem=problem)
        _must_be_able(policy, frozenset(str(one) for one, user in people.items() if user.active))
        uow.session.execute(delete(CouncilMember).where(CouncilMember.council_id == council_id))
        uow.session.add_all(CouncilMember(council_id=council_id, user_id=member) for member in wanted)
        uow.session.flush()

    def _operations(self, names: Sequence[str]) -> list[str]:
        known = {operation.name for operation in self._connectors.all()}
        for name in names:
            if name not in known:
                raise InvalidInput(field="Blocked operations", problem=f"there is no operation {name[:80]}.")
        return sorted(set(names))


_NOT_KEPT = frozenset({"council", "roles", "users", "groups", "escalated"})


def _must_be_able(policy: Policy, voters: frozenset[str]) -> None:
    """Refuses a policy by which these people could not approve even if all of them wanted to."""
    seats = len(voters)
    if not voters:
        raise CannotApprove(problem="no member is active.")
    if policy.rule is Rule.N_OF and policy.n > seats:
        raise CannotApprove(problem=f"{policy.n} must approve, and it has {seats} active members.")
    if policy.quorum > seats:
        raise CannotApprove(problem=f"{policy.quorum} must take part, and it has {seats} active members.")
    if not policy.veto <= voters:
        raise CannotApprove(problem="somebody with a veto is not among its active members.")


def _can_sit(user: User) -> bool:
    return user.active and not user.sample and not DECIDING_ROLES.isdisjoint(user.roles)


def _threshold(given: tuple[Decimal, str] | None) -> tuple[Decimal | None, str | None]:
    if given is None:
        return None, None
    amount, currency = given
    if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 12:
        raise InvalidInput(field="Weekly savings", problem="use an amount from 0 to 999,999,999,999.")
    if currency not in currencies():
        raise InvalidInput(field="Currency", problem="use a code of today, for example USD or INR.")
    return amount, currency


def _lines(field: str, lines: Sequence[str], *, most: int, characters: int) -> list[str]:
    """Each once, in their order."""
    found = list(dict.fromkeys(checked_line(field, line, characters) for line in lines))
    if len(found) > most:
        raise InvalidInput(field=field, problem=f"use at most {most}.")
    return found


def _checked_id(text: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_-]{1,63}", text) is None or text == "none":  # figures call it so where there is none
        problem = "use 2 to 64 lower-case letters, digits, - and _, beginning with a letter, and not the word none."
        raise InvalidInput(field="Council id", problem=problem)
    return text


def _locked(uow: UnitOfWork, council_id: str, expected_version: int) -> Council:
    council = uow.session.get(Council, council_id, with_for_update=True, populate_existing=True)
    if council is None:
        raise NotFound(kind="council", id=council_id)
    if council.version != expected_version:
        raise Conflict(what="This council")
    return council


def _members(uow: UnitOfWork, council_id: str) -> list[UUID]:
    query = select(CouncilMember.user_id).where(CouncilMember.council_id == council_id)
    return list(uow.session.scalars(query.order_by(CouncilMember.user_id)))


def _must_administer(actor: Actor) -> None:
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(who=actor.name, what="change councils", needs="admin")
    if actor.scopes is not None and "admin" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="change councils with this token", needs="token with the scope admin")
    actor.must_have(Role.ADMIN, to="change councils")


def _facts(council: Council, members: Sequence[UUID]) -> dict[str, Any]:
    threshold = council.weekly_savings_threshold
    return {
        "name": council.name, "description": council.description, "domains": list(council.domains),
        "criteria": list(council.criteria), "policy": dict(council.policy),
        "threshold": None if threshold is None else f"{threshold.normalize():f} {council.threshold_currency}",
        "risk_from": council.risk_from, "blocked_operations": list(council.blocked_operations),
        "active": council.active, "members": sorted(str(one) for one in members),
    }  # fmt: skip
