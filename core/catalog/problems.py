"""What can be wrong with a definition: each with a code, its place as a JSON path, and what to do."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import ErrorDetails

from core.actor import Tier
from core.canonical import is_nested_deeper
from core.catalog.model import MOST_STEPS


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `path` is a JSON path from the file's top, `$`."""

    code: str
    path: str
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"
    """A warning never keeps a definition from being used."""

    def __str__(self) -> str:
        said = "" if self.severity == "error" else " (warning)"
        return f"{self.code}{said} {self.path}: {self.message}. {self.remedy}"


MOST_NESTED = 250
TOO_NESTED = Problem("TOO_NESTED", "$", f"is nested more than {MOST_NESTED} levels deep", "Simplify it.")


def is_too_nested(value: Any) -> bool:
    return is_nested_deeper(value, MOST_NESTED)


def unstorable(value: Any, path: str) -> Iterator[Problem]:
    """Characters and numbers that JSON text can spell and no database can hold."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from unstorable(key, path)
            yield from unstorable(item, child(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unstorable(item, f"{path}[{index}]")
    elif isinstance(value, str) and re.search("[\x00\ud800-\udfff]", value):
        yield Problem("UNSTORABLE_TEXT", path, "holds a zero character or half of one", "Remove it.")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem("NOT_A_NUMBER", path, "is no finite number", "Write a number.")


def explained(detail: ErrorDetails, entry: dict[str, Any], base: str) -> Problem:
    path = place_of(detail["loc"], entry, base)
    kind, context = detail["type"], detail.get("ctx", {})
    if kind.isupper():
        return Problem(kind, path, detail["msg"], str(context.get("remedy", "Correct it.")))
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "missing":
        return Problem("MISSING_FIELD", path, "is missing", f'Add "{name}".')
    if name == "tier":
        tiers = ", ".join(Tier)
        return Problem("UNKNOWN_TIER", path, f"is no tier: {str(detail['input'])[:40]!r}", f"Use one of {tiers}.")
    if name == "steps" and kind == "too_short":
        return Problem("NO_STEPS", path, "is empty", "Add at least one step.")
    if name == "steps" and kind == "too_long":
        return Problem("TOO_MANY_STEPS", path, "is too long", f"Keep it to {MOST_STEPS} steps; split the workflow.")
    if kind == "string_too_long":
        return Problem("TEXT_TOO_LONG", path, "is too long", f"Keep it to {context.get('max_length')} characters.")
    if kind == "enum":
        return Problem(
            "UNKNOWN_VALUE", path, f"is not known: {str(detail['input'])[:40]!r}", f"Use {context['expected']}."
        )
    if kind.endswith(("_type", "_parsing")) or kind in {"is_instance_of", "model_attributes_type"}:
        return Problem("WRONG_TYPE", path, as_sentence(detail["msg"]), "Give it that type.")
    return Problem("BAD_VALUE", path, as_sentence(detail["msg"]), "Correct the value.")


_TAG = "step:"
"""Pydantic names the kind of step it tried; the file has no such level."""


def place_of(location: tuple[int | str, ...], value: Any, path: str) -> str:
    """The JSON path of a location, which counts list items also where the file holds a single one."""
    for part in location:
        if isinstance(part, str) and part.startswith(_TAG) and not (isinstance(value, dict) and part in value):
            continue
        if isinstance(part, int):
            if isinstance(value, list):
                value, path = value[part], f"{path}[{part}]"
        else:
            value, path = value.get(part) if isinstance(value, dict) else None, child(path, part)
    return path


def as_sentence(message: str) -> str:
    return message.replace("Input should be", "should be").rstrip(".")


def child(path: str, key: object) -> str:
    text = str(key)
    return f"{path}.{text}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text) else f"{path}[{_quoted(text)}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def wrong_type(path: str, wanted: str, remedy: str) -> Problem:
    return Problem("WRONG_TYPE", path, f"is not {wanted}", remedy)
