"""Takes what changed into the figures, every minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.actor import job_actor
from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    report = app.analytics.aggregate(job_actor("roll_up"))
    summary = f"Took in {report.rows_seen:,} runs" if report.rows_seen else "No run changed"
    return {"summary": summary, "rows_seen": report.rows_seen, "cells": report.cells, "up_to": report.up_to}


JOB = Job(
    name="roll_up",
    title="Take changes into the figures",
    purpose="Adds what changed in the last minute to the sums that charts and metrics read.",
    schedule=timedelta(minutes=1),
    run=run,
)
