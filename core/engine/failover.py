"""Taking over what a dead worker was running: a worker lives as long as it holds the lock on its own name."""

from __future__ import annotations

import os
import threading

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from core.database.unit_of_work import Database
from core.engine.client import EngineClient

log = structlog.get_logger(__name__)

WATCH_SECONDS = 1.0
SESSION_PREFIX = "countersign worker "
"""How the session that holds a worker's lock is named, so that `pg_stat_activity` lists the living workers."""

EXIT_LOST_LOCK = 70


class Failover:
    """Holds this executor's advisory lock, and takes over from executors whose lock is free."""

    def __init__(self, database: Database, client: EngineClient, executor_id: str) -> None:
        self._database, self._client, self._executor_id = database, client, executor_id
        self._own: Connection | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="failover", daemon=True)

    def hold(self) -> None:
        self._own = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not _try_lock(self._own, self._executor_id):
            raise RuntimeError(f"executor {self._executor_id} is running elsewhere")
        name = f"{SESSION_PREFIX}{self._executor_id}"
        self._own.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})

    def watch(self) -> None:
        self._thread.start()

    def release(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        if self._own is not None:
            self._own.invalidate()  # ends the server session, and with it the lock
            self._own.close()

    def take_over_dead(self) -> int:
        """One look around; answers how many pieces of work were put back on their queues."""
        taken = 0
        for executor_id in sorted(self._client.running_executors() - {self._executor_id}):
            with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
                if not _try_lock(other, executor_id):
                    continue
                try:
                    count = self._client.take_over(executor_id)
                finally:
                    other.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), {"name": executor_id})
            log.warning("worker.took_over", dead_executor=executor_id, work=count)
            taken += count
        return taken

    def _watch(self) -> None:
        while not self._stop.wait(WATCH_SECONDS):
            try:
                assert self._own is not None
                self._own.execute(text("SELECT 1"))
            except SQLAlchemyError:
                if self._stop.is_set():
                    return
                # Another worker may already be running our work: going on would do it twice.
                log.error("worker.lost_lock", executor=self._executor_id)
                os._exit(EXIT_LOST_LOCK)
            try:
                self.take_over_dead()
            except Exception:  # a loop's edge: the next look may succeed
                log.exception("worker.take_over_failed")


def _try_lock(connection: Connection, executor_id: str) -> bool:
    return bool(
        connection.scalar(text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": executor_id})
    )
