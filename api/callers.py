"""Who calls, found once a request before anything else is done; and how often one token, or one guesser, may.

The same middleware goes around whatever else takes bearer tokens: it leaves the actor in `scope["state"]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem_response
from core.actor import Actor
from core.bootstrap import Application
from core.identity.limits import WINDOW_SECONDS, Standing
from core.identity.service import token_hash

_OPEN = ("/health", "/docs", "/openapi.json")
"""What answers anybody, even while the database does not."""
_LONGEST_TOKEN = 500


@dataclass(frozen=True)
class Caller:
    """A token as it was presented, and whom it stands for; None: nobody."""

    token: str
    actor: Actor | None


class Callers:
    """ASGI middleware; `get_app` answers this process's application."""

    def __init__(self, app: ASGIApp, get_app: Callable[[], Application]) -> None:
        self._app, self._get_app = app, get_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = bearer_token(scope) if scope["type"] == "http" else None
        if token is None or scope["path"].removeprefix(scope.get("root_path", "")).startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        app, key = self._get_app(), token_hash(token)
        limits, address = app.rate_limits, address_of(scope)
        if not limits.calls.knows(key) and not (guesses := limits.failures.look(address)).allowed:
            await _guessing(guesses)(scope, receive, send)
            return
        standing = limits.calls.look(key)
        if standing.allowed:
            actor = await to_thread.run_sync(app.identity_queries.actor_of_token, token, address)
            if actor is None:
                limits.failures.take(address)
            else:
                standing = limits.calls.take(key)
            state = scope.setdefault("state", {})
            state["caller"], state["actor"] = Caller(token, actor), actor
            await self._app(scope, receive, send if actor is None else _telling(send, standing))
        else:
            await _too_often(standing)(scope, receive, _telling(send, standing))


def bearer_token(scope: Scope) -> str | None:
    """What is presented as a bearer token, whatever it is worth."""
    scheme, _, value = Headers(scope=scope).get("authorization", "").partition(" ")
    return value.strip()[:_LONGEST_TOKEN] if scheme.lower() == "bearer" and value.strip() else None


def address_of(scope: Scope) -> str:
    """Of the caller, as the server knows it: behind a proxy it is the server that must trust that proxy."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _telling(send: Send, standing: Standing) -> Send:
    """`send` that says where the caller stands (draft-ietf-httpapi-ratelimit-headers-10)."""
    if standing.limit is None:
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"] = f'"token";q={standing.limit};w={WINDOW_SECONDS}'
            headers["RateLimit"] = f'"token";r={standing.remaining};t={standing.full_in}'
        await send(message)

    return sending


def _too_often(standing: Standing) -> Response:
    said = (
        f"This token has called more than {standing.limit} times a minute. "
        f"Wait {standing.next_in} s, then send the same again; nothing was changed."
    )
    return problem_response(429, said, code="TooManyRequests", headers={"Retry-After": str(standing.next_in)})


def _guessing(standing: Standing) -> Response:
    said = (
        "Too many tokens from this address opened nothing. "
        f"Wait {standing.next_in} s, then use one that is in force; nothing was changed."
    )
    return problem_response(429, said, code="TooManyAttempts", headers={"Retry-After": str(standing.next_in)})
