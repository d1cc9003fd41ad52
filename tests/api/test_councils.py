"""Councils, delegations and ballots over the API: a card is reviewed from founding to execution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope

Caller = Callable[..., TestClient]
MAIL = {"to": ["a@example.com"], "subject": "Hello", "body": "One"}


@pytest.fixture
def finance(as_actor: Caller, admin: Actor, person: Callable[..., Actor]) -> tuple[dict[str, Any], Actor, Actor]:
    """A council of two, both of whom must approve what is about finance."""
    asha, bela = person(Role.COUNCIL, name="Asha Rao"), person(Role.COUNCIL, name="Bela Kun")
    body = {
        "id": "finance", "name": "Finance", "policy": {"rule": "unanimous"}, "members": [asha.id, bela.id],
        "domains": ["finance"], "criteria": ["The amount is agreed"], "threshold": {"amount": "500", "currency": "USD"},
    }  # fmt: skip
    answer = as_actor(admin).post("/api/councils", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/api/councils/finance" and answer.headers["etag"] == '"1"'
    made: dict[str, Any] = answer.json()
    return made, asha, bela


def propose(app: Application, admin: Actor) -> UUID:
    return app.actions.propose(admin, "email_send", MAIL, title="Write to A", domains=("finance",))


def test_council_is_changed_by_version_and_switched_off_and_on(
    as_actor: Caller, admin: Actor, finance: tuple[dict[str, Any], Actor, Actor]
) -> None:
    made, asha, _ = finance
    caller, address = as_actor(admin), "/api/councils/finance"
    body = {"name": "Money", "members": [asha.id]}

    assert caller.put(address, json=body).status_code == 428
    changed = caller.put(address, json=body, headers={"if-match": '"1"'})
    assert changed.json()["name"] == "Money" and changed.headers["etag"] == '"2"'
    assert changed.json()["criteria"] == [] and made["criteria"] == ["The amount is agreed"]
    stale = caller.put(f"{address}/members", json={"members": [asha.id]}, headers={"if-match": '"1"'})
    assert stale.status_code in {409, 412}
    off = caller.patch(address, json={"active": False}, headers={"if-match": "*"})
    assert off.json()["active"] is False
    assert [one["id"] for one in caller.get("/api/councils").json()["councils"]] == ["finance"]
    assert caller.post("/api/councils", json={"id": "finance", **body}).status_code == 409
    refused = caller.post("/api/councils", json={"id": "empty", "name": "Empty", "members": []})
    assert refused.status_code == 422 and refused.json()["code"] == "CannotApprove"


def test_card_under_review_is_voted_on_by_its_members_and_then_runs(
    app: Application, as_actor: Caller, admin: Actor, finance: tuple[dict[str, Any], Actor, Actor]
) -> None:
    _, asha, bela = finance
    action_id = propose(app, admin)
    first, second, outsider = as_actor(asha), as_actor(bela), as_actor(admin)
    (waiting,) = first.get("/api/decisions").json()["decisions"]
    assert (waiting["kind"], waiting["subject_id"]) == ("action", str(action_id))
    assert waiting["panels"][0]["council_name"] == "Finance" and waiting["panels"][0]["mine"] is True
    address = f"/api/decisions/{waiting['id']}/ballots"
    ballot = {"vote": "approve", "digest": waiting["digest"], "checklist": {"The amount is agreed": "met"}}

    assert outsider.post(address, json=ballot).status_code == 403
    assert first.post(address, json={**ballot, "digest": "0" * 64}).status_code == 409
    assert first.post(address, json={**ballot, "checklist": {"It is nice": "met"}}).status_code == 422
    voted = first.post(address, json=ballot)
    assert voted.status_code == 201 and voted.json()["state"] == "open"
    assert voted.json()["ballots"][0]["checklist"] == {"The amount is agreed": "met"}
    assert first.post(address, json=ballot).status_code == 409
    assert first.get("/api/decisions").json()["total"] == 0
    done = second.post(address, json={**ballot, "checklist": None})
    assert (done.json()["state"], done.json()["decided_by"]) == ("approved", "ballots")
    assert outsider.get(f"/api/actions/{action_id}").json()["status"] == "approved"


def test_rejection_over_the_api_needs_a_reason(
    app: Application, as_actor: Caller, admin: Actor, finance: tuple[dict[str, Any], Actor, Actor]
) -> None:
    _, asha, _ = finance
    propose(app, admin)
    caller = as_actor(asha)
    (waiting,) = caller.get("/api/decisions").json()["decisions"]
    address = f"/api/decisions/{waiting['id']}/ballots"
    assert caller.post(address, json={"vote": "reject", "digest": waiting["digest"]}).status_code == 422
    closed = caller.post(address, json={"vote": "reject", "digest": waiting["digest"], "reason": "Too early"})
    assert closed.json()["state"] == "rejected"


def test_seat_is_given_and_taken_back(
    app: Application, as_actor: Caller, admin: Actor, finance: tuple[dict[str, Any], Actor, Actor],
    person: Callable[..., Actor],
) -> None:  # fmt: skip
    _, asha, bela = finance
    chen = person(Role.COUNCIL)
    propose(app, admin)
    ends = (app.clock.now() + timedelta(days=7)).isoformat()
    given = as_actor(asha).post("/api/delegations", json={"to": chen.id, "ends_at": ends, "council_id": "finance"})
    assert given.status_code == 201 and given.json()["council_name"] == "Finance"
    address = f"/api/delegations/{given.json()['id']}"
    assert as_actor(asha).get(address).json()["in_force"] is True
    (waiting,) = as_actor(chen).get("/api/decisions").json()["decisions"]
    assert waiting["votes_for"] == "Asha Rao"

    assert as_actor(bela).delete(address).status_code == 404
    assert as_actor(asha).delete(address).status_code == 204

    assert as_actor(chen).get("/api/decisions").json()["total"] == 0
    assert as_actor(asha).get("/api/delegations?mine=true").json()["delegations"] == []


def test_programs_and_weak_tokens_decide_nothing(
    app: Application, as_actor: Caller, admin: Actor, finance: tuple[dict[str, Any], Actor, Actor],
    person: Callable[..., Actor],
) -> None:  # fmt: skip
    _, asha, _ = finance
    propose(app, admin)
    (waiting,) = as_actor(asha).get("/api/decisions").json()["decisions"]
    ballot = {"vote": "approve", "digest": waiting["digest"]}
    address = f"/api/decisions/{waiting['id']}/ballots"
    weak = as_actor(asha, Scope.READ, Scope.PROPOSE)
    assert weak.post(address, json=ballot).status_code == 403
    decider = as_actor(admin, Scope.DECIDE, Scope.READ)
    body = {"id": "mine", "name": "Mine", "members": [admin.id]}
    assert decider.post("/api/councils", json=body).status_code == 403
    stranger = as_actor(person(Role.USER))
    assert stranger.get(f"/api/decisions/{waiting['id']}").status_code == 404
    assert stranger.get("/api/decisions?mine=false").json()["total"] == 0
    assert stranger.get("/api/councils").status_code == 403
    assert as_actor(asha).get(f"/api/decisions/{uuid4()}").status_code == 404
