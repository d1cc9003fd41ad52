"""Handing work to the workers, enqueued in the caller's own transaction: it exists if and only if the change does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import make_url

from core.correlation import current_request
from core.database.unit_of_work import UnitOfWork
from core.engine.queues import QueueName

APPLICATION = "countersign"
APPLICATION_VERSION = "1"
"""Pinned: with the default (a hash of the code) runs parked across a deploy would never be taken again."""

_UNFINISHED = {"ENQUEUED", "DELAYED", "PENDING"}


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

    def enqueue(
        self, uow: UnitOfWork, queue: QueueName, work: str, *arguments: Any, work_id: str, after_seconds: float = 0
    ) -> None:
        """Enqueues `work` in `uow`'s transaction. A second enqueue with the same `work_id` does nothing.

        With `after_seconds` no worker takes it before that long has passed.
        """
        options: EnqueueOptions = {
            "workflow_name": work,
            "queue_name": queue.value,
            "workflow_id": work_id,
            "app_version": APPLICATION_VERSION,
        }
        request = current_request()
        if request is not None:  # the one field that DBOS hands to the worker with the work, at no statement more
            options["authenticated_user"] = request
        if after_seconds > 0:
            options["delay_seconds"] = after_seconds
        self._dbos.enqueue_in_transaction(uow.session, options, *arguments)

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

    def ended_among(self, work_ids: Sequence[str]) -> set[str]:
        """Those that the engine runs no more, however they ended, unknown ones included."""
        if not work_ids:
            return set()
        known = self._dbos.list_workflows(workflow_ids=list(work_ids), load_input=False, load_output=False)
        return set(work_ids) - {work.workflow_id for work in known if work.status in _UNFINISHED}

    def purge_finished(self, *, ended_before: datetime, at_most: int = 1000) -> int:
        """Deletes the engine's rows of work that ended before then; answers how many pieces. Repeat until 0.

        A purged `work_id` could be enqueued again: whoever enqueues keeps a row of its own that says it was done.
        """
        ended = self._dbos.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            completed_before=ended_before.isoformat(),
            limit=at_most,
            load_input=False,
            load_output=False,
        )
        if ended:
            self._dbos.delete_workflows([workflow.workflow_id for workflow in ended])
        return len(ended)

    def close(self) -> None:
        self._dbos.destroy()


def engine_url(url: str) -> str:
    """`url` without a SQLAlchemy driver: DBOS brings its own (psycopg 3)."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def migrate_engine(url: str) -> None:
    """Creates or upgrades the engine's own schema (`dbos`); safe to call from several processes."""
    DBOS.migrate(engine_url(url))
