"""What people type into the forms of operations, read before it is checked."""

from __future__ import annotations

import json
from typing import Any

from core.canonical import MOST_NESTED, is_nested_deeper
from core.text import can_be_seen, has_controls, turns


def from_json(value: Any) -> Any:
    """A form gives text, a program gives the value; an empty field is None."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("write it as JSON") from None
    if is_nested_deeper(read):
        raise ValueError(f"write it with at most {MOST_NESTED} levels")
    return read


def one_line(value: str) -> str:
    """Text in one line that can be seen and reads as it is."""
    if has_controls(value):
        raise ValueError("use one line without control characters")
    if turns(value):
        raise ValueError("leave out the characters that turn the direction of text")
    if not can_be_seen(value):
        raise ValueError("write something that can be seen")
    return value.strip()
