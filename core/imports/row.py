"""A row of an event log, whatever file it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.imports.refusals import Refused


@dataclass(frozen=True, slots=True)
class Row:
    """One event: its values by column, as text, without those that are empty."""

    line: int
    cells: Mapping[str, str]


@dataclass
class Columns:
    """The columns in the order of the file; of a log they are known when it is read."""

    names: dict[str, None] = field(default_factory=dict)

    def add(self, name: str) -> None:
        self.names.setdefault(name)


class Log(Protocol):
    """A file that is being read, once, from its beginning."""

    columns: Columns

    def rows(self) -> Iterator[Row | Refused]:
        """Every row in the order of the file; one that cannot be read is refused, and the rest goes on."""
        ...
