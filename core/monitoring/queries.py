"""The installation in numbers that cost next to nothing: every statement reads an index's end or one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.database.unit_of_work import Database
from core.engine.failover import SESSION_PREFIX
from core.engine.queues import QueueName

AT_MOST_MS = 2_000
"""A statement that takes longer is given up: watching must not be what brings an installation down."""

MOST_ENDINGS = 5_000
"""What is read of attempts or runs at one look; the next look goes on there."""


@dataclass(frozen=True)
class Waiting:
    count: int
    oldest_seconds: float


@dataclass(frozen=True)
class JobStanding:
    name: str
    ended_at: datetime | None
    """When it last ended; None for a job that never did."""
    succeeded: bool
    seconds: float
    next_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """How things stand at one moment."""

    queues: Mapping[str, Waiting]
    """Work that waits, by queue, with the age of the oldest piece."""
    running: Mapping[str, int]
    """Work that workers have, by queue."""
    decisions: Mapping[str, Waiting]
    """Open decisions by the kind of what is decided on."""
    actions: Mapping[str, int]
    """Actions that are not over, by state."""
    runs: Mapping[str, int]
    """Runs by state, as of the last roll-up; imported and sample runs are not among them."""
    webhooks: Mapping[str, int]
    """Deliveries that wait, and those given up in the last day."""
    jobs: Sequence[JobStanding]
    workers: int
    worker_silent_seconds: float | None
    scheduler_silent_seconds: float | None
    audit_entries: int
    database_bytes: int
    sessions: Mapping[str, int]
    """Sessions of the database by state, and how many there may be as `most`."""


@dataclass(frozen=True)
class AttemptEnding:
    finished_at: datetime
    operation: str
    outcome: str
    seconds: float
    """From the approval, or from the time at which it was to begin if that was later."""


@dataclass(frozen=True)
class RunEnding:
    finished_at: datetime
    state: str
    seconds: float


# A series that is not there cannot be compared with anything, so what there is none of is said as 0.
_NO_WORK = {queue.value: Waiting(0, 0.0) for queue in QueueName}
_NO_DECISIONS = {kind: Waiting(0, 0.0) for kind in ("action", "gate")}
_MOVING = ("pending", "approved", "executing", "unknown")


class MonitoringQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def answers(self) -> bool:
        """Whether the database does; raises what it says otherwise."""
        with self._database.reading() as session:
            return bool(session.scalar(text("SELECT 1")) == 1)

    def standing(self) -> Standing:
        with self._database.reading() as session:
            session.execute(text(f"SET LOCAL statement_timeout = {AT_MOST_MS}"))
            work = session.execute(_WORK).all()
            workers = session.execute(_WORKERS, {"prefix": SESSION_PREFIX}).one()
            sessions = {row[0]: int(row[1]) for row in session.execute(_SESSIONS)}
            return Standing(
                queues=_NO_WORK | _waiting((row[0], row[2], row[3]) for row in work if row[1] == "ENQUEUED"),
                running=dict.fromkeys(_NO_WORK, 0) | {row[0]: int(row[2]) for row in work if row[1] == "PENDING"},
                decisions=_NO_DECISIONS | _waiting(session.execute(_DECISIONS).all()),
                actions=dict.fromkeys(_MOVING, 0) | {row[0]: int(row[1]) for row in session.execute(_ACTIONS)},
                runs=_runs(session),
                webhooks={row[0]: int(row[1]) for row in session.execute(_WEBHOOKS)},
                jobs=[_job(row) for row in session.execute(_JOBS)],
                workers=int(workers[0]),
                worker_silent_seconds=_number(workers[1]),
                scheduler_silent_seconds=_number(session.scalar(_SCHEDULER)),
                audit_entries=int(session.scalar(_AUDIT) or 0),
                database_bytes=int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0),
                sessions=sessions,
            )

    def attempts_ended(self, since: datetime, until: datetime) -> list[AttemptEnding]:
        """Attempts with a receipt of (since, until], the earliest first, at most MOST_ENDINGS."""
        with self._database.reading() as session:
            rows = session.execute(_ATTEMPTS, {"since": since, "until": until, "most": MOST_ENDINGS})
            return [AttemptEnding(row[0], row[1], row[2], max(0.0, float(row[3]))) for row in rows]

    def runs_ended(self, since: datetime, until: datetime) -> list[RunEnding]:
        """Runs that ended in (since, until], the earliest first, at most MOST_ENDINGS."""
        with self._database.reading() as session:
            rows = session.execute(_RUNS_ENDED, {"since": since, "until": until, "most": MOST_ENDINGS})
            return [RunEnding(row[0], row[1], max(0.0, float(row[2]))) for row in rows]


# One index of the engine's (status, then time) leads to what is unfinished, however much is finished.
_WORK = text(
    """
    SELECT queue_name, status, count(*), extract(epoch FROM clock_timestamp()) - min(created_at) / 1000.0
    FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING') AND queue_name IS NOT NULL GROUP BY 1, 2
    """
)
_DECISIONS = text(
    """
    SELECT subject_kind, count(*), extract(epoch FROM clock_timestamp() - min(opened_at))
    FROM decisions WHERE state = 'open' GROUP BY 1
    """
)
_ACTIONS = text(
    """
    SELECT state, count(*) FROM actions
    WHERE state IN ('pending', 'approved', 'executing', 'unknown') AND NOT sample GROUP BY 1
    """
)
_RUNS = text(
    """
    SELECT pending, started, in_progress, waiting_acceptance, waiting_clarification,
           completed, failed, cancelled, abandoned
    FROM rollups WHERE NOT sample AND lens = 'total' AND grain = 'all' AND day = DATE '0001-01-01'
    """
)
_WEBHOOKS = text(
    """
    SELECT 'waiting', count(*) FROM webhook_deliveries WHERE state = 'waiting'
    UNION ALL
    SELECT 'failed', count(*) FROM webhook_deliveries
    WHERE state = 'failed' AND finished_at > clock_timestamp() - interval '1 day'
    """
)
_JOBS = text(
    """
    SELECT jobs.name, last.finished_at, last.state = 'succeeded',
           extract(epoch FROM last.finished_at - last.started_at), jobs.next_run_at
    FROM jobs LEFT JOIN LATERAL (
        SELECT finished_at, started_at, state FROM job_runs
        WHERE job_runs.job = jobs.name AND finished_at IS NOT NULL ORDER BY enqueued_at DESC LIMIT 1
    ) AS last ON true
    ORDER BY jobs.name
    """
)
_WORKERS = text(
    """
    SELECT count(*), min(extract(epoch FROM clock_timestamp() - coalesce(state_change, backend_start)))
    FROM pg_stat_activity WHERE datname = current_database() AND starts_with(application_name, :prefix)
    """
)
_SCHEDULER = text("SELECT extract(epoch FROM clock_timestamp() - max(scheduler_seen_at)) FROM jobs")
_AUDIT = text("SELECT max(sequence) FROM audit_entries")
_SESSIONS = text(
    """
    SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1
    UNION ALL SELECT 'most', current_setting('max_connections')::int
    """
)
_ATTEMPTS = text(
    """
    SELECT attempts.finished_at, actions.operation, attempts.outcome,
           extract(epoch FROM attempts.finished_at
                   - greatest(attempts.started_at, coalesce(actions.decided_at, attempts.started_at)))
    FROM attempts JOIN actions ON actions.id = attempts.action_id
    WHERE attempts.finished_at > :since AND attempts.finished_at <= :until AND attempts.outcome IS NOT NULL
      AND NOT actions.sample
    ORDER BY attempts.finished_at LIMIT :most
    """
)
# Whatever ends a run is something done on it, so that the index of the last activity leads there.
_RUNS_ENDED = text(
    """
    SELECT completed_at, state, extract(epoch FROM completed_at - started_at) FROM executions
    WHERE sample IS FALSE AND last_activity_at > :since AND completed_at > :since AND completed_at <= :until
      AND started_at IS NOT NULL AND state IN ('completed', 'failed', 'cancelled', 'abandoned')
    ORDER BY completed_at LIMIT :most
    """
)


def _waiting(rows: Iterable[Sequence[Any]]) -> dict[str, Waiting]:
    return {str(name): Waiting(int(count), max(0.0, float(oldest or 0))) for name, count, oldest in rows}


def _runs(session: Session) -> dict[str, int]:
    row = session.execute(_RUNS).mappings().first()
    return {state: int(count) for state, count in row.items()} if row else {}


def _job(row: Any) -> JobStanding:
    return JobStanding(str(row[0]), row[1], bool(row[2]), _number(row[3]) or 0.0, row[4])


def _number(value: object) -> float | None:
    return None if value is None else max(0.0, float(str(value)))
