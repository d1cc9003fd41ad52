"""What a caller of the API does not get by haste, by a token that allows less, or by bodies made to break it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.errors import InvalidInput
from core.identity.rules import Scope
from tests.api.test_actions import APPROVE, REMINDER
from tests.conftest import PASSWORD

URL = "/api/actions"


@pytest.fixture
def agent(as_agent: Callable[..., TestClient]) -> TestClient:
    return as_agent()


@pytest.fixture
def edited(agent: TestClient, operator: TestClient, admin: Actor, as_actor: Callable[..., TestClient]) -> Any:
    """An action as an operator read it, and its ETag; somebody edited it since."""
    read = operator.get(f"{URL}/{agent.post(URL, json=REMINDER).json()['id']}")
    changed = {"params": {**REMINDER["params"], "to": ["other@example.com"]}}
    where = f"{URL}/{read.json()['id']}"
    assert as_actor(admin).patch(where, json=changed, headers={"if-match": read.headers["etag"]}).status_code == 200
    return read.json(), read.headers["etag"]


def test_who_says_what_they_read_does_not_approve_an_edit_they_have_not_seen(operator: TestClient, edited: Any) -> None:
    action, etag = edited
    asked = {"actionId": action["id"]}

    by_digest = operator.post(APPROVE, json=asked | {"planDigest": action["plan_digest"]})
    by_version = operator.post(APPROVE, json=asked, headers={"if-match": etag})

    assert (by_digest.status_code, by_digest.json()["code"]) == (400, "PlanChanged")
    assert (by_version.status_code, by_version.json()["code"]) == (412, "VersionGone")
    now = operator.get(f"{URL}/{action['id']}")
    assert now.json()["status"] == "pending"
    fresh = {"if-match": now.headers["etag"], "prefer": "respond-async"}
    said = operator.post(APPROVE, json=asked | {"planDigest": now.json()["plan_digest"]}, headers=fresh)
    assert (said.status_code, said.json()["status"]) == (202, "approved")


@pytest.mark.parametrize(
    "scopes", [(Scope.READ,), (Scope.READ, Scope.PROPOSE), (Scope.READ, Scope.EXECUTE), (Scope.READ, Scope.ADMIN)]
)
def test_token_that_may_not_decide_decides_by_no_address(
    agent: TestClient, person: Callable[..., Actor], as_actor: Callable[..., TestClient], scopes: tuple[Scope, ...]
) -> None:
    action = agent.post(URL, json=REMINDER).json()
    where, digest = f"{URL}/{action['id']}", {"plan_digest": action["plan_digest"]}
    caller = as_actor(person(Role.OPERATOR, Role.ADMIN), *scopes)
    decision = caller.get(where).json()["decision"]["id"]
    tried: list[tuple[str, Any]] = [
        (f"{where}/approve", digest),
        (f"{where}/vote", {**digest, "vote": "approve"}),
        (f"{where}/reject", {"reason": "No."}),
        (f"{where}/retry", None),
        (f"{where}/undo", None),
        (f"{where}/snooze", {"until": "2026-01-05T12:00:00Z"}),
        (f"{where}/resolve", {"happened": False, "evidence": "I say so."}),
        (f"{URL}/approve", {"items": [{"action_id": action["id"], **digest}]}),
        (f"/api/decisions/{decision}/ballots", {"vote": "approve", "digest": action["plan_digest"]}),
        ("/api/delegations", {"to": str(uuid4()), "ends_at": "2026-02-01T00:00:00Z"}),
        (APPROVE, {"actionId": action["id"]}),
    ]
    assert {path: caller.post(path, json=body).status_code for path, body in tried} == {path: 403 for path, _ in tried}
    assert caller.get(where).json()["status"] == "pending"


@pytest.mark.parametrize(
    "match", ['"1", "2"', 'W/"1"', '"0"', '"-1"', '"+1"', '" 1"', '""', "1", '"1"x', '"1.0"', '"999999999999"', '*, "1"']
)  # fmt: skip
def test_edit_gets_past_no_version_by_the_way_its_tag_is_written(
    agent: TestClient, operator: TestClient, match: str
) -> None:
    where = f"{URL}/{agent.post(URL, json=REMINDER).json()['id']}"
    first, second = ({"params": {**REMINDER["params"], "body": text}} for text in "ab")
    assert operator.patch(where, json=first, headers={"if-match": '"1"'}).status_code == 200
    assert operator.patch(where, json=second, headers={"if-match": match}).status_code in {412, 422}


MAIL: dict[str, Any] = {"to": ["a@example.com"], "subject": "x", "body": "y"}
ODD: list[dict[str, Any]] = [
    {"params": MAIL | {"to": [None]}},
    {"params": MAIL | {"to": {"a": 1}}},
    {"params": MAIL | {"to": ["a@xn--a.com"]}},
    {"params": MAIL | {"to": ["a@" + "é" * 70 + ".com"]}},
    {"params": MAIL | {"to": ["a@[127.0.0.1]"]}},
    {"params": MAIL | {"to": ["Ravi <a@example.com>"]}},
    {"params": MAIL | {"to": ["a@example.com\r\nBcc: b@example.com"]}},
    {"params": MAIL | {"subject": "x\r\nBcc: b@example.com"}},
    {"params": MAIL | {"body": 10**400}},
    {"params": MAIL | {"cc": ["b@example.com"]}},
    {"operation": "odoo_create", "params": {"model": "crm.lead\n", "values": {"name": "x"}}},
    {"operation": "odoo_update", "params": {"model": "crm.lead", "ids": "1e3", "values": {"name": "x"}}},
    {"operation": "odoo_create", "params": {"model": "crm.lead", "values": '{"a": "\\u0000"}'}},
    {"operation": "odoo_create", "params": {"model": "crm.lead", "values": '{"a": ' + "1" * 5000 + "}"}},
    {"operation": "odoo_create", "params": {"model": "crm.lead", "values": '{"a": ' + "[" * 300 + "]" * 300 + "}"}},
    {"council_id": "nobody"},
    {"domains": ["İ" * 80]},
    {"confidence": "1e-99"},
    {"weekly_savings": {"value": "NaN", "currency": "USD"}},
    {"impact": {"revenue_change": {"value": "1e-9", "currency": "USD"}}},
    {"sources": [{"label": "x", "url": "javascript:alert(1)"}]},
]


@pytest.mark.parametrize("name", ["\u202egnp.exe", "Asha\u2066 Rao", "\u200b", "Asha\x1b[2J"])
def test_name_that_reads_otherwise_than_it_is_stands_on_no_card(
    app: Application, admin: Actor, operator: TestClient, as_actor: Callable[..., TestClient], name: str
) -> None:
    account = {"email": "eve@example.com", "name": name, "password": PASSWORD, "roles": ["user"]}
    assert as_actor(admin).post("/api/people", json=account).status_code == 422
    assert operator.post("/api/projects", json={"name": name}).status_code == 422
    with pytest.raises(InvalidInput):
        app.tokens.add_agent(admin, "eve", name)


def test_thousand_refused_fields_are_not_each_told_of(operator: TestClient) -> None:
    refused = operator.post("/api/projects", json={"name": 1})
    assert len(refused.json()["errors"]) == 1
    refused = operator.post(URL, json=REMINDER | {"domains": [1] * 20, "sources": [{}] * 20})
    assert len(refused.json()["errors"]) <= 100
    refused = operator.patch("/api/guardrails", json={"allowed_recipients": [1] * 5_000})
    assert refused.status_code in {403, 422}
    assert len(refused.content) < 20_000


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: json.dumps(odd)[:60])
def test_odd_proposal_is_refused_in_words_and_breaks_nothing(
    app: Application, agent: TestClient, odd: dict[str, Any]
) -> None:
    answer = agent.post(URL, json=REMINDER | odd)
    assert answer.status_code in {404, 422}, answer.text
    assert answer.json()["detail"].endswith(".")
    assert agent.get(URL).json()["total"] == 0
