"""Tasks: what the operator brain asked a person or a role to do, once people had approved it (SPEC A5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.auth import App, Reader, Runner
from api.models import Answer

router = APIRouter(prefix="/tasks", tags=["Operator brain"])


class TaskAnswer(Answer):
    id: UUID
    title: str
    details: str
    link: str = Field(description="The page where it is done; empty without one.")
    mine_alone: bool = Field(description="For you, not for everybody with a role of yours.")
    given_at: datetime


class TasksAnswer(Answer):
    tasks: list[TaskAnswer]


@router.get("", summary="List your open tasks, the oldest first")
def list_tasks(app: App, actor: Reader, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> TasksAnswer:
    """Those given to you or to a role of yours. A task that is done leaves the list, so the first page is the next."""
    return TasksAnswer(tasks=[TaskAnswer.model_validate(one) for one in app.brain_queries.tasks(actor, limit=limit)])


@router.post("/{task_id}/done", status_code=204, summary="Tick a task off")
def finish_task(app: App, actor: Runner, task_id: UUID) -> None:
    """For whoever it is for; 409 where it is closed already."""
    app.brain.finish_task(actor, task_id)
