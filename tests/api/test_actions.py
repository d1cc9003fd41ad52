"""Programs propose, people approve over the API, a worker executes, and the receipt is read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from core import bootstrap
from core.actor import Actor, Role
from core.bootstrap import Application
from core.guardrails.rules import ExecutionMode
from core.identity.rules import Scope
from core.settings import ROOT, Settings
from tests.waiting import until

APPROVE = "/api/ai-coo/approve-action"
REMINDER: dict[str, Any] = {
    "operation": "email_send",
    "params": {"to": ["accounts@meridian.example"], "subject": "Invoice 1042", "body": "It is due on Friday."},
    "title": "Send reminder 2 to Meridian Ltd",
    "risk": "low",
    "confidence": 0.8,
    "rationale": "It is 12 days overdue.",
    "sources": [{"label": "Invoice 1042", "url": "https://erp.example/invoices/1042"}],
    "impact": {"revenue_change": {"value": "1200.00", "currency": "USD"}, "time_saved_hours": 0.5},
}


@pytest.fixture
def app(new_database: Callable[[], str], settings: Settings) -> Iterator[Application]:
    """On the real clock, which the worker's process shares."""
    built = bootstrap.build(settings, url=new_database())
    yield built
    built.close()


@pytest.fixture
def previewing(app: Application, admin: Actor) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.PREVIEW)


@pytest.fixture
def worker(app: Application, previewing: None) -> Iterator[None]:
    """A worker in a process of its own, which writes messages to the same outbox folder."""
    environment = os.environ | {"DATABASE_URL": app.url, "VAR_DIR": str(app.settings.var_dir)}
    process = subprocess.Popen([sys.executable, "-m", "jobs", "worker"], cwd=ROOT, env=environment)
    until(app.engine_queries.workers, seconds=30, what="a living worker")
    yield
    process.kill()
    process.wait()


def test_agent_proposes_operator_approves_worker_executes(
    app: Application, as_agent: Callable[..., TestClient], operator: TestClient, worker: None
) -> None:
    # Given a proposal of an agent, which its agent can read and not decide
    agent = as_agent()
    proposed = agent.post("/api/actions", json=REMINDER)
    assert proposed.status_code == 201, proposed.text
    action = proposed.json()
    assert (action["status"], action["proposer_name"]) == ("pending", "Scout")
    assert action["plan"]["message"]["text"] == "It is due on Friday."
    assert agent.post(APPROVE, json={"actionId": action["id"]}).status_code == 403

    # When an operator approves it
    approved = operator.post(APPROVE, json={"actionId": action["id"]})

    # Then the answer waited for the effect, and a second approval changes nothing
    assert approved.status_code == 200, approved.text
    assert (approved.json()["success"], approved.json()["status"]) == (True, "executed")
    assert approved.json()["result"]["reference"]
    assert len(list(app.settings.outbox_dir.glob("**/*.eml"))) == 1
    again = operator.post(APPROVE, json={"actionId": action["id"]})
    assert (again.status_code, again.json()["code"]) == (400, "ActionAlreadyDecided")
    assert "Meera" in again.json()["detail"]
    receipt = agent.get(proposed.headers["location"]).json()
    assert (receipt["status"], receipt["attempt_history"][0]["outcome"]) == ("executed", "confirmed")


def test_approved_by_ten_at_once_is_executed_once(
    app: Application, person: Callable[..., Actor], as_actor: Callable[..., TestClient],
    as_agent: Callable[..., TestClient], worker: None,
) -> None:  # fmt: skip
    action_id = as_agent().post("/api/actions", json=REMINDER).json()["id"]
    people = [as_actor(person(Role.OPERATOR)) for _ in range(10)]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda caller: caller.post(APPROVE, json={"actionId": action_id}), people))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9
    assert len(list(app.settings.outbox_dir.glob("**/*.eml"))) == 1


@pytest.mark.parametrize("prefer", ["respond-async", "wait=1", "RESPOND-ASYNC, wait=20"])
def test_caller_who_does_not_wait_gets_the_address_of_the_outcome(
    as_agent: Callable[..., TestClient], operator: TestClient, previewing: None, prefer: str
) -> None:
    action_id = as_agent().post("/api/actions", json=REMINDER).json()["id"]

    answer = operator.post(APPROVE, json={"actionId": action_id}, headers={"prefer": prefer})

    assert (answer.status_code, answer.json()["status"]) == (202, "approved")
    assert operator.get(answer.headers["location"]).json()["status"] == "approved"


def test_missing_and_unknown_ids_are_told_apart(operator: TestClient, admin: Actor) -> None:
    assert operator.post(APPROVE, json={}).status_code == 400
    assert operator.post(APPROVE).status_code == 400
    assert operator.post(APPROVE, json={"actionId": None}).status_code == 400
    assert operator.post(APPROVE, json={"actionId": str(uuid4())}).status_code == 404
    assert operator.post(APPROVE, json={"actionId": "abc"}).status_code == 422


def test_who_acts_is_never_taken_from_the_body(operator: TestClient, as_agent: Callable[..., TestClient]) -> None:
    action_id = as_agent().post("/api/actions", json=REMINDER).json()["id"]

    refused = operator.post(APPROVE, json={"actionId": action_id, "userId": str(uuid4())})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "userId")


