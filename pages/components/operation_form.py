"""A form made from an operation's JSON Schema: a new connector gets its form for nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

_LONG = 400
"""Text that may be longer than this gets a box instead of a line."""


def operation_form(schema: Mapping[str, Any], values: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Draws one input a field, filled with `values`; answers what is in them now, for the service to check."""
    fields: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return {name: _field(name, field, values.get(name), f"{key}-{name}") for name, field in fields.items()}


def _field(name: str, field: Mapping[str, Any], value: Any, key: str) -> Any:
    label, hint = field.get("title") or name, field.get("description")
    kind = _kind(field)
    match kind.get("type"):
        case "boolean":
            return st.checkbox(label, bool(value), key=key, help=hint)
        case "integer":
            return st.number_input(label, value=int(value or 0), step=1, key=key, help=hint)
        case "array" if kind.get("items", {}).get("type") == "string":
            typed = st.text_input(label, ", ".join(value or []), key=key, help=hint)
            return [part.strip() for part in typed.split(",") if part.strip()]
        case "string":
            long = kind.get("maxLength", 0) > _LONG
            typed = (
                st.text_area(label, value or "", key=key, help=hint, height=240)
                if long
                else st.text_input(label, value or "", key=key, help=hint)
            )
            return typed if typed or "default" not in field else None
        case _:
            shown = "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
            return _parsed(st.text_area(label, shown, key=key, help=hint or "Written as JSON.", height=160))


def _kind(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of the value itself, where the field may also be empty."""
    options = [one for one in field.get("anyOf", []) if one.get("type") != "null"]
    return options[0] if len(options) == 1 else field


def _parsed(typed: str) -> Any:
    """What the JSON says; text that is none goes on as it is, for the service to refuse in words."""
    try:
        return json.loads(typed) if typed.strip() else None
    except json.JSONDecodeError:
        return typed
