"""A job process with jobs of the tests' own: `python -m tests.jobs.job_process URL worker|scheduler`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from core import bootstrap
from core.bootstrap import Application
from core.settings import Settings
from jobs.__main__ import run
from jobs.job import Job
from tests.waiting import until


def tick(app: Application, slot: datetime) -> dict[str, Any]:
    leave_trace(app, "ticking", slot)
    return {"summary": "Ticked"}


def wait_for_gate(app: Application, slot: datetime) -> dict[str, Any]:
    def is_open() -> bool:
        with app.database.reading() as session:
            return bool(session.scalar(text("SELECT count(*) FROM gates")))

    leave_trace(app, "patient", slot)
    until(is_open, seconds=60)
    return {"summary": "Waited to the end", "at": slot}


def crash(app: Application, slot: datetime) -> dict[str, Any]:
    raise ZeroDivisionError("division by zero")


def leave_trace(app: Application, job: str, slot: datetime) -> None:
    with app.database.begin() as uow:
        uow.session.execute(
            text("INSERT INTO traces (job, slot, pid) VALUES (:job, :slot, :pid)"),
            {"job": job, "slot": slot, "pid": os.getpid()},
        )


JOBS = {
    "ticking": Job("ticking", "Tick", "Ticks every second.", timedelta(seconds=1), tick),
    "patient": Job("patient", "Wait", "Waits for the test.", None, wait_for_gate),
    "crashing": Job("crashing", "Crash", "Always crashes.", None, crash),
}


def main(url: str, part: str) -> int:
    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.set())
    app = bootstrap.build(Settings(_env_file=None), url=url)
    return run(app, JOBS, asked_to_stop, works=part == "worker", schedules=part == "scheduler")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
