"""Sentences of SPEC R1 to R4 that no other test holds.

R1: profile, runs, proof, performance and recommendations are walked in `test_loop.py`, recommendations in
`test_recommendations.py`. R2: documents, nodes, cancel, resume, retry and votes in `test_workflow_runs.py`, definitions in
`test_workflow_types.py`, decisions in `test_councils.py`, gates in `test_gates.py`. R3: 200, 202, 400, 404 and who acts in
`test_actions.py`, plan, edit and reject in `test_action_life.py`, chat in `test_chat.py`. R4: tokens in `test_tokens.py`, keys
in `test_repeats.py`, problems, and that GET changes nothing, in `test_every_route.py`, versions in `test_loop.py` and
`test_contract.py`, webhooks in `test_webhooks.py`, live status in `test_events.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from core.actions.rules import ActionState
from core.actor import Actor, Role
from core.bootstrap import Application
from core.connectors.plan import rejected
from core.engine.steps import InlineSteps
from core.executions.automated.rules import GateKind
from core.executions.rules import ApiStatus
from core.guardrails.limits import ExecutionMode
from tests.api.test_actions import APPROVE
from tests.core.actions.gift import Gift, World
from tests.core.executions.automated.scene import half_way
from tests.waiting import until

RUNS = "/api/workflows"
RUN = {
    "id", "workflow_type_id", "created_by_agent", "assigned_council_id", "status", "inputs", "outputs",
    "calculated_savings", "created_at", "started_at", "completed_at",
}  # fmt: skip


@pytest.fixture
def root(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


def started(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(RUNS, json={"workflow_type_id": "resume_generator", **more})
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()
    return run


def listed(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.get(RUNS, params=asked)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_r1_outcome_is_logged_with_the_fields_named_and_the_owner_as_user(user: TestClient) -> None:
    run = started(user)["id"]
    owner = user.get("/api/profile").json()["user_id"]
    body = {
        "execution_id": run, "user_id": owner, "metric_type": "revenue", "value": "1250.50", "currency": "INR",
        "proof_type": "invoice",
    }  # fmt: skip

    logged = user.post("/api/outcome", json=body)

    assert logged.status_code == 201, logged.text
    assert (logged.json()["value"], logged.json()["unit"]) == ("1250.5000", "INR")
    assert logged.json()["proof_type"] == "none", "proof_type is what was really uploaded"
    text = {"files": ("invoice.txt", b"Paid in full.", "text/plain")}
    proven = user.post(f"/api/outcome/{logged.json()['id']}/proof", files=text, data={"proof_type": "text"})
    assert (proven.status_code, proven.json()["proof_type"]) == (200, "text"), proven.text


def test_r2_list_is_newest_first_and_100_long_unless_more_is_asked_for_up_to_1000(root: TestClient) -> None:
    runs = [started(root)["id"] for _ in range(3)]

    page = listed(root)

    assert [one["id"] for one in page["workflows"]] == runs[::-1]
    assert set(page["workflows"][0]) >= RUN
    assert (page["total"], page["limit"], page["offset"]) == (3, 100, 0)
    assert listed(root, limit=1000)["limit"] == 1000
    assert root.get(RUNS, params={"limit": 1001}).status_code == 422


def test_r2_run_takes_agent_council_inputs_and_savings_and_is_found_by_them(
    app: Application, root: TestClient, admin: Actor
) -> None:
    app.tokens.add_agent(admin, "scout", "Scout")
    council = {"id": "finance", "name": "Finance", "policy": {"rule": "any_one"}, "members": [admin.id]}
    assert root.post("/api/councils", json=council).status_code == 201
    told = {
        "created_by_agent": "scout", "inputs": {"topic": "Linen"}, "calculated_savings": "225.00",
        "assigned_council_id": "finance",
    }  # fmt: skip
    run, other = started(root, **told), started(root)

    assert {name: run[name] for name in told} == {**told, "calculated_savings": "225.0000"}
    assert [one["id"] for one in listed(root, agent_id="scout")["workflows"]] == [run["id"]]
    assert [one["id"] for one in listed(root, council_id="finance")["workflows"]] == [run["id"]]
    assert [one["id"] for one in listed(root, council_id="finance", agent_id="other")["workflows"]] == []
    assert listed(root)["workflows"][0]["id"] == other["id"]


def test_r2_every_status_is_asked_for_in_any_case(root: TestClient) -> None:
    done, over, going = (started(root)["id"] for _ in range(3))
    root.put(f"/api/execution/{done}/progress", json={"steps_completed": 4})
    assert root.post(f"/api/execution/{done}/complete").status_code == 200
    assert root.post(f"{RUNS}/{over}/cancel", json={"reason": "No time"}).status_code == 200
    expected = {"COMPLETED": [done], "CANCELLED": [over], "IN_PROGRESS": [going], "PENDING": [], "FAILED": []}
    assert set(expected) == {status.value for status in ApiStatus}

    for status, runs in expected.items():
        for spelling in (status, status.lower(), status.title(), status.swapcase()):
            page = listed(root, status=spelling)
            assert ([one["id"] for one in page["workflows"]], page["total"]) == (runs, len(runs)), spelling


def test_r2_cursor_goes_on_where_it_was_while_runs_are_added_and_offset_counts_rows(root: TestClient) -> None:
    runs = [started(root)["id"] for _ in range(5)][::-1]
    first = listed(root, limit=2)
    newer = started(root)["id"]

    second = listed(root, limit=2, cursor=first["next_cursor"])
    third = listed(root, limit=2, cursor=second["next_cursor"])

    seen = [one["id"] for page in (first, second, third) for one in page["workflows"]]
    assert (seen, third["next_cursor"]) == (runs, None)
    assert [one["id"] for one in listed(root, limit=2, offset=2)["workflows"]] == [newer, *runs][2:4]
    assert listed(root, offset=6)["workflows"] == []


def test_r2_detail_has_the_votes_that_were_cast(
    app: Application, root: TestClient, admin: Actor, person: Callable[..., Actor]
) -> None:
    scene = half_way(app, person(Role.USER, name="Ravi"))
    scene.gate("brief", GateKind.APPROVAL, "Approve it", admin, content={"text": "one"})
    url = f"{RUNS}/{scene.id}"
    voted = root.post(f"{url}/votes", json={"vote": "approve", "reason": "Good"})
    assert voted.status_code == 201, voted.text

    detail = root.get(url).json()

    assert set(detail) >= RUN | {"decision", "metrics", "votes"}
    assert (detail["decision"]["state"], detail["decision"]["decided_at"] is None) == ("approved", False)
    (vote,) = detail["votes"]
    assert set(vote) == {"id", "workflow_id", "user_id", "vote", "reason", "voted_at"}
    assert (vote["workflow_id"], vote["user_id"], vote["vote"], vote["reason"]) == (
        str(scene.id), admin.id, "approve", "Good",
    )  # fmt: skip


def test_r2_metrics_have_the_figures_that_a2_names(root: TestClient) -> None:
    started(root)
    figures = root.get(f"{RUNS}/metrics").json()

    assert set(figures) >= {
        "total_workflows", "total_weekly_savings", "average_duration_seconds", "status_distribution",
        "workflows_by_agent", "workflows_by_council", "workflows_by_type",
    }  # fmt: skip
    assert figures["workflows_by_type"] == {"resume_generator": 1}


def test_r3_failed_execution_is_answered_500_and_then_it_is_processed(
    app: Application, admin: Actor, operator: TestClient, as_agent: Callable[..., TestClient]
) -> None:
    world = World()
    world.next_answers = [lambda _key: rejected("The shop is closed.")]
    app.connectors._operations["gift"] = Gift(world)
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    gift = {"operation": "gift", "params": {"what": "a book"}, "title": "Give a book"}
    action_id = as_agent().post("/api/actions", json=gift).json()["id"]

    def work() -> None:
        def approved() -> bool:
            return app.actions_queries.progress([UUID(action_id)])[UUID(action_id)].state is ActionState.APPROVED

        until(approved, seconds=20, what="an approved action")
        app.action_execution.execute_action(InlineSteps(), action_id, 1)

    worker = Thread(target=work)
    worker.start()
    answer = operator.post(APPROVE, json={"actionId": action_id})
    worker.join()

    assert (answer.status_code, answer.json()["code"]) == (500, "ActionFailed"), answer.text
    assert "The shop is closed." in answer.json()["detail"]
    assert operator.post(APPROVE, json={"actionId": action_id}).status_code == 400


def test_r3_rejected_action_is_processed_and_a_user_is_not_asked(
    operator: TestClient, user: TestClient, as_agent: Callable[..., TestClient]
) -> None:
    mail = {"to": ["a@example.com"], "subject": "Hello", "body": "One"}
    body = {"operation": "email_send", "params": mail, "title": "Write to A"}
    agent = as_agent()
    where = agent.post("/api/actions", json=body).headers["location"]
    action = operator.get(where).json()
    assert user.post(APPROVE, json={"actionId": action["id"]}).status_code in (403, 404)
    assert agent.post(APPROVE, json={"actionId": action["id"]}).status_code == 403
    assert operator.post(f"{where}/reject", json={"reason": "Not now"}).status_code == 200

    answer = operator.post(APPROVE, json={"actionId": action["id"]})

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
