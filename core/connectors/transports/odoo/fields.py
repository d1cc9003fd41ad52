"""Whether values fit the fields of a model as Odoo describes them, asked while planning: Odoo itself is less plain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from core.connectors.transports.calls import Refused
from core.connectors.transports.odoo.client import OdooClient
from core.connectors.transports.odoo.params import MAX_ID
from core.connectors.transports.odoo.values import Field
from core.errors import InvalidInput

_TEXTS = ("char", "text", "html")
_NUMBERS = ("float", "monetary", "integer")


def checked_values(
    odoo: OdooClient, model: str, values: Mapping[str, Any], known: Mapping[str, Field]
) -> tuple[Mapping[str, Field], dict[str, Any]]:
    """The fields that `values` names and the values as Odoo spells them; InvalidInput names what does not fit."""
    spelled: dict[str, Any] = {}
    for name, value in values.items():
        field = known.get(name)
        if field is None:
            raise InvalidInput(field="Values", problem=f"{model} has no field {name}.")
        problem = problem_with(value, field)
        if problem is None and field.get("type") in ("date", "datetime"):
            spelled[name], problem = _spelled(value, str(field["type"]))
        else:
            spelled[name] = value
        problem = problem or _missing(odoo, value, field)
        if problem:
            raise InvalidInput(field=f"{field.get('string', name)} ({name})", problem=problem)
    return {name: known[name] for name in values}, spelled


def problem_with(value: Any, field: Field) -> str | None:
    """Why `value` cannot be written to the field; None if it can, as far as its description tells."""
    kind = field.get("type")
    if field.get("readonly"):
        return "Odoo sets this itself; it cannot be written."
    if kind == "one2many" or isinstance(value, dict):
        return "lines of another model cannot be written here; create them on their own."
    if kind == "many2many":
        ids = value if isinstance(value, list) else [None]
        return None if all(_is_id(one) for one in ids) else "give a list of record ids."
    if isinstance(value, list):
        return "give one value, not a list."
    if kind == "boolean":
        return None if type(value) is bool else "give true or false."
    if is_empty(value):
        return "this must not be empty." if field.get("required") and kind not in _NUMBERS else None
    if kind in ("many2one", "many2one_reference"):
        return None if _is_id(value) else "give the id of one record."
    if kind in _NUMBERS:
        return _number(value, field, whole=kind == "integer")
    if kind in _TEXTS:
        return _text(value, field)
    if kind == "selection":
        return _choice(value, field)
    return None


def is_empty(value: Any) -> bool:
    return value is False or value is None or value == ""


def _is_id(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MAX_ID


def _number(value: Any, field: Field, *, whole: bool) -> str | None:
    if type(value) is not int and (whole or not (isinstance(value, float) and isfinite(value))):
        return "give a whole number." if whole else "give a number, not a text."
    if whole and not -MAX_ID - 1 <= value <= MAX_ID:
        return "this number is too large for Odoo."
    digits = field.get("digits")
    if isinstance(digits, (list, tuple)) and len(digits) == 2 and round(value, digits[1]) != value:
        return (
            f"Odoo keeps {digits[1]} decimals of it: round it yourself."  # else it holds another one than was approved
        )
    return None


def _text(value: Any, field: Field) -> str | None:
    if not isinstance(value, str):
        return "give a text in quotation marks."
    size = field.get("size")
    return f"use at most {size} characters." if type(size) is int and 0 < size < len(value) else None


def _choice(value: Any, field: Field) -> str | None:
    choices = field.get("selection")
    if not isinstance(choices, (list, tuple)) or any(value == key for key, _ in choices):
        return None
    return f"choose one of {', '.join(str(key) for key, _ in choices)}."


def _spelled(value: Any, kind: str) -> tuple[Any, str | None]:
    """A date or time as Odoo spells it (in UTC), or why it is none."""
    if is_empty(value):
        return value, None
    hint = "write a date, for example 2026-01-31." if kind == "date" else "write a time, for example 2026-01-31 09:00."
    if not isinstance(value, str):
        return value, hint
    try:
        if kind == "date":
            return date.fromisoformat(value).isoformat(), None
        found = datetime.fromisoformat(value)
    except ValueError:
        return value, hint
    return f"{found.astimezone(UTC) if found.tzinfo else found:%Y-%m-%d %H:%M:%S}", None  # without a zone it is UTC


def _missing(odoo: OdooClient, value: Any, field: Field) -> str | None:
    """Which of the records that `value` names does not exist; Odoo would only answer with a fault of its database."""
    kind, relation = field.get("type"), field.get("relation")
    named = value if kind == "many2many" else [value] if kind == "many2one" and not is_empty(value) else []
    if not named or not relation:
        return None
    try:
        found = odoo.read(str(relation), named, [])
    except Refused as refused:
        if not refused.signed_in:
            raise
        return None  # this user may not look there; Odoo decides
    gone = [str(one) for one in named if one not in found]
    return f"Odoo has no {relation} with the id {', '.join(gone)}." if gone else None
