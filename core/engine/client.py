"""Handing work to the workers: enqueued in the caller's own transaction, so it exists if and only if the change does."""

from __future__ import annotations

from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import make_url

from core.database.unit_of_work import UnitOfWork
from core.engine.queues import QueueName

APPLICATION = "countersign"
APPLICATION_VERSION = "1"
"""Pinned: with the default (a hash of the code) runs parked across a deploy would never be taken again."""


class EngineClient:
    """The sending side of the engine; it runs nothing."""

    def __init__(self, url: str) -> None:
        self._dbos = DBOSClient(
            system_database_url=engine_url(url),
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            system_database_pool_size=2,
            lazy=True,
        )

    def enqueue(self, uow: UnitOfWork, queue: QueueName, work: str, *arguments: Any, work_id: str) -> None:
        """Enqueues `work` in `uow`'s transaction. A second enqueue with the same `work_id`, ever, does nothing."""
        self._dbos.enqueue_in_transaction(
            uow.session,
            {
                "workflow_name": work,
                "queue_name": queue.value,
                "workflow_id": work_id,
                "app_version": APPLICATION_VERSION,
            },
            *arguments,
        )

    def take_over(self, executor_id: str) -> int:
        """Puts everything the dead executor was running back on its queue; answers how many."""
        stranded = self._dbos.list_workflows(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
        for workflow in stranded:
            self._dbos.resume_workflow(workflow.workflow_id, queue_name=workflow.queue_name)
        return len(stranded)

    def running_executors(self) -> set[str]:
        """Executors that hold unfinished work, alive or not."""
        pending = self._dbos.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {workflow.executor_id for workflow in pending if workflow.executor_id}

    def queue_depth(self) -> dict[str, int]:
        """Work that waits, by queue."""
        depth: dict[str, int] = {name.value: 0 for name in QueueName}
        for workflow in self._dbos.list_queued_workflows(load_input=False):
            if workflow.status == "ENQUEUED" and workflow.queue_name in depth:
                depth[workflow.queue_name] += 1
        return depth

    def close(self) -> None:
        self._dbos.destroy()


def engine_url(url: str) -> str:
    """`url` without a SQLAlchemy driver: DBOS brings its own (psycopg 3)."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def migrate_engine(url: str) -> None:
    """Creates or upgrades the engine's own schema (`dbos`); safe to call from several processes."""
    DBOS.migrate(engine_url(url))
