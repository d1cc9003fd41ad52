"""Running a guided workflow: start it, say how far you are, complete it (SPEC R1)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from api.auth import App, Reader, Runner
from api.etag import IfMatch, etag, stated_version
from api.models import Answer, Body, Key, Note
from core.actor import Actor, Tier
from core.bootstrap import Application
from core.executions.progress import Timer
from core.executions.rules import StepState
from core.executions.walk import Walk, WalkStep

router = APIRouter(prefix="/execution", tags=["Executions"])

StepNumber = Annotated[int, Path(ge=1, le=1000, description="Counted from 1.")]


class StartBody(Body):
    workflow_id: Key = Field(examples=["resume_generator"])
    inputs: dict[str, Any] = Field(default_factory=dict)
    agent_id: Key | None = Field(default=None, description="Operators book the run on an agent; agents are themselves.")
    council_id: Key | None = None
    again: bool = Field(default=False, description="Start another run although one of this workflow is open.")


class ProgressBody(Body):
    steps_completed: int = Field(ge=0, le=1000, description="Steps done so far; never fewer than before.")
    notes: Annotated[str, Field(max_length=10_000)] | None = Field(
        default=None, description="Notes of the last of these steps; left as they are if not given."
    )


class AbandonBody(Body):
    reason: Note = Field(min_length=1)


class NotesBody(Body):
    notes: Annotated[str, Field(max_length=10_000)] = Field(examples=["Asked for three references."])


class ShownStepBody(Body):
    number: int = Field(ge=1, le=1000, description="The step to show; what is done stays done.")


class OpenRunAnswer(Answer):
    id: UUID
    workflow_id: str
    title: str
    tier: Tier
    status: str = Field(examples=["in_progress"])
    current_step: int
    steps_completed: int
    total_steps: int
    last_activity_at: datetime


class OpenRunsAnswer(Answer):
    executions: list[OpenRunAnswer]


class ExecutionStepAnswer(Answer):
    number: int
    title: str
    description: str
    tips: list[str]
    state: StepState
    notes: str
    work_seconds: float
    completed_at: datetime | None


class Times(Answer):
    """Work, waiting and AI time are kept apart."""

    counting: str | None = Field(description="What the clock counts at present: work, wait, ai; null when it stands.")
    work_seconds: float
    wait_seconds: float
    ai_seconds: float


class ExecutionAnswer(Answer):
    id: UUID
    workflow_id: str
    revision: str = Field(description="SHA-256 of the definition this run began with, and keeps.")
    title: str
    tier: Tier
    status: str = Field(description="started, in_progress, completed or abandoned.", examples=["in_progress"])
    total_steps: int
    current_step: int = Field(description="The step on screen; reading an earlier one lowers this and nothing else.")
    steps_completed: int
    steps: list[ExecutionStepAnswer]
    times: Times
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calculated_savings: Decimal | None
    savings_currency: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    end_reason: str
    version: int


@router.post("", status_code=201, summary="Start a workflow")
def start_execution(app: App, actor: Runner, body: StartBody, response: Response) -> ExecutionAnswer:
    """A person who has this workflow open gets that run back, so that a repeated request starts nothing twice."""
    execution_id = app.executions.start(
        actor,
        body.workflow_id,
        inputs=body.inputs,
        agent_id=body.agent_id,
        council_id=body.council_id,
        again=body.again,
    )
    response.headers["Location"] = f"/api/execution/{execution_id}"
    return _answer(app, actor, execution_id, response)


@router.get("", summary="List your guided runs that can go on")
def list_open_executions(app: App, actor: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> OpenRunsAnswer:
    """The one touched last first. `/api/workflows` lists all runs, page by page."""
    rows = app.executions_queries.open_runs(actor, limit=limit)
    return OpenRunsAnswer(
        executions=[
            OpenRunAnswer(
                id=row.id, workflow_id=row.workflow_id, title=row.title, tier=row.tier, status=row.view.guided,
                current_step=row.progress.current, steps_completed=row.progress.done, total_steps=row.progress.total,
                last_activity_at=row.last_activity_at,
            )
            for row in rows
        ]
    )  # fmt: skip


@router.get("/{execution_id}", summary="Read a run step by step")
def read_execution(app: App, actor: Reader, execution_id: UUID, response: Response) -> ExecutionAnswer:
    return _answer(app, actor, execution_id, response)


@router.put("/{execution_id}/progress", summary="Say how many steps are done")
def record_progress(
    app: App, actor: Runner, execution_id: UUID, body: ProgressBody, response: Response, if_match: IfMatch = None
) -> ExecutionAnswer:
    """How many steps there are comes from the definition. A run that has ended accepts no more progress (409)."""
    app.executions.record_progress(
        actor, execution_id, body.steps_completed, body.notes, version=stated_version(if_match)
    )
    return _answer(app, actor, execution_id, response)


@router.put("/{execution_id}/steps/{number}/notes", summary="Keep the notes of a step")
def save_step_notes(
    app: App, actor: Runner, execution_id: UUID, number: StepNumber, body: NotesBody, response: Response
) -> ExecutionAnswer:
    """Of this step alone: the last writer of it wins."""
    app.executions.save_notes(actor, execution_id, number, body.notes)
    return _answer(app, actor, execution_id, response)


@router.post("/{execution_id}/steps/{number}/finish", summary="Finish a step and show the next")
def finish_step(app: App, actor: Runner, execution_id: UUID, number: StepNumber, response: Response) -> ExecutionAnswer:
    """Finished already, it changes nothing: a repeated request moves nothing further."""
    app.executions.finish_step(actor, execution_id, number)
    return _answer(app, actor, execution_id, response)


@router.put("/{execution_id}/current-step", summary="Show another step, to read it")
def show_step(app: App, actor: Runner, execution_id: UUID, body: ShownStepBody, response: Response) -> ExecutionAnswer:
    app.executions.go_to(actor, execution_id, body.number)
    return _answer(app, actor, execution_id, response)


@router.post("/{execution_id}/complete", summary="Complete a run")
def complete_execution(
    app: App, actor: Runner, execution_id: UUID, response: Response, if_match: IfMatch = None
) -> ExecutionAnswer:
    """Open on the last step only."""
    app.executions.complete(actor, execution_id, version=stated_version(if_match))
    return _answer(app, actor, execution_id, response)


@router.post("/{execution_id}/abandon", summary="Stop a run unfinished")
def abandon_execution(
    app: App, actor: Runner, execution_id: UUID, body: AbandonBody, response: Response
) -> ExecutionAnswer:
    """Notes and times are kept; the reason helps to find out where people stop."""
    app.executions.abandon(actor, execution_id, body.reason)
    return _answer(app, actor, execution_id, response)


def _answer(app: Application, actor: Actor, execution_id: UUID, response: Response) -> ExecutionAnswer:
    walk = app.executions_queries.walk(actor, execution_id)
    response.headers["ETag"] = etag(walk.version)
    return ExecutionAnswer(
        id=walk.id, workflow_id=walk.workflow_id, revision=walk.revision, title=walk.title, tier=walk.tier,
        status=walk.view.guided, total_steps=walk.progress.total, current_step=walk.progress.current,
        steps_completed=walk.progress.done, steps=[_step(walk, step) for step in walk.steps],
        times=_times(walk.timer.read(app.clock.now())), inputs=walk.inputs, outputs=walk.outputs,
        calculated_savings=walk.calculated_savings, savings_currency=walk.savings_currency,
        created_at=walk.created_at, started_at=walk.started_at, completed_at=walk.completed_at,
        end_reason=walk.end_reason, version=walk.version,
    )  # fmt: skip


def _step(walk: Walk, step: WalkStep) -> ExecutionStepAnswer:
    return ExecutionStepAnswer(
        number=step.number, title=step.title, description=step.description, tips=list(step.tips), state=step.state,
        notes=step.notes, work_seconds=step.work_ms / 1000, completed_at=step.completed_at,
    )  # fmt: skip


def _times(timer: Timer) -> Times:
    return Times(
        counting=timer.kind.value if timer.kind else None, work_seconds=timer.work_ms / 1000,
        wait_seconds=timer.wait_ms / 1000, ai_seconds=timer.ai_ms / 1000,
    )  # fmt: skip
