"""A proposal to decide on, and a worker that executes in the test's own thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.engine.steps import InlineSteps

AGENT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"read", "propose"}))

Propose = Callable[..., UUID]
Execute = Callable[[UUID], str | None]


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Omar")


@pytest.fixture
def propose(app: Application) -> Propose:
    """An agent's proposal to send an e-mail, or what the test says instead."""

    def make(actor: Actor = AGENT, operation: str = "email_send", params: Any = None, **more: Any) -> UUID:
        params = params or {"to": ["ravi@example.com"], "subject": "Reminder", "body": "Invoice 12 is due."}
        return app.actions.propose(actor, operation, params, **{"title": "Send a reminder", **more})

    return make


@pytest.fixture
def execute(app: Application) -> Execute:
    """Runs the latest attempt as a worker would."""

    def run(action_id: UUID) -> str | None:
        number = app.actions_queries.progress([action_id])[action_id].attempts
        return app.action_execution.execute_action(InlineSteps(), str(action_id), number)

    return run
