"""Jobs: what runs by itself and when, what came of it, and *Run now* (SPEC A6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from api.auth import Administrator, App, Reader
from api.models import Answer, Key
from core.actor import Actor, Role
from core.errors import InvalidInput, NotFound
from core.schedule.queries import JobView, RunView
from core.schedule.rules import JobRunState, place_of

router = APIRouter(prefix="/jobs", tags=["Jobs"])

JobName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$", examples=["verify_audit"])]
RunId = Annotated[str, Path(pattern=r"^[a-zA-Z0-9_:.+-]{2,200}$", examples=["verify_audit:2026-01-05T09:00:00Z"])]


class JobRunAnswer(Answer):
    id: str = Field(examples=["verify_audit:2026-01-05T09:00:00Z"])
    job: str = Field(examples=["verify_audit"])
    slot: datetime = Field(description="The time it was due; a job runs once a slot.")
    requested_by: str = Field(description="`schedule`, or who asked.")
    state: JobRunState
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None = Field(description="From its start to its end, or to now while it runs.")
    words: str = Field(description="The result or the error; empty until it has ended.")


class JobAnswer(Answer):
    name: str = Field(examples=["verify_audit"])
    title: str
    purpose: str
    schedule: str = Field(description="In words; empty for a job that runs only when asked.")
    next_run_at: datetime | None
    last: JobRunAnswer | None = Field(description="The latest run, open or ended.")


class JobsAnswer(Answer):
    jobs: list[JobAnswer]
    scheduler_is_alive: bool = Field(description="false: nothing starts by its schedule until one runs.")


class JobRunPage(Answer):
    runs: list[JobRunAnswer]
    next_cursor: str | None


@router.get("", summary="List jobs with their latest run")
def list_jobs(app: App, actor: Reader) -> JobsAnswer:
    """For admins. All there are: as many as the installation has files for them."""
    _must_see(actor)
    found = app.schedule_queries.jobs()
    return JobsAnswer(jobs=[_job(one) for one in found], scheduler_is_alive=app.schedule_queries.scheduler_is_alive())


@router.get("/runs", summary="List the runs of jobs, newest first")
def list_job_runs(
    app: App,
    actor: Reader,
    job: Annotated[Key | None, Query()] = None,
    state: JobRunState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=300, description="`next_cursor` of the page before.")] = None,
) -> JobRunPage:
    """For admins."""
    _must_see(actor)
    if cursor is not None and place_of(cursor) is None:
        raise InvalidInput(field="cursor", problem="use next_cursor of the page before.")
    found = app.schedule_queries.runs(job=job or "", state=state, before=cursor or "", limit=limit + 1)
    more = found[limit - 1].place if len(found) > limit else None
    return JobRunPage(runs=[_run(one) for one in found[:limit]], next_cursor=more)


@router.get("/runs/{run_id}", summary="Read one run of a job")
def read_job_run(app: App, actor: Reader, run_id: RunId) -> JobRunAnswer:
    """For admins."""
    _must_see(actor)
    found = app.schedule_queries.run(run_id)
    if found is None:
        raise NotFound(kind="run of a job", id=run_id)
    return _run(found)


@router.post("/{job}/run", status_code=202, summary="Run a job now")
def run_job(app: App, actor: Administrator, job: JobName, response: Response) -> JobRunAnswer:
    """For admins. A worker takes it; 409 while one of this job waits or runs."""
    run = app.schedule.run_now(actor, job)
    response.headers["Location"] = f"/api/jobs/runs/{run}"
    found = app.schedule_queries.run(run)
    assert found is not None
    return _run(found)


def _must_see(actor: Actor) -> None:
    actor.must_have(Role.ADMIN, to="see jobs")


def _job(one: JobView) -> JobAnswer:
    return JobAnswer(
        name=one.name, title=one.title, purpose=one.purpose, schedule=one.schedule, next_run_at=one.next_run_at,
        last=_run(one.last) if one.last else None,
    )  # fmt: skip


def _run(one: RunView) -> JobRunAnswer:
    return JobRunAnswer(
        id=one.id, job=one.job, slot=one.slot, requested_by=one.requested_by, state=one.state,
        enqueued_at=one.enqueued_at, started_at=one.started_at, finished_at=one.finished_at,
        seconds=one.duration.total_seconds() if one.duration else None, words=one.words,
    )  # fmt: skip
