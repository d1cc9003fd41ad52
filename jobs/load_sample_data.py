"""Fills an installation with a half year of sample data, for looking around."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.actor import job_actor
from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    there = app.sample.load(job_actor("load_sample_data"))
    summary = f"There are {there.runs:,} runs of {there.people} invented people, with {there.outcomes:,} outcomes"
    return {"summary": summary, "people": there.people, "runs": there.runs, "outcomes": there.outcomes}


JOB = Job(
    name="load_sample_data",
    title="Load sample data",
    purpose="Adds a half year of invented people, runs, outcomes and proposals, marked as sample and removable.",
    schedule=None,
    run=run,
)
