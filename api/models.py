"""What bodies have in common: text that a database can hold, numbers that are numbers, nothing unknown."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator

MAX_DEPTH = 32


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _only_storable(cls, value: Any) -> Any:
        refuse_unstorable(value)
        return value


class Answer(BaseModel):
    """A response body, read from the attributes of a read model."""

    model_config = ConfigDict(from_attributes=True)


def _in_utc(given: datetime) -> datetime:
    """UTC, as everything inside; PostgreSQL knows fewer offsets from it than Python."""
    if not 1970 <= given.year <= 9998:
        raise ValueError("use a year from 1970 to 9998")
    return given.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(max_length=20_000)]
Note = Annotated[str, StringConstraints(max_length=2_000)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=80)]


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
