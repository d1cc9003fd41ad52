"""What people and programs write into a run: bounded, and storable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.canonical import canonical_json
from core.errors import InvalidInput
from core.executions.rules import MOST_INPUTS


def checked_text(field: str, value: str, most: int) -> str:
    """`value`, or InvalidInput: too long, or with characters that PostgreSQL keeps in no text."""
    if len(value) > most:
        raise InvalidInput(field=field, problem=f"use at most {most:,} characters; there are {len(value):,}.")
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidInput(field=field, problem="it holds a character that cannot be stored.")
    return value


def checked_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """`inputs` as they will be stored, or InvalidInput."""
    try:
        spelled = canonical_json(dict(inputs))
    except (ValueError, TypeError, RecursionError):
        raise InvalidInput(field="Inputs", problem="they hold something that is not JSON.") from None
    if len(spelled) > MOST_INPUTS:
        raise InvalidInput(field="Inputs", problem=f"use at most {MOST_INPUTS:,} characters in all.")
    _check_texts(dict(inputs))
    return dict(inputs)


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        checked_text("Inputs", value, MOST_INPUTS)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_texts(item)
