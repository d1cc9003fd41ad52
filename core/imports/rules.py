"""What an import is told of its file, the states it goes through, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from core.actor import Role
from core.errors import CountersignError
from core.outcomes.rules import MetricType

IMPORTERS = (Role.ANALYST, Role.ADMIN)

IMPORT_RUNS = "import_runs"
"""The work a worker does for an import: read, write or take back, whatever its state asks for."""

MOST_BYTES = 200 * 1024 * 1024
MOST_UNPACKED = 2 * 1024 * 1024 * 1024
"""Of a compressed log: a small file can unpack to more than any disk holds."""
MOST_LINE = 1_000_000
"""Characters of a line, or of one value in a log."""
MOST_CELL = 100_000
MOST_COLUMNS = 500
MOST_NAME = 200
MOST_REFUSALS = 50_000
"""Refused rows that are kept one by one; beyond, they are only counted."""
MOST_ACTIVITIES = 500
DRAFTS_LAST = timedelta(days=7)
"""An upload that nobody goes on with is forgotten after so long."""


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    """The file is kept; it waits for a person to say what its columns mean."""
    READING = "reading"
    READY = "ready"
    """Read and rehearsed; it waits for a person to start it."""
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    TAKING_BACK = "taking_back"
    TAKEN_BACK = "taken_back"


UNDER_WAY = frozenset({ImportState.READING, ImportState.WRITING, ImportState.TAKING_BACK})
"""A worker has it, or is about to."""


class Dates(StrEnum):
    """How times are written; 03/04/2026 is April here and March there, so a person says which."""

    ISO = "iso"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    """Since 1970, as computers count."""


class DecimalSign(StrEnum):
    POINT = "point"
    COMMA = "comma"


class Per(StrEnum):
    """Whether a figure is said of the case (its last one counts) or of each event (they are added)."""

    CASE = "case"
    EVENT = "event"


class Unfinished(StrEnum):
    """What becomes of a case that reached no end."""

    BY_AGE = "by_age"
    """Abandoned when its last event is older than `STALE_AFTER`; a younger one is left out until it is over."""
    ABANDONED = "abandoned"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Told:
    """A column, or one word for all rows; neither: it is not said."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    column: str = ""
    fixed: str = ""

    def __bool__(self) -> bool:
        return bool(self.column or self.fixed)


@dataclass(frozen=True)
class Layout:
    """How the file is written; found when it is handed in, and a person can correct it."""

    kind: str
    """`csv` or `xes`."""
    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    packed: bool = False


@dataclass(frozen=True)
class LogMapping:
    """What the columns mean, and what their cases become."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    source: str
    """Where the cases come from; with its source, a case is known again when it comes twice."""
    case: str
    activity: str
    time: str
    """When a step was done, or the only time there is."""
    dates: Dates
    zone: str = "UTC"
    """Of times that name none."""
    start: str = ""
    lifecycle: str = ""
    """`start` and `complete` in rows of their own, as XES logs say it."""
    person: str = ""
    market: Told = Told()
    skill_level: Told = Told()
    metric: MetricType | None = None
    value: str = ""
    value_per: Per = Per.CASE
    unit: Told = Told()
    cost: str = ""
    cost_per: Per = Per.EVENT
    currency: Told = Told()
    """Of the cost."""
    decimal: DecimalSign = DecimalSign.POINT
    workflow_id: str = ""
    """An existing workflow; empty where one is made of the log."""
    new_title: str = ""
    new_steps: tuple[str, ...] = ()
    """Activities that become the steps of the new workflow; empty: the way that most cases go."""
    steps: Mapping[str, int] = field(default_factory=dict)
    """The step of each activity; 0: none. What is not said is matched by name."""
    ends: tuple[str, ...] = ()
    """Activities that complete a case; empty: those of the last step."""
    unfinished: Unfinished = Unfinished.BY_AGE

    def columns(self) -> tuple[str, ...]:
        """Every column it reads."""
        told = (self.market.column, self.skill_level.column, self.unit.column, self.currency.column)
        named = (self.case, self.activity, self.time, self.start, self.lifecycle, self.person, self.value, self.cost)
        return tuple(dict.fromkeys(name for name in (*named, *told) if name))


class FileTooBig(CountersignError):
    """{name} has more than 200 MB. Split it by case or by period, and import the parts; nothing was saved."""

    http_status = 413


class NoEventLog(CountersignError):
    """{name} is no event log that can be read: {problem} Nothing was saved."""

    http_status = 422


class ImportHasMovedOn(CountersignError):
    """This import is {state} now. Reload to see it; nothing of yours was applied."""

    http_status = 409


class ImportCannotGoOn(CountersignError):
    """The import stopped: {problem} What was written before stays, and can be taken back."""

    http_status = 422
