"""A run with the names of what it belongs to, as lists and details show it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.executions.tables import Execution


@dataclass(frozen=True)
class RunRow:
    """A run with the names of what it belongs to; names are None where there is nothing to name."""

    run: Execution
    title: str
    person: str | None
    agent: str | None
    council: str | None

    @property
    def id(self) -> UUID:
        return self.run.id
