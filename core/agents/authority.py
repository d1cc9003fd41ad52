"""In whose name an approved run is started: the person it is for, else who approved it; and which agent it is booked on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actions.tables import Action
from core.actor import SYSTEM, Actor, ActorKind
from core.catalog.queries import Definition
from core.connectors.plan import Plan
from core.decisions.rules import Vote
from core.decisions.tables import Ballot
from core.errors import CountersignError, InvalidInput
from core.executions.starting import may_start
from core.identifiers import parse_id
from core.identity.service import actor_of
from core.identity.tables import Agent, User


class NobodyToStartItFor(CountersignError):
    """{why} Nothing was started; propose it again and name the person it is for."""

    http_status = 409


class NotItsOwnName(CountersignError):
    """{who} proposed a run that is booked on another agent. Nothing was started."""

    http_status = 403


def named_person(session: Session, email: str) -> Actor:
    """Who signs in with this address, or InvalidInput."""
    query = select(User).where(func.lower(User.email) == email.strip().lower(), User.active, ~User.sample)
    found = session.scalar(query)
    if found is None:
        raise InvalidInput(field="For a person", problem=f"nobody here signs in as “{email}”.")
    return actor_of(found)


def named_agent(session: Session, agent_id: str) -> tuple[str, str]:
    """Id and name of an agent that is active, or InvalidInput."""
    found = session.get(Agent, agent_id)
    if found is None or not found.active:
        raise InvalidInput(field="Booked on an agent", problem=f"there is no active agent “{agent_id}”.")
    return found.id, found.name


def person_by_id(session: Session, user_id: str) -> Actor | None:
    """None for somebody who cannot sign in any more."""
    found = session.get(User, UUID(user_id))
    return actor_of(found) if found is not None and found.active else None


def booked_and_owner(session: Session, key: str, plan: Plan, definition: Definition) -> tuple[str | None, Actor]:
    """The agent that the run of this attempt is booked on, and whose it is; refuses where that is nobody.

    Tiers are for people: one that a person proposed for nobody by name must be within the tier of who approved it, one
    that an agent proposed was judged by those who approved it. Approved by rule, it must be within the tier of a person
    who proposed it.
    """
    action_id = parse_id(key.partition(":")[0])
    action = session.get(Action, action_id) if action_id else None
    if action is None:
        raise NobodyToStartItFor(why="There is no card that this was approved on.")
    by_agent = action.proposer_kind is ActorKind.AGENT
    agent_id: str | None = plan.request["agent"]
    if by_agent and agent_id not in (None, action.proposer_id):
        raise NotItsOwnName(who=action.proposer_name)
    booked = action.proposer_id if by_agent else agent_id
    named: str | None = plan.preconditions["user"]
    if named is not None:
        owner = person_by_id(session, named)
        if owner is None:
            raise NobodyToStartItFor(why=f"{plan.request['person']} cannot sign in any more.")
        may_start(owner, definition)
        return booked, owner
    if action.automatic:
        if action.proposer_kind is ActorKind.PERSON:  # nobody else looked, so theirs is the tier that counts
            proposer = person_by_id(session, action.proposer_id)
            if proposer is None:
                raise NobodyToStartItFor(why=f"{action.proposer_name} cannot sign in any more.")
            may_start(proposer, definition)
        return booked, SYSTEM
    owner = _approver(session, action)
    if action.proposer_kind is ActorKind.PERSON:
        may_start(owner, definition)
    return booked, owner


def _approver(session: Session, action: Action) -> Actor:
    """Who clicked last of those who approved."""
    query = (
        select(Ballot.cast_by_id)
        .where(Ballot.decision_id == action.decision_id, Ballot.vote == Vote.APPROVE)
        .order_by(Ballot.cast_at.desc(), Ballot.id.desc())
        .limit(1)
    )
    found = session.scalar(query)
    owner = person_by_id(session, str(found)) if found is not None else None
    if owner is None:
        raise NobodyToStartItFor(why="Nobody who approved it can sign in now.")
    return owner
