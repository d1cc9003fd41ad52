"""Whether this process lives, whether it can serve, and whether the installation is well."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from api.auth import App
from api.models import Answer
from core.bootstrap import Application
from core.monitoring import draining, schema

router = APIRouter(prefix="/health", tags=["Health"])

SILENT_AFTER_SECONDS = 15.0


class Alive(Answer):
    status: Literal["ok"] = "ok"


class Health(Answer):
    status: Literal["ok", "degraded", "down"] = Field(
        description="ok; degraded: pages work and something does not run; down: it cannot serve."
    )
    database: bool = Field(description="Whether it answers.")
    workers: int = Field(description="Living workers, in all processes.")
    worker_silent_seconds: float | None = Field(description="Since the last sign of life of the liveliest one.")
    scheduler: bool = Field(description="Whether a scheduler gave a sign of life in the last two minutes.")
    waiting: dict[str, int] = Field(description="Work that waits, by queue.", examples=[{"actions": 0, "jobs": 0}])
    problems: list[str] = Field(description="What is wrong, in words.")


@router.get("", summary="Is everything well?")
def health(app: App) -> Health:
    """Always answers 200 with what there is to say; use `/health/ready` for a load balancer."""
    return _look(app)


@router.get("/live", summary="Does this process answer?")
async def live() -> Alive:
    return Alive()


@router.get("/ready", summary="Can this process serve?", responses={503: {"model": Health}})
def ready(app: App, response: Response) -> Health:
    """503 while the database does not answer or lacks migrations, and while this process is on its way out.

    A missing worker delays work and keeps nobody from the pages.
    """
    found = _look(app)
    keeps = _what_keeps_from_serving(app) if found.database else []
    response.status_code = 200 if found.database and not keeps else 503
    if not keeps:
        return found
    return found.model_copy(update={"status": "down", "problems": [*keeps, *found.problems]})


def _what_keeps_from_serving(app: Application) -> list[str]:
    found = []
    if draining.is_draining():
        found.append("This process is stopping: send new requests to another.")
    try:
        if schema.is_behind(app.database):
            found.append("The database lacks migrations of this version. Start this process again; it brings them.")
    except SQLAlchemyError:
        found.append("The database does not answer.")
    return found


def _look(app: Application) -> Health:
    try:
        workers = app.engine_queries.workers()
        waiting = app.engine_queries.queue_depth()
        scheduler = app.schedule_queries.scheduler_is_alive()
    except SQLAlchemyError:
        return Health(
            status="down", database=False, workers=0, worker_silent_seconds=None, scheduler=False, waiting={},
            problems=["The database does not answer."],
        )  # fmt: skip
    silent = min((worker.silent_seconds for worker in workers), default=None)
    problems = []
    if silent is None:
        problems.append("No worker runs: approved actions and jobs wait. Start one with python -m jobs worker.")
    elif silent > SILENT_AFTER_SECONDS:
        problems.append(f"No worker has given a sign of life for {silent:.0f} seconds.")
    if not scheduler:
        problems.append("No scheduler runs: jobs are not started. Start one with python -m jobs scheduler.")
    return Health(
        status="degraded" if problems else "ok", database=True, workers=len(workers),
        worker_silent_seconds=round(silent, 1) if silent is not None else None, scheduler=scheduler,
        waiting=waiting, problems=problems,
    )  # fmt: skip
