"""Values between people, plans and Odoo: compared, shown, and spelled for writing and for importing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from html.parser import HTMLParser
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


def same(one: Any, other: Any, kind: str | None = None) -> bool:
    """Whether two values of a field of that `kind` are the same to a person."""
    one, other = plain(one), plain(other)
    if kind == "html":
        return text_of(one or "") == text_of(other or "")  # Odoo cleans HTML and wraps it
    if isinstance(one, float) or isinstance(other, float):
        try:
            return abs(float(one or 0) - float(other or 0)) < 1e-6  # Odoo rounds floats to the field's digits
        except (TypeError, ValueError):
            return False
    if not one and not other:
        return True  # Odoo reads an unset field as False, whatever its type
    return bool(one == other)


def html_of(text: str) -> str:
    """Plain text as HTML that shows it letter for letter: nothing in it can be a link, a mention or a tag."""
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>"


def text_of(html: str) -> str:
    """What HTML says and where it leads, without spaces: for comparing."""
    reading = _Reading()
    reading.feed(str(html))
    reading.close()
    return "".join("".join(reading.said).split())


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


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
