"""Whether a value fits a document type's JSON Schema: found without leaving this process, and never without an end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import UnknownType, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from core.canonical import canonical_json

MOST_REFERENCES = 30_000
"""Followed in one check. Branches that refer to each other double with every level of a document."""

PATTERN_SECONDS = 1.0
"""For all searches of one check; some patterns take longer than the world will last."""

_left: ContextVar[list[float]] = ContextVar("schema_check_left")
"""[references, seconds] of the check that goes on."""


class Unfinished(Exception):
    """The check came to no end, or fell over the schema: nothing can be said of the value."""


def misfits(schema: Mapping[str, Any], value: Any) -> Iterator[ValidationError]:
    """What does not fit, first to last. Unfinished where that cannot be said: then the value counts as unfit."""
    checker = _validator(canonical_json(schema)).iter_errors(value)
    left = [float(MOST_REFERENCES), PATTERN_SECONDS]
    while True:
        mark = _left.set(left)
        try:
            wrong = next(checker, None)
        except (RecursionError, AttributeError, TypeError, ValueError, ArithmeticError, LookupError) as problem:
            raise Unfinished from problem
        except (Unresolvable, UnknownType) as problem:
            raise Unfinished from problem
        finally:
            _left.reset(mark)
        if wrong is None:
            return
        yield wrong


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    # An empty registry: the library's own one fetches what a reference names, from the network or the disk.
    return _Bounded(json.loads(schema), registry=Registry())


def _search(pattern: str, text: str) -> bool:
    left = _left.get()
    if left[1] <= 0:
        raise Unfinished
    try:
        # regex, because re holds every other thread until it has its answer
        return regex.search(pattern, text, timeout=left[1], concurrent=True) is not None
    except TimeoutError:
        left[1] = 0
        raise Unfinished from None


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not _search(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(value, "object"):
        return
    for pattern, inner in patterns.items():
        for name, one in value.items():
            if _search(pattern, name):
                yield from validator.descend(one, inner, path=name, schema_path=pattern)


def _additional_properties(validator: Any, inner: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(value, "object"):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extra = [name for name in value if name not in known and not any(_search(one, name) for one in patterns)]
    if validator.is_type(inner, "object"):
        for name in extra:
            yield from validator.descend(value[name], inner, path=name)
    elif not inner and extra:
        said = ", ".join(repr(name) for name in sorted(extra))
        were = "was" if len(extra) == 1 else "were"
        yield ValidationError(f"Additional properties are not allowed ({said} {were} unexpected)")


def _unique_items(validator: Any, unique: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if unique and validator.is_type(value, "array") and len({_spelled(one) for one in value}) < len(value):
        yield ValidationError("has non-unique elements")


def _spelled(value: Any) -> str:
    """The same for what JSON Schema calls equal: 1 and 1.0 are, 1 and true are not."""
    return canonical_json(_numbers(value))


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _counted(keyword: str) -> Any:
    follow = Draft202012Validator.VALIDATORS[keyword]

    def counted(validator: Any, reference: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        left = _left.get()
        left[0] -= 1
        if left[0] < 0:
            raise Unfinished
        yield from follow(validator, reference, value, schema) or ()

    return counted


_Bounded = extend(
    Draft202012Validator,
    {
        "pattern": _pattern, "patternProperties": _pattern_properties, "additionalProperties": _additional_properties,
        "uniqueItems": _unique_items, "$ref": _counted("$ref"), "$dynamicRef": _counted("$dynamicRef"),
    },
)  # fmt: skip
