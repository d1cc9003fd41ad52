"""A row as an event: which case, which activity, when, by whom, worth what; or why it is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal

from core.imports.refusals import WORDS, Reason, Refused
from core.imports.row import Row
from core.imports.rules import MOST_NAME, LogMapping, Told
from core.imports.values import NotATime, SkippedHour, moment_reader, number_reader, zone_of
from core.text import has_controls

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Event:
    """One step of one case. `until` is None where the log says one time only."""

    line: int
    case_key: str
    activity: str
    at: datetime
    until: datetime | None = None
    transition: str | None = None
    person: str | None = None
    market: str | None = None
    skill_level: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    cost: Decimal | None = None
    currency: str | None = None


EVENT_FIELDS = tuple(one.name for one in fields(Event))


class _No(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail


def event_reader(mapping: LogMapping, now: datetime) -> Callable[[Row], Event | Refused]:
    """Reads rows as `mapping` says; what lies after `now` has not happened."""
    moment = moment_reader(mapping.dates, zone_of(mapping.zone))
    number = number_reader(mapping.decimal)

    def when(column: str, text: str) -> datetime:
        try:
            found = moment(text)
        except SkippedHour:
            raise _No(Reason.NO_SUCH_TIME, f"{column}: {text[:60]}") from None
        except NotATime:
            raise _No(Reason.BAD_TIME, f"{column}: {text[:60]}") from None
        if not _EARLIEST <= found <= now:
            raise _No(Reason.FUTURE, f"{column}: {text[:60]}")
        return found

    def amount(row: Row, column: str) -> Decimal | None:
        text = row.cells.get(column, "") if column else ""
        if not text:
            return None
        try:
            found = number(text)
        except ValueError:
            raise _No(Reason.BAD_NUMBER, f"{column}: {text[:60]}") from None
        if abs(found) > _MOST_DIGITS:
            raise _No(Reason.BAD_NUMBER, f"{column}: {text[:60]}")
        return found

    def event(row: Row, case_key: str) -> Event:
        activity = _line(row.cells.get(mapping.activity, ""), mapping.activity)
        if not activity:
            raise _No(Reason.NO_ACTIVITY)
        ended = row.cells.get(mapping.time, "") if mapping.time else ""
        began = row.cells.get(mapping.start, "") if mapping.start else ""
        if not ended and not began:
            raise _No(Reason.NO_TIME)
        until = when(mapping.time, ended) if ended else None
        at = when(mapping.start, began) if began else until
        assert at is not None
        if not (began and until):
            until = None  # one time only: nobody knows how long it took
        elif until < at:
            raise _No(Reason.ENDS_EARLY, f"{began[:40]} to {ended[:40]}")
        transition = "start" if mapping.start and mapping.time and not ended else None
        if mapping.lifecycle:
            transition = row.cells.get(mapping.lifecycle, "").casefold()[:40] or "complete"
        return Event(
            row.line, case_key, activity, at, until, transition,
            _line(row.cells.get(mapping.person, ""), mapping.person) or None if mapping.person else None,
            _told(row, mapping.market), _told(row, mapping.skill_level),
            amount(row, mapping.value), _told(row, mapping.unit),
            amount(row, mapping.cost), _told(row, mapping.currency),
        )  # fmt: skip

    def read(row: Row) -> Event | Refused:
        case_key = ""
        try:
            case_key = _line(row.cells.get(mapping.case, ""), mapping.case)
            if not case_key:
                raise _No(Reason.NO_CASE)
            return event(row, case_key)
        except _No as no:
            cells = tuple(f"{name}={value}"[:2_000].replace("\0", "\ufffd") for name, value in row.cells.items())
            return Refused(row.line, no.reason, no.detail.replace("\0", "\ufffd"), case_key, cells)

    return read


def words_of(refused: Refused) -> str:
    return f"{WORDS[refused.reason]}: {refused.detail}" if refused.detail else WORDS[refused.reason]


def _told(row: Row, told: Told) -> str | None:
    text = (row.cells.get(told.column, "") if told.column else "") or told.fixed
    return _line(text, told.column)[:40] or None


def _line(text: str, column: str) -> str:
    """The text in one line, as it may be kept."""
    if text.isascii() and text.isprintable() and len(text) <= MOST_NAME:
        return text if "  " not in text else " ".join(text.split())
    line = " ".join(text.split())
    if len(line) > MOST_NAME:
        raise _No(Reason.TOO_LONG, f"{column}: more than {MOST_NAME} characters")
    if has_controls(line) or any("\ud800" <= letter <= "\udfff" for letter in line):
        raise _No(Reason.CONTROLS, column)
    return line
