"""Lets runs go on whose time has come, and closes gates that nobody opened in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    closed = app.gates.close_due()
    rescued = app.runs.rescue()
    summary = f"Closed {closed} gates" if closed else "Nothing due"
    if rescued:
        summary += f"; handed {rescued} runs over again"
    return {"summary": summary, "gates": closed, "rescued": rescued}


JOB = Job(
    name="tend_runs",
    title="Tend runs",
    purpose="Lets runs go on that waited for a time, closes gates whose deadline has passed, and hands over runs that were lost.",
    schedule=timedelta(minutes=1),
    run=run,
)
