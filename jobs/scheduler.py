"""The scheduler: APScheduler fires slots, and each firing only enqueues the run of that slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from core.bootstrap import Application
from core.correlation import request_bound
from jobs.job import Job
from jobs.timetable import last_due, trigger_of

log = structlog.get_logger(__name__)

_TEND_EVERY = timedelta(seconds=20)
_TEND = "_tend"


class Scheduler:
    """Any number may run: a slot has one name, and only the first request with that name enqueues anything."""

    def __init__(self, app: Application, jobs: Mapping[str, Job]) -> None:
        self._app, self._jobs = app, jobs
        self._timer = BackgroundScheduler(timezone=UTC, executors={"default": _SlotExecutor(self._fire)}, daemon=True)

    def start(self) -> None:
        """Begins to fire, and makes up what was due while no scheduler ran. The jobs must have been introduced."""
        for job in self._jobs.values():
            if job.schedule is not None:
                self._timer.add_job(
                    _nothing, trigger_of(job.schedule), id=job.name, coalesce=True, misfire_grace_time=None
                )
        self._timer.add_job(_nothing, IntervalTrigger(seconds=int(_TEND_EVERY.total_seconds())), id=_TEND)
        self._timer.start()
        self._tend()
        log.info("scheduler.started", jobs=sorted(self._jobs))

    def stop(self) -> None:
        self._timer.shutdown(wait=True)
        log.info("scheduler.stopped")

    def _fire(self, name: str, slot: datetime) -> None:
        """Runs on a thread of the timer, for the *scheduled* time, however late it is now."""
        try:
            if name == _TEND:
                self._tend()
            elif self._app.schedule.request(name, slot.astimezone(UTC)):
                log.info("job.requested", job=name, slot=slot.isoformat())
        except Exception:  # a loop's edge: what could not be requested now is made up at the next look
            log.exception("scheduler.request_failed", job=name)

    def _tend(self) -> None:
        """Says that this scheduler lives, and makes up the last due slot of each job that has no run."""
        now = datetime.now(UTC)
        for job in self._jobs.values():
            due = last_due(job.schedule, now) if job.schedule is not None else None
            if due is not None and self._app.schedule.make_up(job.name, due):
                log.warning("job.made_up", job=job.name, slot=due.isoformat())
        if lost := self._app.schedule.settle_lost():
            log.error("job.lost", runs=lost)
        upcoming = {job.id: job.next_run_time for job in self._timer.get_jobs() if job.id != _TEND}
        self._app.schedule.announce(upcoming | {name: None for name in self._jobs if name not in upcoming})


def _nothing() -> None:
    """APScheduler wants a function; what is done depends on the slot, which only its executor is told."""


class _SlotExecutor(ThreadPoolExecutor):  # type: ignore[misc]
    """Hands the job's id and scheduled time to `fire`, which the stock executor keeps to itself."""

    def __init__(self, fire: Callable[[str, datetime], None]) -> None:
        super().__init__(max_workers=4)
        self._fire = fire

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        def act() -> None:
            with request_bound():
                self._fire(job.id, run_times[-1])
            self._run_job_success(job.id, [])

        self._pool.submit(act)
