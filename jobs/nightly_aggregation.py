"""Brings the performance figures up to date every night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.actor import job_actor
from core.bootstrap import Application
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    report = app.analytics.aggregate(job_actor("nightly_aggregation"))
    summary = f"Took in {report.rows_seen} runs; {report.cells} figures moved"
    return {"summary": summary, "rows_seen": report.rows_seen, "cells": report.cells, "up_to": report.up_to}


JOB = Job(
    name="nightly_aggregation",
    title="Aggregate results",
    purpose="Counts what changed since the last time into success rates, values and durations by workflow and segment.",
    schedule="10 3 * * *",
    run=run,
)
