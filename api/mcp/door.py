"""The MCP server as ASGI: who may knock, by host, origin, method and token, before the protocol hears a byte."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import structlog
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.callers import Callers
from api.edge import MAX_JSON_BYTES, Edge
from api.mcp.server import create_server
from api.problems import problem_response
from core.bootstrap import Application

log = structlog.get_logger(__name__)

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class McpDoor:
    """Answers at `/mcp` while `run` is entered, once a process. It keeps no sessions: any dashboard answers any request."""

    def __init__(self, get_app: Callable[[], Application]) -> None:
        self._get_app = get_app
        self._manager: StreamableHTTPSessionManager | None = None
        self._app: ASGIApp = Edge(Callers(self._answer, get_app))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """For the lifespan of the process; what is being answered when it ends is cancelled."""
        server = create_server(self._get_app)
        manager = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=MAX_JSON_BYTES)
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is None:
            assert self._manager is not None
            try:
                await self._manager.handle_request(scope, receive, send)
                return
            except HTTPException as refused:  # of the edge, which counts the body as it arrives
                refusal = problem_response(refused.status_code, str(refused.detail), code="ContentTooLarge")
        await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_ours(headers):
            said = (
                "This address or origin is not one of this installation, so a foreign page may be asking. "
                "Use PUBLIC_URL's address; nothing was changed."
            )
            return problem_response(403, said, code="ForeignOrigin")
        if scope["method"] != "POST":
            said = "MCP is spoken here by POST alone: there are no sessions to open or end."
            return problem_response(405, said, code="MethodNotAllowed", headers={"Allow": "POST"})
        caller = scope.get("state", {}).get("caller")
        if caller is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="countersign"'}
            said = "Send a token: Authorization: Bearer cs_…"
            return problem_response(401, said, code="Unauthorized", headers=challenge)
        if caller.actor is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="countersign", error="invalid_token"'}
            said = "This token is unknown, expired or revoked. Ask an admin for another, or make your own."
            return problem_response(401, said, code="Unauthorized", headers=challenge)
        if self._manager is None:
            return problem_response(503, "The server is starting or ending. Try again.", code="NotReady")
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Against DNS rebinding: a page of another site that a browser was led to here is told nothing."""
        ours = urlsplit(self._get_app().settings.base_url)
        hosts = _LOOPBACK | {(ours.hostname or "").lower()}
        try:
            given = [headers.get("host", ""), *(urlsplit(one).netloc for one in headers.getlist("origin"))]
        except ValueError:  # an origin that is none
            return False
        return all(_name(one) in hosts for one in given)


def _is_a_failure(record: logging.LogRecord) -> bool:
    """Not so a client that left before its request was whole: the SDK writes a traceback of it."""
    return not (record.exc_info and isinstance(record.exc_info[1], ClientDisconnect))


logging.getLogger("mcp.server.streamable_http").addFilter(_is_a_failure)


def _name(netloc: str) -> str:
    """Without its port; brackets stay around an address of IPv6."""
    if netloc.startswith("["):
        return netloc.partition("]")[0].lower() + "]"
    return netloc.partition(":")[0].lower()
