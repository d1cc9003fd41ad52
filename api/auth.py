"""Who calls: a bearer token becomes an actor, and each route names the scope it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import Scope

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="Bearer token",
    bearerFormat="cs_…",
    description="Made on the page People (for agents) or My profile (your own).",
)


def countersign(request: Request) -> Application:
    """This process's application."""
    found: Application = request.app.state.get_app()
    return found


App = Annotated[Application, Depends(countersign)]


def scoped(scope: Scope) -> Callable[..., Actor]:
    """A dependency that answers the calling actor, or refuses: 401 without a valid token, 403 without `scope`."""

    def caller(app: App, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Actor:
        if credentials is None:
            raise _refusal(401, "Send a token: Authorization: Bearer cs_…", 'Bearer realm="countersign"')
        actor = app.identity_queries.actor_of_token(credentials.credentials)
        if actor is None:
            said = "This token is unknown, expired or revoked. Ask an admin for another, or make your own."
            raise _refusal(401, said, 'Bearer realm="countersign", error="invalid_token"')
        if actor.scopes is not None and scope not in actor.scopes:
            said = f"This token lacks the scope {scope.value}. Use one that has it; nothing was changed."
            challenge = f'Bearer realm="countersign", error="insufficient_scope", scope="{scope.value}"'
            raise _refusal(403, said, challenge)
        return actor

    return caller


def _refusal(status: int, detail: str, challenge: str) -> HTTPException:
    return HTTPException(status, detail, headers={"WWW-Authenticate": challenge})


Reader = Annotated[Actor, Depends(scoped(Scope.READ))]
Proposer = Annotated[Actor, Depends(scoped(Scope.PROPOSE))]
Decider = Annotated[Actor, Depends(scoped(Scope.DECIDE))]
Runner = Annotated[Actor, Depends(scoped(Scope.EXECUTE))]
Administrator = Annotated[Actor, Depends(scoped(Scope.ADMIN))]
