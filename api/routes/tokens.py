"""Bearer tokens: what programs sign in with. One's own; for admins those of agents and everybody's."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.auth import App, Reader, Runner
from api.models import Answer, Body, Key, Line, Moment
from core.identity.queries import TokenRow
from core.identity.rules import Scope

router = APIRouter(prefix="/tokens", tags=["Tokens"])


class Whose(StrEnum):
    MINE = "mine"
    AGENTS = "agents"
    EVERYBODY = "everybody"


class NewTokenBody(Body):
    label: Line = Field(max_length=80, description="What it is for.", examples=["Nightly import"])
    scopes: list[Scope] = Field(
        min_length=1, max_length=5, description="Within those of the token that makes it.", examples=[["read"]]
    )
    agent_id: Key | None = Field(
        default=None, description="Admins make tokens for agents, which read and propose; else it acts as you."
    )
    expires_at: Moment | None = Field(
        default=None, description="At most a year from now; 90 days from now if not given.", examples=[None]
    )


class TokenAnswer(Answer):
    id: UUID
    label: str
    owner: str = Field(description="The person or agent it acts as.")
    user_id: UUID | None
    agent_id: str | None
    scopes: list[Scope]
    in_force: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    last_used_from: str | None = Field(description="The address it came from then.")


class NewTokenAnswer(TokenAnswer):
    token: str = Field(description="Shown this once and kept nowhere.", examples=["cs_…"])


class TokenList(Answer):
    tokens: list[TokenAnswer]
    total: int
    limit: int
    offset: int


@router.get("", summary="List tokens, those made last first")
def list_tokens(
    app: App,
    actor: Reader,
    whose: Annotated[
        Whose, Query(description="Your own; for admins also those of agents, or everybody's.")
    ] = Whose.MINE,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> TokenList:
    """What a token is worth is nowhere to be read."""
    found, total = app.identity_queries.token_page(
        actor, agents=whose is Whose.AGENTS, everybody=whose is Whose.EVERYBODY, offset=offset, limit=limit
    )
    return TokenList(tokens=[_answer(app, row) for row in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201, summary="Make a token")
def make_token(app: App, actor: Runner, body: NewTokenBody, request: Request, response: Response) -> NewTokenAnswer:
    """It never has more than the token that makes it: no further scope, no later end, nor a role that you lack."""
    made = app.tokens.make_token(
        actor, label=body.label, scopes=frozenset(body.scopes), agent_id=body.agent_id, expires_at=body.expires_at,
        by=request.state.caller.token,
    )  # fmt: skip
    row = app.identity_queries.token(actor, made.token_id)
    response.headers["Location"] = f"/api/tokens/{made.token_id}"
    return NewTokenAnswer(**_answer(app, row).model_dump(), token=made.value)


@router.get("/{token_id}", summary="Read a token")
def read_token(app: App, actor: Reader, token_id: UUID) -> TokenAnswer:
    return _answer(app, app.identity_queries.token(actor, token_id))


@router.delete("/{token_id}", status_code=204, summary="Revoke a token")
def revoke_token(app: App, actor: Runner, token_id: UUID) -> None:
    """Your own, also the one you call with; admins revoke any. It is refused from then on; revoked twice is revoked once."""
    app.tokens.revoke_token(actor, token_id)


def _answer(app: App, row: TokenRow) -> TokenAnswer:
    token, now = row.token, app.clock.now()
    return TokenAnswer(
        id=token.id, label=token.label, owner=row.owner, user_id=token.user_id, agent_id=token.agent_id,
        scopes=[Scope(scope) for scope in token.scopes],
        in_force=token.revoked_at is None and (token.expires_at is None or token.expires_at > now),
        created_at=token.created_at, expires_at=token.expires_at, revoked_at=token.revoked_at,
        last_used_at=token.last_used_at, last_used_from=token.last_used_from,
    )  # fmt: skip
