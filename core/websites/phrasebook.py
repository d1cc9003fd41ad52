"""The few words a site says by itself, in its language: "Skip to the content", "Send message", days and prices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency

_FOLDER = Path(__file__).parent / "phrases"
_ENGLISH = "en"


@dataclass(frozen=True)
class Phrasebook:
    language: str
    """Of the phrases: that of the site where there is a file of it, else English."""
    phrases: Mapping[str, str]
    locale: Locale
    notes: tuple[str, ...] = ()

    def say(self, key: str, **facts: str) -> str:
        """Facts are put in as they are, braces among them."""
        said = self.phrases[key]
        for name, fact in facts.items():
            said = said.replace("{" + name + "}", fact)
        return said

    def day(self, day: date) -> str:
        return str(format_date(day, "long", locale=self.locale))

    def price(self, price: Decimal, currency: str) -> str:
        return str(format_currency(price, currency, locale=self.locale))


@cache
def phrasebook(language: str) -> Phrasebook:
    """Of a language tag as a site has it: "de-AT" reads the German ones."""
    main = main_language(language)
    path = _FOLDER / f"{main}.json"
    known = path.is_file()
    phrases = json.loads((path if known else _FOLDER / f"{_ENGLISH}.json").read_text("utf-8"))
    note = f"The site's own words, such as “{phrases['skip']}”, are in English: there are none in {language} yet."
    return Phrasebook(main if known else _ENGLISH, phrases, _locale(language), () if known else (note,))


def main_language(language: str) -> str:
    """As phrases are kept by it: "de-AT" is "de", but Chinese in traditional characters is none that is written in others."""
    locale = _locale(language)
    return "zh-hant" if (locale.language, locale.script) == ("zh", "Hant") else language.split("-")[0].lower()


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_ENGLISH)
