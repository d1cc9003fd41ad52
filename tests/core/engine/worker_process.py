"""A worker in a process of its own, for tests that kill it: `python -m tests.core.engine.worker_process URL GRACE`."""

from __future__ import annotations

import os
import signal
import sys
import threading

from sqlalchemy import text

from core.clock import SystemClock
from core.database.unit_of_work import Database
from core.engine.client import EngineClient
from core.engine.queues import QueueName, QueueSpec
from core.engine.steps import Steps
from core.engine.worker import Worker
from tests.waiting import until


def main(url: str, grace_seconds: int) -> None:
    database, client = Database(url, SystemClock()), EngineClient(url)

    def leave_trace(work: str, step: str) -> str:
        """Commits one row for this step, the effect that must not happen twice."""
        with database.begin() as uow:
            uow.session.execute(
                text("INSERT INTO effects (work, step, pid) VALUES (:work, :step, :pid)"),
                {"work": work, "step": step, "pid": os.getpid()},
            )
        return step

    def wait_for_gate(work: str) -> None:
        def is_open() -> bool:
            with database.reading() as session:
                return bool(session.scalar(text("SELECT 1 FROM gates WHERE work = :work"), {"work": work}))

        leave_trace(work, "long begun")
        until(is_open, seconds=60)

    def three_steps(steps: Steps, work: str) -> None:
        steps.run("first", lambda: leave_trace(work, "first"))
        steps.run("long", lambda: wait_for_gate(work))
        steps.run("last", lambda: leave_trace(work, "last"))

    def one_step(steps: Steps, work: str) -> None:
        steps.run("only", lambda: leave_trace(work, "only"))

    worker = Worker(
        url,
        database,
        client,
        {"three_steps": three_steps, "one_step": one_step},
        (QueueSpec(QueueName.ACTIONS, 4, 0.05),),
    )
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    worker.start()
    ended.wait()
    os._exit(0 if worker.stop(grace_seconds=grace_seconds) else 3)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
