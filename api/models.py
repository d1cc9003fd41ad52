"""What bodies have in common: text that a database can hold, numbers that are numbers, nothing unknown."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)

MAX_DEPTH = 32
MOST_UNKNOWN = 20
"""Unknown fields of one body that are each told of."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _only_storable(cls, value: Any) -> Any:
        if isinstance(value, dict) and cls.model_config.get("extra") == "forbid":
            refuse_many_unknown(value, len(cls.model_fields))
        refuse_unstorable(value)
        return value


class Answer(BaseModel):
    """A response body, read from the attributes of a read model."""

    model_config = ConfigDict(from_attributes=True)


def _written(given: Any) -> Any:
    """As RFC 3339 writes it: a bare number would be taken for seconds since 1970, and nobody means that."""
    if isinstance(given, date) or (isinstance(given, str) and _DATE.match(given)):
        return given
    raise ValueError("write it as RFC 3339 does, such as 2026-01-05 or 2026-01-05T09:00:00Z")


def _in_utc(given: datetime) -> datetime:
    """UTC, as everything inside; PostgreSQL knows fewer offsets from it than Python."""
    if not 1970 <= given.year <= 9998:
        raise ValueError("use a year from 1970 to 9998")
    return given.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
Day = Annotated[date, BeforeValidator(_written)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(max_length=20_000)]
Note = Annotated[str, StringConstraints(max_length=2_000)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=80)]


def refuse_many_unknown(value: dict[str, Any], known: int) -> None:
    """Raises ValueError before each of thousands of unknown fields is told of: that costs the process a second."""
    if len(value) > known + MOST_UNKNOWN:
        raise ValueError(f"{len(value):,} fields, of which {known} are known here")


def refuse_unstorable(value: Any, depth: int = 0) -> None:
    """Raises ValueError on what JSON allows and PostgreSQL or our canonical JSON cannot hold."""
    if depth > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("text holds the character NUL")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("text holds half a character (a lone surrogate)")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is not finite")
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_unstorable(key, depth + 1)
            refuse_unstorable(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            refuse_unstorable(item, depth + 1)
