"""A question put to people, and what one does with it, in few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.decisions import service as decisions
from core.decisions.councils import Terms
from core.decisions.policy import Policy
from core.decisions.queries import DecisionView
from core.decisions.rules import DecisionState, Vote
from core.decisions.service import Subject

DAY = timedelta(days=1)


@dataclass
class Room:
    """What tests do with decisions, as the room of a subject would."""

    app: Application
    admin: Actor
    person: Callable[..., Actor]

    def ask(
        self, *panels: Policy, author: str = "scout", hours: float = 24, digest: str = "v1", subject: str = "7"
    ) -> UUID:
        with self.app.database.begin() as uow:
            asked = Subject("document", subject, digest)
            deadline = uow.now + timedelta(hours=hours)
            return decisions.open_decision(uow, asked, panels, proposer_id=author, deadline=deadline)

    def vote(
        self,
        actor: Actor,
        decision: UUID,
        choice: Vote = Vote.APPROVE,
        *,
        digest: str = "v1",
        reason: str = "seen",
        checklist: Mapping[str, str] | None = None,
    ) -> DecisionState:
        with self.app.database.begin() as uow:
            return decisions.cast(uow, actor, decision, digest=digest, vote=choice, reason=reason, checklist=checklist)

    def reopen(self, actor: Actor, decision: UUID, digest: str = "v2", **how: Any) -> None:
        with self.app.database.begin() as uow:
            decisions.reopen(uow, actor, decision, digest=digest, deadline=uow.now + DAY, **how)

    def close_due(self) -> list[DecisionState]:
        with self.app.database.begin() as uow:
            return [state for _, state in decisions.close_due(uow)]

    def seen(self, actor: Actor, decision: UUID) -> DecisionView:
        view = self.app.decisions_queries.decision(actor, decision)
        assert view is not None
        return view

    def waits(self, actor: Actor) -> set[UUID]:
        found, total = self.app.decisions_queries.waiting(actor)
        assert total == len(found) == self.app.decisions_queries.waiting_count(actor)
        return {view.id for view in found}

    def people(self, count: int, *roles: Role) -> list[Actor]:
        return [self.person(*(roles or (Role.COUNCIL,))) for _ in range(count)]

    def council(self, name: str, members: Sequence[Actor], **terms: Any) -> Policy:
        """Founds it, and answers the policy by which work is put before it."""
        policy: Policy = terms.pop("policy", Policy(council=name))
        ids = [one.user_id for one in members if one.user_id is not None]
        self.app.councils.create(self.admin, name, Terms(name=name.title(), policy=policy, **terms), ids)
        return policy

    def delegate(self, giver: Actor, receiver: Actor, *, days: float = 7, **how: Any) -> UUID:
        assert receiver.user_id is not None
        until = self.app.clock.now() + timedelta(days=days)
        return self.app.delegations.give(giver, to=receiver.user_id, ends_at=until, **how)


@pytest.fixture
def room(app: Application, admin: Actor, person: Callable[..., Actor]) -> Room:
    return Room(app, admin, person)
