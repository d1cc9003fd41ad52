"""One spelling per value: canonical JSON and its SHA-256, so that the same plan always has the same digest."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

MOST_NESTED = 60
"""Levels of what is kept as JSON: answers and pages that show it add some of their own, and Pydantic spells 255 in all."""

_PLAIN = frozenset({str, int, bool})
"""Most of what there is, and nothing to look at twice; the types themselves, not what is derived from them."""


def jsonable(value: Any) -> Any:
    """`value` with every part that JSON lacks spelled as text (decimals and times stay exact)."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(jsonable(item) for item in value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, float) and value.is_integer() and (value == 0 or abs(value) >= 1e15):
        return int(value)  # PostgreSQL spells 1e16 and -0.0 otherwise than Python, and a digest must not notice
    return value


def canonical_json(value: Any) -> str:
    """Keys sorted, no white space, no NaN, characters as themselves (after RFC 8785's intent)."""
    return json.dumps(jsonable(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def is_nested_deeper(value: Any, most: int = MOST_NESTED) -> bool:
    """Whether there are more than `most` levels; found without recursion, before anything recurses over it."""
    level, depth = [value], 0
    while level:
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
        if depth > most:
            return True
    return False
