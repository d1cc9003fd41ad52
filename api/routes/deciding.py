"""Deciding on actions: vote, approve one or many, reject, put off (SPEC D3, D6, R3)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.action_answers import ActionDetail, BatchAnswer, BatchRow, detail
from api.action_bodies import ActionVoteBody, ApproveBody, BatchBody, RejectBody, SnoozeBody
from api.auth import App, Decider
from core.actions.deciding import BatchResult
from core.actions.rules import reads_all
from core.actor import Actor
from core.bootstrap import Application
from core.errors import InvalidInput, NotFound

router = APIRouter(prefix="/actions", tags=["Actions"])


@router.post("/approve", summary="Approve many plans, each by its digest")
def approve_many(app: App, actor: Decider, body: BatchBody) -> BatchAnswer:
    """Answers 200 with a result for each: one that is refused does not stop the others. Workers execute."""
    wanted = [(item.action_id, item.plan_digest) for item in body.items]
    if len({action_id for action_id, _ in wanted}) < len(wanted):
        raise InvalidInput(field="items", problem="an action is named twice.")
    refused = _unseen(app, actor, [action_id for action_id, _ in wanted])
    seen = [(action_id, digest) for action_id, digest in wanted if action_id not in refused]
    found = app.actions.approve_many(actor, seen, body.reason) if seen else []
    results = {one.id: one for one in (*found, *refused.values())}
    rows = [_row(results[action_id]) for action_id, _ in wanted]
    approved = sum(row.error is None for row in rows)
    return BatchAnswer(results=rows, approved=approved, refused=len(rows) - approved)


@router.post("/{action_id}/vote", summary="Vote on the plan you read")
def vote_on_plan(app: App, actor: Decider, action_id: UUID, body: ActionVoteBody, response: Response) -> ActionDetail:
    """Approve, reject (with a reason) or abstain. A vote stands; the plan must still be the one you read (409)."""
    app.actions_queries.card(actor, action_id)
    app.actions.vote(
        actor, action_id, digest=body.plan_digest, vote=body.vote, reason=body.reason, checklist=body.checklist
    )
    return detail(app.actions_queries.card(actor, action_id), response)


@router.post("/{action_id}/approve", status_code=202, summary="Approve the plan you read")
def approve_plan(app: App, actor: Decider, action_id: UUID, body: ApproveBody, response: Response) -> ActionDetail:
    """Answers at once; a worker executes. Refused with 409 if the plan is no longer the one you read."""
    app.actions_queries.card(actor, action_id)
    app.actions.approve(actor, action_id, body.plan_digest, body.reason)
    return detail(app.actions_queries.card(actor, action_id), response)


@router.post("/{action_id}/reject", summary="Reject an action")
def reject_action(app: App, actor: Decider, action_id: UUID, body: RejectBody, response: Response) -> ActionDetail:
    app.actions_queries.card(actor, action_id)
    app.actions.reject(actor, action_id, body.reason, body.plan_digest)
    return detail(app.actions_queries.card(actor, action_id), response)


@router.post("/{action_id}/snooze", summary="Put an action off until later")
def snooze_action(app: App, actor: Decider, action_id: UUID, body: SnoozeBody, response: Response) -> ActionDetail:
    """Takes it out of the inbox until then; it expires all the same."""
    app.actions_queries.card(actor, action_id)
    app.actions.snooze(actor, action_id, body.until)
    return detail(app.actions_queries.card(actor, action_id), response)


def _unseen(app: Application, actor: Actor, wanted: list[UUID]) -> dict[UUID, BatchResult]:
    """Those that are not there, or not for this person to see: they are told apart by nothing."""
    if reads_all(actor):
        known = app.actions_queries.progress(wanted)
        unseen = [action_id for action_id in wanted if action_id not in known]
    else:
        unseen = [action_id for action_id in wanted if not _sees(app, actor, action_id)]
    return {one: BatchResult(one, str(one), None, str(NotFound(kind="action", id=one))) for one in unseen}


def _sees(app: Application, actor: Actor, action_id: UUID) -> bool:
    try:
        app.actions_queries.card(actor, action_id)
    except NotFound:
        return False
    return True


def _row(result: BatchResult) -> BatchRow:
    return BatchRow(action_id=result.id, title=result.title, status=result.state, error=result.error)
