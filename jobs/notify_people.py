"""Sends each person who decides a digest of what waits for them, at the hours they chose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    lost = app.notifications.settle_lost()
    report = app.notifications.send_due()
    parts = [f"Sent {report.sent} {'digest' if report.sent == 1 else 'digests'}"] if report.sent else []
    parts += [f"{report.failed} could not be sent"] if report.failed else []
    parts += [f"{lost} were left half-way by a worker that ended"] if lost else []
    summary = "; ".join(parts) or "Nobody has news to be told"
    return {"summary": summary[0].upper() + summary[1:], "sent": report.sent, "failed": report.failed, "lost": lost}


JOB = Job(
    name="notify_people",
    title="Tell people what waits",
    purpose="Sends each person who decides an e-mail with what waits for them, hourly or daily as they chose.",
    schedule=timedelta(minutes=15),
    run=run,
)
