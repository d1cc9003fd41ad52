"""Values between people, plans and Odoo: compared, shown, and spelled for writing and for importing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

Field = Mapping[str, Any]
RELATIONS_TO_MANY = ("many2many", "one2many")


def plain(value: Any) -> Any:
    """A value so that two readings can be compared: a related record is its id, nothing is None."""
    if isinstance(value, (list, tuple)) and len(value) == 2 and isinstance(value[1], str):
        return value[0]  # many2one reads as [id, name]
    if isinstance(value, (list, tuple)):
        return sorted(value) if all(isinstance(one, int) for one in value) else list(value)
    return None if value is False or value == "" else value


def same(one: Any, other: Any) -> bool:
    one, other = plain(one), plain(other)
    if isinstance(one, float) or isinstance(other, float):
        try:
            return abs(float(one or 0) - float(other or 0)) < 1e-6  # Odoo rounds floats to the field's digits
        except (TypeError, ValueError):
            return False
    if not one and not other:
        return True  # Odoo reads an unset field as False, whatever its type
    return bool(one == other)


def shown(value: Any, field: Field, name_of: Callable[[str, int], str | None]) -> Any:
    """`value` as a person knows it: the label of a choice, the name of a record with its number."""
    kind = field.get("type")
    value = plain(value)
    if kind == "boolean":
        return "yes" if value else "no"
    if kind == "selection":
        return next((label for key, label in field.get("selection") or () if key == value), value)
    if kind == "many2one" and isinstance(value, int):
        name = name_of(str(field.get("relation")), value)
        return f"{name} ({value})" if name else str(value)
    return value


def problem_with(value: Any, field: Field) -> str | None:
    """Why `value` cannot be written to the field; None if it can."""
    kind = field.get("type")
    if kind == "one2many" or isinstance(value, dict):
        return "lines of another model cannot be written here; create them on their own."
    if kind == "many2many" and not (isinstance(value, list) and all(type(one) is int for one in value)):
        return "give a list of record ids."
    if kind == "many2one" and not (value in (False, None) or type(value) is int):
        return "give the id of one record."
    if kind not in RELATIONS_TO_MANY and isinstance(value, list):
        return "give one value, not a list."
    if kind == "boolean" and type(value) is not bool:
        return "give true or false."
    if kind in ("float", "monetary", "integer") and value not in (False, None):
        whole = kind == "integer"
        if type(value) is not int and (whole or not (isinstance(value, float) and isfinite(value))):
            return "give a whole number." if whole else "give a number, not a text."
    return None


def for_write(value: Any, kind: str | None) -> Any:
    if kind == "many2many":
        return [[6, 0, list(value)]]  # replace all links
    return False if value is None else value


def for_import(name: str, value: Any, kind: str | None) -> tuple[str, str]:
    """Column and cell for `load()`, which reads text and takes database ids in columns named `…/.id`."""
    if kind == "many2one":
        return f"{name}/.id", str(value or "")
    if kind == "many2many":
        return f"{name}/.id", ",".join(str(one) for one in value)
    if isinstance(value, bool):
        return name, "1" if value else "0"
    return name, "" if value is None else str(value)
