"""Values in words of a language and a time zone, and the fixed words of deliverables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent


@dataclass(frozen=True)
class Words:
    """How one reader writes: `language` as BCP 47 ("de-AT"), `zone` as IANA names it."""

    language: str = "en"
    zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.language, sep="-")

    @property
    def right_to_left(self) -> bool:
        return self.locale.text_direction == "rtl"

    def say(self, text: str) -> str:
        """A fixed word or sentence of deliverables, written here in English, in this language."""
        return text

    def number(self, value: Decimal | int, *, digits: int | None = None) -> str:
        pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self.locale)

    def percent(self, share: Decimal | float, *, digits: int = 0) -> str:
        """0.61 is "61%"."""
        return format_percent(share, format="#,##0" + ("." + "0" * digits if digits else "") + "%", locale=self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        return format_currency(amount, currency, locale=self.locale)

    def day(self, at: datetime) -> str:
        return format_date(at.astimezone(ZoneInfo(self.zone)), "long", locale=self.locale)

    def moment(self, at: datetime) -> str:
        return format_datetime(at, "medium", tzinfo=ZoneInfo(self.zone), locale=self.locale)
