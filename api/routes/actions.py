"""Proposed actions: look what one would do, propose it, read its plan and receipt, edit it (SPEC R3, R4)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.action_answers import ActionDetail, ActionPage, PreviewAnswer, detail, preview, summary
from api.action_bodies import EditBody, PlanBody, ProposeBody
from api.auth import App, Decider, Proposer, Reader
from api.etag import IfMatch, needed_version
from api.models import Key
from api.once import IdempotencyKey, once
from core.actions.queries import InboxFilter, InboxSort
from core.actions.rules import ActionState, Priority, Risk

router = APIRouter(prefix="/actions", tags=["Actions"])


@router.get("", summary="List proposed actions")
def list_actions(
    app: App,
    actor: Reader,
    status: Annotated[list[ActionState] | None, Query(description="Any of these; default: all.", max_length=8)] = None,
    priority: Annotated[list[Priority] | None, Query(max_length=4)] = None,
    risk: Annotated[list[Risk] | None, Query(max_length=4)] = None,
    operation: Annotated[Key | None, Query()] = None,
    text: Annotated[str, Query(max_length=200, description="Part of title, text, summary or proposer.")] = "",
    mine: Annotated[bool, Query(description="Only what waits for your vote.")] = False,
    sort: InboxSort = InboxSort.NEWEST,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> ActionPage:
    """Operators, council members and admins see all, everybody else what they proposed."""
    wanted = InboxFilter(
        text=text, states=frozenset(status or ()), priorities=frozenset(priority or ()), risks=frozenset(risk or ()),
        operations=frozenset({operation} if operation else ()), mine=mine,
    )  # fmt: skip
    page = app.actions_queries.inbox(actor, wanted, sort=sort, offset=offset, limit=limit)
    return ActionPage(actions=[summary(row) for row in page.rows], total=page.total, limit=limit, offset=offset)


@router.get("/{action_id}", summary="Read an action: plan, decision, guardrails, receipts")
def read_action(app: App, actor: Reader, action_id: UUID, response: Response) -> ActionDetail:
    """The `ETag` is the version: send it as `If-Match` with an edit."""
    return detail(app.actions_queries.card(actor, action_id), response)


@router.post("/plan", summary="See what an operation would do")
def plan_action(app: App, actor: Proposer, body: PlanBody) -> PreviewAnswer:
    """Reads, changes nothing and keeps nothing: the plan, what the guardrails say of it, and who would decide."""
    return preview(app.actions.plan(actor, body.operation, body.params, body.proposal()))


@router.post("", status_code=201, summary="Propose an action")
def propose_action(
    app: App,
    actor: Proposer,
    body: ProposeBody,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ActionDetail:
    """Plans the operation, changes nothing outside, and puts the plan before the people who decide."""

    def make(action_id: UUID | None) -> UUID:
        return app.actions.propose(actor, body.operation, body.params, **body.said(), action_id=action_id)

    def exists(action_id: UUID) -> bool:
        return action_id in app.actions_queries.progress([action_id])

    request = {"route": "POST /actions", "body": body.model_dump(mode="json")}
    action_id = once(app, actor, idempotency_key, request, make=make, exists=exists)
    response.headers["Location"] = f"/api/actions/{action_id}"
    return detail(app.actions_queries.card(actor, action_id), response)


@router.patch("/{action_id}", summary="Edit what an action will do")
def edit_action(
    app: App, actor: Decider, action_id: UUID, body: EditBody, response: Response, if_match: IfMatch = None
) -> ActionDetail:
    """For operators and admins. Plans anew: votes on the plan before are void, and its editor does not decide on it.

    `If-Match` is needed (428 without it, 412 if somebody was faster).
    """
    version = needed_version(if_match)
    present = app.actions_queries.card(actor, action_id).row.version
    app.actions.edit(actor, action_id, body.params, expected_version=present if version is None else version)
    return detail(app.actions_queries.card(actor, action_id), response)
