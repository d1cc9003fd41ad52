"""What holds of a request before anybody looks at its meaning: HEAD is GET without its body, OPTIONS says what an address
answers, and sizes and media types that nothing here reads are refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem_response

LONGEST_ADDRESS = 8 * 1024
LONGEST_HEADERS = 32 * 1024
"""Bytes; below the limits of servers that answer in their own words."""
_FORM = "multipart/form-data"
_READ = ("application/json", _FORM)
_ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Methods:
    """ASGI middleware around the routes; `routes` are those of the API itself."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await self._options(scope)(scope, receive, send)
        elif scope["method"] == "HEAD":
            await _head(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _options(self, scope: Scope) -> Response:
        found = [method for method in _ASKED if self._answers({**scope, "method": method})]
        if not found:
            said = "There is nothing at this address. See /api/docs for what there is."
            return problem_response(404, said, code="NotFound")
        return Response(status_code=204, headers={"Allow": ", ".join(_allowed(found))})

    def _answers(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._routes)


def _allowed(found: list[str]) -> list[str]:
    return [*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"]


def _refusal(scope: Scope) -> Response | None:
    address = len(scope.get("raw_path") or scope["path"].encode()) + len(scope.get("query_string", b""))
    if address > LONGEST_ADDRESS:
        said = f"The address is longer than {LONGEST_ADDRESS // 1024} KB. Nothing was changed."
        return problem_response(414, said, code="UriTooLong")
    if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > LONGEST_HEADERS:
        said = f"The headers are larger than {LONGEST_HEADERS // 1024} KB. Nothing was changed."
        return problem_response(431, said, code="RequestHeaderFieldsTooLarge")
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if scope["method"] in ("POST", "PUT", "PATCH") and kind and kind not in _READ and not kind.endswith("+json"):
        said = f"A body of the type {kind[:80]} is read nowhere here. Send application/json or, with files, multipart/form-data."
        return problem_response(415, f"{said} Nothing was changed.", code="UnsupportedMediaType")
    if kind == _FORM and scope.get("state", {}).get("actor") is None:  # a form is taken apart before its route is asked
        said = "A form is read only from whoever sends a token that is in force: Authorization: Bearer cs_…"
        challenge = {"WWW-Authenticate": 'Bearer realm="countersign"'}
        return problem_response(401, f"{said} Nothing was changed.", code="Unauthorized", headers=challenge)
    return None


async def _head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """As GET, down to its headers; a stream is told at once that nobody listens."""
    started = False

    async def sending(message: Message) -> None:
        nonlocal started
        if message["type"] == "http.response.start":
            started = True
            await send(message)
            await send({"type": "http.response.body", "body": b""})

    async def receiving() -> Message:
        return {"type": "http.disconnect"} if started else await receive()

    await app({**scope, "method": "GET"}, receiving, sending)
