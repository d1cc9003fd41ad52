"""After an attempt: try again, put back, find out what happened (SPEC D4, C7)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.action_answers import ActionDetail, SecondLookAnswer, detail
from api.action_bodies import ResolveBody
from api.auth import App, Decider

router = APIRouter(prefix="/actions", tags=["Actions"])


@router.post("/{action_id}/retry", status_code=202, summary="Try a failed action again")
def retry_action(app: App, actor: Decider, action_id: UUID, response: Response) -> ActionDetail:
    """The same plan, the same approval, the same idempotency key for the outside system."""
    app.actions_queries.card(actor, action_id)
    app.actions.retry(actor, action_id)
    return detail(app.actions_queries.card(actor, action_id), response)


@router.post("/{action_id}/undo", status_code=201, summary="Propose to put back what an action did")
def undo_action(app: App, actor: Decider, action_id: UUID, response: Response) -> ActionDetail:
    """Answers the new action, which is decided like any."""
    app.actions_queries.card(actor, action_id)
    new = app.actions.undo(actor, action_id)
    response.headers["Location"] = f"/api/actions/{new}"
    return detail(app.actions_queries.card(actor, new), response)


@router.post("/{action_id}/resolve", summary="Say what became of an effect nobody could confirm")
def resolve_action(app: App, actor: Decider, action_id: UUID, body: ResolveBody, response: Response) -> ActionDetail:
    """For the status `unknown`. With `retry` an effect that did not happen is tried again."""
    app.actions_queries.card(actor, action_id)
    app.actions.resolve_unknown(
        actor, action_id, happened=body.happened, evidence=body.evidence, retry=body.retry
    )  # fmt: skip
    return detail(app.actions_queries.card(actor, action_id), response)


@router.post("/{action_id}/look-again", summary="Ask the other system what became of it")
def look_again(app: App, actor: Decider, action_id: UUID) -> SecondLookAnswer:
    """For the status `unknown`. Changes nothing in the other system; what it says for certain is written down."""
    app.actions_queries.card(actor, action_id)
    receipt = app.actions.look_again(actor, action_id)
    status = app.actions_queries.progress([action_id])[action_id].state
    if receipt is None:
        said = "The other system cannot tell. Look there yourself, then resolve it with your evidence."
        return SecondLookAnswer(outcome=None, message=said, reference=None, url=None, status=status)
    return SecondLookAnswer(
        outcome=receipt.outcome, message=receipt.message, reference=receipt.reference, url=receipt.url, status=status
    )