def test_stopped_installation_executes_nothing(
    app: Application, admin: Actor, as_agent: Callable[..., TestClient], operator: TestClient
) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    action_id = as_agent().post("/api/actions", json=REMINDER).json()["id"]

    refused = operator.post(APPROVE, json={"actionId": action_id})

    assert (refused.status_code, refused.json()["code"]) == (403, "StoppedByGuardrails")


@pytest.mark.parametrize(
    ("roles", "status"), [((Role.USER,), 404), ((Role.ANALYST,), 404), ((Role.COUNCIL,), 403), ((Role.OPERATOR,), 202)]
)
def test_only_who_may_decide_approves(
    as_agent: Callable[..., TestClient], as_actor: Callable[..., TestClient], person: Callable[..., Actor],
    previewing: None, roles: tuple[Role, ...], status: int,
) -> None:  # fmt: skip
    action_id = as_agent().post("/api/actions", json=REMINDER).json()["id"]
    caller = as_actor(person(*roles))

    answer = caller.post(APPROVE, json={"actionId": action_id}, headers={"prefer": "respond-async"})

    assert answer.status_code == status, answer.text


def test_proposer_cannot_decide_their_own(
    person: Callable[..., Actor], as_actor: Callable[..., TestClient], previewing: None
) -> None:
    caller = as_actor(person(Role.OPERATOR))
    action_id = caller.post("/api/actions", json=REMINDER).json()["id"]

    assert caller.post(APPROVE, json={"actionId": action_id}).status_code == 403


def test_approval_binds_to_the_plan_that_was_read(
    as_agent: Callable[..., TestClient], operator: TestClient, previewing: None
) -> None:
    action = as_agent().post("/api/actions", json=REMINDER).json()
    url = f"/api/actions/{action['id']}/approve"

    other = operator.post(url, json={"plan_digest": "0" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "PlanChanged")

    assert operator.post(url, json={"plan_digest": action["plan_digest"]}).json()["status"] == "approved"
    late = operator.post(f"/api/actions/{action['id']}/reject", json={"reason": "too late"})
    assert (late.status_code, late.json()["code"]) == (409, "ActionAlreadyDecided")


def test_rejection_needs_a_reason_and_is_final(
    as_agent: Callable[..., TestClient], operator: TestClient, previewing: None
) -> None:
    action_id = as_agent().post("/api/actions", json=REMINDER).json()["id"]
    url = f"/api/actions/{action_id}/reject"

    assert operator.post(url, json={"reason": ""}).status_code == 422
    assert operator.post(url, json={"reason": "   "}).status_code == 422
    rejected = operator.post(url, json={"reason": "They paid this morning"}).json()
    assert (rejected["status"], rejected["decision_reason"]) == ("rejected", "They paid this morning")
    assert operator.post(APPROVE, json={"actionId": action_id}).status_code == 400


def test_agent_sees_only_what_it_proposed(as_agent: Callable[..., TestClient], operator: TestClient) -> None:
    scout, ranger = as_agent("scout"), as_agent("ranger")
    action_id = scout.post("/api/actions", json=REMINDER).json()["id"]

    assert scout.get("/api/actions").json()["total"] == 1
    assert ranger.get("/api/actions").json()["total"] == 0
    assert ranger.get(f"/api/actions/{action_id}").status_code == 404
    assert operator.get("/api/actions", params={"status": ["pending", "approved"]}).json()["total"] == 1
    assert operator.get("/api/actions", params={"status": "executed"}).json()["total"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "made_up"},
        {"params": {}},
        {"params": {"to": [f"a{n}@example.com" for n in range(500)], "subject": "s", "body": "b"}},
        {"params": {"to": ["a@example.com\r\nBcc: b@example.com"], "subject": "s", "body": "b"}},
        {"title": ""},
        {"confidence": 1.5},
        {"risk": "none"},
        {"council_id": "made_up"},
        {"sources": [{"label": "x", "url": "javascript:alert(1)"}]},
        {"impact": {"revenue_change": {"value": 1}}},
        {"expires_in_hours": 0},
        {"proposer_id": "somebody"},
        {"params": {"to": ["a@example.com"], "subject": "nul \u0000", "body": "b"}},
    ],
    ids=str,
)
def test_proposal_that_makes_no_sense_is_refused(as_agent: Callable[..., TestClient], change: dict[str, Any]) -> None:
    agent = as_agent()

    refused = agent.post("/api/actions", json=REMINDER | change)

    assert refused.status_code in {404, 422}, refused.text
    assert agent.get("/api/actions").json()["total"] == 0


def test_token_without_decide_approves_nothing(
    as_agent: Callable[..., TestClient], as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    action_id = as_agent().post("/api/actions", json=REMINDER).json()["id"]
    reader = as_actor(admin, Scope.READ, Scope.PROPOSE, Scope.EXECUTE)

    refused = reader.post(APPROVE, json={"actionId": action_id})

    assert refused.status_code == 403
    assert 'scope="decide"' in refused.headers["www-authenticate"]
