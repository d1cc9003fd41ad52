"""Whether the machinery is well: which workers live, and how much work waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from core.database.unit_of_work import Database
from core.engine.failover import SESSION_PREFIX
from core.engine.queues import QueueName


@dataclass(frozen=True)
class LivingWorker:
    executor_id: str
    since: datetime
    silent_seconds: float
    """Since its last sign of life; about one second in a worker that is well."""


class EngineQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def workers(self) -> list[LivingWorker]:
        """Workers that hold their lock at present, in whichever process or machine, the longest-lived first."""
        query = text(
            """
            SELECT application_name, backend_start,
                   extract(epoch FROM clock_timestamp() - coalesce(state_change, backend_start)) AS silent
            FROM pg_stat_activity
            WHERE datname = current_database() AND starts_with(application_name, :prefix)
            ORDER BY backend_start
            """
        )
        with self._database.reading() as session:
            rows = session.execute(query, {"prefix": SESSION_PREFIX}).all()
        return [LivingWorker(row[0].removeprefix(SESSION_PREFIX), row[1], max(0.0, float(row[2]))) for row in rows]

    def queue_depth(self) -> dict[str, int]:
        """Work that waits, by queue."""
        query = text("SELECT queue_name, count(*) FROM dbos.workflow_status WHERE status = 'ENQUEUED' GROUP BY 1")
        with self._database.reading() as session:
            waiting = {row[0]: int(row[1]) for row in session.execute(query)}
        return {name.value: waiting.get(name.value, 0) for name in QueueName}
