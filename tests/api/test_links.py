"""Links over the API: made by whoever may answer, used by whoever has them, once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.executions.automated.rules import GateKind
from core.idempotency.tables import IdempotencyKey
from tests.core.executions.automated.driving import Driver, definition, production
from tests.core.invitations.test_invitations import ANSWER, BRIEF


@pytest.fixture
def driver(app: Application, admin: Actor) -> Driver:
    return Driver(app, admin)


@pytest.fixture
def gate_id(driver: Driver) -> UUID:
    run = driver.start(definition([production("brief", "brief", "project")], {"brief": BRIEF}))
    driver.drive(run)
    return driver.gate(run, GateKind.FORM).id


def test_program_without_a_token_answers_a_waiting_gate(
    client: TestClient, operator: TestClient, gate_id: UUID
) -> None:
    made = operator.post(f"/api/gates/{gate_id}/links", json={"label": "Billing system"})
    assert made.status_code == 201
    callback = "/api" + made.json()["callback_url"].partition("/api")[2]

    asked = client.get(callback)
    assert asked.json()["kind"] == "form"
    assert [field["name"] for field in asked.json()["fields"]][:2] == ["goal", "budget"]
    assert client.post(callback, json={"answer": {"content": {"goal": 5}}}).status_code == 422
    assert client.post(callback, json={"answer": ANSWER}).json() == {"taken": True}

    again = client.post(callback, json={"answer": ANSWER})
    assert (again.status_code, again.json()["code"]) == (410, "LinkOver")
    assert operator.get(f"/api/gates/{gate_id}").json()["answered_by"] == "Billing system, by the link of Meera"


def test_stranger_is_not_answered_with_more_than_they_sent(client: TestClient, app: Application) -> None:
    body = {f"k{number}": 1 for number in range(50_000)}
    refused = client.post("/api/hooks/nobody", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "InvalidInput")
    assert len(refused.content) < 10_000


def test_links_are_listed_without_their_key_and_withdrawn(
    client: TestClient, operator: TestClient, gate_id: UUID
) -> None:
    made = operator.post(f"/api/gates/{gate_id}/links", json={"label": "Acme", "days": 1}).json()
    (listed,) = operator.get(f"/api/gates/{gate_id}/links").json()["links"]
    assert (listed["id"], listed["over"]) == (made["id"], None)
    assert made["callback_url"].rpartition("/")[2] not in str(listed)

    assert operator.delete(f"/api/links/{made['id']}").status_code == 204
    assert operator.delete(f"/api/links/{made['id']}").status_code == 204
    assert client.get("/api" + made["callback_url"].partition("/api")[2]).status_code == 410


def test_agents_and_strangers_make_no_links(
    as_agent: Callable[..., TestClient],
    as_actor: Callable[..., TestClient],
    person: Callable[..., Actor],
    gate_id: UUID,
) -> None:
    body = {"label": "Acme"}
    assert as_agent().post(f"/api/gates/{gate_id}/links", json=body).status_code == 403
    assert as_actor(person(Role.USER)).post(f"/api/gates/{gate_id}/links", json=body).status_code == 404
    assert as_actor(person(Role.COUNCIL)).post(f"/api/gates/{gate_id}/links", json=body).status_code in {403, 404}


def test_link_that_was_made_with_a_key_is_kept_nowhere(app: Application, operator: TestClient, gate_id: UUID) -> None:
    headers = {"Idempotency-Key": "k-1"}
    made = operator.post(f"/api/gates/{gate_id}/links", json={"label": "Acme"}, headers=headers)
    again = operator.post(f"/api/gates/{gate_id}/links", json={"label": "Acme"}, headers=headers)

    assert made.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "AnswerNotKept")
    with app.database.reading() as session:
        assert session.scalars(select(IdempotencyKey.answer)).all() == [None]
