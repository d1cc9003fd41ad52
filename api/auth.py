"""Who calls: a bearer token becomes an actor, and each route names the scope it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from api.callers import Caller
from api.repeats import Repeat
from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import Scope

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="Bearer token",
    bearerFormat="cs_…",
    description="Made on the page People (for agents) or My profile (your own).",
)


async def countersign(request: Request) -> Application:
    """This process's application."""
    found: Application = request.app.state.get_app()
    return found


App = Annotated[Application, Depends(countersign)]


def scoped(scope: Scope) -> Callable[..., Awaitable[Actor]]:
    """A dependency that answers the calling actor, or refuses: 401 without a valid token, 403 without `scope`."""

    async def caller(
        request: Request, app: App, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Actor:
        token = credentials.credentials if credentials else None
        found: Caller | None = getattr(request.state, "caller", None)
        if found is not None and found.token == token:
            actor = _allowed(found.actor, scope)
        else:
            actor = await to_thread.run_sync(actor_with, app, token, scope)
        repeat: Repeat | None = getattr(request.state, "repeat", None)
        if repeat is not None and not repeat.is_claimed:
            await repeat.begin(request.scope.get("route"))
        return actor

    return caller


def actor_with(app: Application, token: str | None, scope: Scope) -> Actor:
    """The actor of this token as it is now, or HTTPException: 401 without a valid one, 403 where it lacks `scope`."""
    if token is None:
        raise _refusal(401, "Send a token: Authorization: Bearer cs_…", 'Bearer realm="countersign"')
    return _allowed(app.identity_queries.actor_of_token(token), scope)


def _allowed(actor: Actor | None, scope: Scope) -> Actor:
    if actor is None:
        said = "This token is unknown, expired or revoked. Ask an admin for another, or make your own."
        raise _refusal(401, said, 'Bearer realm="countersign", error="invalid_token"')
    if actor.scopes is not None and scope not in actor.scopes:
        said = f"This token lacks the scope {scope.value}. Use one that has it; nothing was changed."
        challenge = f'Bearer realm="countersign", error="insufficient_scope", scope="{scope.value}"'
        raise _refusal(403, said, challenge)
    return actor


def bearer_of(request: Request) -> str | None:
    """The token a request carries, to be asked about again while its answer goes on."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def _refusal(status: int, detail: str, challenge: str) -> HTTPException:
    return HTTPException(status, detail, headers={"WWW-Authenticate": challenge})


Reader = Annotated[Actor, Depends(scoped(Scope.READ))]
Proposer = Annotated[Actor, Depends(scoped(Scope.PROPOSE))]
Decider = Annotated[Actor, Depends(scoped(Scope.DECIDE))]
Runner = Annotated[Actor, Depends(scoped(Scope.EXECUTE))]
Administrator = Annotated[Actor, Depends(scoped(Scope.ADMIN))]
