"""Has the operator brain look at connected systems and at our own data, and propose what it would do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from core.brain.rules import LookState
from jobs.job import Job


def run(app: Application, slot: datetime) -> dict[str, Any]:
    looks = app.brain.look()
    proposed = sum(one.proposed for one in looks)
    remaining = sum(one.remaining for one in looks)
    found = sum(one.found or 0 for one in looks)
    saw = [one for one in looks if one.found is not None]
    blind = [one for one in looks if one.found is None]
    summary = f"Proposed {proposed} of {found} things noticed by {len(saw)} rules" if saw else "Looked at nothing"
    if remaining:
        summary += f"; {remaining} remain for later looks"
    if unseen := [one.title for one in blind if one.state is LookState.NOT_LOOKED]:
        summary += f". Not looked: {', '.join(unseen)}"
    if broken := [one.title for one in blind if one.state is LookState.FAILED]:
        summary += f". Failed: {', '.join(broken)}"
    return {
        "summary": summary, "found": found, "proposed": proposed, "remaining": remaining,
        "looks": [{"rule": one.rule, "state": one.state, "words": one.words} for one in looks],
    }  # fmt: skip


JOB = Job(
    name="watch_for_work",
    title="Watch for work",
    purpose=(
        "The operator brain: looks for stalled deals, overdue invoices, failing workflows and whatever waits too long, and "
        "proposes cards that people decide. It executes nothing."
    ),
    schedule=timedelta(hours=1),
    run=run,
)
