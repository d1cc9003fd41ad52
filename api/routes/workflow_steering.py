"""Steering a run: cancel, pause, resume, retry what failed, and vote on what it waits for (SPEC R2)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.auth import App, Decider, Runner
from api.etag import IfMatch, stated_version
from api.routes.workflows import workflow_detail
from api.workflow_models import CancelBody, RetryBody, WorkflowDetail, WorkflowVoteBody
from core.actor import Actor
from core.bootstrap import Application

router = APIRouter(prefix="/workflows", tags=["Workflows"])


@router.post("/{workflow_id}/cancel", summary="Cancel a run")
def cancel_workflow(
    app: App, actor: Runner, workflow_id: UUID, body: CancelBody, response: Response, if_match: IfMatch = None
) -> WorkflowDetail:
    """For its owner, operators and admins. What waits for people is taken back; what was done stays done."""
    commands = app.runs if _is_automated(app, actor, workflow_id) else app.executions
    commands.cancel(actor, workflow_id, body.reason, version=stated_version(if_match))
    return workflow_detail(app, actor, workflow_id, response)


@router.post("/{workflow_id}/pause", summary="Pause a run")
def pause_workflow(app: App, actor: Runner, workflow_id: UUID, response: Response) -> WorkflowDetail:
    """No step begins after this; what is under way ends. Paused already: nothing changes."""
    commands = app.runs if _is_automated(app, actor, workflow_id) else app.executions
    commands.pause(actor, workflow_id)
    return workflow_detail(app, actor, workflow_id, response)


@router.post("/{workflow_id}/resume", summary="Resume a paused run")
def resume_workflow(app: App, actor: Runner, workflow_id: UUID, response: Response) -> WorkflowDetail:
    commands = app.runs if _is_automated(app, actor, workflow_id) else app.executions
    commands.resume(actor, workflow_id)
    return workflow_detail(app, actor, workflow_id, response)


@router.post("/{workflow_id}/retry", summary="Do again what failed")
def retry_workflow(app: App, actor: Runner, workflow_id: UUID, body: RetryBody, response: Response) -> WorkflowDetail:
    """Everything that failed in an automated run, or one step or item. Finished steps and accepted documents stay."""
    app.runs.retry(actor, workflow_id, body.path)
    return workflow_detail(app, actor, workflow_id, response)


@router.post("/{workflow_id}/votes", status_code=201, summary="Vote on what a run waits for")
def vote_on_workflow(
    app: App, actor: Decider, workflow_id: UUID, body: WorkflowVoteBody, response: Response
) -> WorkflowDetail:
    """Counts as a ballot on the one open decision of the run that waits for you; 409 where none or several do."""
    decision = app.tree_queries.one_to_vote_on(actor, workflow_id, digest=body.digest)
    app.decisions.vote(
        actor, decision.id, digest=body.digest or decision.digest, vote=body.vote, reason=body.reason,
        checklist={name: finding.value for name, finding in (body.checklist or {}).items()},
    )  # fmt: skip
    return workflow_detail(app, actor, workflow_id, response)


def _is_automated(app: Application, actor: Actor, run_id: UUID) -> bool:
    return app.tree_queries.is_automated(actor, run_id)
