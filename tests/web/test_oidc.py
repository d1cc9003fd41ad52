"""Single sign-on against a provider that speaks OpenID Connect over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import SESSION_COOKIE
from tests.doubles.openid import OpenIdProvider
from tests.doubles.serving import serve
from web.sign_in import create_sign_in

RAVI = {"sub": "248289761001", "email": "ravi@example.com", "email_verified": True, "name": "Ravi Iyer"}


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    made = OpenIdProvider(dict(RAVI))
    with serve(made.app()) as url:
        made.issuer = url
        yield made


@pytest.fixture
def client(app: Application, admin: Actor, provider: OpenIdProvider) -> Iterator[TestClient]:
    changes: dict[str, Any] = {
        "oidc_issuer": provider.issuer, "oidc_client_id": "countersign", "oidc_name": "Example Login",
        "public_url": "http://testserver",
    }  # fmt: skip
    settings = app.settings.model_copy(update=changes)
    site = Starlette(routes=[Mount("/auth", app=create_sign_in(lambda: app, settings, "a secret for tests"))])
    with TestClient(site, follow_redirects=False) as made:
        yield made


def walk(client: TestClient) -> httpx2.Response:
    """From our button to the provider and back, as a browser goes."""
    there = client.get("/auth/oidc?next=/runs").headers["location"]
    back = httpx2.get(there).headers["location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def test_new_person_gets_an_account_with_the_least_role(client: TestClient, app: Application) -> None:
    assert "Continue with Example Login" in client.get("/auth/sign-in").text
    answer = walk(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    actor = app.identity_queries.actor_of_session(client.cookies[SESSION_COOKIE])
    assert actor is not None
    assert (actor.name, sorted(actor.roles)) == ("Ravi Iyer", ["user"])


def test_returning_person_keeps_the_account(client: TestClient, app: Application, provider: OpenIdProvider) -> None:
    walk(client)
    provider.claims["email"] = "ravi.new@example.com"
    walk(client)
    assert app.identity_queries.people(text="ravi")[1] == 1


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": ""}])
def test_unverified_address_opens_nothing(client: TestClient, provider: OpenIdProvider, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    answer = walk(client)
    assert answer.status_code == 401
    assert "no verified e-mail address" in answer.text
    assert SESSION_COOKIE not in client.cookies


def test_forged_callback_opens_nothing(client: TestClient) -> None:
    answer = client.get("/auth/oidc/callback?code=stolen&state=forged")
    assert answer.status_code == 401
    assert SESSION_COOKIE not in client.cookies


def test_deactivated_person_is_refused(client: TestClient, app: Application, admin: Actor) -> None:
    walk(client)
    user = app.identity_queries.people(text="ravi")[0][0].user
    app.identity.change_user(admin, user.id, active=False)
    client.cookies.clear()
    assert walk(client).status_code == 401
