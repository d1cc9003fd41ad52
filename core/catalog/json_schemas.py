"""Whether a document type's JSON Schema can be relied on: draft 2020-12, complete in itself, and coming to an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from core.catalog.problems import Problem, child
from core.catalog.schema_fit import Unfinished, misfits

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DATA = frozenset({"const", "enum", "default", "examples"})
"""What stands below these is a value, not a schema."""
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""What stands below these are schemas by names, and a name may be any word, `default` too."""


def schema_problems(schema: dict[str, Any], path: str) -> Iterator[Problem]:
    if str(schema.get("$schema", _DIALECT)).rstrip("#") != _DIALECT:
        yield _invalid(f'{path}["$schema"]', "names another dialect than draft 2020-12", f"Write {_DIALECT}.")
        return
    try:
        Draft202012Validator.check_schema(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    except SchemaError as error:
        place = path
        for part in error.absolute_path:
            place = f"{place}[{part}]" if isinstance(part, int) else child(place, part)
        yield _invalid(place, f"is no JSON Schema: {error.message[:200]}", "Correct it by draft 2020-12.")
        return
    found = list(_unsound(schema, schema, path))
    yield from found
    if not found and _goes_in_circles(schema):
        yield _invalid(path, "refers to itself without end", "Let each circle of $ref pass through a property or item.")


def _unsound(part: Any, root: dict[str, Any], path: str) -> Iterator[Problem]:
    """References that lead nowhere or away, and patterns that cannot be searched for in bounded time."""
    if isinstance(part, list):
        for index, one in enumerate(part):
            yield from _unsound(one, root, f"{path}[{index}]")
    if not isinstance(part, dict):
        return
    if {"unevaluatedProperties", "patternProperties"} <= part.keys():
        remedy = "Write additionalProperties, or name the properties."
        yield _invalid(path, "has unevaluatedProperties beside patternProperties", remedy)
    for key, value in part.items():
        place = child(path, key)
        if key in {"$ref", "$dynamicRef"} and isinstance(value, str):
            if not value.startswith("#"):
                remedy = 'Put what it refers to under "$defs" and write "#/$defs/…".'
                yield _invalid(place, f"refers to {value[:80]!r}, outside of this schema", remedy)
            elif not _resolves(root, value):
                yield _invalid(place, f"refers to {value[:80]!r}, which is not there", "Add it, or correct the name.")
        elif key == "pattern" and isinstance(value, str) and not _compiles(value):
            yield _invalid(place, "is no pattern that can be searched for", "Simplify it.")
        elif key in _NAMED and isinstance(value, dict):
            for name, one in value.items():
                if key == "patternProperties" and not _compiles(name):
                    yield _invalid(child(place, name), "is no pattern that can be searched for", "Simplify it.")
                yield from _unsound(one, root, child(place, name))
        elif key not in _DATA:
            yield from _unsound(value, root, place)


def _compiles(pattern: str) -> bool:
    try:
        regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError):
        return False
    return True


def _resolves(root: dict[str, Any], reference: str) -> bool:
    resource = DRAFT202012.create_resource(root)
    try:
        found = Registry().with_resource("", resource).resolver().lookup(reference).contents
    except Unresolvable:
        return False
    return isinstance(found, (dict, bool))


def _goes_in_circles(schema: dict[str, Any]) -> bool:
    probes: tuple[Any, ...] = ({}, [], "", 0, None)
    try:
        for probe in probes:
            next(misfits(schema, probe), None)
    except Unfinished:
        return True
    return False


def _invalid(path: str, problem: str, remedy: str) -> Problem:
    return Problem("INVALID_JSON_SCHEMA", path, problem, remedy)
