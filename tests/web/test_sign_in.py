"""Set-up, sign-in and sign-out through their forms, and what hostile posts get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.identity.rules import ATTEMPT_WINDOW, SESSION_COOKIE
from tests.conftest import PASSWORD
from web.forms import safe_next
from web.sign_in import create_sign_in


@dataclass
class Visitor:
    client: TestClient
    headers: dict[str, str] = field(default_factory=dict)

    def token(self, path: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.client.get(path).text)
        assert found is not None
        return found.group(1)

    def post(self, path: str, *, token: str | None = None, **values: str) -> tuple[int, str, str]:
        data = {"token": self.token(path) if token is None else token, **values}
        answer = self.client.post(path, data=data, headers=self.headers)
        return answer.status_code, answer.headers.get("location", ""), answer.text


@pytest.fixture
def visitor(app: Application) -> Iterator[Visitor]:
    site = Starlette(routes=[Mount("/auth", app=create_sign_in(lambda: app, app.settings, "a secret for tests"))])
    with TestClient(site, follow_redirects=False) as client:
        yield Visitor(client)


def test_first_person_becomes_admin_and_is_signed_in(visitor: Visitor, app: Application) -> None:
    status, location, _ = visitor.post("/auth/set-up", name="Asha Rao", email="asha@example.com", password=PASSWORD)
    assert (status, location) == (303, "/")
    actor = app.identity_queries.actor_of_session(visitor.client.cookies[SESSION_COOKIE])
    assert actor is not None and "admin" in actor.roles


def test_set_up_is_closed_once_there_is_an_admin(visitor: Visitor, admin: Actor, app: Application) -> None:
    assert visitor.client.get("/auth/set-up").headers["location"] == "/auth/sign-in"
    token = visitor.token("/auth/sign-in")
    status, location, _ = visitor.post("/auth/set-up", token=token, name="M", email="m@example.com", password=PASSWORD)
    assert (status, location) == (303, "/auth/sign-in")
    assert app.identity_queries.people()[1] == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"email": "not an address"}, "E-mail"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "x" * 500}, "at most 200 characters"),
        ({"name": "   "}, "1 to 120 characters"),
        ({"name": "<script>alert(1)</script>", "password": "short"}, "&lt;script&gt;"),
    ],
)
def test_set_up_says_what_is_wrong_and_keeps_what_was_typed(
    visitor: Visitor, values: dict[str, str], words: str
) -> None:
    good = {"name": "Asha", "email": "asha@example.com", "password": PASSWORD}
    status, _, html = visitor.post("/auth/set-up", **(good | values))
    assert status == 422
    assert words in html and "<script>alert" not in html


def test_sign_in_leads_to_the_page_that_was_asked_for(visitor: Visitor, admin: Actor) -> None:
    status, location, _ = visitor.post(
        "/auth/sign-in", email="Asha@Example.com", password=PASSWORD, next="/runs?run=12"
    )
    assert (status, location) == (303, "/runs?run=12")
    cookie = next(c for c in visitor.client.cookies.jar if c.name == SESSION_COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "lax"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/auth/sign-out", "/a\nb",
        "//[evil.example", "//\u2100.example",
    ],
)  # fmt: skip
def test_sign_in_never_leads_elsewhere(wanted: str) -> None:
    assert safe_next(wanted) == "/"


def test_wrong_password_and_unknown_person_read_the_same(visitor: Visitor, admin: Actor) -> None:
    wrong = visitor.post("/auth/sign-in", email="asha@example.com", password="wrong password 1")
    nobody = visitor.post("/auth/sign-in", email="nobody@example.com", password="wrong password 1")
    message = re.compile(r'role="alert">([^<]+)')
    assert wrong[0] == nobody[0] == 401
    assert message.findall(wrong[2]) == message.findall(nobody[2])


def test_sixth_guess_must_wait_even_with_the_right_password(visitor: Visitor, admin: Actor, clock: ManualClock) -> None:
    for _ in range(5):
        assert visitor.post("/auth/sign-in", email="asha@example.com", password="wrong password 1")[0] == 401
    assert visitor.post("/auth/sign-in", email="asha@example.com", password=PASSWORD)[0] == 429

    clock.advance(ATTEMPT_WINDOW * 1.1)
    assert visitor.post("/auth/sign-in", email="asha@example.com", password=PASSWORD)[0] == 303


def test_form_from_elsewhere_is_refused(visitor: Visitor, admin: Actor) -> None:
    good = {"email": "asha@example.com", "password": PASSWORD}
    assert visitor.post("/auth/sign-in", token="", **good)[0] == 400
    assert visitor.post("/auth/sign-in", token="forged", **good)[0] == 400
    for origin in ("https://evil.example", "http://[", "evil"):
        visitor.headers = {"origin": origin}
        assert visitor.post("/auth/sign-in", **good)[0] == 400
    visitor.headers = {}
    token = visitor.token("/auth/sign-in")
    visitor.client.cookies.delete("countersign_form")
    assert visitor.post("/auth/sign-in", token=token, **good)[0] == 400


def test_sign_out_ends_the_session_and_needs_a_post(visitor: Visitor, admin: Actor, app: Application) -> None:
    visitor.post("/auth/sign-in", email="asha@example.com", password=PASSWORD)
    cookie = visitor.client.cookies[SESSION_COOKIE]
    visitor.client.get("/auth/sign-out")
    assert app.identity_queries.actor_of_session(cookie) is not None

    assert visitor.post("/auth/sign-out")[0] == 303
    assert app.identity_queries.actor_of_session(cookie) is None


def test_deactivated_person_is_out_at_once(visitor: Visitor, admin: Actor, app: Application) -> None:
    user_id = app.identity.add_user(
        admin, email="ravi@example.com", name="Ravi", password=PASSWORD, roles=frozenset(), tier=admin.tier
    )
    visitor.post("/auth/sign-in", email="ravi@example.com", password=PASSWORD)
    cookie = visitor.client.cookies[SESSION_COOKIE]
    app.identity.change_user(admin, user_id, active=False)
    assert app.identity_queries.actor_of_session(cookie) is None
    assert visitor.post("/auth/sign-in", email="ravi@example.com", password=PASSWORD)[0] == 401


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_strangers_form_is_not_read_beyond_what_ours_need(
    visitor: Visitor, admin: Actor, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Taken apart as any form is, eight megabytes of this kept the process from everybody else for seconds."""
    monkeypatch.setattr("starlette.requests.Request.form", lambda *_: pytest.fail("it was taken apart"))
    start = b'--b\r\ncontent-disposition: form-data; name="f"\r\n\r\n' if "multipart" in kind else b""
    answer = visitor.client.post("/auth/sign-in", content=start + b"&" * 2**23, headers={"content-type": kind})
    assert (answer.status_code, "Fill it in once more" in answer.text) == (400, True)
