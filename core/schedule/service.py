"""Commands on jobs: introduce them, request a run for a slot, run one now, and write down how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from core.actor import Actor, Role
from core.audit import service as audit
from core.canonical import jsonable
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.errors import NotFound
from core.schedule.rules import OPEN_STATES, JobAlreadyRunning, JobRunState, given_up, run_id
from core.schedule.tables import JobEntry, JobRun

RUN_JOB = "run_job"
"""The handler's name (jobs/worker.py)."""

BY_SCHEDULE = "schedule"

_LOST_AFTER = timedelta(minutes=1)
LOST = "The engine ended this run without a result. Look at the worker's log, then run it again."


@dataclass(frozen=True)
class JobDescription:
    """What pages show of a job; `schedule` is in words, empty for one that runs only when asked."""

    name: str
    title: str
    purpose: str
    schedule: str


@dataclass(frozen=True)
class BegunRun:
    job: str
    slot: datetime


class ScheduleService:
    def __init__(self, database: Database, engine: EngineClient) -> None:
        self._database, self._engine = database, engine

    def introduce(self, jobs: Sequence[JobDescription]) -> None:
        """Makes exactly these jobs known; runs of jobs that are gone stay in the history."""
        with self._database.begin() as uow:
            uow.session.execute(delete(JobEntry).where(JobEntry.name.not_in([job.name for job in jobs])))
            for job in sorted(jobs, key=lambda job: job.name):  # one order for all processes: no deadlock
                said = {"title": job.title, "purpose": job.purpose, "schedule": job.schedule}
                row = insert(JobEntry).values(name=job.name, introduced_at=uow.now, **said)
                uow.session.execute(row.on_conflict_do_update(index_elements=[JobEntry.name], set_=said))

    def announce(self, next_runs: Mapping[str, datetime | None]) -> None:
        """What a scheduler says while it lives: when it will fire each job next."""
        with self._database.begin() as uow:
            for name, at in sorted(next_runs.items()):
                values = {"next_run_at": at, "scheduler_seen_at": uow.now}
                uow.session.execute(update(JobEntry).where(JobEntry.name == name).values(values))

    def request(self, job: str, slot: datetime, *, requested_by: str = BY_SCHEDULE) -> bool:
        """Enqueues the run of `job` for `slot`; False if somebody already has."""
        with self._database.begin() as uow:
            return self._enqueue(uow, job, slot, requested_by=requested_by)

    def make_up(self, job: str, last_due: datetime) -> bool:
        """Enqueues the run for the last slot that was due, unless the job has run since or did not exist then."""
        with self._database.begin() as uow:
            introduced = uow.session.scalar(select(JobEntry.introduced_at).where(JobEntry.name == job))
            if introduced is None or last_due < introduced:
                return False
            if uow.session.scalar(select(JobRun.id).where(JobRun.job == job, JobRun.slot >= last_due).limit(1)):
                return False
            return self._enqueue(uow, job, last_due, requested_by=BY_SCHEDULE)

    def run_now(self, actor: Actor, job: str, *, roles: Sequence[Role] = (Role.ADMIN,)) -> str:
        """Enqueues a run at once; answers its id. Refuses while one waits or runs (JobAlreadyRunning)."""
        actor.must_have(*roles, to="run jobs")
        with self._database.begin() as uow:
            entry = uow.session.get(JobEntry, job, with_for_update=True)  # two clicks take turns here
            if entry is None:
                raise NotFound(kind="job", id=job)
            waiting = select(JobRun.id).where(JobRun.job == job, JobRun.state.in_(OPEN_STATES)).limit(1)
            if uow.session.scalar(waiting):
                raise JobAlreadyRunning(title=entry.title)
            self._enqueue(uow, job, uow.now, requested_by=actor.name)
            run = run_id(job, uow.now)
            audit.record(uow, actor, "job.requested", f"job:{job}", after={"run": run})
            return run

    def _enqueue(self, uow: UnitOfWork, job: str, slot: datetime, *, requested_by: str) -> bool:
        identity = run_id(job, slot)
        row = insert(JobRun).values(
            id=identity, job=job, slot=slot, requested_by=requested_by,
            state=JobRunState.QUEUED, enqueued_at=uow.now, starts=0,
        )  # fmt: skip
        if uow.session.scalar(row.on_conflict_do_nothing().returning(JobRun.id)) is None:
            return False
        self._engine.enqueue(uow, QueueName.JOBS, RUN_JOB, identity, work_id=f"job:{identity}")
        return True

    def settle_lost(self) -> int:
        """Fails open runs that the engine runs no more (its handler could not even begin or end); answers how many."""
        with self._database.begin() as uow:
            long_ago = uow.now - _LOST_AFTER
            open_runs = select(JobRun.id).where(JobRun.state.in_(OPEN_STATES), JobRun.enqueued_at < long_ago).limit(100)
            runs = {f"job:{run}": run for run in uow.session.scalars(open_runs)}
        ended = self._engine.ended_among(list(runs))
        lost = [run for work, run in runs.items() if work in ended]
        if not lost:
            return 0
        with self._database.begin() as uow:
            still_open = (JobRun.id.in_(lost), JobRun.state.in_(OPEN_STATES))
            failed = {"state": JobRunState.FAILED, "error": LOST, "finished_at": uow.now}
            return len(
                uow.session.scalars(update(JobRun).where(*still_open).values(**failed).returning(JobRun.id)).all()
            )

    # -- for the worker -------------------------------------------------------------------------------------------

    def begin(self, run: str) -> BegunRun | None:
        """Marks the run as running; None if it has ended, or is given up because it keeps ending its worker."""
        with self._database.begin() as uow:
            row = uow.session.get(JobRun, run, with_for_update=True)
            if row is None or row.state not in OPEN_STATES:
                return None
            if problem := given_up(row.starts):
                row.state, row.error, row.finished_at = JobRunState.FAILED, problem, uow.now
                return None
            row.state, row.starts = JobRunState.RUNNING, row.starts + 1
            row.started_at = row.started_at or uow.now
            return BegunRun(row.job, row.slot)

    def finish(self, run: str, *, result: Mapping[str, Any] | None = None, error: str | None = None) -> None:
        """Writes down how the run ended, once."""
        ended = {
            "state": JobRunState.FAILED if error is not None else JobRunState.SUCCEEDED,
            "result": jsonable(dict(result)) if result is not None else None,
            "error": error[:2000] if error is not None else None,
        }
        with self._database.begin() as uow:
            still_running = (JobRun.id == run, JobRun.state == JobRunState.RUNNING)
            uow.session.execute(update(JobRun).where(*still_running).values(finished_at=uow.now, **ended))

    def forget_runs(self, *, ended_before: datetime) -> int:
        """Deletes the history of runs that ended before then; answers how many."""
        with self._database.begin() as uow:
            gone = delete(JobRun).where(JobRun.finished_at < ended_before).returning(JobRun.id)
            return len(uow.session.scalars(gone).all())
