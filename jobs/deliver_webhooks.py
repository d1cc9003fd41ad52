"""Tells webhooks what happened, and tries again what did not get through."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    report = app.webhook_deliveries.deliver_due()
    parts = [f"Delivered {report.delivered}"] if report.delivered else []
    parts += [f"{report.failed} did not get through"] if report.failed else []
    parts += ["Execution is not on, so what is to be sent waits"] if report.waits else []
    return {
        "summary": "; ".join(parts) or "Nothing to deliver",
        "collected": report.collected,
        "delivered": report.delivered,
        "failed": report.failed,
    }


JOB = Job(
    name="deliver_webhooks",
    title="Deliver webhooks",
    purpose="Sends what happened to the addresses an admin named, signed, and tries again for a day if need be.",
    schedule=timedelta(minutes=1),
    run=run,
)
