"""Proves once a day that nobody changed the audit chain, and that closed decisions come out of their ballots again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.bootstrap import Application
from core.errors import CountersignError
from jobs.job import Job


class AuditChainBroken(CountersignError):
    """The audit chain is broken: {problem}. Keep the database as it is, and compare it with the last backup."""


class DecisionDoesNotReplay(CountersignError):
    """{count} closed decisions do not come out of their stored ballots: {problem} Keep the database as it is."""


def run(app: Application, slot: datetime) -> dict[str, Any]:
    report = app.audit_queries.verify()
    if report.fault is not None:
        raise AuditChainBroken(problem=report.fault.problem)
    replay = app.decisions_queries.replay_all()
    if replay.faults:
        raise DecisionDoesNotReplay(count=len(replay.faults), problem=replay.faults[0])
    said = f"All {report.entries} entries follow one another unchanged"
    if replay.replayed:
        said += f", and all {replay.replayed} closed decisions come out of their ballots again"
    return {"summary": said, "entries": report.entries, "decisions": replay.replayed}


JOB = Job(
    name="verify_audit",
    title="Verify the audit chain",
    purpose=(
        "Recomputes every hash of the audit chain and fails if an entry was changed, removed or inserted; "
        "counts the ballots of every closed decision again and fails if one comes out otherwise."
    ),
    schedule="20 4 * * *",
    run=run,
)
