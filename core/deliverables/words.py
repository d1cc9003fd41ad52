"""Values in words of a language and a time zone, and the fixed words of deliverables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from core.errors import InvalidInput

TRANSLATIONS = Path(__file__).parent / "translations"
"""One JSON file a language: the English text, and what it is in that language. In English, only forms by number."""

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_PLACE = re.compile(r"\{(\w+)\}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_STOP = {"ja": "。", "hi": "।"}
_STOPS = (".", "。", "।", "!", "?", "…")
_DAYS = "en-GB"
"""How plain "en" writes days and hours: 3/4 is not the same day everywhere, and "3 April" is."""
_OFFERED = ("en", "en-US", "en-IN", "de", "de-AT", "de-CH", "fr", "es", "hi", "ja", "ar")


class UnknownLanguage(InvalidInput):
    """“{language}” is no language that texts can be written in. Use a tag such as en, de-AT, hi or ar."""


class UnknownZone(InvalidInput):
    """“{zone}” is no time zone. Use a name such as UTC, Europe/Berlin or Asia/Kolkata."""


def term(text: str) -> str:
    """Marks a text that `say` is asked for somewhere else, so that it is translated: `{…: term("Completed")}`."""
    return text


@dataclass(frozen=True)
class Words:
    """How one reader writes: `language` as BCP 47 ("de-AT"), `zone` as IANA names it; an error where there is none such.

    A language without a file of words has the English ones, and its own numbers, money and days.
    """

    language: str = "en"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        _locale(self.language)
        _zone(self.zone)

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @property
    def right_to_left(self) -> bool:
        return self.locale.text_direction == "rtl"

    def say(self, text: str, /, **values: object) -> str:
        """A fixed word or sentence of deliverables, written here in English, in this language.

        `{name}` in it stands for a value, which is never read for places itself; whole numbers are written as `number`
        does, and the one called `n` chooses the form: "{n} rows" with n=1 is "1 row".
        """
        written_in = _written_in(self.language)
        said = _forms(written_in).get(text, text)
        if not isinstance(said, str):
            n = values.get("n")
            form = _locale(written_in).plural_form(n) if isinstance(n, int | Decimal) else "other"
            said = said.get(form, said["other"])
        return _PLACE.sub(lambda found: self._value(values[found[1]]) if found[1] in values else found[0], said)

    def sentence(self, said: str) -> str:
        """`said` with the full stop of this language, where it has none: an abbreviation may have ended it already."""
        return said if said.endswith(_STOPS) else said + _STOP.get(_written_in(self.language), ".")

    def number(self, value: Decimal | float, *, digits: int | None = None) -> str:
        """With exactly `digits` decimals; without, at most three."""
        return _number(self.locale, _signless(value), digits)

    def percent(self, share: Decimal | float, *, digits: int = 0) -> str:
        """0.61 is "61%", as the language sets it: "61 %"."""
        pattern = self.locale.percent_formats[None].pattern
        return _set(format_percent(_signless(share), format=_with(pattern, digits), locale=self.locale))

    def money(self, amount: Decimal, currency: str, *, whole: bool = False) -> str:
        """`whole`: without the smaller units, for what is known no closer than that."""
        return _money(self.locale, amount or abs(amount), currency, whole)

    def amount(self, value: Decimal, unit: str) -> str:
        """A value in its unit: money for codes of ISO 4217, else the number and the word, which is not translated."""
        return self.money(value, unit) if is_currency(unit) else f"{self.number(value, digits=None)} {unit}".rstrip()

    def day(self, at: datetime | date) -> str:
        """Of a moment, its day in the zone: "5 January 2026"."""
        return _day(self._days, self._local(at), "long")

    def short_day(self, at: datetime | date) -> str:
        """For tables and axes: "5 Jan 2026"."""
        return _day(self._days, self._local(at), "medium")

    def month(self, at: datetime | date) -> str:
        """ "January 2026"."""
        return format_skeleton("yMMMM", self._local(at), tzinfo=None, locale=self._days)

    def days(self, first: date, last: date) -> str:
        """Both included: "1 Jan – 30 Jun 2026"."""
        return _set(format_interval(first, last, "yMMMd", locale=self._days))

    def moment(self, at: datetime) -> str:
        """To the minute, in the zone, which the report names once: "5 Jan 2026, 14:02"."""
        local = at.astimezone(_zone(self.zone))
        pattern = str(self._days.datetime_formats["medium"])
        hour = _hour(self._days, local.hour, local.minute)
        return _set(pattern.replace("{1}", _day(self._days, local.date(), "medium")).replace("{0}", hour))

    def moment_with_zone(self, at: datetime) -> str:
        """Where it stands alone: "5 Jan 2026, 14:02 (Europe/Berlin)"."""
        return f"{self.moment(at)} ({self.zone})"

    def duration(self, seconds: float) -> str:
        """In its two largest units: "45 sec", "3 hr 20 min", "2 days"."""
        whole = max(0, round(seconds))
        if whole < 60:
            return self._unit(whole, "second")
        minutes = round(whole / 60)
        if minutes < 60:
            return self._unit(minutes, "minute")
        hours, minutes = divmod(minutes, 60)
        if hours < 48:
            return self._units((hours, "hour"), (minutes, "minute"))
        days, hours = divmod(round(whole / 3600), 24)
        return self._units((days, "day"), (hours if days < 10 else 0, "hour"))

    def listed(self, parts: Iterable[str]) -> str:
        """ "a, b and c"."""
        return format_list(list(parts), locale=self._days)

    def _units(self, *parts: tuple[int, str]) -> str:
        return " ".join(self._unit(value, unit) for value, unit in parts if value)

    def _unit(self, value: int, unit: str) -> str:
        return _set(format_unit(value, f"duration-{unit}", "short", locale=self.locale))

    def _value(self, value: object) -> str:
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return self.number(value) if number else str(value)  # type: ignore[arg-type]

    def _local(self, at: datetime | date) -> date:
        return at.astimezone(_zone(self.zone)).date() if isinstance(at, datetime) else at

    @property
    def _days(self) -> Locale:
        return _locale(_DAYS if self.language == "en" else self.language)


def is_currency(unit: str) -> bool:
    """Whether it is a code of ISO 4217 by its form; units of other kinds are words in small letters."""
    return _CURRENCY.fullmatch(unit) is not None


@cache
def languages() -> Mapping[str, str]:
    """What is offered: tag, and the name in that language itself. Other tags of babel work too, with English words."""
    found = {tag: (_locale(tag).get_display_name() or tag) for tag in _OFFERED}
    return MappingProxyType({tag: name[:1].upper() + name[1:] for tag, name in found.items()})


@cache
def translated() -> frozenset[str]:
    """The languages that have words of their own."""
    return frozenset(one.stem for one in TRANSLATIONS.glob("*.json"))


def _written_in(language: str) -> str:
    """The language of the words: that of the tag itself, or of what it is a kind of ("de" for "de-AT"), or English."""
    parts = language.lower().split("-")
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((tag for tag in tags if tag in translated()), "en")


@cache
def _forms(language: str) -> Mapping[str, str | Mapping[str, str]]:
    return json.loads((TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def _locale(language: str) -> Locale:
    try:
        if _TAG.fullmatch(language) is None:
            raise ValueError(language)
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        raise UnknownLanguage(language=language[:40], field="Language", problem="") from None


@cache
def _zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown, a path, a folder of the zones
        raise UnknownZone(zone=zone[:60], field="Time zone", problem="") from None


def _signless(value: Decimal | float) -> Decimal | float:
    """Nought below nought equals nought, so in a cache whoever came first would give it a sign, or none, for all."""
    return value if value else 0


# Data of many rows says the same amounts and days again and again, and each costs a tenth of a millisecond.
@lru_cache(maxsize=8_192)
def _number(locale: Locale, value: Decimal | float, digits: int | None) -> str:
    return _set(format_decimal(value, format=_with(locale.decimal_formats[None].pattern, digits), locale=locale))


@lru_cache(maxsize=8_192)
def _money(locale: Locale, amount: Decimal, currency: str, whole: bool) -> str:
    if not whole:
        return _set(format_currency(amount, currency, locale=locale))
    pattern = _with(locale.currency_formats["standard"].pattern, 0)
    return _set(format_currency(amount, currency, pattern, locale=locale, currency_digits=False))


@lru_cache(maxsize=8_192)
def _day(locale: Locale, day: date, length: Literal["long", "medium"]) -> str:
    return _set(format_date(day, length, locale=locale))


@lru_cache(maxsize=8_192)
def _hour(locale: Locale, hour: int, minute: int) -> str:
    return format_time(time(hour, minute), "short", locale=locale)


def _set(said: str) -> str:
    """Without the narrow spaces of CLDR, which few fonts have: a plain one, or one that keeps a number together."""
    return said.replace("\u2009", " ").replace("\u202f", "\u00a0")


def _with(pattern: str, digits: int | None) -> str:
    """The pattern with exactly so many decimals; as it is without."""
    if digits is None:
        return pattern
    # A pattern may have a second part, for what is below nought.
    return re.sub(r"0(\.[0#]+)?(?=[^0#,.]|$)", "0" + ("." + "0" * digits if digits else ""), pattern)
