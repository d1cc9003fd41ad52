"""Proves once a day that nobody changed the audit chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.bootstrap import Application
from core.errors import CountersignError
from jobs.job import Job


class AuditChainBroken(CountersignError):
    """The audit chain is broken: {problem}. Keep the database as it is, and compare it with the last backup."""


def run(app: Application, slot: datetime) -> dict[str, Any]:
    report = app.audit_queries.verify()
    if report.fault is not None:
        raise AuditChainBroken(problem=report.fault.problem)
    return {"summary": f"All {report.entries} entries follow one another unchanged", "entries": report.entries}


JOB = Job(
    name="verify_audit",
    title="Verify the audit chain",
    purpose="Recomputes every hash of the audit chain and fails if an entry was changed, removed or inserted.",
    schedule="20 4 * * *",
    run=run,
)
