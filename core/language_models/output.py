"""Reading the one JSON value out of what a model wrote; whatever could be read in two ways is read in none."""

from __future__ import annotations

import json
import math
from typing import Any

from core.language_models.findings import Finding, error
from core.language_models.storable import storable

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 60
LARGEST = 2**53 - 1
"""Whole numbers beyond it change on their way through programs that count in floating point."""

_BRACKETS = frozenset("{}[]")


class _Unfit(ValueError):
    """Valid JSON that cannot be kept as it stands."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule, self.message = rule, message


def parse_output(text: str) -> dict[str, Any] | list[Any] | Finding:
    """The object or list that `text` holds, alone, in a fence, or with words around it; else what is wrong with it.

    The words around it may hold no bracket: the inner part of an answer that was cut short is no answer.
    """
    if len(text) > MOST_CHARACTERS:
        return _finding("TOO_LONG", f"The answer is longer than {MOST_CHARACTERS:,} characters. Write less.")
    start = next((place for place, letter in enumerate(text) if letter in _BRACKETS), None)
    if start is None:
        return _finding("NO_JSON", "The answer holds no JSON. Answer with one JSON value and nothing else.")
    try:
        value, end = _DECODER.raw_decode(text, start)
        _check(value, 1)
    except _Unfit as unfit:
        return _finding(unfit.rule, unfit.message)
    except RecursionError:
        return _finding("TOO_DEEP", f"The JSON is nested deeper than {MOST_DEPTH} levels.")
    except json.JSONDecodeError as problem:
        words = f"This is not JSON: {problem.msg} at line {problem.lineno}, column {problem.colno}."
        return _finding("NOT_JSON", f"{words} Answer with one whole JSON value and nothing else.")
    except ValueError:  # a number with thousands of digits
        return _finding("BIG_NUMBER", "A number has more digits than can be kept. Write it as text.")
    if not _BRACKETS.isdisjoint(text[end:]):
        message = "The answer holds more than one JSON value, or words with brackets. Answer with one JSON value only."
        return _finding("AMBIGUOUS", message)
    assert isinstance(value, dict | list)  # it began with a bracket
    return value


def check_value(value: Any) -> Finding | None:
    """The same limits for a value that did not come as text: from a form or the API."""
    try:
        _check(value, 1)
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except _Unfit as unfit:
        return _finding(unfit.rule, unfit.message)
    except (RecursionError, TypeError, ValueError):
        return _finding("NOT_JSON", "This is not plain JSON.")
    return (
        _finding("TOO_LONG", f"This is longer than {MOST_CHARACTERS:,} characters.") if size > MOST_CHARACTERS else None
    )


def _check(value: Any, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise _Unfit("TOO_DEEP", f"The JSON is nested deeper than {MOST_DEPTH} levels.")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(value)


def _check_text(text: str) -> None:
    if storable(text) != text:
        raise _Unfit("UNSTORABLE", "A text holds NUL or half a character, which cannot be kept. Leave it out.")


def _check_number(number: float) -> None:
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise _Unfit("BIG_NUMBER", f"A number is beyond ±{LARGEST:,}. Write it as text.")


def _constant(name: str) -> Any:
    raise _Unfit("NOT_A_NUMBER", f"{name} is no number in JSON. Use null.")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Unfit("DUPLICATE_KEY", f"The field {storable(twice)[:80]} stands twice in one object. Write it once.")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def _finding(rule: str, message: str) -> Finding:
    return error("$", message, rule)
