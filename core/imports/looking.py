"""A first look at a file: how many rows, which columns, what they probably mean, how many cases over which time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

from core.canonical import jsonable
from core.imports.file import layout_of, open_log
from core.imports.refusals import Refused
from core.imports.row import Row
from core.imports.rules import Dates, Layout, NoEventLog
from core.imports.values import NotATime, SkippedHour, dates_in, has_zones, moment_reader

_SAMPLE = 500
_EXAMPLES = 3

_NAMES: Mapping[str, tuple[str, ...]] = {
    "case": (
        "case:concept:name", "case id", "caseid", "case", "case key", "case number", "trace", "trace id", "process id",
        "application", "application id", "order", "order id", "order number", "ticket", "ticket id", "invoice",
        "invoice id", "invoice number", "id",
    ),
    "activity": (
        "concept:name", "activity", "activity name", "event", "event name", "step", "task", "action", "event type",
        "stage", "status",
    ),
    "time": (
        "time:timestamp", "complete timestamp", "completed at", "completed", "end timestamp", "end time", "end",
        "finished", "finished at", "timestamp", "time", "datetime", "date", "event time", "when",
    ),
    "start": ("start timestamp", "start time", "started at", "started", "start", "begin", "begin time", "from"),
    "lifecycle": ("lifecycle:transition", "lifecycle", "transition"),
    "person": (
        "org:resource", "resource", "person", "user", "email", "e mail", "employee", "owner", "handler", "performed by",
    ),
    "market": ("market", "segment", "customer segment"),
    "skill_level": ("skill level", "skill", "level"),
    "value": ("revenue", "case:revenue", "value", "case:value"),
    "unit": ("currency", "unit"),
    "cost": ("cost:total", "cost", "costs"),
    "currency": ("cost:currency", "cost currency"),
}  # fmt: skip
"""What columns are usually called; the first that is there is proposed."""


@dataclass(frozen=True)
class Found:
    """What the first look found; `guess` proposes columns by what they are for."""

    rows: int
    broken: int
    """Rows that cannot be read at all."""
    columns: tuple[str, ...]
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    guess: Mapping[str, str] = field(default_factory=dict)
    dates: Dates | None = None
    """How times are written; None where a person must say."""
    zoned: bool = False
    """Times name their zone."""
    cases: int | None = None
    first: datetime | None = None
    last: datetime | None = None
    notes: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = jsonable(asdict(self))
        return found


def found_from(facts: Mapping[str, Any]) -> Found:
    told = dict(facts)
    for name in ("first", "last"):
        told[name] = datetime.fromisoformat(told[name]) if told.get(name) else None
    told["dates"] = Dates(told["dates"]) if told.get("dates") else None
    told["columns"], told["notes"] = tuple(told["columns"]), tuple(told["notes"])
    return Found(**told)


def look_at(file: BinaryIO, name: str, layout: Layout | None = None) -> tuple[Layout, Found]:
    """How the file is written, and what is in it; `layout` where a person said it. NoEventLog where nothing is."""
    layout = layout or layout_of(file, name)
    look = _Look()
    with open_log(file, layout, name) as log:
        for row in log.rows():
            look.take(row, log.columns.names)
        columns = tuple(log.columns.names)
    if not look.rows:
        raise NoEventLog(name=name, problem="it has no rows below its first.")
    if len(columns) < 3:
        raise NoEventLog(
            name=name, problem="it has fewer than three columns, and an event needs a case, an activity and a time."
        )
    return layout, look.found(columns, layout)


class _Look:
    def __init__(self) -> None:
        self.rows = self.broken = 0
        self._sample: list[Row] = []
        self._guess: dict[str, str] = {}
        self._dates: Dates | None = None
        self._zoned = False
        self._cases: set[int] = set()
        self._first: datetime | None = None
        self._last: datetime | None = None

    def take(self, row: Row | Refused, columns: Mapping[str, None]) -> None:
        self.rows += 1
        if isinstance(row, Refused):
            self.broken += 1
            return
        if len(self._sample) < _SAMPLE:
            self._sample.append(row)
            if len(self._sample) == _SAMPLE:
                self._settle(columns)
        else:
            self._count(row)

    def found(self, columns: tuple[str, ...], layout: Layout) -> Found:
        if len(self._sample) < _SAMPLE:
            self._settle(columns)
        return Found(
            rows=self.rows, broken=self.broken, columns=columns,
            examples={name: self._examples(name) for name in columns},
            guess=self._guess, dates=self._dates, zoned=self._zoned,
            cases=len(self._cases) if "case" in self._guess else None, first=self._first, last=self._last,
            notes=tuple(_notes(layout)),
        )  # fmt: skip

    def _settle(self, columns: Mapping[str, None] | Sequence[str]) -> None:
        self._guess = _guessed(list(columns))
        texts = [
            row.cells.get(self._guess[one], "")
            for row in self._sample
            for one in ("time", "start")
            if one in self._guess
        ]
        self._dates = dates_in(texts)
        self._zoned = self._dates is Dates.ISO and has_zones(texts)
        self._read = moment_reader(self._dates or Dates.ISO, UTC)
        for row in self._sample:
            self._count(row)

    def _count(self, row: Row) -> None:
        if key := row.cells.get(self._guess.get("case", "")):
            self._cases.add(hash(key))
        for column in (self._guess.get("time"), self._guess.get("start")):
            if self._dates is None or not column or not (text := row.cells.get(column)):
                continue
            with suppress(NotATime, SkippedHour):
                moment = self._read(text)
                self._first = moment if self._first is None or moment < self._first else self._first
                self._last = moment if self._last is None or moment > self._last else self._last

    def _examples(self, column: str) -> list[str]:
        texts = dict.fromkeys(row.cells[column][:80].replace("\0", "") for row in self._sample if column in row.cells)
        return list(texts)[:_EXAMPLES]


def _guessed(columns: Sequence[str]) -> dict[str, str]:
    plain = {_plain(name): name for name in reversed(columns)}
    found: dict[str, str] = {}
    for meaning, names in _NAMES.items():
        named = next((plain[name] for name in names if name in plain and plain[name] not in found.values()), None)
        if named is not None:
            found[meaning] = named
    if "lifecycle" in found:
        found.pop("start", None)
    if "value" not in found:
        found.pop("unit", None)
    return found


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _notes(layout: Layout) -> list[str]:
    words = {
        "cp1252": "It is not UTF-8: it was read as Windows-1252, as older programs write. Look at names with accents.",
        "latin-1": "It is neither UTF-8 nor Windows-1252: it was read as Latin-1. Look at names with accents.",
        "utf-16": "It is UTF-16.", "utf-16-le": "It is UTF-16, without a mark.", "utf-16-be": "It is UTF-16, without a mark.",
    }  # fmt: skip
    said = words.get(layout.encoding)
    return [said] if said else []
