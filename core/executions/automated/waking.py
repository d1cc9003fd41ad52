"""Handing a run to the workers: in the transaction of what it waited for, and once for each piece of work."""

from __future__ import annotations

from core.database.unit_of_work import UnitOfWork
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.executions.rules import ENDED
from core.executions.tables import Execution

RUN_SEGMENT = "run_segment"


def wake(uow: UnitOfWork, engine: EngineClient, row: Execution) -> None:
    """Lets a worker look at the run, whose row the caller has locked.

    A worker that has it now looks again before it parks, so no two ever work on one run.
    """
    if row.state in ENDED or row.paused:
        return
    if not row.parked:
        row.woken = True
        return
    row.parked, row.woken = False, False
    row.segment += 1
    engine.enqueue(uow, QueueName.RUNS, RUN_SEGMENT, str(row.id), row.segment, work_id=f"run:{row.id}:{row.segment}")
