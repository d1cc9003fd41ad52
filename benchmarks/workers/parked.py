"""Runs that wait for people: one that a worker brought to its gate, and copies of it in every table where it left rows."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks.measure import pss_mib
from benchmarks.workers.ground import Ground
from benchmarks.workers.sides import Ours
from core.executions.tables import Execution
from tests.waiting import until

SETTLE_SECONDS = 12.0

_IDS = """
CREATE TEMP TABLE copies ON COMMIT DROP AS
SELECT gen_random_uuid() AS run, gen_random_uuid() AS document, gen_random_uuid() AS gate, gen_random_uuid() AS decision
FROM generate_series(1, :count)
"""
_COPIED = (
    ("executions", "o.id = :run", "'id', c.run"),
    ("run_nodes", "o.execution_id = :run", "'execution_id', c.run"),
    ("run_documents", "o.execution_id = :run", "'execution_id', c.run, 'id', c.document"),
    ("model_calls", "o.execution_id = :run", "'execution_id', c.run, 'id', gen_random_uuid()"),
    (
        "decisions", "o.id = (SELECT decision_id FROM run_gates WHERE execution_id = :run)",
        "'id', c.decision, 'subject_id', c.gate, 'proposer_id', 'run:' || c.run",
    ),
    (
        "run_gates", "o.execution_id = :run",
        "'execution_id', c.run, 'id', c.gate, 'document_id', c.document, 'decision_id', c.decision",
    ),
    (
        "dbos.workflow_status", r"o.workflow_uuid = 'run:' || CAST(:run AS text) || '\:1'",
        r"'workflow_uuid', 'run:' || c.run || '\:1'",
    ),
)  # fmt: skip
"""(table, which rows belong to the run, what is another's in a copy). The audit chain cannot be copied."""


@dataclass(frozen=True)
class Resting:
    """A worker that was started, did one piece of work, and was left alone."""

    threads: int
    rss_mib: float
    pss_mib: float
    first_work_seconds: float
    """From the start of its process until the run that waited for it was begun."""


def park(ground: Ground, ours: Ours, count: int) -> None:
    """So many runs at their gates."""
    with ground.worker("benchmarks.workers.ours", ground.app.url):
        (run_id,) = ours.start(1, accepted=True)
        ours.parked([run_id])
        until(lambda: _handed_back(ground, run_id), seconds=10, what="the end of its piece of work")
    with ground.app.database.begin() as uow:
        uow.session.execute(text(_IDS), {"count": count - 1})
        for table, belongs, changed in _COPIED:
            values = f"jsonb_populate_record(o, jsonb_build_object({changed}))"
            insert = f"INSERT INTO {table} SELECT ({values}).* FROM {table} o CROSS JOIN copies c WHERE {belongs}"
            uow.session.execute(text(insert), {"run": run_id})
        copy = uow.session.execute(text("SELECT run FROM copies LIMIT 1")).scalar_one()
        for table, belongs, _ in _COPIED:
            made, real = (_told(uow.session, table, belongs, one) for one in (copy, run_id))
            assert made == real and real, f"a copy in {table} is not what a parked run leaves"
    ground.settle()


def rest(ground: Ground, ours: Ours) -> Resting:
    """Starts a worker for which one run waits."""
    (run_id,) = ours.start(1)
    with ExitStack() as stack:
        began = time.time()
        process = psutil.Process(stack.enter_context(ground.worker("benchmarks.workers.ours", ground.app.url)).pid)
        ours.ended([run_id])
        with ground.app.database.reading() as session:
            started_at = session.scalars(select(Execution.started_at).where(Execution.id == run_id)).one()
        assert started_at is not None
        time.sleep(SETTLE_SECONDS)
        rss = process.memory_info().rss / 2**20
        return Resting(process.num_threads(), rss, pss_mib([process]), started_at.timestamp() - began)


def _handed_back(ground: Ground, run_id: UUID) -> bool:
    return f"run:{run_id}:1" in ground.app.engine.ended_among([f"run:{run_id}:1"])


def _told(session: Session, table: str, belongs: str, run_id: UUID) -> list[dict[str, Any]]:
    """The run's rows without what names it."""
    rows = session.execute(text(f"SELECT to_jsonb(o) FROM {table} o WHERE {belongs}"), {"run": run_id}).scalars()
    own = {"id", "execution_id", "document_id", "decision_id", "subject_id", "proposer_id", "workflow_uuid"}
    return [{name: value for name, value in row.items() if name not in own} for row in rows]
