"""What a worker knows of the run that it has, and its transactions on it, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Collection
from uuid import UUID

import structlog
from psycopg2.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from core.database.lasting import lasting
from core.database.unit_of_work import Database
from core.errors import CountersignError
from core.executions.automated.entry import Entry, Result
from core.executions.automated.held import Held, Superseded, lock, take
from core.executions.automated.tree import Task
from core.executions.automated.work import Fail
from core.identifiers import new_id
from core.settings import Settings

log = structlog.get_logger(__name__)


class Ledger:
    """Of one run while one worker has it; safe to use from the threads that do its steps."""

    def __init__(self, database: Database, settings: Settings, execution_id: UUID, segment: int) -> None:
        self._database, self._settings = database, settings
        self._execution_id, self._segment, self._name = execution_id, segment, new_id()
        self._lock = threading.Lock()
        self._held: Held | None = None
        self._flying: frozenset[str] = frozenset()
        self.over = False
        """Parked or ended: there is nothing to do until somebody wakes the run."""

    @property
    def held(self) -> Held:
        """From the first `begin` on."""
        assert self._held is not None
        return self._held

    def begin(self) -> list[Task]:
        """What can be done now; marked as begun. Superseded where the run is another's, here as in `apply`."""
        return self._commit(None, None)

    def apply(self, task: Task, result: Result) -> list[Task]:
        """Writes what came of `task`; answers what can be begun because of it."""
        return self._commit(task, result)

    def _commit(self, task: Task | None, result: Result | None) -> list[Task]:
        with self._lock:
            flying = self._flying - ({task.path} if task else set())
            entry = self._written(task, result, flying)
            self._held, self.over = entry.held, entry.over
            self._flying = flying | {one.path for one in entry.tasks}
            return entry.tasks

    def _written(self, task: Task | None, result: Result | None, flying: Collection[str]) -> Entry:
        try:
            return lasting(lambda: self._write(task, result, flying))
        except (Superseded, OperationalError, InterfaceError):
            raise
        except Exception as problem:  # what cannot be written must fail its step, or the run would never go on
            there = isinstance(problem, IntegrityError) and isinstance(problem.orig, UniqueViolation)
            if (
                task is None or isinstance(result, Fail) or there
            ):  # there: another worker, for this one was thought dead
                raise
            log.exception("run.result_not_kept", run=str(self._execution_id), path=task.path)
            words = str(problem) if isinstance(problem, CountersignError) else "the worker's log has the reason."
            failed = Fail(f"Its result could not be kept: {words}")
            return lasting(lambda: self._write(task, failed, flying))

    def _write(self, task: Task | None, result: Result | None, flying: Collection[str]) -> Entry:
        with self._database.begin() as uow:
            row = lock(uow, self._execution_id, self._segment, self._name, take_over=self._held is None)
            entry = Entry(uow, self._settings, row, self._held or take(uow.session, row))
            if task is not None and result is not None:
                entry.take(task, result)
            entry.proceed(flying)
            entry.flush()
            return entry
