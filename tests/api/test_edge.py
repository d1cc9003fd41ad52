"""The edge of the API: methods, sizes, media types, origins, and how often a token may call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.app import create_api
from core import bootstrap
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.identity.limits import Buckets, RateLimits
from core.identity.rules import Scope
from core.settings import Settings

ORIGIN = "https://intranet.example.com"


class Time:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_head_is_get_without_its_body(user: TestClient) -> None:
    read, head = user.get("/api/workflows"), user.head("/api/workflows")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(read.content))
    assert user.head("/api/nothing").status_code == 404
    assert TestClient(user.app).head("/api/workflows").status_code == 401


def test_options_says_what_an_address_answers(client: TestClient) -> None:
    answer = client.options("/api/ai-coo/approve-action")
    assert answer.status_code == 204
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert client.options("/api/profile").headers["allow"].startswith("GET, ")
    assert client.options("/api/nothing").status_code == 404


def test_method_that_is_not_answered_says_which_are(user: TestClient) -> None:
    answer = user.put("/api/execution", json={})
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"url": "/api/profile", "params": {"a": "x" * 9000}}, 414, "UriTooLong"),
        ({"url": "/api/profile", "headers": {"x-much": "x" * 40_000}}, 431, "RequestHeaderFieldsTooLarge"),
        (
            {"method": "POST", "url": "/api/execution", "content": b"<a/>", "headers": {"content-type": "text/xml"}},
            415,
            "UnsupportedMediaType",
        ),
    ],
)
def test_request_that_nothing_reads_is_a_problem(
    user: TestClient, request_: dict[str, Any], status: int, code: str
) -> None:
    answer = user.request(**{"method": "GET", **request_})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


# -- origins ------------------------------------------------------------------------------------------------------


def _with(clean_database: str, settings: Settings, clock: ManualClock, **more: Any) -> Application:
    return bootstrap.build(settings.model_copy(update=more), url=clean_database, clock=clock)


def _mounted(app: Application) -> Starlette:
    return Starlette(routes=[Mount("/api", app=create_api(lambda: app))])


def test_no_other_origin_may_call_unless_it_is_named(client: TestClient) -> None:
    for method in ("GET", "OPTIONS"):
        headers = {"origin": ORIGIN, "access-control-request-method": "POST"}
        answer = client.request(method, "/api/health/live", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_named_origin_may_call_and_no_other(clean_database: str, settings: Settings, clock: ManualClock) -> None:
    app = _with(clean_database, settings, clock, cors_origins=frozenset({ORIGIN}))
    client = TestClient(_mounted(app))
    asking = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,idempotency-key",
    }

    preflight = client.options("/api/execution", headers={"origin": ORIGIN, **asking})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in preflight.headers
    refused = client.get("/api/profile", headers={"origin": ORIGIN})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == ORIGIN
    for other in ("https://evil.example.com", f"{ORIGIN}.evil.com", "http://intranet.example.com", "null"):
        answer = client.options("/api/execution", headers={"origin": other, **asking})
        assert "access-control-allow-origin" not in answer.headers, other
    app.close()


@pytest.mark.parametrize("named", ["*", "https://*.example.com", "intranet.example.com", "https://a.b/path", "null"])
def test_origin_is_named_exactly_or_refused(tmp_path: Path, named: str) -> None:
    with pytest.raises(ValidationError, match="origin"):
        Settings(_env_file=None, var_dir=tmp_path, cors_origins=named)


def test_origins_are_read_from_one_line(tmp_path: Path) -> None:
    named: Any = "https://a.example.com, https://b.example.com:8443/"
    found = Settings(_env_file=None, var_dir=tmp_path, cors_origins=named).cors_origins
    assert found == {"https://a.example.com", "https://b.example.com:8443"}


# -- how often ----------------------------------------------------------------------------------------------------


def test_bucket_gives_what_it_holds_and_refills_steadily() -> None:
    time = Time()
    bucket = Buckets(60, time)
    assert [bucket.take("a").allowed for _ in range(61)] == [True] * 60 + [False]
    empty = bucket.look("a")
    assert (empty.remaining, empty.full_in, empty.next_in) == (0, 60, 1)
    assert bucket.take("b").remaining == 59
    time.seconds = 2.0
    assert [bucket.take("a").allowed for _ in range(3)] == [True, True, False]
    time.seconds = 1000.0
    assert bucket.look("a").remaining == 60


def test_bucket_is_not_overdrawn_by_many_at_once() -> None:
    bucket, allowed = Buckets(100, Time()), list[bool]()

    def take() -> None:
        allowed.extend(bucket.take("a").allowed for _ in range(50))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 100


@pytest.fixture
def limited(clean_database: str, settings: Settings, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An application with small limits and a clock for them."""
    built = _with(clean_database, settings, clock)
    time = Time()
    object.__setattr__(built, "rate_limits", RateLimits(calls=3, failures=2, now=time))
    yield built, time
    built.close()


