"""Sample data: how much of it there is, and jobs that load and remove it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import Field

from api.auth import Administrator, App, Reader
from api.models import Answer
from core.actor import Actor, Role
from core.bootstrap import Application

router = APIRouter(prefix="/sample-data", tags=["Jobs"])


class SampleAnswer(Answer):
    """All of it is marked, and in no figure of real work."""

    loaded: bool
    people: int
    runs: int
    outcomes: int
    actions: int


class RequestedAnswer(Answer):
    run: str = Field(
        description="The run of the job, at /api/jobs/runs/{run}.",
        examples=["load_sample_data:2026-01-05T09:00:00Z"],
    )


@router.get("", summary="Read how much sample data there is")
def read_sample_data(app: App, actor: Reader) -> SampleAnswer:
    """For admins."""
    actor.must_have(Role.ADMIN, to="see the sample data")
    return SampleAnswer.model_validate(app.sample.status())


@router.post("", status_code=202, summary="Load sample data")
def load_sample_data(app: App, actor: Administrator, response: Response) -> RequestedAnswer:
    """For admins: a half year of invented people and runs. What is there already is not added twice."""
    return _requested(app, actor, "load_sample_data", response)


@router.delete("", status_code=202, summary="Remove all sample data")
def remove_sample_data(app: App, actor: Administrator, response: Response) -> RequestedAnswer:
    """For admins. Takes out what is marked as sample, and nothing else."""
    return _requested(app, actor, "remove_sample_data", response)


def _requested(app: Application, actor: Actor, job: str, response: Response) -> RequestedAnswer:
    run = app.schedule.run_now(actor, job)
    response.headers["Location"] = f"/api/jobs/runs/{run}"
    return RequestedAnswer(run=run)
