"""Reading a project's items from CSV or JSON; what is wrong with a file is said with its line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from core.errors import InvalidInput
from core.projects.rules import MAX_FILE_BYTES, MAX_ITEMS
from core.text import can_be_seen, delimiter_of, has_controls, turns

USUAL_OPERATION = {"email": "email_send"}
"""What a row that names only a channel means."""

_OWN = ("key", "channel", "operation", "params")


@dataclass(frozen=True)
class NewItem:
    """What somebody wants done; whether it can be is found when it is planned."""

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    """The caller's own id; without one it is named after its place."""
    line: int | None = None


def read_upload(content: bytes, name: str) -> list[NewItem]:
    """The items of a file, CSV unless its name or its first letter says JSON."""
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput(field="File", problem=f"use at most {MAX_FILE_BYTES // (1024 * 1024)} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise InvalidInput(field="File", problem=f"line {line} is not UTF-8 text; save it as UTF-8.") from None
    if "\0" in text:
        raise InvalidInput(field="File", problem=f"line {_line(text, text.index(chr(0)))} holds a NUL character.")
    is_json = name.casefold().endswith(".json") or text.lstrip()[:1] in ("[", "{")
    found = _from_json(text) if is_json else _from_csv(text)
    if not found:
        raise InvalidInput(field="File", problem="it holds no items.")
    return found


def read_items(given: Sequence[Any]) -> list[NewItem]:
    """Items as JSON holds them: {operation or channel, params, key}."""
    if len(given) > MAX_ITEMS:
        raise InvalidInput(field="Items", problem=f"there are {len(given):,}; use at most {MAX_ITEMS:,}.")
    return [_item(one, number) for number, one in enumerate(given, start=1)]


def _from_json(text: str) -> list[NewItem]:
    try:
        told = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise InvalidInput(field="File", problem=f"line {problem.lineno} is not JSON: {problem.msg}.") from None
    except (RecursionError, ValueError) as problem:
        raise InvalidInput(field="File", problem=f"it is not plain JSON: {problem}.") from None
    if isinstance(told, dict):
        told = told.get("items")
    if not isinstance(told, list):
        raise InvalidInput(field="File", problem="write a list of items, or an object with one named items.")
    return read_items(told)


def _item(told: Any, number: int) -> NewItem:
    if not isinstance(told, Mapping):
        raise InvalidInput(field="Items", problem=f"item {number} is no object.")
    unknown = sorted(set(map(str, told)) - set(_OWN))
    if unknown:
        raise InvalidInput(
            field="Items", problem=f"item {number} has {unknown[0]}, which is none of {', '.join(_OWN)}."
        )
    params = told.get("params", {})
    if not isinstance(params, Mapping):
        raise InvalidInput(field="Items", problem=f"item {number} has params that are no object.")
    key = told.get("key", "")
    if not isinstance(key, str | int) or isinstance(key, bool):
        raise InvalidInput(field="Items", problem=f"item {number} has a key that is no text.")
    operation, channel = told.get("operation") or "", told.get("channel") or ""
    if not isinstance(operation, str) or not isinstance(channel, str):
        raise InvalidInput(field="Items", problem=f"item {number} has an operation that is no text.")
    place = f"item {number}"
    return NewItem(_operation(operation, channel, place), dict(params), _key(str(key), place))


def _from_csv(text: str) -> list[NewItem]:
    head, rows = _table(text)
    found: list[NewItem] = []
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(head):
            raise InvalidInput(
                field="File", problem=f"line {line} has {len(row)} cells, the first line has {len(head)}."
            )
        if len(found) == MAX_ITEMS:
            raise InvalidInput(
                field="File", problem=f"it has more than {MAX_ITEMS:,} items; line {line} is one too many."
            )
        cells = dict(zip(head, row, strict=False))
        place = f"line {line}"
        params = _params(cells, place)
        operation = _operation(cells.get("operation", "").strip(), cells.get("channel", "").strip(), place)
        found.append(NewItem(operation, params, _key(cells.get("key", ""), place), line))
    return found


def _table(text: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    rows = _rows(reader)
    head = [cell.strip() for cell in next(rows, (1, []))[1]]
    if "operation" not in head and "channel" not in head:
        raise InvalidInput(field="File", problem="line 1 has no column named operation (or channel).")
    if twice := next((name for name in head if name and head.count(name) > 1), None):
        raise InvalidInput(field="File", problem=f"line 1 has two columns named {twice}.")
    return head, rows


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row begins, its cells)."""
    begins = 1
    try:
        for row in reader:
            yield begins, row
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise InvalidInput(field="File", problem=f"line {begins} is not CSV: {problem}.") from None


def _params(cells: Mapping[str, str], place: str) -> dict[str, Any]:
    """Every other column is a parameter: dots make objects of columns, `[` or `{` begins JSON, an empty cell is none."""
    found: dict[str, Any] = {}
    whole = _value("params", cells.get("params", ""), place)
    if whole not in (None, ""):
        if not isinstance(whole, dict):
            raise InvalidInput(field="File", problem=f"{place}: params is no JSON object.")
        found.update(whole)
    for name, cell in cells.items():
        if not name or name in _OWN or cell.strip() == "":
            continue
        into, (*above, last) = found, name.split(".")
        for part in above:
            into = into.setdefault(part, {})
            if not isinstance(into, dict):
                raise InvalidInput(field="File", problem=f"{place}: {name} stands beside a value for {part}.")
        into[last] = _value(name, cell, place)
    return found


def _value(name: str, cell: str, place: str) -> Any:
    if cell.lstrip()[:1] not in ("[", "{"):
        return cell
    try:
        return json.loads(cell, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        if name == "params":
            raise InvalidInput(field="File", problem=f"{place}: params is not JSON.") from None
        return cell  # text may begin with a bracket


def _operation(operation: str, channel: str, place: str) -> str:
    named = operation or USUAL_OPERATION.get(channel, "")
    if not named:
        words = f"the channel {channel} has several operations, name one" if channel else "it names no operation"
        raise InvalidInput(field="Items", problem=f"{place}: {words}.")
    if len(named) > 64 or has_controls(named):
        raise InvalidInput(field="Items", problem=f"{place}: an operation's name has at most 64 characters.")
    return named


def _key(given: str, place: str) -> str:
    key = given.strip()
    if len(key) > 120 or has_controls(key) or turns(key) or (key and not can_be_seen(key)):
        raise InvalidInput(field="Items", problem=f"{place}: use at most 120 visible characters as key.")
    return key


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
