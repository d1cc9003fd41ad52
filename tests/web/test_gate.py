"""Nobody who is not signed in gets a page, a file or a running script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import SESSION_COOKIE
from web.gate import Gate

HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def client(app: Application) -> Iterator[TestClient]:
    async def page(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("inside")

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("script ran")

    inner = Starlette(
        routes=[WebSocketRoute("/_stcore/stream", stream), Route("/{path:path}", page)],
        middleware=[Middleware(Gate, get_app=lambda: app)],
    )
    with TestClient(inner, follow_redirects=False) as made:
        yield made


def test_new_installation_leads_to_set_up(client: TestClient) -> None:
    answer = client.get("/inbox", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/set-up")


def test_deep_link_leads_to_sign_in_and_is_remembered(client: TestClient, admin: Actor) -> None:
    answer = client.get("/runs?run=12&status=failed", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/sign-in?next=%2Fruns%3Frun%3D12%26status%3Dfailed"


@pytest.mark.parametrize("path", ["/media/abc.csv", "/_stcore/upload_file/s/f", "/_stcore/metrics", "/inbox"])
def test_files_and_uploads_are_refused_without_a_session(client: TestClient, admin: Actor, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.put(path, content=b"x").status_code == 401


def test_script_socket_is_refused_without_a_session(client: TestClient, admin: Actor) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass


def test_script_socket_opens_with_a_session_and_not_after_sign_out(
    client: TestClient, app: Application, admin: Actor
) -> None:
    cookie = app.identity.open_session(admin)
    client.cookies.set(SESSION_COOKIE, cookie)
    with client.websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_text() == "script ran"

    app.identity.sign_out(cookie)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass


@pytest.mark.parametrize("path", ["/auth/sign-in", "/api/health", "/app/static/mark.svg", "/_stcore/health"])
def test_open_doors_need_no_session(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_path_tricks_do_not_pass_as_open_doors(client: TestClient, admin: Actor) -> None:
    for path in ("/auth", "/api", "/authentic/", "//auth/x", "/%2e%2e/auth/"):
        assert client.get(path).status_code in {401, 404} or client.get(path).text != "inside"


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    headers = client.get("/auth/sign-in").headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