def test_token_that_calls_too_often_waits(limited: tuple[Application, Time]) -> None:
    app, time = limited
    boss = app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
    caller, other = (
        TestClient(_mounted(app), headers={"authorization": f"Bearer {_token(app, boss)}"}) for _ in range(2)
    )

    first = caller.get("/api/profile")
    assert first.headers["ratelimit-policy"] == '"token";q=3;w=60'
    assert first.headers["ratelimit"] == '"token";r=2;t=20'
    assert [caller.get("/api/profile").status_code for _ in range(3)] == [200, 200, 429]
    refused = caller.post("/api/execution", json={"workflow_id": "x"}, headers={"Idempotency-Key": "k"})
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "20"
    assert refused.json()["code"] == "TooManyRequests"
    assert other.get("/api/profile").status_code == 200
    time.seconds = 20.0
    answer = caller.post("/api/execution", json={"workflow_id": "x"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 404


def test_address_that_guesses_waits_and_those_who_are_known_do_not(limited: tuple[Application, Time]) -> None:
    app, time = limited
    boss = app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
    known = TestClient(_mounted(app), headers={"authorization": f"Bearer {_token(app, boss)}"})
    assert known.get("/api/profile").status_code == 200
    guesser = TestClient(_mounted(app))

    def guess(number: int) -> Any:
        return guesser.get("/api/profile", headers={"authorization": f"Bearer cs_{number}"})

    assert [guess(number).status_code for number in range(4)] == [401, 401, 429, 429]
    assert guess(5).headers["retry-after"] == "30"
    assert guesser.get("/api/health/live", headers={"authorization": "Bearer cs_x"}).status_code == 200
    assert known.get("/api/profile").status_code == 200
    time.seconds = 30.0
    assert guess(6).status_code == 401


def test_limit_ends_with_the_token(limited: tuple[Application, Time]) -> None:
    app, _ = limited
    boss = app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
    caller = TestClient(_mounted(app), headers={"authorization": f"Bearer {_token(app, boss)}"})
    assert caller.get("/api/profile").status_code == 200
    for token in app.identity_queries.tokens(boss):
        app.tokens.revoke_token(boss, token.id)
    assert caller.get("/api/profile").status_code == 401


def _token(app: Application, actor: Actor) -> str:
    return app.tokens.issue_token(actor, label="test", scopes=frozenset(Scope))


@pytest.mark.parametrize("token", [None, "cs_unknown"])
def test_form_of_a_stranger_is_not_taken_apart(
    client: TestClient, admin: Actor, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    """FastAPI reads a form before it asks who sends it: six megabytes of these parts cost the process two seconds."""
    monkeypatch.setattr("starlette.requests.Request.form", lambda *_, **__: pytest.fail("it was taken apart"))
    headers = {
        "content-type": "multipart/form-data; boundary=b",
        **({"authorization": f"Bearer {token}"} if token else {}),
    }
    answer = client.post("/api/files", content=b"--b\r\n" + b"\r\n--bX" * 1000, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "Unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_form_without_files_is_read_nowhere(
    client: TestClient, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for caller in (client, as_actor(admin)):
        assert caller.post("/api/files", content=b"&" * 1000, headers=headers).status_code == 415
