"""The currencies of today, by their ISO 4217 codes."""

from __future__ import annotations

from functools import cache

from babel.core import get_global


@cache
def currencies() -> frozenset[str]:
    """Codes that are legal tender somewhere now (CLDR's table); neither past currencies nor metals and test codes."""
    territories = get_global("territory_currencies").values()
    return frozenset(code for used in territories for code, _, end, tender in used if tender and end is None)


def currency_of(country: str) -> str | None:
    """The currency used in a country now (ISO 3166-1 alpha-2), or None if the table does not know it."""
    used = get_global("territory_currencies").get(country.upper(), ())
    return next((code for code, _, end, tender in used if tender and end is None), None)
