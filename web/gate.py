"""The gate in front of every page: no script runs, and no file is handed out, for a browser that is not signed in.

Streamlit would run a page of the `pages/` folder for the first anonymous deep link to a fresh process, before
Home.py had a say. Here the WebSocket that runs scripts is refused before Streamlit sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.bootstrap import Application
from core.identity.rules import SESSION_COOKIE

_OPEN = (
    "/auth/",
    "/api/",
    "/answer/",
    "/app/static/",
    "/static/",
    "/_stcore/health",
    "/_stcore/host-config",
    "/favicon",
)
"""Prefixes that anyone may ask for; the API checks its own bearer tokens."""

_MCP = "/mcp"
"""This very path: the MCP server checks bearer tokens as the API does."""

_METRICS = "/metrics"
"""Asks for a token of its own, and answers 404 to whoever has none."""

_ROBOTS = "/robots.txt"
"""What crawlers ask of this host before they look at a published site."""

_SITES = "/sites/"
"""Published websites; nothing but their own app answers below it, which knows neither sessions nor pages."""

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"content-security-policy": (
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; connect-src 'self' ws: wss: blob: data:; "
        b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}
"""Streamlit's frontend needs inline styles and eval; everything from another host stays out."""


class Gate:
    """ASGI middleware; `get_app` answers this process's application."""

    def __init__(self, app: ASGIApp, get_app: Callable[[], Application]) -> None:
        self._app, self._get_app = app, get_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if _is_open(scope) or await self._is_signed_in(connection):
            await self._app(scope, receive, _with_headers(send) if scope["type"] == "http" else send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "Sign in first"})
        else:
            answer = await self._turn_away(connection, str(scope["method"]))
            await answer(scope, receive, _with_headers(send))

    async def _is_signed_in(self, connection: HTTPConnection) -> bool:
        cookie = connection.cookies.get(SESSION_COOKIE)
        queries = self._get_app().identity_queries
        return cookie is not None and await to_thread.run_sync(queries.actor_of_session, cookie) is not None

    async def _turn_away(self, connection: HTTPConnection, method: str) -> Response:
        if method != "GET" or "text/html" not in connection.headers.get("accept", ""):
            return PlainTextResponse("Sign in first.", status_code=401)
        if not await to_thread.run_sync(self._get_app().identity_queries.is_set_up):
            return RedirectResponse("/auth/set-up", status_code=303)
        wanted = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
        return RedirectResponse(f"/auth/sign-in?next={quote(wanted, safe='')}", status_code=303)


def _is_open(scope: Scope) -> bool:
    """Of the path as it is routed by, decoded once: what it was spelled as opens nothing."""
    path = str(scope["path"])
    exact = path in {_METRICS, _MCP, _ROBOTS}
    return path.startswith(_OPEN) or exact or (scope["type"] == "http" and path.startswith(_SITES))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.setdefault("headers", [])
            present = {name.lower() for name, _ in headers}
            headers.extend((name, value) for name, value in _HEADERS.items() if name not in present)
        await send(message)

    return sending
