"""What a run is started with: the fields a definition asks for, and whether a value fits its field."""

from __future__ import annotations

import math
import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from core.catalog.workflow import Part

MOST_LINE, MOST_TEXT, MOST_ITEMS = 2_000, 100_000, 500


class InputType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    LIST = "list"
    DATE = "date"
    EMAIL = "email"
    URL = "url"
    OBJECT = "object"
    COLOR = "color"


_OTHER_NAMES = {
    "string": "text", "str": "text", "textarea": "long_text", "float": "number", "int": "integer", "bool": "boolean",
    "enum": "choice", "select": "choice", "array": "list", "dict": "object", "json": "object",
}  # fmt: skip


def _type(value: Any) -> Any:
    name = value.strip().lower() if isinstance(value, str) else value
    name = _OTHER_NAMES.get(name, name) if isinstance(name, str) else name
    if name not in list(InputType):
        raise PydanticCustomError(
            "UNKNOWN_INPUT_TYPE", "is no type of input: {value}",
            {"value": repr(value)[:40], "remedy": f"Use one of {', '.join(InputType)}."},
        )  # fmt: skip
    return name


def _text(value: Any) -> Any:
    return "" if value is None else value


Described = Annotated[str, BeforeValidator(_text), Field(max_length=20_000)]


class RunInput(Part):
    """One field of the form that starts a run."""

    type: Annotated[InputType, BeforeValidator(_type)] = InputType.TEXT
    title: Annotated[str, BeforeValidator(_text), Field(max_length=200)] = ""
    description: Described = ""
    required: StrictBool = False
    default: Any = None
    options: Annotated[tuple[Any, ...], BeforeValidator(lambda given: () if given is None else given)] = ()
    example: Any = None
    max_length: Annotated[StrictInt, Field(ge=1)] | None = None
    """Of a text, below what its type allows."""
    fields: Annotated[
        dict[str, RunInput], BeforeValidator(lambda given: {} if given is None else given), Field(max_length=20)
    ] = Field(default_factory=dict)
    """What an object holds, by name; without them it may hold anything."""
    offers: Annotated[str, BeforeValidator(_text), Field(max_length=40)] = ""
    """What the form lets people choose from beside typing: `sites`, `places`, `languages`, `typefaces`, or a `table` file."""
    or_list: StrictBool = False
    """An object may also be given as a list of its fields' values, in their order."""


def misfit(asked: RunInput, value: Any) -> str | None:
    """What is wrong with `value` for this field, as a sentence that says what to do; None where it fits."""
    if asked.max_length is not None and isinstance(value, str) and len(value) > asked.max_length:
        return f"Keep it to {asked.max_length:,} characters."
    found = _parts(asked, value) if asked.fields else _MISFITS[asked.type](value)
    if found is not None:
        return found
    if not _storable(value):
        return "It holds a character or number that cannot be stored. Remove it."
    if asked.options:
        chosen = value if isinstance(value, list) else [value]
        for one in chosen:
            if not any(_same(one, option) for option in asked.options):
                return f"{str(one)[:80]!r} is none of the options. Use {', '.join(map(str, asked.options))}."
    return None


def is_empty(value: Any) -> bool:
    """Nothing was given: no false and no zero is empty."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _parts(asked: RunInput, value: Any) -> str | None:
    """Of an object whose fields are declared."""
    names = ", ".join(asked.fields)
    if isinstance(value, list) and asked.or_list:
        if len(value) > len(asked.fields):
            return f"Give at most {len(asked.fields)} values: {names}."
        value = dict(zip(asked.fields, value, strict=False))
    if not isinstance(value, dict):
        return f"Give an object with {names}."
    for name, one in value.items():
        if name not in asked.fields:
            return f"{str(name)[:80]!r} was not asked for. Use {names}."
        wrong = None if is_empty(one) else misfit(asked.fields[name], one)
        if wrong is not None:
            return f"{name}: {wrong}"
    missing = [name for name, one in asked.fields.items() if one.required and is_empty(value.get(name))]
    return f"{missing[0]}: It is needed. Fill it in." if missing else None


def _line(value: Any) -> str | None:
    if not isinstance(value, str):
        return "Give a text."
    return f"Keep it to {MOST_LINE:,} characters." if len(value) > MOST_LINE else None


def _long(value: Any) -> str | None:
    if not isinstance(value, str):
        return "Give a text."
    return f"Keep it to {MOST_TEXT:,} characters." if len(value) > MOST_TEXT else None


def _number(value: Any) -> str | None:
    sound = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return None if sound and abs(value) < 1e15 else "Give a number."


def _integer(value: Any) -> str | None:
    sound = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15
    return None if sound else "Give a whole number."


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "Give true or false."


def _list(value: Any) -> str | None:
    if not isinstance(value, list) or not all(_number(one) is None or _line(one) is None for one in value):
        return "Give a list of texts or numbers."
    return f"Keep it to {MOST_ITEMS} entries." if len(value) > MOST_ITEMS else None


def _date(value: Any) -> str | None:
    try:
        sound = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        sound = False
    return None if sound else "Give a date as YYYY-MM-DD."


def _email(value: Any) -> str | None:
    sound = isinstance(value, str) and re.fullmatch(
        r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]{1,180}\.[^\s@.,;<>\"]{2,60}", value
    )
    return None if sound else "Give an e-mail address, for example ada@example.com."


def _url(value: Any) -> str | None:
    try:
        parts = urlsplit(value) if isinstance(value, str) and not re.search(r"\s", value) else None
        sound = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    return _line(value) if sound else "Give a web address that begins with https:// or http://."


def _color(value: Any) -> str | None:
    sound = isinstance(value, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", value)
    return None if sound else "Give a colour as #RRGGBB, for example #2B47B8."


def _object(value: Any) -> str | None:
    return None if isinstance(value, dict) else "Give a JSON object, for example {}."


_MISFITS = {
    InputType.TEXT: _line, InputType.LONG_TEXT: _long, InputType.NUMBER: _number, InputType.INTEGER: _integer,
    InputType.BOOLEAN: _boolean, InputType.CHOICE: lambda value: _line(value) if _number(value) else None,
    InputType.LIST: _list, InputType.DATE: _date, InputType.EMAIL: _email, InputType.URL: _url,
    InputType.OBJECT: _object, InputType.COLOR: _color,
}  # fmt: skip


def _storable(value: Any, depth: int = 0) -> bool:
    if isinstance(value, str):
        return re.search("[\x00\ud800-\udfff]", value) is None
    if isinstance(value, dict):
        return depth < 30 and all(_storable(key, depth + 1) and _storable(one, depth + 1) for key, one in value.items())
    if isinstance(value, list):
        return depth < 30 and all(_storable(one, depth + 1) for one in value)
    return not isinstance(value, float) or math.isfinite(value)
