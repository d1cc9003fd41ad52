"""The running side of the engine: takes work from the queues and hands it to the rooms' handlers."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, StepOptions

from core.correlation import request_bound
from core.database.unit_of_work import Database
from core.engine.client import APPLICATION, APPLICATION_VERSION, EngineClient, engine_url
from core.engine.failover import Failover
from core.engine.queues import QueueSpec
from core.engine.steps import Handler
from core.identifiers import new_id

log = structlog.get_logger(__name__)

_HOST_LENGTH = 24
"""Keeps the executor id inside PostgreSQL's 63 bytes for a session's name, where `EngineQueries` finds it."""


class DurableSteps:
    """Steps checkpointed by DBOS inside the workflow that runs now."""

    def run(self, name: str, act: Callable[[], Any]) -> Any:
        return DBOS.run_step(StepOptions(name=name), act)


class Worker:
    """One worker process. `start` returns at once; work runs on the engine's threads until `stop`."""

    def __init__(
        self,
        url: str,
        database: Database,
        client: EngineClient,
        handlers: Mapping[str, Handler],
        queues: tuple[QueueSpec, ...],
    ) -> None:
        self._queues = queues
        self._running = _Counter()
        self.executor_id = f"{socket.gethostname()[:_HOST_LENGTH]}-{os.getpid()}-{new_id().hex[-8:]}"
        self._failover = Failover(database, client, self.executor_id)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": engine_url(url),
            "application_version": APPLICATION_VERSION,
            "executor_id": self.executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            "run_migrations": False,
            "log_level": "WARNING",
            "sys_db_pool_size": 6,
            "max_executor_threads": sum(queue.worker_concurrency for queue in queues) + 4,
        }
        DBOS(config=config)
        for name, handler in handlers.items():
            _register(name, handler, self._running)

    def start(self) -> None:
        """Takes this executor's lock first, so that nobody can think it dead, then begins to take work."""
        self._failover.hold()
        DBOS.listen_queues([queue.name.value for queue in self._queues])
        DBOS.launch()
        for queue in self._queues:
            DBOS.register_queue(
                queue.name.value,
                worker_concurrency=queue.worker_concurrency,
                polling_interval_sec=queue.poll_seconds,
                limiter={"limit": queue.rate.count, "period": queue.rate.seconds} if queue.rate else None,
                on_conflict="always_update",
            )
        self._failover.watch()
        log.info("worker.started", executor=self.executor_id)

    def stop(self, *, grace_seconds: int = 10) -> bool:
        """Stops taking work and gives what runs `grace_seconds` to end; answers whether it did.

        If not, the process must end now: its lock is kept until then, so that another worker takes the rest over
        only when nothing of it can run here any more.
        """
        DBOS.destroy(workflow_completion_timeout_sec=grace_seconds, destroy_registry=True)
        ended = self._running.value == 0
        if ended:
            self._failover.release()
        log.info("worker.stopped", executor=self.executor_id, everything_ended=ended)
        return ended


class _Counter:
    """How many handlers are running on the engine's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.value = 0

    def __enter__(self) -> None:
        with self._lock:
            self.value += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.value -= 1


def _register(name: str, handler: Handler, running: _Counter) -> None:
    def workflow(*arguments: Any) -> Any:
        with running, request_bound(DBOS.authenticated_user), structlog.contextvars.bound_contextvars(work=name):
            return handler(DurableSteps(), *arguments)

    workflow.__qualname__ = workflow.__name__ = name
    DBOS.workflow(name=name, max_recovery_attempts=20)(workflow)
