"""Takes the sample data out again, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.actor import job_actor
from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    gone = app.sample.remove(job_actor("remove_sample_data"))
    summary = f"Removed {gone.runs} runs of {gone.people} people" if gone.loaded else "There was no sample data"
    return {"summary": summary, "people": gone.people, "runs": gone.runs, "outcomes": gone.outcomes}


JOB = Job(
    name="remove_sample_data",
    title="Remove sample data",
    purpose="Removes everything that is marked as sample; real people, runs and results stay.",
    schedule=None,
    run=run,
)
