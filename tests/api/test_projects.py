"""A program fills, proposes, follows and stops a project; every refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.actor import Actor
from core.bootstrap import Application
from core.engine.steps import InlineSteps
from tests.core.projects.conftest import Campaign, letter

URL = "/api/projects"


@pytest.fixture
def agent(as_agent: Callable[..., TestClient]) -> TestClient:
    return as_agent("scout")


@pytest.fixture
def root(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


def made(client: TestClient) -> str:
    answer = client.post(URL, json={"name": "Winter campaign"})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def test_project_is_filled_proposed_approved_and_reported(
    app: Application, admin: Actor, agent: TestClient, root: TestClient
) -> None:
    where = made(agent)
    added = agent.post(f"{where}/items", json={"items": [letter(1), letter(2)]})
    assert (added.status_code, added.json()["problems"]) == (201, 0), added.text
    csv = "operation,key,to,subject,body\nemail_send,c,x@example.com,Hi,Hello\nemail_send,d,nobody,Hi,Hello\n"
    uploaded = agent.post(f"{where}/upload", files={"file": ("items.csv", csv)})
    assert uploaded.json()["problems"] == 1, uploaded.text
    refused = agent.post(f"{where}/propose", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "ItemsWithProblems")
    params = {"to": ["ravi@example.com"], "subject": "Hi", "body": "Hello"}
    edited = agent.post(f"{where}/items/edit", json={"key": "d", "params": params})
    assert edited.json()["state"] == "ready", edited.text

    card = agent.post(f"{where}/propose", json={"body": "As agreed."})
    assert card.status_code == 201, card.text
    assert card.json()["operation"] == "execute_plan"
    root.post(f"/api/actions/{card.json()['id']}/approve", json={"plan_digest": card.json()["plan_digest"]})
    campaign = Campaign(app, admin)
    campaign.id = app.projects_queries.page(admin)[0][-1].id
    app.project_execution.execute_action(InlineSteps(), card.json()["id"], 1)
    campaign.work()

    report = agent.get(f"{where}/report").json()
    assert set(report) == {
        "project_id", "total_items_processed", "items_sent_successfully", "items_failed", "items_skipped",
        "channels_used", "errors", "execution_results",
    }  # fmt: skip
    assert (report["total_items_processed"], report["items_sent_successfully"]) == (4, 4)
    events = [one["name"] for one in agent.get(f"{where}/events").json()["events"]]
    assert events[-1] == "execution.completed"
    read = agent.get(where).json()
    assert (read["run_state"], read["channels"][0]["items"]) == ("completed", {"sent": 4})
    page = agent.get(f"{where}/items", params={"limit": 3}).json()
    rest = agent.get(f"{where}/items", params={"limit": 3, "cursor": page["next_cursor"]}).json()
    assert [one["key"] for one in (*page["items"], *rest["items"])] == ["letter-1", "letter-2", "c", "d"]
    assert rest["next_cursor"] is None


def test_run_is_paused_resumed_and_cancelled_by_people_only(
    app: Application, admin: Actor, agent: TestClient, root: TestClient
) -> None:
    campaign = Campaign(app, admin)
    campaign.add(letter(1))
    campaign.start()
    where = f"{URL}/{campaign.id}"
    assert agent.post(f"{where}/pause").status_code == 403
    assert root.post(f"{where}/pause").json()["run_state"] == "paused"
    assert root.post(f"{where}/pause").json()["code"] == "RunNotThat"
    assert root.post(f"{where}/resume").json()["run_state"] == "running"
    assert root.post(f"{where}/cancel").json()["channels"][0]["items"] == {"skipped": 1}


def test_repeated_request_makes_one_project_and_one_card(agent: TestClient) -> None:
    headers = {"idempotency-key": "made-once"}
    first, again = (agent.post(URL, json={"name": "Spring"}, headers=headers) for _ in range(2))
    assert first.json()["id"] == again.json()["id"] and agent.get(URL).json()["total"] == 1
    where = first.headers["location"]
    agent.post(f"{where}/items", json={"items": [letter(1)]})
    headers = {"idempotency-key": "proposed-once"}
    cards = [agent.post(f"{where}/propose", json={}, headers=headers).json()["id"] for _ in range(2)]
    assert cards[0] == cards[1]
    assert agent.post(f"{where}/propose", json={}).json()["code"] == "CardWaits"


def test_another_agent_sees_nothing_of_it(agent: TestClient, as_agent: Callable[..., TestClient]) -> None:
    where, other = made(agent), as_agent("other")
    assert other.get(URL).json()["projects"] == []
    for answer in (
        other.get(where), other.get(f"{where}/items"), other.get(f"{where}/report"), other.get(f"{where}/events"),
        other.post(f"{where}/items", json={"items": [letter(1)]}), other.post(f"{where}/propose", json={}),
    ):  # fmt: skip
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "body",
    [{"items": []}, {"items": [{"operation": "email_send", "parms": {}}]}, {"items": [{}]}, {"items": [{"key": "a"}]}],
)
def test_items_that_are_none_are_refused(agent: TestClient, body: dict[str, Any]) -> None:
    where = made(agent)
    assert agent.post(f"{where}/items", json=body).status_code == 422
    assert agent.get(where).json()["items"] == 0
