"""POST /chat as programs meet it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.core.agents.conftest import AUTOMATED, definition

NAMED: dict[str, Any] = {
    "message": "Café Lindgren wants it.", "mode": "agent",
    "context": {"workflow_type_id": AUTOMATED, "inputs": {"customer": "Café Lindgren", "price": 1200}},
}  # fmt: skip


@pytest.fixture
def agent(app: Application, admin: Actor, as_agent: Callable[..., TestClient]) -> TestClient:
    app.catalog.import_file(admin, definition())
    return as_agent()


def test_named_workflow_is_proposed_and_nothing_starts(agent: TestClient, app: Application) -> None:
    answer = agent.post("/api/chat", json={**NAMED, "agent_id": "scout"})
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["status"], said["action_status"], said["workflow_type_id"]) == ("proposed", "pending", AUTOMATED)
    assert answer.headers["location"] == said["status_url"] == f"/api/actions/{said['action_id']}"
    card = agent.get(said["status_url"]).json()
    assert (card["plan_digest"], card["body"]) == (said["plan_digest"], NAMED["message"])
    assert agent.get("/api/workflows").json()["total"] == 0


def test_missing_input_is_asked_back_with_its_schema(agent: TestClient) -> None:
    answer = agent.post("/api/chat", json={"message": "Start the offer letter", "context": {"inputs": {"price": 5}}})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["status"], said["action_id"]) == ("question", None)
    assert [(one["name"], one["title"], one["schema"]["type"]) for one in said["missing"]] == [
        ("customer", "Customer", "string")
    ]


def test_repeat_with_the_same_key_is_one_card(agent: TestClient) -> None:
    first, again = (agent.post("/api/chat", json=NAMED, headers={"idempotency-key": "one"}) for _ in range(2))
    assert first.json()["action_id"] == again.json()["action_id"]
    assert agent.get("/api/actions").json()["total"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"message": "Bake a cake"}, 409),
        ({"message": "x", "context": {"workflow_type_id": "nope"}}, 422),
        ({**NAMED, "agent_id": "other"}, 403),
        ({**NAMED, "mode": "execute"}, 422),
        ({**NAMED, "approve": True}, 422),
        ({**NAMED, "context": {**NAMED["context"], "inputs": {"customer": "A", "price": 1, "colour": "red"}}}, 422),
        ({"message": "a\0b"}, 422),
    ],
)
def test_what_cannot_be_proposed_is_refused_in_words(agent: TestClient, body: dict[str, Any], status: int) -> None:
    answer = agent.post("/api/chat", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert agent.get("/api/actions").json()["total"] == 0


def test_scope_propose_is_needed(app: Application, admin: Actor, as_actor: Callable[..., TestClient]) -> None:
    answer = as_actor(admin, Scope.READ, Scope.DECIDE, Scope.EXECUTE, Scope.ADMIN).post("/api/chat", json=NAMED)
    assert answer.status_code == 403
