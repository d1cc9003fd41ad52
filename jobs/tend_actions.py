"""Expires proposals that waited too long, and picks up attempts that were left behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    expired = app.actions.expire_due()
    requeued = app.actions.requeue_stranded()
    summary = f"Expired {expired} proposals, queued {requeued} attempts again" if expired or requeued else "Nothing due"
    return {"summary": summary, "expired": expired, "requeued": requeued}


JOB = Job(
    name="tend_actions",
    title="Tend actions",
    purpose="Expires proposals nobody decided in time, and queues attempts again whose worker never came back.",
    schedule=timedelta(minutes=5),
    run=run,
)
