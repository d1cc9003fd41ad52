"""An agent, workflows to start, and a worker that executes in the test's own thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor, ActorKind, Role, Tier
from core.bootstrap import Application
from core.canonical import canonical_json
from core.engine.steps import InlineSteps
from core.settings import ROOT

GUIDED = "resume_generator"
AUTOMATED = "offer_letter_run"

_OFFER: dict[str, Any] = {
    "schema_version": "workflow.v2", "workflow_id": AUTOMATED, "name": "Offer letter", "version": "1",
    "description": "Writes an offer for a customer.",
    "revision": "1", "effective_date": "2026-11-01", "scopes": {"run": {"parent": None}},
    "inputs": {
        "customer": {"type": "text", "title": "Customer", "description": "Who it is for.", "required": True},
        "price": {"type": "number", "title": "Price", "required": True},
        "tone": {"type": "choice", "options": ["warm", "plain"], "default": "plain"},
    },
    "document_types": {"offer": {"name": "Offer", "scope": "run"}},
    "entity_types": {},
    "steps": [{"step_id": "write", "scope": "run", "title": "Write the offer", "produces": "offer",
               "role": "Copy Editor v1.0", "task_prompt": "Offer Draft v1.0"}],
}  # fmt: skip


def definition(**more: Any) -> bytes:
    return canonical_json({**_OFFER, **more}).encode()


@pytest.fixture(autouse=True)
def _workflows(app: Application, admin: Actor) -> None:
    app.catalog.sync(ROOT / "workflows.json")
    app.catalog.import_file(admin, definition())


@pytest.fixture
def scout(app: Application, admin: Actor) -> Actor:
    app.tokens.add_agent(admin, "scout", "Scout")
    return Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"read", "propose"}))


@pytest.fixture
def ravi(person: Callable[..., Actor]) -> Actor:
    return person(Role.USER, tier=Tier.SCALE, name="Ravi")


@pytest.fixture
def execute(app: Application) -> Callable[[UUID], str | None]:
    """Runs the latest attempt as a worker would."""

    def run(action_id: UUID) -> str | None:
        number = app.actions_queries.progress([action_id])[action_id].attempts
        return app.action_execution.execute_action(InlineSteps(), str(action_id), number)

    return run


def approve(app: Application, actor: Actor, action_id: UUID) -> None:
    app.actions.approve(actor, action_id, app.actions_queries.card(actor, action_id).row.plan_digest)


def email_of(app: Application, actor: Actor) -> str:
    user_id = actor.user_id
    assert user_id is not None
    found = app.identity_queries.person(user_id)
    assert found is not None
    return found.email
