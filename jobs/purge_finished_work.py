"""Keeps small what only matters for a while: the engine's tables, histories, counted work, notifications, request keys."""

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

KEEP_NOTIFICATIONS = timedelta(days=30)
"""Deliveries to webhooks that ended, and digests but for each person's last."""


def run(app: Application, slot: datetime) -> dict[str, Any]:
    work = 0
    while purged := app.engine.purge_finished(ended_before=slot - KEEP_WORK):
        work += purged
    runs = app.schedule.forget_runs(ended_before=slot - KEEP_HISTORY)
    counted, records = app.guardrails.forget_old(ledger_before=slot - KEEP_COUNTED, records_before=slot - KEEP_RECORDS)
    told = app.webhook_deliveries.forget(ended_before=slot - KEEP_NOTIFICATIONS)
    told += app.notifications.forget(made_before=slot - KEEP_NOTIFICATIONS)
    keys = app.idempotency.forget_expired()
    drafts = app.packages.forget_drafts()
    done = {
        "pieces of finished work": work, "old job runs": runs, "counted sends": counted, "old evaluations": records,
        "old notifications": told, "expired request keys": keys,
        "previews of deliverables": drafts,
    }  # fmt: skip
    removed = [f"{number} {what}" for what, number in done.items() if number]
    summary = f"Removed {', '.join(removed)}" if removed else "Nothing was old"
    return {
        "summary": summary,
        "work": work,
        "runs": runs,
        "counted": counted,
        "records": records,
        "told": told,
        "keys": keys,
        "drafts": drafts,
    }


JOB = Job(
    name="purge_finished_work",
    title="Purge finished work",
    purpose="Removes records of work that ended over a week ago, job runs older than 90 days, what no rate counts any "
    "more, evaluations of guardrails older than 400 days, notifications older than 30 days, expired request keys, "
    "and previews of deliverables older than a day.",
    schedule="40 4 * * *",
    run=run,
)
