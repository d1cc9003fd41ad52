"""Ends cards whose deadline has passed, and picks up attempts that were left behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    ended = app.actions.expire_due()
    requeued = app.actions.requeue_stranded()
    runs = app.projects.hand_over_lost()
    summary = f"Ended {ended} cards, queued {requeued} attempts again" if ended or requeued else "Nothing due"
    if runs:
        summary += f"; handed the items of {runs} projects over again"
    return {"summary": summary, "ended": ended, "requeued": requeued, "runs": runs}


JOB = Job(
    name="tend_actions",
    title="Tend actions",
    purpose="Ends cards nobody decided in time as their policy says, and queues attempts again whose worker never came back.",
    schedule=timedelta(minutes=1),
    run=run,
)
