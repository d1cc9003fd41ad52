"""The API as it is mounted in the dashboard, on a real database, and callers with tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import ApiMount
from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.identity.rules import Scope
from core.settings import ROOT

EVERY_SCOPE = frozenset(Scope)


@pytest.fixture
def asgi(app: Application) -> Starlette:
    app.catalog.sync(ROOT / "workflows.json")
    return Starlette(routes=[ApiMount(lambda: app)])


@pytest.fixture
def client(asgi: Starlette) -> Iterator[TestClient]:
    """Without a token."""
    with TestClient(asgi, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def as_actor(app: Application, asgi: Starlette) -> Callable[..., TestClient]:
    """A client with a token of `actor`, with every scope unless some are named."""

    def make(actor: Actor, *scopes: Scope) -> TestClient:
        token = app.tokens.issue_token(actor, label="test", scopes=frozenset(scopes) or EVERY_SCOPE)
        return TestClient(asgi, raise_server_exceptions=False, headers={"authorization": f"Bearer {token}"})

    return make


@pytest.fixture
def as_agent(app: Application, admin: Actor, asgi: Starlette) -> Callable[..., TestClient]:
    """A client with a token of an agent."""

    def make(agent_id: str = "scout") -> TestClient:
        app.tokens.add_agent(admin, agent_id, agent_id.title())
        scopes = frozenset({Scope.READ, Scope.PROPOSE})
        token = app.tokens.issue_token(admin, label="test", scopes=scopes, agent_id=agent_id)
        return TestClient(asgi, raise_server_exceptions=False, headers={"authorization": f"Bearer {token}"})

    return make


@pytest.fixture
def user(person: Callable[..., Actor], as_actor: Callable[..., TestClient]) -> TestClient:
    """A person who runs starter workflows."""
    return as_actor(person(Role.USER, tier=Tier.STARTER, name="Ravi"))


@pytest.fixture
def operator(person: Callable[..., Actor], as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(person(Role.OPERATOR, name="Meera"))


@pytest.fixture
def callers(
    person: Callable[..., Actor], admin: Actor, as_actor: Callable[..., TestClient],
    as_agent: Callable[..., TestClient], client: TestClient,
) -> Mapping[str, TestClient]:  # fmt: skip
    """One of each: people with one role alone and every scope, the admin, an agent, and nobody at all."""
    people = {role.value: as_actor(person(role)) for role in Role if role is not Role.ADMIN}
    return {**people, "admin": as_actor(admin), "agent": as_agent(), "nobody": client}
