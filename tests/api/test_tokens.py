"""Tokens over the API: made within what the asking token has, listed to whom they concern, revoked at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import NotAllowed
from core.identity.rules import Scope

NEW = {"label": "Import", "scopes": ["read", "execute"]}


@pytest.fixture
def boss(as_actor: Callable[..., TestClient], admin: Actor) -> TestClient:
    return as_actor(admin)


def _made(caller: TestClient, **more: Any) -> Any:
    return caller.post("/api/tokens", json={**NEW, **more})


def _with(caller: TestClient, token: str) -> TestClient:
    return TestClient(caller.app, headers={"authorization": f"Bearer {token}"})


def test_token_is_made_shown_once_used_and_revoked(user: TestClient, clock: ManualClock) -> None:
    answer = _made(user)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    own = _with(user, made["token"])
    assert own.get("/api/profile").status_code == 200

    read = user.get(answer.headers["location"]).json()
    assert "token" not in read
    assert read["last_used_from"] == "testclient"
    assert read["expires_at"].startswith("2026-04-05")  # 90 days
    assert next(one["id"] for one in user.get("/api/tokens").json()["tokens"]) == made["id"]

    assert own.delete(f"/api/tokens/{made['id']}").status_code == 204
    assert own.get("/api/profile").status_code == 401
    assert user.delete(f"/api/tokens/{made['id']}").status_code == 204
    assert user.get(f"/api/tokens/{made['id']}").json()["in_force"] is False


def test_repeat_makes_no_second_token_and_shows_the_first_to_nobody(app: Application, user: TestClient) -> None:
    key = {"Idempotency-Key": "k"}
    made = user.post("/api/tokens", json=NEW, headers=key)
    again = user.post("/api/tokens", json=NEW, headers=key)
    assert again.status_code == 409
    assert again.json()["code"] == "AnswerNotKept"
    assert made.json()["token"] not in again.text
    assert user.get("/api/tokens").json()["total"] == 2  # with the one that asks


def test_token_cannot_make_one_with_more_than_it_has(
    as_actor: Callable[..., TestClient], person: Callable[..., Actor]
) -> None:
    caller = as_actor(person(Role.USER), Scope.READ, Scope.EXECUTE)
    refused = _made(caller, scopes=["read", "decide"])
    assert refused.status_code == 422
    assert "lacks decide" in refused.json()["detail"]
    assert _made(as_actor(person(Role.USER), Scope.READ)).status_code == 403


def test_token_made_by_one_that_ends_does_not_outlive_it(
    app: Application, user: TestClient, person: Callable[..., Actor], clock: ManualClock
) -> None:
    ends = clock.now() + timedelta(days=10)
    value = app.tokens.issue_token(
        person(Role.USER), label="short", scopes=frozenset({Scope.READ, Scope.EXECUTE}), expires_at=ends
    )
    caller = _with(user, value)
    assert _made(caller, expires_at=(ends + timedelta(seconds=1)).isoformat()).status_code == 422
    assert _made(caller).json()["expires_at"] == ends.isoformat().replace("+00:00", "Z")
    clock.advance(timedelta(days=10))
    assert caller.get("/api/profile").status_code == 401


def test_end_is_within_a_year_and_to_come(user: TestClient, clock: ManualClock) -> None:
    for days in (-1, 366):
        assert _made(user, expires_at=(clock.now() + timedelta(days=days)).isoformat()).status_code == 422


def test_agents_tokens_read_and_propose_and_admins_make_them(
    app: Application, boss: TestClient, user: TestClient, admin: Actor, as_actor: Callable[..., TestClient]
) -> None:
    app.tokens.add_agent(admin, "scout", "Scout")
    assert _made(boss, agent_id="scout", scopes=["read", "decide"]).status_code == 422
    assert _made(user, agent_id="scout", scopes=["read"]).status_code == 403
    weaker = as_actor(admin, Scope.READ, Scope.EXECUTE)
    assert _made(weaker, agent_id="scout", scopes=["read"]).status_code == 403
    made = _made(boss, agent_id="scout", scopes=["read", "propose"]).json()
    assert (made["agent_id"], made["owner"], made["user_id"]) == ("scout", "Scout", None)
    assert _made(boss, agent_id="nobody", scopes=["read"]).status_code == 404
    assert _made(_with(boss, made["token"]), scopes=["read"]).status_code == 403


def test_agent_is_refused_by_the_service_too(app: Application, admin: Actor) -> None:
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", roles=frozenset(Role))
    with pytest.raises(NotAllowed):
        app.tokens.issue_token(scout, label="x", scopes=frozenset({Scope.READ}))


def test_others_tokens_are_for_admins(
    app: Application, boss: TestClient, user: TestClient, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    made = _made(user).json()
    theirs = boss.get("/api/tokens", params={"whose": "everybody"}).json()
    assert made["id"] in {one["id"] for one in theirs["tokens"]}
    assert made["id"] not in {one["id"] for one in boss.get("/api/tokens").json()["tokens"]}
    assert user.get("/api/tokens", params={"whose": "everybody"}).status_code == 403
    assert user.get("/api/tokens", params={"whose": "agents"}).status_code == 403
    other = app.identity_queries.tokens(admin)[0].id
    assert user.get(f"/api/tokens/{other}").status_code == 404
    assert user.delete(f"/api/tokens/{other}").status_code == 404

    weaker = as_actor(admin, Scope.READ, Scope.EXECUTE)
    assert weaker.delete(f"/api/tokens/{made['id']}").status_code == 403
    assert boss.delete(f"/api/tokens/{made['id']}").status_code == 204
    assert _with(user, made["token"]).get("/api/profile").status_code == 401


def test_scopes_never_widen_roles_and_roles_are_those_of_now(
    app: Application, as_actor: Callable[..., TestClient], person: Callable[..., Actor], admin: Actor
) -> None:
    ravi = person(Role.ADMIN)
    caller = as_actor(ravi)  # with every scope
    assert caller.get("/api/webhooks").status_code == 200
    app.identity.change_user(admin, UUID(ravi.id), roles=frozenset({Role.USER}))
    assert caller.get("/api/webhooks").status_code == 403
    body = {"url": "https://hooks.example.com/x", "events": ["decision.waiting"]}
    assert caller.post("/api/webhooks", json=body).status_code == 403
    assert caller.get("/api/profile").status_code == 200
    app.identity.change_user(admin, UUID(ravi.id), active=False)
    assert caller.get("/api/profile").status_code == 401


def test_list_is_paged(user: TestClient) -> None:
    for _ in range(3):
        _made(user)
    page = user.get("/api/tokens", params={"limit": 2, "offset": 2}).json()
    assert (len(page["tokens"]), page["total"]) == (2, 4)
