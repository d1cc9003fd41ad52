"""A form made from an operation's JSON Schema: a new connector gets its form for nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import streamlit as st

from pages.components.files_field import Keep, files_field, picture_field
from pages.components.words import plain

_LONG = 400
"""Text that may be longer than this gets a box instead of a line."""


@dataclass(frozen=True)
class Filled:
    """What is in the form now, for the service to check."""

    values: dict[str, Any] = field(default_factory=dict)
    """Fields left empty are absent, so that the operation's own defaults hold."""
    problems: tuple[str, ...] = ()
    """What cannot even be read; shown at its field already."""


def operation_form(
    schema: Mapping[str, Any], values: Mapping[str, Any], *, key: str, keep: Keep | None = None
) -> Filled:
    """Draws one input a field, filled with `values` or the field's default; a star marks what must be there.

    With `keep`, fields for files take uploads.
    """
    required = frozenset(schema.get("required", ()))
    filled, problems = Filled(), []
    if required:
        st.caption("\\* must be filled in")
    for name, described in schema.get("properties", {}).items():
        spec = _resolved(schema, described)
        label = plain(str(described.get("title") or spec.get("title") or name))
        given = values.get(name, described.get("default"))
        typed, problem = _draw(spec, f"{label} *" if name in required else label, given, f"{key}-{name}", keep)
        if problem:
            st.error(problem, icon=":material/error:")
            problems.append(f"{label}: {problem}")
        elif typed not in (None, "", []) or (typed == [] and name not in required):
            filled.values[name] = typed
    return Filled(filled.values, tuple(problems))


def _draw(spec: Mapping[str, Any], label: str, given: Any, key: str, keep: Keep | None) -> tuple[Any, str | None]:
    """The value that is in the field now, and what is wrong with it, if anything."""
    hint, kind, items = spec.get("description"), spec.get("type"), spec.get("items", {})
    if "enum" in spec:
        return _choice(spec["enum"], label, given, key, hint, spec.get("empty", "Choose one")), None
    match kind:
        case "boolean":
            return st.checkbox(label, bool(given), key=key, help=hint), None
        case "integer" | "number":
            return _number(spec, label, given, key), None
        case "string" if spec.get("format") == "date":
            day = st.date_input(label, _day(given), key=key, help=hint)
            return (day.isoformat() if isinstance(day, date) else None), None
        case "string":
            return _text(spec, label, "" if given is None else str(given), key), None
        case "object" if spec.get("picture") and keep is not None:
            return picture_field(label, given or {}, key, keep)
        case "array" if spec.get("files") and keep is not None:
            return files_field(label, given or [], key, hint, keep)
        case "array" if "enum" in items:
            return st.multiselect(label, items["enum"], list(given or []), key=key, help=hint), None
        case "array" if items.get("type") == "string":
            return _list(label, given, key, hint, str), None
        case "array" if items.get("type") == "integer":
            try:
                return _list(label, given, key, hint, int), None
            except ValueError as problem:
                return None, plain(f"“{problem.args[0]}” is not a whole number.")
        case "array" | "object":
            return _json(label, given, key, hint, list if kind == "array" else dict)
        case _:
            return _json(label, given, key, hint, object)


def _text(spec: Mapping[str, Any], label: str, given: str, key: str) -> str:
    """Text is handed on as it was typed: spaces may be meant."""
    most, hint = spec.get("maxLength"), spec.get("description")
    if most and most > _LONG:
        return st.text_area(label, given, key=key, help=hint, max_chars=most, height=220)
    secret = spec.get("format") == "password"
    return st.text_input(
        label, given, key=key, help=hint, max_chars=most, type="password" if secret else "default",
        autocomplete="new-password" if secret else "off",
    )  # fmt: skip


def _number(spec: Mapping[str, Any], label: str, given: Any, key: str) -> float | int | None:
    whole = spec["type"] == "integer"
    as_number: Callable[[Any], Any] = int if whole else float
    step = as_number(spec["multipleOf"]) if "multipleOf" in spec else 1 if whole else None
    beside = 1 if whole else 0  # a limit that is itself too much: the operation refuses the fraction's edge
    low = spec.get("minimum", spec["exclusiveMinimum"] + beside if "exclusiveMinimum" in spec else None)
    high = spec.get("maximum", spec["exclusiveMaximum"] - beside if "exclusiveMaximum" in spec else None)
    typed: float | int | None = st.number_input(
        label,
        min_value=None if low is None else as_number(low),
        max_value=None if high is None else as_number(high),
        value=None if given is None else as_number(given),
        step=step, key=key, help=spec.get("description"),
    )  # fmt: skip
    return typed


def _choice(options: list[Any], label: str, given: Any, key: str, hint: str | None, empty: str) -> Any:
    place = options.index(given) if given in options else None
    return st.selectbox(label, options, index=place, key=key, help=hint, format_func=str, placeholder=empty)


def _list(label: str, given: Any, key: str, hint: str | None, of: Callable[[str], Any]) -> list[Any]:
    """One a line; in a single line also with commas between. A part that `of` cannot read is raised as ValueError."""
    shown = [str(one) for one in given or []]
    typed = st.text_area(label, "\n".join(shown), key=key, help=hint, height="content", placeholder="One a line")
    parts = typed.splitlines() if "\n" in typed.strip() else typed.replace(";", ",").split(",")
    found = []
    for part in (one.strip() for one in parts):
        if part:
            try:
                found.append(of(part))
            except ValueError:
                raise ValueError(part) from None
    return found


def _json(label: str, given: Any, key: str, hint: str | None, of: type) -> tuple[Any, str | None]:
    shown = "" if given is None else json.dumps(given, indent=2, ensure_ascii=False)
    typed = st.text_area(label, shown, key=key, help=hint, height="content", placeholder="{}" if of is dict else "[]")
    if not typed.strip():
        return None, None
    try:
        read = json.loads(typed)
    except json.JSONDecodeError as problem:
        return None, f"This is not JSON: {problem.msg} in line {problem.lineno}, column {problem.colno}."
    if not isinstance(read, of):
        return None, "Write a list in [ ]." if of is list else "Write names and values in { }."
    return read, None


def _resolved(schema: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of the value itself: references followed, and without the choice to leave it empty."""
    if "$ref" in described:
        target = schema.get("$defs", {}).get(str(described["$ref"]).rpartition("/")[2], {})
        return {**target, **{name: said for name, said in described.items() if name != "$ref"}}
    options = [one for one in described.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) == 1:
        return {**_resolved(schema, options[0]), **{k: v for k, v in described.items() if k != "anyOf"}}
    if {one.get("type") for one in options} == {"number", "string"}:  # how pydantic spells a Decimal
        return {**described, "type": "string"}
    if "const" in described:
        return {**described, "enum": [described["const"]]}
    items = described.get("items")
    if isinstance(items, Mapping) and "$ref" in items:
        return {**described, "items": _resolved(schema, items)}
    return described


def _day(given: Any) -> date | None:
    try:
        return date.fromisoformat(str(given)) if given else None
    except ValueError:
        return None
