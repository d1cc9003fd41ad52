"""Commands on what programs sign in with: agents, and bearer tokens for them or for oneself."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from core.actor import Actor, Role
from core.audit import service as audit
from core.database.unit_of_work import Database
from core.errors import InvalidInput, NotFound
from core.identity.rules import Scope, checked_agent_id, checked_line
from core.identity.service import token_hash
from core.identity.tables import Agent, ApiToken


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
        label = checked_line("Label", label, 80)
        if not scopes:
            raise InvalidInput(field="Scopes", problem="choose at least one.")
        if agent_id is not None:
            actor.must_have(Role.ADMIN, to="issue tokens for agents")
            if not scopes <= {Scope.READ, Scope.PROPOSE}:
                raise InvalidInput(field="Scopes", problem="an agent reads and proposes; people decide.")
        value = f"cs_{secrets.token_urlsafe(32)}"
        with self._database.begin() as uow:
            if agent_id is not None and uow.session.get(Agent, agent_id) is None:
                raise NotFound(kind="agent", id=agent_id)
            if expires_at is not None and expires_at <= uow.now:
                raise InvalidInput(field="Expiry", problem="choose a time to come.")
            token = ApiToken(
                token_hash=token_hash(value), label=label, agent_id=agent_id,
                user_id=None if agent_id else actor.user_id, scopes=sorted(scopes),
                created_at=uow.now, expires_at=expires_at,
            )  # fmt: skip
            uow.session.add(token)
            uow.session.flush()
            after = {"label": label, "scopes": sorted(scopes), "agent": agent_id}
            audit.record(uow, actor, "token.issued", f"token:{token.id}", after=after)
        return value

    def revoke_token(self, actor: Actor, token_id: UUID) -> None:
        with self._database.begin() as uow:
            token = uow.session.get(ApiToken, token_id)
            if token is None or (token.user_id != actor.user_id and not actor.has(Role.ADMIN)):
                raise NotFound(kind="token", id=token_id)
            token.revoked_at = token.revoked_at or uow.now
            audit.record(uow, actor, "token.revoked", f"token:{token.id}")
