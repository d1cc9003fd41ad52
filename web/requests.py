"""What every HTTP request leaves behind: a count and a time by route, a line in the log, and an id on everything in it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.correlation import request_bound
from core.identifiers import new_id

log = structlog.get_logger("http")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = ("/metrics", "/api/health", "/_stcore/health")
"""Asked every few seconds by machines: counted, but not worth a line."""

Observe = Callable[[str, str, int, float], None]
"""`observe(method, route, status, seconds until the answer began)`."""


class Requests:
    """ASGI middleware, outermost. Routes are those of the routers, never what somebody typed: labels must be few."""

    def __init__(self, app: ASGIApp, observe: Observe, opened: Callable[[int], None], lines: bool) -> None:
        """`opened(±1)` is told of WebSockets; with `lines` each request is one line of the log."""
        self._app, self._observe, self._opened, self._lines = app, observe, opened, lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self._opened(1)
            try:
                await self._app(scope, receive, send)
            finally:
                self._opened(-1)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request = given if _REQUEST_ID.fullmatch(given) else new_id().hex
        began, status = time.perf_counter(), 0
        path = str(scope["path"])
        seconds = 0.0

        async def sending(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = int(message["status"]), time.perf_counter() - began
                answer = MutableHeaders(scope=message)
                answer.setdefault("x-request-id", request)
            await send(message)

        scope["headers"] = [*(pair for pair in scope["headers"] if pair[0] != b"x-request-id"),
                            (b"x-request-id", request.encode())]  # fmt: skip
        with request_bound(request):
            try:
                await self._app(scope, receive, sending)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                route = route_of(scope, path)
                # without an answer the client went away, or the process could give none
                self._observe(method, route, status, seconds or time.perf_counter() - began)
                if self._lines and not path.startswith(_QUIET):
                    log.info("http.answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def route_of(scope: Scope, path: str) -> str:
    """The template of the route that answered; for what has none, the part of the product it belongs to."""
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if isinstance(template, str) and template and not template.endswith("{path:path}"):
        root = str(scope.get("root_path", ""))
        return template if template.startswith(root) else f"{root}{template}"
    first = path.split("/", 2)[1] if path.count("/") else ""
    return {
        "": "/", "api": "/api (no route)", "auth": "/auth", "sites": "/sites", "preview": "/preview", "mcp": "/mcp",
        "static": "/static", "app": "/static", "_stcore": "/_stcore", "metrics": "/metrics",
    }.get(first, "/ (pages)")  # fmt: skip
