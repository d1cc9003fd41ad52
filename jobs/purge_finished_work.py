"""Keeps the engine's tables and the history of runs small."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from jobs.job import Job

KEEP_WORK = timedelta(days=7)
"""The engine's own rows matter only while work may be retried; receipts and audit are kept elsewhere, for good."""

KEEP_HISTORY = timedelta(days=90)


def run(app: Application, slot: datetime) -> dict[str, Any]:
    work = 0
    while purged := app.engine.purge_finished(ended_before=slot - KEEP_WORK):
        work += purged
    runs = app.schedule.forget_runs(ended_before=slot - KEEP_HISTORY)
    summary = f"Removed {work} finished pieces of work and {runs} old job runs" if work or runs else "Nothing was old"
    return {"summary": summary, "work": work, "runs": runs}


JOB = Job(
    name="purge_finished_work",
    title="Purge finished work",
    purpose="Removes the engine's records of work that ended over a week ago, and job runs older than 90 days.",
    schedule="40 4 * * *",
    run=run,
)
