"""Approve and execute in one request: countersigns the current plan and waits for the worker's receipt (SPEC R3)."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import anyio
from anyio import to_thread
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api.action_bodies import Digest
from api.auth import App, Decider
from api.etag import IfMatch, VersionGone, stated_version
from api.models import Answer, Body
from api.prefer import Prefer, patience
from api.problems import problem_response
from core.actions.cards import Card
from core.actions.queries import Progress
from core.actions.rules import ActionAlreadyDecided, ActionExpired, ActionState, PlanChanged
from core.actor import Actor
from core.bootstrap import Application

router = APIRouter(prefix="/ai-coo", tags=["Actions"])

_LOOK_EVERY_SECONDS = 0.1
_UNDER_WAY = frozenset({ActionState.APPROVED, ActionState.EXECUTING})
_REASON = "Approved over the API"


class ApproveActionBody(Body):
    action_id: UUID | None = Field(default=None, alias="actionId", description="Which action; 400 without one.")
    plan_digest: Digest | None = Field(
        default=None, alias="planDigest", description="Of the plan you read; without it, whatever plan there is now."
    )


class ExecutionResult(Answer):
    reference: str | None = Field(description="The outside system's own name for what was done.")
    message: str
    url: str | None
    executed_at: datetime | None


class Executed(Answer):
    success: bool
    status: ActionState
    result: ExecutionResult


class StillOpen(Answer):
    success: bool
    status: ActionState
    status_url: str = Field(description="Where to look for the outcome.")
    detail: str


@router.post(
    "/approve-action",
    summary="Approve an action and wait for its outcome",
    response_model=Executed,
    responses={
        202: {"model": StillOpen, "description": "Approved, or your vote counted; not executed yet."},
        400: {"description": "No `actionId`, or the action was already processed."},
        409: {
            "description": "Approved, and it came back with a new plan, because something had moved; or it needs review."
        },
        500: {"description": "Approved, and the execution failed; `detail` says why."},
    },
)
async def approve_action(
    app: App,
    actor: Decider,
    response: Response,
    body: ApproveActionBody | None = None,
    prefer: Prefer = "",
    if_match: IfMatch = None,
) -> Any:
    """Waits up to 30 seconds. Who approves is the owner of the token, whatever a body says.

    Send `planDigest` or `If-Match`, so that an edit you have not seen is not what you approve.
    """
    if body is None or body.action_id is None:
        return problem_response(400, 'Say which action: {"actionId": …}. Nothing was done.', code="ActionIdMissing")
    action_id = body.action_id
    seen = stated_version(if_match), body.plan_digest
    try:
        state = await to_thread.run_sync(partial(_approve, app, actor, action_id, *seen))
    except (ActionAlreadyDecided, ActionExpired, PlanChanged) as processed:
        return problem_response(400, str(processed), code=processed.code)
    if state is ActionState.PENDING:
        return _still_open(action_id, state, "Your vote is counted; others still have to vote.")
    found = await _wait(app, action_id, patience(prefer))
    if found.state in _UNDER_WAY:
        return _still_open(action_id, found.state, found.error or "Approved; the worker is at it.")
    if found.state is ActionState.PENDING:
        # Approved and looked at again: what it was planned on had moved, so it is back with another plan.
        said = found.error or "It came back before it was executed. Nothing was done; look at it as it is now."
        return problem_response(409, said, code="CameBack")
    if found.state is not ActionState.EXECUTED:
        said = found.error or "It was not executed."
        return problem_response(500, said, code=f"Action{found.state.value.title()}")
    card = await to_thread.run_sync(app.actions_queries.card, actor, action_id)
    return Executed(success=True, status=found.state, result=_result(card))


def _approve(app: Application, actor: Actor, action_id: UUID, version: int | None, digest: str | None) -> ActionState:
    """Of what the caller says they have seen; of the plan there is now if they say nothing (SPEC R3)."""
    row = app.actions_queries.card(actor, action_id).row
    if version is not None and version != row.version and row.state is ActionState.PENDING:
        raise VersionGone()
    return app.actions.approve(actor, action_id, digest or row.plan_digest, _REASON)


async def _wait(app: Application, action_id: UUID, seconds: float) -> Progress:
    """Looks until the action is decided by its worker, is put off, or `seconds` have passed."""
    until = time.monotonic() + seconds
    while True:
        found = (await to_thread.run_sync(app.actions_queries.progress, [action_id]))[action_id]
        put_off = found.state is ActionState.APPROVED and found.error is not None
        if found.state not in _UNDER_WAY or put_off or time.monotonic() >= until:
            return found
        await anyio.sleep(_LOOK_EVERY_SECONDS)


def _result(card: Card) -> ExecutionResult:
    receipt = card.attempts[-1] if card.attempts else None
    url = (receipt.receipt or {}).get("url") if receipt else None
    return ExecutionResult(
        reference=card.row.reference, message=receipt.message if receipt else "", url=url,
        executed_at=card.row.executed_at,
    )  # fmt: skip


def _still_open(action_id: UUID, state: ActionState, detail: str) -> JSONResponse:
    where = f"/api/actions/{action_id}"
    body = StillOpen(success=False, status=state, status_url=where, detail=detail)
    return JSONResponse(body.model_dump(mode="json"), status_code=202, headers={"Location": where})
