"""`python -m jobs [worker|scheduler]`: runs jobs and approved actions, fires schedules, or (without a word) both."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Mapping
from types import FrameType

import structlog

from core.bootstrap import Application, application
from core.logs import set_up_logs
from jobs.found import all_jobs
from jobs.job import Job
from jobs.scheduler import Scheduler
from jobs.worker import create_worker

log = structlog.get_logger("jobs")

GRACE_SECONDS = 10
"""What runs may take to end when the process is asked to stop; what does not is taken over by another worker."""

EXIT_UNFINISHED = 3


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m jobs", description=__doc__)
    parser.add_argument("part", nargs="?", choices=["worker", "scheduler"], help="only this part; default: both")
    part: str | None = parser.parse_args(arguments).part

    asked_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked_to_stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    app = application()
    set_up_logs(app.settings.log_format, part or "jobs")
    return run(app, all_jobs(), asked_to_stop, works=part != "scheduler", schedules=part != "worker")


def run(
    app: Application, jobs: Mapping[str, Job], asked_to_stop: threading.Event, *, works: bool, schedules: bool
) -> int:
    """Runs the parts until asked to stop; answers the exit code."""
    app.schedule.introduce([job.described() for job in jobs.values()])
    worker = create_worker(app, jobs) if works else None
    scheduler = Scheduler(app, jobs) if schedules else None
    for part in (worker, scheduler):
        if part is not None:
            part.start()

    if worker is not None:
        threading.Thread(target=app.language_models.prepare, name="prepare", daemon=True).start()

    asked_to_stop.wait()

    if scheduler is not None:
        scheduler.stop()
    if worker is not None and not worker.stop(grace_seconds=GRACE_SECONDS):
        # Threads cannot be ended, and what they do may go on only here or only elsewhere: end the process at once.
        log.warning("worker.left_work_unfinished")
        os._exit(EXIT_UNFINISHED)
    app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
