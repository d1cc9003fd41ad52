"""The edge around the API: bounded bodies, no caching, a correlation id, and one answer for what nobody foresaw."""

from __future__ import annotations

import re

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal_error, problem_response
from core.identifiers import new_id

log = structlog.get_logger(__name__)

MAX_JSON_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 6 * 1024 * 1024
MAX_LOG_BYTES = 201 * 1024 * 1024
"""An event log, with what is said of it. Its route reads no byte before it knows who calls."""
_LOGS = "/imports"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Edge:
    """ASGI middleware, outermost. Sizes are counted as they arrive: a length a client states is only a hint."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = ended = False

        async def sending(message: Message) -> None:
            nonlocal started, ended
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            if message["type"] == "http.response.start":
                started = True
                answer = MutableHeaders(scope=message)
                if not scope["path"].endswith((".js", ".css", ".png")):
                    answer["cache-control"] = "no-store"
                answer["x-request-id"] = request_id
            await send(message)

        limit = _limit(scope, headers)
        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                if not _is_text(scope):
                    refusal = problem_response(
                        400,
                        "The address holds a character that no text has. Nothing was changed.",
                        code="InvalidAddress",
                    )
                    await refusal(scope, receive, sending)
                elif _stated_length(headers) > limit:
                    refusal = problem_response(413, _too_large(limit), code="ContentTooLarge")
                    await refusal(scope, receive, sending)
                else:
                    await self._app(scope, _bounded(receive, limit), sending)
            except Exception:  # the process's edge: the caller learns an id, the log has the rest
                log.exception("api.crashed", path=scope["path"], method=scope["method"])
                if not started:
                    await internal_error(request_id)(scope, receive, sending)
                elif not ended:
                    raise


def _limit(scope: Scope, headers: Headers) -> int:
    if not headers.get("content-type", "").startswith("multipart/"):
        return MAX_JSON_BYTES
    is_log = scope["method"] == "POST" and scope["path"].removeprefix(scope.get("root_path", "")) == _LOGS
    return MAX_LOG_BYTES if is_log else MAX_UPLOAD_BYTES


def _bounded(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, _too_large(limit))  # FastAPI lets only this kind through
        return message

    return receiving


def _is_text(scope: Scope) -> bool:
    """Whether address and query are text that PostgreSQL can hold: UTF-8 without NUL."""
    query: bytes = scope.get("query_string", b"")
    return "\0" not in scope["path"] and "\ufffd" not in scope["path"] and b"%00" not in query and b"\0" not in query


def _stated_length(headers: Headers) -> int:
    stated = headers.get("content-length", "")
    return int(stated) if stated.isdecimal() and len(stated) < 20 else 0


def _too_large(limit: int) -> str:
    return f"The body is larger than {limit // (1024 * 1024)} MB. Nothing was saved."
