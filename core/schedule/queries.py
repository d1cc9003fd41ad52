"""The jobs with their schedule and last run, and the history of runs, for pages and API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from core.database.unit_of_work import Database
from core.schedule.rules import OPEN_STATES, JobRunState, place_of, result_in_words
from core.schedule.tables import JobEntry, JobRun

SCHEDULER_SILENT_AFTER = timedelta(minutes=2)

_RECENT = timedelta(days=30)
"""What a job's small chart looks back at most: jobs of every minute leave 43,000 runs in it."""


@dataclass(frozen=True)
class RunView:
    id: str
    job: str
    slot: datetime
    requested_by: str
    state: JobRunState
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    duration: timedelta | None
    """From its start to its end, or to now while it runs."""
    words: str
    """The result or the error as a sentence; empty until it has ended."""
    starts: int

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def place(self) -> str:
        """Where this run stands in the history: given as `before`, a page begins behind it."""
        return f"{self.enqueued_at.isoformat()}~{self.id}"


@dataclass(frozen=True)
class Bar:
    """One ended run of a job's recent history."""

    started_at: datetime
    seconds: float
    failed: bool


@dataclass(frozen=True)
class JobView:
    name: str
    title: str
    purpose: str
    schedule: str
    """In words; empty for a job that runs only when asked."""
    next_run_at: datetime | None
    last: RunView | None
    """The latest run, be it still open or ended."""

    @property
    def failed(self) -> bool:
        return self.last is not None and self.last.state is JobRunState.FAILED


class ScheduleQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def jobs(self) -> list[JobView]:
        """Every job by title, those with a schedule first."""
        newest = aliased(JobRun)
        latest = select(newest.id).where(newest.job == JobEntry.name).order_by(newest.enqueued_at.desc()).limit(1)
        query = (
            select(JobEntry, JobRun)
            .outerjoin(JobRun, JobRun.id == latest.scalar_subquery())
            .order_by(JobEntry.schedule == "", JobEntry.title)
        )
        with self._database.reading() as session:
            return [self._view(entry, last) for entry, last in session.execute(query)]

    def recent(self, limit: int = 20) -> dict[str, list[Bar]]:
        """The last runs of every job that began and ended, the oldest first: one look for the whole page."""
        place = func.row_number().over(partition_by=JobRun.job, order_by=JobRun.enqueued_at.desc()).label("place")
        inner = (
            select(JobRun.job, JobRun.started_at, JobRun.finished_at, JobRun.state, place)
            .where(
                JobRun.started_at.is_not(None), JobRun.finished_at.is_not(None),
                JobRun.enqueued_at > self._database.clock.now() - _RECENT,
            )
            .subquery()
        )  # fmt: skip
        found: dict[str, list[Bar]] = {}
        with self._database.reading() as session:
            for row in session.execute(select(inner).where(inner.c.place <= limit).order_by(inner.c.place.desc())):
                seconds = (row.finished_at - row.started_at).total_seconds()
                bar = Bar(row.started_at, max(0.0, seconds), row.state is JobRunState.FAILED)
                found.setdefault(row.job, []).append(bar)
        return found

    def runs(
        self, *, job: str = "", state: JobRunState | None = None, before: str = "", limit: int = 25
    ) -> list[RunView]:
        """Newest first; `before` is the `place` of the last run of the page before, and nothing if it is none."""
        query = select(JobRun).order_by(JobRun.enqueued_at.desc(), JobRun.id.desc()).limit(limit)
        if job:
            query = query.where(JobRun.job == job)
        if state is not None:
            query = query.where(JobRun.state == state)
        if (found := place_of(before)) is not None:
            query = query.where(tuple_(JobRun.enqueued_at, JobRun.id) < found)
        with self._database.reading() as session:
            return [self._run(run) for run in session.scalars(query)]

    def run(self, run_id: str) -> RunView | None:
        with self._database.reading() as session:
            row = session.get(JobRun, run_id)
        return self._run(row) if row else None

    def scheduler_seen_at(self) -> datetime | None:
        """When any scheduler last gave a sign of life; None if there never was one."""
        with self._database.reading() as session:
            return session.scalar(select(func.max(JobEntry.scheduler_seen_at)))

    def scheduler_is_alive(self) -> bool:
        seen = self.scheduler_seen_at()
        return seen is not None and self._database.clock.now() - seen < SCHEDULER_SILENT_AFTER

    def recent_failures(self, since: datetime) -> Sequence[RunView]:
        """Runs that failed since then, newest first, for the overview."""
        query = (
            select(JobRun)
            .where(JobRun.enqueued_at >= since, JobRun.state == JobRunState.FAILED)
            .order_by(JobRun.enqueued_at.desc())
            .limit(20)
        )
        with self._database.reading() as session:
            return [self._run(run) for run in session.scalars(query)]

    def _view(self, entry: JobEntry, last: JobRun | None) -> JobView:
        return JobView(
            entry.name, entry.title, entry.purpose, entry.schedule,
            entry.next_run_at if entry.schedule else None, self._run(last) if last else None,
        )  # fmt: skip

    def _run(self, row: JobRun) -> RunView:
        until = row.finished_at or self._database.clock.now()
        words = {
            JobRunState.SUCCEEDED: result_in_words(row.result),
            JobRunState.FAILED: row.error or "It failed and left no reason.",
        }.get(row.state, "")
        return RunView(
            row.id, row.job, row.slot, row.requested_by, row.state, row.enqueued_at, row.started_at, row.finished_at,
            until - row.started_at if row.started_at else None, words, row.starts,
        )  # fmt: skip
