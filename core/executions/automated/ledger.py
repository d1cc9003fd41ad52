"""What a worker knows of the run that it has, and its transactions on it, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Collection

from core.database.lasting import lasting
from core.database.unit_of_work import Database
from core.executions.automated.entry import Entry, Result
from core.executions.automated.held import Held, lock
from core.executions.automated.tree import Task
from core.settings import Settings


class Ledger:
    """Of one run while one worker has it; safe to use from the threads that do its steps."""

    def __init__(self, database: Database, settings: Settings, held: Held) -> None:
        self._database, self._settings = database, settings
        self._lock = threading.Lock()
        self._held = held
        self._flying: frozenset[str] = frozenset()
        self.over = False
        """Parked or ended: there is nothing to do until somebody wakes the run."""

    @property
    def held(self) -> Held:
        return self._held

    def begin(self) -> list[Task]:
        """What can be done now; marked as begun."""
        return self._commit(None, None)

    def apply(self, task: Task, result: Result) -> list[Task]:
        """Writes what came of `task`; answers what can be begun because of it."""
        return self._commit(task, result)

    def _commit(self, task: Task | None, result: Result | None) -> list[Task]:
        with self._lock:
            flying = self._flying - ({task.path} if task else set())
            entry = lasting(lambda: self._write(task, result, flying))
            self._held, self.over = entry.held, entry.over
            self._flying = flying | {one.path for one in entry.tasks}
            return entry.tasks

    def _write(self, task: Task | None, result: Result | None, flying: Collection[str]) -> Entry:
        with self._database.begin() as uow:
            entry = Entry(uow, self._settings, lock(uow, self._held), self._held)
            if task is not None and result is not None:
                entry.take(task, result)
            entry.proceed(flying)
            entry.flush()
            return entry
