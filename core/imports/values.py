"""Times and numbers as people and systems write them, read only in the way that was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import InvalidInput
from core.imports.rules import Dates, DecimalSign

_WRITTEN = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_COUNTED = re.compile(r"-?\d{1,16}(?:\.\d{1,9})?")
_GROUPS = {DecimalSign.POINT: ",' \u00a0\u202f", DecimalSign.COMMA: ".' \u00a0\u202f"}
"""What may stand between thousands."""
_NUMBERS = {
    sign: re.compile(rf"[+-]?(?:\d{{1,3}}(?:[{_GROUPS[sign]}]\d{{3}})+|\d+)(?:{mark}\d+)?", re.ASCII)
    for sign, mark in ((DecimalSign.POINT, r"\."), (DecimalSign.COMMA, ","))
}
_MOST_OF = 0.95
"""So many of the times must be written one way for it to be proposed; the rest is refused row by row."""
_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


class NotATime(ValueError):
    """The text is no time in the way that was said."""


class SkippedHour(ValueError):
    """A local time that never was: clocks went forward over it."""


def zone_of(name: str) -> tzinfo:
    """The zone, or InvalidInput."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(field="Zone", problem="use a name such as Europe/Berlin or UTC.") from None


def moment_reader(dates: Dates, zone: tzinfo) -> Callable[[str], datetime]:
    """Reads one text as an instant in UTC; NotATime or SkippedHour where it is none.

    Of an hour that came twice, as clocks went back, it is the first.
    """
    match dates:
        case Dates.ISO:
            read = _iso
        case Dates.DAY_FIRST:
            read = _day_first
        case Dates.MONTH_FIRST:
            read = _month_first
        case Dates.SECONDS:
            return lambda text: _counted(text, 1)
        case Dates.MILLISECONDS:
            return lambda text: _counted(text, 1000)

    def instant(text: str) -> datetime:
        found = read(text)
        try:
            if found.tzinfo is not None:
                return found.astimezone(UTC)
            found = found.replace(tzinfo=zone)
            there = found.astimezone(UTC)
            back = there.astimezone(zone)
        except OverflowError:  # 0001-01-01 and 9999-12-31, as databases write "never", have no instant in every zone
            raise NotATime from None
        if back.replace(fold=0) != found.replace(fold=0):
            raise SkippedHour
        return there

    return instant


def number_reader(sign: DecimalSign) -> Callable[[str], Decimal]:
    """Reads one text as an exact number; ValueError where it is none."""
    pattern, groups = _NUMBERS[sign], _GROUPS[sign]

    def read(text: str) -> Decimal:
        if len(text) > 40 or pattern.fullmatch(text) is None:
            raise ValueError(text)
        plain = "".join(letter for letter in text if letter not in groups).replace(",", ".")
        try:
            return Decimal(plain)
        except InvalidOperation:
            raise ValueError(text) from None

    return read


def dates_in(texts: Iterable[str]) -> Dates | None:
    """How these times are written, a few broken ones aside; None where day and month could change places."""
    given = [text.strip() for text in texts if text.strip()]
    least = len(given) * _MOST_OF
    if not given:
        return None
    if sum(_is(_iso, text) for text in given) >= least:
        return Dates.ISO
    read = [(_is(_day_first, text), _is(_month_first, text)) for text in given]
    if sum(day or month for day, month in read) >= least:
        day_only, month_only = ((True, False) in read), ((False, True) in read)
        if day_only == month_only:
            return None
        return Dates.DAY_FIRST if day_only else Dates.MONTH_FIRST
    counted = [text for text in given if _COUNTED.fullmatch(text)]
    return _count_of(counted) if counted and len(counted) >= least else None


def has_zones(texts: Iterable[str]) -> bool:
    """Whether every one of the ISO times among these names its zone."""
    return all(_iso(text).tzinfo is not None for text in map(str.strip, texts) if _is(_iso, text))


def _count_of(given: list[str]) -> Dates | None:
    """Seconds have ten digits since 2001, milliseconds thirteen."""
    lengths = {len(text.split(".")[0].lstrip("-")) for text in given}
    return Dates.SECONDS if lengths <= {9, 10} else Dates.MILLISECONDS if lengths <= {12, 13} else None


def _is(read: Callable[[str], datetime], text: str) -> bool:
    try:
        read(text)
    except NotATime:
        return False
    return True


def _iso(text: str) -> datetime:
    if not text[4:5] or not text[:4].isdecimal() or (text.isdecimal() and len(text) != 8):
        raise NotATime
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NotATime from None


def _day_first(text: str) -> datetime:
    return _written(text, day=1, month=3)


def _month_first(text: str) -> datetime:
    return _written(text, day=3, month=1)


def _written(text: str, *, day: int, month: int) -> datetime:
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise NotATime
    hour, half = int(found[5] or 0), (found[9] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise NotATime
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int((found[8] or "0").ljust(6, "0")[:6])
    try:
        return datetime(  # noqa: DTZ001 - the caller gives it the zone that was said
            int(found[4]), int(found[month]), int(found[day]), hour, int(found[6] or 0), int(found[7] or 0), micro
        )
    except ValueError:
        raise NotATime from None


def _counted(text: str, parts: int) -> datetime:
    if _COUNTED.fullmatch(text) is None:
        raise NotATime
    try:
        return _SINCE + timedelta(seconds=float(text) / parts)
    except (OverflowError, ValueError):
        raise NotATime from None
