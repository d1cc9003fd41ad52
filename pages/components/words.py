"""Figures, times and states as people read them: in their zone, with their unit, in sentence case."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal

LOCALE = "en"
_MANY = {"customers", "hours", "minutes", "days"}
"""Units that are written otherwise where there is one."""
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$]|:(?=\S)")
"""A colon before a space begins nothing, and stays: in the name of a field, a reader of screens would say the backslash."""


@lru_cache(maxsize=4096)
def money(value: Decimal, currency: str, *, digits: bool = True) -> str:
    """`1234.5, "USD"` → `$1,234.50`; with digits=False, whole units."""
    if digits:
        return format_currency(value, currency, locale=LOCALE)
    return format_currency(value, currency, "¤#,##0", locale=LOCALE, currency_digits=False)


@lru_cache(maxsize=4096)
def price(value: Decimal, currency: str) -> str:
    """Money with up to four decimals, for what costs less than a cent: `0.0125, "USD"` → `$0.0125`."""
    if value >= 1 or not value:
        return money(value, currency)
    return format_currency(value, currency, "¤#,##0.00##", locale=LOCALE, currency_digits=False)


@lru_cache(maxsize=4096)
def number(value: Decimal | float, digits: int = 1) -> str:
    """At most `digits` decimals, thousands separated."""
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    return format_decimal(Decimal(value), pattern, locale=LOCALE)


def quantity(value: Decimal, unit: str) -> str:
    """A value in its unit: money for ISO 4217 codes, else the number and the word."""
    if len(unit) == 3 and unit.isupper():
        return money(value, unit)
    return f"{number(value, 2)} {unit.removesuffix('s') if value == 1 and unit in _MANY else unit}"


def percent(rate: float) -> str:
    return f"{round(rate * 100)} %"


def clock(milliseconds: int) -> str:
    """HH:MM:SS; hours may pass 99."""
    seconds = max(0, milliseconds) // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def span(milliseconds: float) -> str:
    """A duration in its largest sensible units: 45 s, 12 min, 3 h 20 min, 2 days."""
    seconds = max(0, round(milliseconds / 1000))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(minutes / 1440)} days"


def ago(moment: datetime, now: datetime) -> str:
    """`5 min ago`, `in 3 h`, `just now`."""
    gap = (now - moment).total_seconds()
    if abs(gap) < 45:
        return "just now"
    words = span(abs(gap) * 1000)
    return f"{words} ago" if gap > 0 else f"in {words}"


def moment(value: datetime, zone: tzinfo = UTC) -> str:
    """The exact time in the reader's zone, for example `21 Nov 2026, 14:02`."""
    return format_datetime(value.astimezone(zone), "d MMM y, HH:mm", locale=LOCALE)


def sentence(word: str) -> str:
    """`in_progress` → `In progress`."""
    return word.replace("_", " ").capitalize()


def count(n: int, noun: str, plural: str | None = None) -> str:
    """`1 decision`, `7 decisions`."""
    return f"{format_decimal(n, locale=LOCALE)} {noun if n == 1 else plural or noun + 's'}"


def length(span_: timedelta) -> str:
    return span(span_.total_seconds() * 1000)


def plain(text: str) -> str:
    """`text` with Markdown's special characters shown as they are: names and titles come from anywhere."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def plain_label(text: str) -> str:
    """As `plain`, where the text may begin as a list would: `2. Wool`."""
    return plain(text).replace(". ", "\\. ", 1)
