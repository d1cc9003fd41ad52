"""A program reads where runs wait, and a person answers and votes through it, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.decisions.policy import Policy
from core.executions.automated.rules import GateKind, GateState
from core.identity.rules import Scope
from tests.core.executions.automated.gate_room import GateRoom

FORM = {
    "doc_type": "brief", "name": "Brief", "collection_field": None, "draft": None,
    "schema": {"type": "object", "required": ["goal"], "properties": {"goal": {"type": "string"}}},
}  # fmt: skip


@pytest.fixture
def room(app: Application, admin: Actor, person: Callable[..., Actor]) -> GateRoom:
    return GateRoom(app, admin, person)


@pytest.fixture
def mine(room: GateRoom, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(room.ravi)


def test_what_waits_is_listed_read_and_answered_once(room: GateRoom, mine: TestClient) -> None:
    gate = room.open(GateKind.FORM, FORM)
    (line,) = mine.get("/api/gates").json()["gates"]
    assert (line["id"], line["run_title"], line["mine"]) == (str(gate), "Letters", True)
    seen = mine.get(f"/api/gates/{gate}").json()
    assert (seen["content"]["name"], seen["why_not"], seen["step_title"]) == ("Brief", None, "Discovery")
    body = {"digest": seen["digest"], "answer": {"content": {"goal": "More clients"}}}
    answer = mine.post(f"/api/gates/{gate}/answer", json=body)
    assert (answer.status_code, answer.json()["state"]) == (200, "closed")
    again = mine.post(f"/api/gates/{gate}/answer", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "GateClosed")
    assert mine.get("/api/gates").json()["total"] == 0
    assert mine.get(f"/api/workflows/{room.run_id}/gates").json()["gates"][0]["answered_by"] == "Ravi"
    assert mine.get(f"/api/workflows/{room.run_id}/gates?only_open=true").json()["total"] == 0


def test_every_finding_of_a_bad_document_is_a_field(room: GateRoom, mine: TestClient) -> None:
    gate = room.open(GateKind.FORM, FORM)
    body = {"digest": room.stored(gate).digest, "answer": {"content": {"goal": 5}}}
    answer = mine.post(f"/api/gates/{gate}/answer", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "DocumentRefused")
    assert [one["field"] for one in answer.json()["errors"]] == ["$.goal"]


def test_gates_of_others_are_not_there(
    room: GateRoom, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    gate = room.open(GateKind.FORM, FORM)
    other = as_actor(person(Role.USER))
    body = {"digest": room.stored(gate).digest, "answer": {"content": {"goal": "x"}}}
    assert other.get(f"/api/gates/{gate}").status_code == 404
    assert other.get(f"/api/workflows/{room.run_id}/gates").status_code == 404
    assert other.post(f"/api/gates/{gate}/answer", json=body).status_code == 404
    reader = as_actor(room.ravi, Scope.READ)
    assert reader.post(f"/api/gates/{gate}/answer", json=body).status_code == 403
    assert room.stored(gate).state is GateState.OPEN


def test_bare_ballot_on_a_form_is_refused_and_one_on_a_document_counts(
    room: GateRoom, mine: TestClient, as_actor: Callable[..., TestClient]
) -> None:
    form = room.stored(room.open(GateKind.FORM, FORM))
    ballot = {"vote": "approve", "digest": form.digest}
    refused = mine.post(f"/api/decisions/{form.decision_id}/ballots", json=ballot)
    assert (refused.status_code, refused.json()["code"]) == (409, "GateNotDecided")
    pia = as_actor(room.group("pm"))
    document = room.document({"goal": "x"})
    gate = room.stored(
        room.open(GateKind.ACCEPTANCE, {}, Policy(groups=frozenset({"pm"})), document=document, path="accept")
    )
    seen = pia.get(f"/api/gates/{gate.id}").json()
    assert (seen["document"]["content"], seen["document"]["version"]) == ({"goal": "x"}, 1)
    counted = pia.post(f"/api/decisions/{gate.decision_id}/ballots", json={"vote": "approve", "digest": gate.digest})
    assert (counted.status_code, counted.json()["state"]) == (201, "approved")
    assert room.stored_document(document).accepted_at is not None
