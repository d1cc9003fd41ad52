"""Commands on what programs sign in with: agents, and bearer tokens for them or for oneself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from core.actor import Actor, ActorKind, Role
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import InvalidInput, NotAllowed, NotFound
from core.identity.rules import AGENT_SCOPES, MOST_TOKENS, Scope, TooManyTokens, checked_agent_id, checked_line
from core.identity.service import token_hash
from core.identity.tables import Agent, ApiToken

LONGEST = timedelta(days=365)
USUAL = timedelta(days=90)
"""How long what a program makes lasts, at most and where it says nothing."""


@dataclass(frozen=True)
class NewToken:
    token_id: UUID
    value: str


class TokenService:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add_agent(self, actor: Actor, agent_id: str, name: str, description: str = "") -> None:
        actor.must_have(Role.ADMIN, to="add agents")
        agent_id, name = checked_agent_id(agent_id), checked_line("Name", name, 120)
        description = checked_line("Description", description, 500, optional=True)
        with self._database.begin() as uow:
            if uow.session.get(Agent, agent_id) is not None:
                raise InvalidInput(field="Agent", problem=f"{agent_id} exists already.")
            uow.session.add(Agent(id=agent_id, name=name, description=description, created_at=uow.now))
            audit.record(uow, actor, "agent.added", f"agent:{agent_id}", after={"name": name})

    def issue_token(
        self,
        actor: Actor,
        *,
        label: str,
        scopes: frozenset[Scope],
        agent_id: str | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        """Makes a bearer token for the actor, or (admins) for an agent, which may never decide; shown this once."""
        return self._make(actor, label, scopes, agent_id, expires_at).value

    def make_token(
        self,
        actor: Actor,
        *,
        label: str,
        scopes: frozenset[Scope],
        agent_id: str | None = None,
        expires_at: datetime | None = None,
        by: str,
    ) -> NewToken:
        """As `issue_token`, by a program that presents the token `by`: the new one ends in time, and not after it."""
        with self._database.reading() as session:
            own_end = session.scalar(select(ApiToken.expires_at).where(ApiToken.token_hash == token_hash(by)))
        now = self._database.clock.now()
        latest = min(filter(None, (own_end, now + LONGEST)))
        if expires_at is not None and expires_at > latest:
            raise InvalidInput(field="expires_at", problem=f"choose a time until {latest:%Y-%m-%d %H:%M} UTC.")
        return self._make(actor, label, scopes, agent_id, expires_at or min(now + USUAL, latest))

    def _make(
        self,
        actor: Actor,
        label: str,
        scopes: frozenset[Scope],
        agent_id: str | None,
        expires_at: datetime | None,
    ) -> NewToken:
        if actor.kind is not ActorKind.PERSON:
            raise NotAllowed(who=actor.name, what="make tokens", needs="person")
        label = checked_line("Label", label, 80)
        if not scopes:
            raise InvalidInput(field="Scopes", problem="choose at least one.")
        if agent_id is not None:
            actor.must_have(Role.ADMIN, to="issue tokens for agents")
            if not scopes <= AGENT_SCOPES:
                raise InvalidInput(field="Scopes", problem="an agent reads and proposes; people decide.")
        if actor.scopes is not None:  # by a program, with a token of its own
            if not scopes <= actor.scopes:
                lacking = ", ".join(sorted(scopes - actor.scopes))
                raise InvalidInput(field="scopes", problem=f"the token that asks lacks {lacking}.")
            if agent_id is not None and Scope.ADMIN not in actor.scopes:
                raise NotAllowed(who=actor.name, what="make tokens for agents with this token", needs="scope admin")
        value = f"cs_{secrets.token_urlsafe(32)}"
        with self._database.begin() as uow:
            if agent_id is not None and uow.session.get(Agent, agent_id) is None:
                raise NotFound(kind="agent", id=agent_id)
            if expires_at is not None and expires_at <= uow.now:
                raise InvalidInput(field="Expiry", problem="choose a time to come.")
            _must_have_room(uow, actor.user_id if agent_id is None else None, agent_id)
            token = ApiToken(
                token_hash=token_hash(value), label=label, agent_id=agent_id,
                user_id=None if agent_id else actor.user_id, scopes=sorted(scopes),
                created_at=uow.now, expires_at=expires_at,
            )  # fmt: skip
            uow.session.add(token)
            uow.session.flush()
            after = {"label": label, "scopes": sorted(scopes), "agent": agent_id}
            audit.record(uow, actor, "token.issued", f"token:{token.id}", after=after)
            return NewToken(token.id, value)

    def revoke_token(self, actor: Actor, token_id: UUID) -> None:
        with self._database.begin() as uow:
            token = uow.session.get(ApiToken, token_id)
            if token is None or (token.user_id != actor.user_id and not actor.has(Role.ADMIN)):
                raise NotFound(kind="token", id=token_id)
            if token.user_id != actor.user_id and actor.scopes is not None and Scope.ADMIN not in actor.scopes:
                raise NotAllowed(who=actor.name, what="revoke others' tokens with this token", needs="scope admin")
            if token.revoked_at is None:
                token.revoked_at = uow.now
                audit.record(uow, actor, "token.revoked", f"token:{token.id}")


def _must_have_room(uow: UnitOfWork, user_id: UUID | None, agent_id: str | None) -> None:
    """Refuses (TooManyTokens) an owner who has as many in force as anybody needs: limits are counted by the token."""
    mine = ApiToken.agent_id == agent_id if agent_id is not None else ApiToken.user_id == user_id
    in_force = select(func.count()).where(
        mine, ApiToken.revoked_at.is_(None), or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > uow.now)
    )
    if (uow.session.scalar(in_force) or 0) >= MOST_TOKENS:
        raise TooManyTokens(most=MOST_TOKENS)
