"""A list of like items as a table in which people write: one row an item, one column a field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.executions.automated.run_documents import label_of_field
from pages.components.words import plain

_SCALARS = frozenset({"string", "integer", "number", "boolean"})


def is_table(spec: Any) -> bool:
    """Whether it is a list of objects whose fields are all text, numbers, yes or no, or lists of text."""
    items = spec.get("items") if isinstance(spec, Mapping) and spec.get("type") == "array" else None
    fields = items.get("properties") if isinstance(items, Mapping) else None
    return isinstance(fields, Mapping) and bool(fields) and all(_kind(one) for one in fields.values())


def show_table(
    name: str, spec: Mapping[str, Any], given: Any, *, key: str, needed: bool = False
) -> list[dict[str, Any]]:
    """Draws it with `given`; answers the rows in which something stands."""
    fields: Mapping[str, Any] = spec["items"]["properties"]
    required = frozenset(spec["items"].get("required", ()))
    st.markdown(f"**{plain(str(spec.get('title') or label_of_field(name)))}**{' *' if needed else ''}")
    if spec.get("description"):
        st.caption(plain(str(spec["description"])))
    rows = [one for one in given or [] if isinstance(one, dict)]
    shown = {
        column: pd.Series([_shown(row.get(column), _kind(field)) for row in rows], dtype=_dtype(_kind(field)))
        for column, field in fields.items()
    }
    fixed = "minItems" in spec and spec["minItems"] == spec.get("maxItems")
    edited = st.data_editor(
        pd.DataFrame(shown, columns=list(fields)), num_rows="fixed" if fixed else "dynamic", hide_index=True, key=key,
        width="stretch", disabled=[name for name, one in fields.items() if one.get("readOnly")],
        column_config={column: _column(column, field, column in required) for column, field in fields.items()},
    )  # fmt: skip
    return _rows(edited, fields, rows)


def _rows(edited: pd.DataFrame, fields: Mapping[str, Any], given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for place, line in zip(edited.index, edited.to_dict("records"), strict=True):
        typed = {name: value for name, field in fields.items() if (value := _typed(line.get(name), field)) is not None}
        if not typed:
            continue
        # what no column shows stays with its row
        kept = given[place] if isinstance(place, int) and place < len(given) else {}
        found.append({**{name: value for name, value in kept.items() if name not in fields}, **typed})
    return found


def _kind(field: Any) -> str:
    """`string`, `integer`, `number`, `boolean`, `list` (of text); empty for what no cell holds."""
    if not isinstance(field, Mapping):
        return ""
    kind, items = field.get("type"), field.get("items")
    if kind == "array" and isinstance(items, Mapping) and items.get("type") == "string":
        return "list"
    return kind if isinstance(kind, str) and kind in _SCALARS else ""


def _dtype(kind: str) -> str:
    return {"integer": "Int64", "number": "float64", "boolean": "boolean"}.get(kind, "object")


def _shown(value: Any, kind: str) -> Any:
    if kind == "list":
        return "; ".join(map(str, value)) if isinstance(value, list) else None
    if kind == "string":
        return None if value is None else str(value)
    fits = isinstance(value, bool) if kind == "boolean" else isinstance(value, int | float)
    return value if fits else None


def _column(name: str, field: Mapping[str, Any], required: bool) -> Any:
    label = str(field.get("title") or label_of_field(name)) + (" *" if required else "")
    hint = str(field["description"]) if field.get("description") else None
    match _kind(field):
        case "boolean":
            return st.column_config.CheckboxColumn(label, help=hint)
        case "integer":
            return st.column_config.NumberColumn(label, help=hint, step=1)
        case "number":
            return st.column_config.NumberColumn(label, help=hint)
        case "list":
            return st.column_config.TextColumn(label, help=hint or "Several, with ; between them")
        case _ if field.get("enum"):
            return st.column_config.SelectboxColumn(label, help=hint, options=list(field["enum"]))
        case _:
            return st.column_config.TextColumn(label, help=hint)


def _typed(value: Any, field: Mapping[str, Any]) -> Any:
    """The cell as the document has it; None where nothing stands in it."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    match _kind(field):
        case "boolean":
            return bool(value)
        case "integer":
            return int(value)
        case "number":
            return int(value) if float(value).is_integer() else float(value)
        case "list":
            return [one.strip() for one in str(value).split(";") if one.strip()] or None
        case _:
            return str(value) if str(value).strip() else None
