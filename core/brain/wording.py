"""Names, amounts and days as the brain's templates write them; names come from anywhere and are made harmless."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

LOCALE = "en"
_CODE = re.compile(r"[A-Z]{3}")


def name(text: object, most: int = 80, *, otherwise: str = "somebody without a name") -> str:
    """On one line, without what cannot be seen or turns the text around, no longer than a person reads."""
    kept = (one if unicodedata.category(one)[0] != "C" else " " for one in str(text or ""))
    line = " ".join("".join(kept).split())
    if not any(unicodedata.category(one)[0] in "LNS" for one in line):
        return otherwise
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def paragraph(text: object, most: int = 2_000) -> str:
    return name(text, most, otherwise="")


def money(value: Decimal, currency: str) -> str:
    """`1234.5, "USD"` → `$1,234.50`; what is no currency code stands after the number."""
    if _CODE.fullmatch(currency):
        return format_currency(value, currency, locale=LOCALE)
    return f"{format_decimal(value, '#,##0.00', locale=LOCALE)} {name(currency, 12, otherwise='without currency')}"


def is_currency(currency: str) -> bool:
    return _CODE.fullmatch(currency) is not None


def day(value: date) -> str:
    """`5 Jan 2026`."""
    return format_date(value, "d MMM y", locale=LOCALE)


def count(n: int, one: str, many: str | None = None) -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def percent(share: float) -> str:
    return f"{round(share * 100)} %"


def age(since: datetime, now: datetime) -> str:
    hours = int((now - since).total_seconds() // 3600)
    return count(hours // 24, "day") if hours >= 48 else count(max(hours, 1), "hour")


def title(text: str) -> str:
    """A card's title: at most 200 characters."""
    return text if len(text) <= 200 else f"{text[:199].rstrip()}…"
