"""A program starts, follows, steers and reads automated runs; what is not its own is not there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.executions.automated.rules import GateKind, NodeState
from core.executions.rules import ExecutionState
from core.identity.rules import Scope
from tests.core.executions.automated.scene import DEFINITION, Scene, half_way

URL = "/api/workflows"


@pytest.fixture
def ravi(person: Callable[..., Actor]) -> Actor:
    return person(Role.USER, name="Ravi")


@pytest.fixture
def mine(ravi: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(ravi)


@pytest.fixture
def root(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


@pytest.fixture
def shipped(app: Application, admin: Actor) -> None:
    app.catalog.import_definitions(admin, DEFINITION)


def test_automated_workflow_is_started_once_for_one_key(mine: TestClient, shipped: None) -> None:
    body = {"workflow_type_id": "spring_range", "inputs": {"brief": "Linen"}}
    answers = [mine.post(URL, json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]

    assert [one.status_code for one in answers] == [201, 201], answers[0].text
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[0].headers["location"] == f"{URL}/{answers[0].json()['id']}"
    started = answers[0].json()
    assert (started["status"], started["tree"]["state"]) == ("PENDING", "pending")
    assert [one["step_id"] for one in started["tree"]["steps"]] == ["brief", "backlog", "epics", "summary"]
    assert mine.get(URL).json()["total"] == 1
    other = mine.post(URL, json=body | {"inputs": {"brief": "Wool"}}, headers={"Idempotency-Key": "one"})
    assert other.status_code in (409, 422), other.text


def test_guided_workflow_is_started_alike_and_has_no_tree(mine: TestClient, asgi: object) -> None:
    answer = mine.post(URL, json={"workflow_type_id": "resume_generator"})
    assert (answer.status_code, answer.json()["status"], answer.json()["tree"]) == (201, "IN_PROGRESS", None)
    again = mine.post(URL, json={"workflow_type_id": "resume_generator"}, headers={"Idempotency-Key": "k"})
    assert again.json()["id"] != answer.json()["id"]


def test_start_is_refused_without_right_or_reason(
    mine: TestClient, root: TestClient, shipped: None, as_actor: Callable[..., TestClient], ravi: Actor
) -> None:
    assert mine.post(URL, json={"workflow_type_id": "nothing"}).status_code == 404
    assert mine.post(URL, json={"workflow_type_id": "prompt_selling"}).status_code == 403
    savings = {"workflow_type_id": "spring_range", "inputs": {"brief": "x"}, "calculated_savings": "225.50"}
    assert mine.post(URL, json=savings).status_code == 403
    told = root.post(URL, json=savings)
    assert (told.status_code, float(told.json()["calculated_savings"])) == (201, 225.5), told.text
    for bad in ("-1", "NaN", "1e40", "0.00001"):
        assert root.post(URL, json=savings | {"calculated_savings": bad}).status_code == 422
    assert root.post(URL, json=savings | {"created_by_agent": "nobody"}).status_code == 404
    reader = as_actor(ravi, Scope.READ)
    assert reader.post(URL, json={"workflow_type_id": "spring_range"}).status_code == 403


def test_guided_run_takes_stated_savings_from_those_who_may(root: TestClient, mine: TestClient, asgi: object) -> None:
    body = {"workflow_type_id": "resume_generator", "calculated_savings": "10"}
    assert float(root.post(URL, json=body).json()["calculated_savings"]) == 10
    assert mine.post(URL, json=body).status_code == 403


def test_run_is_read_with_its_tree_and_what_it_waits_for(app: Application, mine: TestClient, ravi: Actor) -> None:
    scene = half_way(app, ravi)
    scene.gate("note[2,2]", GateKind.CLARIFICATION, "Answer two questions", ravi)
    scene.change(state=ExecutionState.WAITING_CLARIFICATION)

    found = mine.get(f"{URL}/{scene.id}")
    run = found.json()
    assert found.headers["etag"] == '"1"'
    assert run["wait"] == {"kind": "clarification", "title": "Answer two questions"}
    assert run["tree"]["state"] == "waiting_clarification"
    epics = run["tree"]["steps"][2]
    assert (epics["items"], len(epics["children"])) == ({"done": 1, "failed": 0, "total": 3}, 3)
    assert epics["children"][1]["children"][1]["children"][1]["children"][0]["path"] == "note[2,2]"
    assert run["tree"]["gates"][0]["for_me"] is True
    assert {key: float(value) for key, value in run["tree"]["spent"]["cost"].items()} == {"USD": 0.0125, "EUR": 0.5}

    assert [one["id"] for one in mine.get(URL, params={"waits": True}).json()["workflows"]] == [str(scene.id)]
    half_way(app, ravi)
    assert mine.get(URL, params={"waits": True}).json()["total"] == 1
    assert mine.get(URL).json()["total"] == 2


def test_ended_run_waits_for_nobody(app: Application, mine: TestClient, ravi: Actor) -> None:
    scene = half_way(app, ravi)
    scene.gate("summary", GateKind.GUIDE, "Look", ravi)
    scene.change(state=ExecutionState.CANCELLED)
    assert mine.get(URL, params={"waits": True}).json()["total"] == 0


def test_documents_are_listed_filtered_and_read(app: Application, mine: TestClient, ravi: Actor) -> None:
    scene = half_way(app, ravi)
    url = f"{URL}/{scene.id}/documents"
    assert len(mine.get(url).json()["documents"]) == 3
    assert [one["doc_type"] for one in mine.get(url, params={"scope_id": ""}).json()["documents"]] == [
        "brief",
        "backlog",
    ]
    (note,) = mine.get(url, params={"doc_type": "note", "scope_id": "E-1/S-1"}).json()["documents"]
    assert note["place"] == "Linen › Story 1.1"
    read = mine.get(f"{url}/{note['current']}")
    assert (read.json()["content"], read.json()["current"]) == ({"text": "One"}, True)
    assert read.headers["etag"] == f'"{note["versions"][0]["digest"]}"'
    assert mine.get(f"{url}/{uuid4()}").status_code == 404


def test_nodes_are_listed_with_what_is_to_come_and_filtered(app: Application, mine: TestClient, ravi: Actor) -> None:
    scene = half_way(app, ravi)
    url = f"{URL}/{scene.id}/nodes"
    assert mine.get(url).json()["total"] == 22
    items = mine.get(url, params={"parent": "epics"}).json()["nodes"]
    assert [(one["item_id"], one["state"]) for one in items] == [
        ("E-1", "completed"), ("E-2", "executing"), ("E-3", "pending")
    ]  # fmt: skip
    page = mine.get(url, params={"limit": 2, "offset": 21}).json()
    assert [one["path"] for one in page["nodes"]] == ["summary"]
    assert mine.get(url, params={"state": "failed"}).json()["total"] == 0


def test_calls_are_read_word_for_word_by_operators_and_admins_alone(
    app: Application, mine: TestClient, root: TestClient, ravi: Actor
) -> None:
    scene = half_way(app, ravi)
    url = f"{URL}/{scene.id}/calls"
    assert mine.get(url).status_code == 403
    found = root.get(url, params={"path": "brief"}).json()
    assert (found["total"], found["calls"][0]["request"]["messages"][0]["text"]) == (1, "The secret plan")


def test_runs_of_others_are_not_there_whatever_is_asked(
    app: Application, mine: TestClient, person: Callable[..., Actor]
) -> None:
    theirs = half_way(app, person(Role.USER))
    url = f"{URL}/{theirs.id}"
    document = app.tree_queries.documents(person(Role.ADMIN), theirs.id)[0].current.id
    for path in ("", "/documents", f"/documents/{document}", "/nodes"):
        assert mine.get(f"{url}{path}").status_code == 404, path
    for path, body in (
        ("/cancel", {"reason": "x"}), ("/pause", None), ("/resume", None), ("/retry", {}), ("/votes", {"vote": "approve"})
    ):  # fmt: skip
        assert mine.post(f"{url}{path}", json=body).status_code == 404, path


def test_run_is_paused_resumed_and_cancelled_by_version(app: Application, mine: TestClient, ravi: Actor) -> None:
    scene = half_way(app, ravi)
    url = f"{URL}/{scene.id}"
    first = mine.get(url).headers["etag"]
    assert mine.post(f"{url}/pause").json()["paused"] is True
    assert mine.post(f"{url}/resume").json()["paused"] is False
    assert mine.post(f"{url}/cancel", json={"reason": "x"}, headers={"If-Match": first}).status_code == 412
    done = mine.post(f"{url}/cancel", json={"reason": "Dropped"}, headers={"If-Match": mine.get(url).headers["etag"]})
    assert (done.status_code, done.json()["status"]) == (200, "CANCELLED"), done.text
    assert mine.post(f"{url}/pause").status_code == 409


def test_execution_routes_leave_an_automated_run_alone(app: Application, mine: TestClient, ravi: Actor) -> None:
    url = f"/api/execution/{half_way(app, ravi).id}"
    answers = [mine.get(url), mine.post(f"{url}/complete"), mine.put(f"{url}/progress", json={"steps_completed": 5})]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "GoesOnByItself")] * 3


def test_guided_run_is_steered_by_the_same_routes_and_has_nothing_to_retry(mine: TestClient, asgi: object) -> None:
    url = f"{URL}/{mine.post(URL, json={'workflow_type_id': 'resume_generator'}).json()['id']}"
    assert mine.post(f"{url}/pause").status_code == 200
    assert mine.post(f"{url}/resume").status_code == 200
    assert mine.post(f"{url}/retry", json={}).status_code == 409
    assert mine.post(f"{url}/cancel", json={}).json()["status"] == "CANCELLED"


def test_what_failed_is_retried_by_its_path(app: Application, mine: TestClient, ravi: Actor) -> None:
    scene = Scene(app, ravi).begin(ExecutionState.FAILED, error="No answer.")
    scene.step("brief", state=NodeState.FAILED, error="No answer.")
    url = f"{URL}/{scene.id}/retry"
    assert mine.post(url, json={"path": "nowhere"}).status_code == 404
    answer = mine.post(url, json={"path": "brief"})
    assert (answer.status_code, answer.json()["status"]) == (200, "IN_PROGRESS"), answer.text
    assert answer.json()["tree"]["steps"][0]["generation"] == 2


def test_vote_goes_to_the_one_decision_that_waits_for_the_voter(
    app: Application, mine: TestClient, root: TestClient, ravi: Actor, admin: Actor
) -> None:
    scene = half_way(app, ravi)
    url = f"{URL}/{scene.id}/votes"
    none = root.post(url, json={"vote": "approve"})
    assert (none.status_code, none.json()["code"]) == (409, "NothingToVoteOn")
    scene.gate("summary", GateKind.APPROVAL, "Approve it", admin, content={"text": "one"})
    scene.gate("brief", GateKind.APPROVAL, "Approve the other", admin, content={"text": "two"})
    assert mine.post(url, json={"vote": "approve"}).json()["code"] == "NothingToVoteOn"
    assert root.post(url, json={"vote": "approve"}).json()["code"] == "SeveralToVoteOn"
    assert root.post(url, json={"vote": "approve", "digest": "0" * 64}).json()["code"] == "NothingToVoteOn"
    gate = app.tree_queries.tree(admin, scene.id).gates[0]
    voted = root.post(url, json={"vote": "approve", "digest": gate.digest, "reason": "Good"})
    assert voted.status_code == 201, voted.text
    assert [one["id"] for one in voted.json()["tree"]["gates"]] != [str(gate.id)]
    assert len(voted.json()["tree"]["gates"]) == 1
