"""Imports in words: their states, how times and cells are written, why rows are refused."""

from __future__ import annotations

from collections.abc import Mapping

from core.imports.refusals import WORDS, Reason
from core.imports.rules import Dates, DecimalSign, ImportState, Per, Unfinished
from core.outcomes.rules import MetricType
from pages.components.status import Colour

_STATES: dict[ImportState, tuple[str, Colour]] = {
    ImportState.UPLOADED: ("Waits for its columns", "orange"),
    ImportState.READING: ("Being read", "blue"),
    ImportState.READY: ("Ready to import", "orange"),
    ImportState.WRITING: ("Being imported", "blue"),
    ImportState.DONE: ("Imported", "green"),
    ImportState.FAILED: ("Stopped", "red"),
    ImportState.TAKING_BACK: ("Being taken back", "blue"),
    ImportState.TAKEN_BACK: ("Taken back", "gray"),
}

DATES: Mapping[Dates, str] = {
    Dates.ISO: "2026-04-03 14:30 (ISO 8601)",
    Dates.DAY_FIRST: "03.04.2026 is 3 April (day first)",
    Dates.MONTH_FIRST: "04/03/2026 is 3 April (month first)",
    Dates.SECONDS: "Seconds since 1970",
    Dates.MILLISECONDS: "Milliseconds since 1970",
}
DECIMALS: Mapping[DecimalSign, str] = {DecimalSign.POINT: "1,234.56", DecimalSign.COMMA: "1.234,56"}
UNFINISHED: Mapping[Unfinished, str] = {
    Unfinished.BY_AGE: "Abandoned after 30 days without an event; younger ones are left out",
    Unfinished.ABANDONED: "Abandoned",
    Unfinished.LEFT_OUT: "Left out",
}
METRICS: Mapping[MetricType, str] = {
    MetricType.REVENUE: "Revenue",
    MetricType.TIME_SAVED: "Time saved",
    MetricType.CUSTOMERS: "Customers",
    MetricType.CUSTOM: "Something else",
}
PER: Mapping[Per, str] = {
    Per.CASE: "Of the whole case: the last one counts",
    Per.EVENT: "Of each event: they are added",
}
DELIMITERS: Mapping[str, str] = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
ENCODINGS: Mapping[str, str] = {
    "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252", "latin-1": "Latin-1",
}  # fmt: skip


def import_state(state: ImportState) -> tuple[str, Colour]:
    """(word, colour)."""
    return _STATES[state]


def reason_words(reason: str) -> str:
    return WORDS[Reason(reason)]


def size_words(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB" if size >= 1_000_000 else f"{size / 1_000:,.1f} kB"
