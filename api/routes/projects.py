"""Projects: many items over several channels, approved as one card, executed and reported one by one (SPEC C6)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, Response, UploadFile

from api.action_answers import ActionDetail, detail
from api.auth import App, Decider, Proposer, Reader
from api.once import IdempotencyKey, once
from api.project_models import (
    AddedAnswer,
    ChannelAnswer,
    EditItemBody,
    EventAnswer,
    ItemAnswer,
    ItemPageAnswer,
    ItemsBody,
    ProjectAnswer,
    ProjectBody,
    ProjectEventsAnswer,
    ProjectPage,
    ProjectReportAnswer,
    ProjectSummary,
    ProposeProjectBody,
    RemoveItemsBody,
    RetriedAnswer,
)
from core.actor import Actor
from core.bootstrap import Application
from core.projects.queries import ProjectRow
from core.projects.rules import ItemState

router = APIRouter(prefix="/projects", tags=["Projects"])


@router.get("", summary="List projects, newest first")
def list_projects(
    app: App,
    actor: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> ProjectPage:
    rows, total, following = app.projects_queries.page(actor, before=cursor, limit=limit)
    return ProjectPage(projects=[_summary(row) for row in rows], total=total, next_cursor=following)


@router.post("", status_code=201, summary="Make a project")
def create_project(
    app: App, actor: Proposer, body: ProjectBody, response: Response, idempotency_key: IdempotencyKey = None
) -> ProjectAnswer:
    project_id = once(
        app, actor, idempotency_key, {"route": "POST /projects", "body": body.model_dump(mode="json")},
        make=lambda project_id: app.projects.create(actor, body.name, project_id=project_id),
        exists=app.projects_queries.exists,
    )  # fmt: skip
    response.headers["Location"] = f"/api/projects/{project_id}"
    return _project(app, actor, project_id)


@router.get("/{project_id}", summary="Read a project: how far each channel is")
def read_project(app: App, actor: Reader, project_id: UUID) -> ProjectAnswer:
    return _project(app, actor, project_id)


@router.get("/{project_id}/items", summary="List the items of a project, in their order")
def list_project_items(
    app: App,
    actor: Reader,
    project_id: UUID,
    state: ItemState | None = None,
    text: Annotated[str, Query(max_length=200, description="Part of key, summary or message.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ItemPageAnswer:
    page = app.projects_queries.items(actor, project_id, state=state, text=text, after=cursor, limit=limit)
    return ItemPageAnswer(
        items=[ItemAnswer.model_validate(row) for row in page.rows], total=page.total, next_cursor=page.next
    )


@router.post("/{project_id}/items", status_code=201, summary="Add items")
def add_project_items(app: App, actor: Proposer, project_id: UUID, body: ItemsBody) -> AddedAnswer:
    """All are added or none. A key that is there already is refused, so a repeated request adds nothing twice."""
    problems = app.projects.add_items(actor, project_id, [one.model_dump() for one in body.items])
    return AddedAnswer(problems=problems, project=_project(app, actor, project_id))


@router.post("/{project_id}/upload", status_code=201, summary="Add items from a CSV or JSON file")
def upload_project_items(
    app: App, actor: Proposer, project_id: UUID, file: Annotated[UploadFile, File(description="At most 5 MB.")]
) -> AddedAnswer:
    """Columns: operation (or channel), key, and the parameters; `values.name` makes an object, `[` or `{` begins JSON."""
    app.projects_queries.project(actor, project_id)  # nobody's file is read who may not see the project
    problems = app.projects.add_upload(actor, project_id, file.file.read(), file.filename or "items")
    return AddedAnswer(problems=problems, project=_project(app, actor, project_id))


@router.post("/{project_id}/items/edit", summary="Plan one item with other parameters")
def edit_project_item(app: App, actor: Proposer, project_id: UUID, body: EditItemBody) -> ItemAnswer:
    app.projects.edit_item(actor, project_id, body.key, body.params)
    return ItemAnswer.model_validate(app.projects_queries.item(actor, project_id, body.key))


@router.post("/{project_id}/items/remove", summary="Take items out")
def remove_project_items(app: App, actor: Proposer, project_id: UUID, body: RemoveItemsBody) -> ProjectAnswer:
    app.projects.remove_items(actor, project_id, body.keys)
    return _project(app, actor, project_id)


@router.post("/{project_id}/items/leave-out", summary="Go without the items that cannot be planned")
def leave_out_project_items(app: App, actor: Proposer, project_id: UUID) -> ProjectAnswer:
    app.projects.leave_out_problems(actor, project_id)
    return _project(app, actor, project_id)


@router.post("/{project_id}/items/plan-again", summary="Plan what could not be planned once more")
def plan_project_items_again(app: App, actor: Proposer, project_id: UUID) -> ProjectAnswer:
    app.projects.plan_again(actor, project_id)
    return _project(app, actor, project_id)


@router.post("/{project_id}/propose", status_code=201, summary="Put a project before the people who decide")
def propose_project(
    app: App,
    actor: Proposer,
    project_id: UUID,
    body: ProposeProjectBody,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ActionDetail:
    """One card for all items. Approved, it starts them; each is judged again right before its own call."""

    def make(action_id: UUID | None) -> UUID:
        return app.projects.propose(actor, project_id, action_id=action_id, **body.model_dump())

    def exists(action_id: UUID) -> bool:
        return action_id in app.actions_queries.progress([action_id])

    request = {"route": "POST /projects/propose", "project": str(project_id), "body": body.model_dump(mode="json")}
    card_id = once(app, actor, idempotency_key, request, make=make, exists=exists)
    response.headers["Location"] = f"/api/actions/{card_id}"
    return detail(app.actions_queries.card(actor, card_id), response)


@router.get("/{project_id}/report", summary="Read the report of a project")
def read_project_report(app: App, actor: Reader, project_id: UUID) -> ProjectReportAnswer:
    """Grows while the run goes on; an item that is not over yet is not in it."""
    return ProjectReportAnswer.model_validate(app.projects_queries.report(actor, project_id))


@router.get("/{project_id}/events", summary="Read what happened to a project")
def read_project_events(app: App, actor: Reader, project_id: UUID) -> ProjectEventsAnswer:
    """From the audit: `execution.started`, `.plan_fetched`, `.email_executed`, …, `.completed`, each once."""
    found = app.projects_queries.events(actor, project_id)
    return ProjectEventsAnswer(events=[EventAnswer.model_validate(one) for one in found])


@router.post("/{project_id}/pause", summary="Pause the run of a project")
def pause_project(app: App, actor: Decider, project_id: UUID) -> ProjectAnswer:
    """No item begins its call after this; what is under way ends."""
    app.projects.pause(actor, project_id)
    return _project(app, actor, project_id)


@router.post("/{project_id}/resume", summary="Resume a paused run")
def resume_project(app: App, actor: Decider, project_id: UUID) -> ProjectAnswer:
    app.projects.resume(actor, project_id)
    return _project(app, actor, project_id)


@router.post("/{project_id}/retry", summary="Try the items again that failed or were stopped")
def retry_project(app: App, actor: Decider, project_id: UUID) -> RetriedAnswer:
    """Each as its own action, with its idempotency key; at most 500 at a time. What is unknown is left to people."""
    queued, refused = app.projects.retry_failed(actor, project_id)
    return RetriedAnswer(queued=queued, refused=refused)


@router.post("/{project_id}/cancel", summary="Cancel the run of a project")
def cancel_project(app: App, actor: Decider, project_id: UUID) -> ProjectAnswer:
    """What has not begun is skipped; what was done stays done."""
    app.projects.cancel(actor, project_id)
    return _project(app, actor, project_id)


def _summary(row: ProjectRow) -> ProjectSummary:
    return ProjectSummary.model_validate(row)


def _project(app: Application, actor: Actor, project_id: UUID) -> ProjectAnswer:
    view = app.projects_queries.project(actor, project_id)
    return ProjectAnswer(
        **_summary(view.row).model_dump(),
        channels=[
            ChannelAnswer(channel=one.kind, total=one.total, items=dict(one.counts), rate=one.rate)
            for one in view.channels
        ],
        started_at=view.started_at, finished_at=view.finished_at, state_by=view.state_by,
    )  # fmt: skip
