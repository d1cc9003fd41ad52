"""Keeps the engine's tables, the history of runs and what the guardrails count in small."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from jobs.job import Job

KEEP_WORK = timedelta(days=7)
"""The engine's own rows matter only while work may be retried; receipts and audit are kept elsewhere, for good."""

KEEP_HISTORY = timedelta(days=90)

KEEP_COUNTED = timedelta(days=31)
"""A little longer than the longest window a guardrail can have."""

KEEP_RECORDS = timedelta(days=400)
"""What the guardrails said of each action; what was decided stays in the audit for good."""


def run(app: Application, slot: datetime) -> dict[str, Any]:
    work = 0
    while purged := app.engine.purge_finished(ended_before=slot - KEEP_WORK):
        work += purged
    runs = app.schedule.forget_runs(ended_before=slot - KEEP_HISTORY)
    counted, records = app.guardrails.forget_old(ledger_before=slot - KEEP_COUNTED, records_before=slot - KEEP_RECORDS)
    done = {"pieces of finished work": work, "old job runs": runs, "counted sends": counted, "old evaluations": records}
    removed = [f"{number} {what}" for what, number in done.items() if number]
    summary = f"Removed {', '.join(removed)}" if removed else "Nothing was old"
    return {"summary": summary, "work": work, "runs": runs, "counted": counted, "records": records}


JOB = Job(
    name="purge_finished_work",
    title="Purge finished work",
    purpose="Removes records of work that ended over a week ago, job runs older than 90 days, what no rate counts any "
    "more, and evaluations of guardrails older than 400 days.",
    schedule="40 4 * * *",
    run=run,
)
