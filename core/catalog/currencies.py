"""The currencies of today, by their ISO 4217 codes."""

from __future__ import annotations

from functools import cache

from babel.core import get_global


@cache
def currencies() -> frozenset[str]:
    """Codes that are legal tender somewhere now (CLDR's table); neither past currencies nor metals and test codes."""
    territories = get_global("territory_currencies").values()
    return frozenset(code for used in territories for code, _, end, tender in used if tender and end is None)
