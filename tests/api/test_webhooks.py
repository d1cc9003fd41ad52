"""Admins have webhooks over the API; the secret is answered once, and every refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.guardrails.limits import ExecutionMode
from core.identity.rules import Scope
from tests.doubles.webhook_receiver import running_receiver

URL = "/api/webhooks"
HOOK = {"url": "https://chat.example.com/in?key=abc", "events": ["decision.waiting", "action.failed"]}


@pytest.fixture
def root(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


def test_webhook_is_added_read_changed_and_switched_off(root: TestClient) -> None:
    added = root.post(URL, json=HOOK | {"description": "Chat"})
    assert added.status_code == 201, added.text
    where = added.headers["location"]
    assert added.json()["secret"].startswith("whsec_")

    read = root.get(where).json()
    assert "secret" not in read
    assert read["url"] == "https://chat.example.com/in?…"
    assert read["events"] == HOOK["events"]
    assert root.get(URL).json()["webhooks"] == [read]

    changed = root.patch(where, json={"events": ["action.executed"]}).json()
    assert (changed["events"], changed["description"], changed["active"]) == (["action.executed"], "Chat", True)
    off = root.patch(where, json={"active": False}).json()
    assert (off["active"], off["inactive_because"]) == (False, "Switched off by Asha.")
    refused = root.post(f"{where}/test")
    assert (refused.status_code, refused.json()["code"]) == (409, "WebhookInactive")


def test_new_secret_is_another(root: TestClient) -> None:
    added = root.post(URL, json=HOOK)
    renewed = root.post(f"{added.headers['location']}/secret").json()
    assert renewed["secret"] != added.json()["secret"]


def test_test_event_is_delivered_listed_and_sent_again(app: Application, admin: Actor, root: TestClient) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    with running_receiver() as receiver:
        where = root.post(URL, json=HOOK | {"url": f"{receiver.url}/in"}).headers["location"]
        delivery = root.post(f"{where}/test")
        assert delivery.status_code == 202
        again = f"{where}/deliveries/{delivery.json()['delivery_id']}/retry"
        early = root.post(again)
        assert (early.status_code, early.json()["code"]) == (409, "DeliveryUnderWay")
        app.webhook_deliveries.deliver_due()
        assert root.post(again).status_code == 202
        app.webhook_deliveries.deliver_due()

        listed = root.get(f"{where}/deliveries").json()
    assert receiver.types() == ["webhook.test"] * 2
    assert (listed["total"], listed["deliveries"][0]["state"], listed["deliveries"][0]["status"]) == (
        1,
        "delivered",
        200,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://169.254.169.254/latest"},
        {"url": "ftp://example.com"},
        {"url": "https://user:pass@example.com"},
        {"url": "https://" + "a" * 3000},
        {"events": []},
        {"events": ["user.added"]},
        {"description": "a" * 201},
        {"secret": "whsec_mine"},
    ],
    ids=str,
)
def test_webhook_that_makes_no_sense_is_refused(root: TestClient, change: dict[str, Any]) -> None:
    assert root.post(URL, json=HOOK | change).status_code == 422
    assert root.get(URL).json()["webhooks"] == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.USER])
def test_only_admins_have_webhooks(
    root: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient], role: Role
) -> None:
    where = root.post(URL, json=HOOK).headers["location"]
    caller = as_actor(person(role))
    for method, url in (
        ("GET", URL), ("POST", URL), ("GET", where), ("PATCH", where), ("POST", f"{where}/secret"),
        ("POST", f"{where}/test"), ("GET", f"{where}/deliveries"), ("POST", f"{where}/deliveries/{uuid4()}/retry"),
    ):  # fmt: skip
        body = HOOK if (method, url) == ("POST", URL) else {}
        answer = caller.request(method, url, json=body if method != "GET" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "NotAllowed"), url


def test_token_without_admin_changes_nothing(admin: Actor, as_actor: Callable[..., TestClient]) -> None:
    caller = as_actor(admin, Scope.READ, Scope.PROPOSE, Scope.DECIDE, Scope.EXECUTE)
    assert caller.get(URL).status_code == 200
    assert caller.post(URL, json=HOOK).status_code == 403
