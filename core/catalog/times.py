"""Times as people write them in a definition: minutes as a number, or text such as "1–2 hours"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "month": 43_200}
_UNITS = {
    "s": "second", "sec": "second", "secs": "second", "second": "second", "seconds": "second",
    "m": "minute", "min": "minute", "mins": "minute", "minute": "minute", "minutes": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour", "hour": "hour", "hours": "hour",
    "d": "day", "day": "day", "days": "day",
    "w": "week", "wk": "week", "wks": "week", "week": "week", "weeks": "week",
    "month": "month", "months": "month",
}  # fmt: skip
_NUMBER = r"\d+(?:[.,]\d+)?"
_PART = re.compile(
    rf"\s*({_NUMBER})\s*(?:(?:-|–|—|to|or)\s*({_NUMBER})\s*)?"
    r"(?:(?:business|working|calendar)\s+)?([a-z]+)\.?\s*(?:,|and|&|\+)?",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^\s*(?:about|around|approx\.?|approximately|roughly|up to|under|~|≈)\s*", re.IGNORECASE)
_MOST = 60 * 24 * 366 * 10


class UnreadableTime(ValueError):
    """What stands there is no time."""


@dataclass(frozen=True)
class Span:
    """How long something takes, in whole minutes: at least, and at most. A day is 24 hours."""

    least: int
    most: int

    @property
    def middle(self) -> int:
        return (self.least + self.most + 1) // 2

    def __add__(self, other: Span) -> Span:
        return Span(self.least + other.least, self.most + other.most)

    def __str__(self) -> str:
        if self.least == self.most:
            return describe(self.most)
        least, most = describe(self.least), describe(self.most)
        number, _, unit = least.partition(" ")
        # "1 to 2 hours" rather than "1 hour to 2 hours"
        return f"{number} to {most}" if unit.rstrip("s") == most.partition(" ")[2].rstrip("s") else f"{least} to {most}"


NOTHING = Span(0, 0)


def read_time(value: object) -> Span:
    """The span `value` says; a bare number is minutes. UnreadableTime if it says none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise UnreadableTime
    if isinstance(value, (int, float)):
        return _span(float(value), float(value))
    text = value.strip()
    if re.fullmatch(_NUMBER, text):
        return read_time(float(text.replace(",", ".")))
    text = _LEAD.sub("", text)
    least = most = 0.0
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        unit = _UNITS.get(part[3].lower()) if part else None
        if part is None or unit is None:
            raise UnreadableTime
        low = float(part[1].replace(",", "."))
        high = float((part[2] or part[1]).replace(",", "."))
        least, most, position = least + low * _MINUTES[unit], most + high * _MINUTES[unit], part.end()
    if not text:
        raise UnreadableTime
    return _span(least, most)


def describe(minutes: int) -> str:
    """Minutes in the largest unit that stays exact enough: "45 min", "1 h 30 min", "2 days"."""
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2_880 and minutes % 1_440:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days = round(minutes / 1_440)
    return f"{days} days" if days != 1 else "1 day"


def _span(least: float, most: float) -> Span:
    if not 0 <= least <= most <= _MOST:
        raise UnreadableTime
    # Half a minute and more is a minute: a step that takes seconds is still shown as one that takes time.
    return Span(_whole(least), _whole(most))


def _whole(minutes: float) -> int:
    return max(1, round(minutes)) if minutes > 0 else 0
