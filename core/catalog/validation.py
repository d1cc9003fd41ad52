"""Finding everything that is wrong with a definitions file, each with a code, its place and what to do."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.actor import Tier
from core.catalog.model import MOST_STEPS, GuidedWorkflow

MOST_BYTES = 5 * 1024 * 1024
MOST_ID = 80
WORKFLOW_ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `path` is a JSON path from the file's top, `$`."""

    code: str
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.code} {self.path}: {self.message}. {self.remedy}"


@dataclass(frozen=True)
class Checked:
    """The definitions that are right, as read and as they stood in the file, and every problem of the others."""

    workflows: dict[str, GuidedWorkflow]
    sources: dict[str, dict[str, Any]]
    problems: tuple[Problem, ...]


def check_file(content: bytes) -> Checked:
    """Reads and checks a whole file; the content of a file is never trusted to be text, JSON or of a sane size."""
    if len(content) > MOST_BYTES:
        return _nothing(Problem("FILE_TOO_LARGE", "$", f"is {len(content):,} bytes", f"Keep it under {MOST_BYTES:,}."))
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in pairs:
            if key in result:
                repeated.append(key)
            result[key] = value
        return result

    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=unique)
    except UnicodeDecodeError as error:
        return _nothing(Problem("NOT_TEXT", "$", f"is not UTF-8 at byte {error.start}", "Save the file as UTF-8."))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return _nothing(Problem("NOT_JSON", "$", f"is not JSON: {error.msg} at {place}", "Correct the syntax there."))
    except (RecursionError, ValueError):
        return _nothing(Problem("NOT_JSON", "$", "is nested too deeply or holds an absurd number", "Simplify it."))
    checked = check_document(document)
    twice = [Problem("DUPLICATE_KEY", "$", f"names {key!r} twice in one object", "Keep one.") for key in repeated]
    return Checked(checked.workflows, checked.sources, (*twice, *checked.problems))


def check_document(document: Any) -> Checked:
    """Checks `{"workflows": {id: definition}}` as read from JSON; all problems of all definitions together."""
    if not isinstance(document, dict):
        return _nothing(_wrong_type("$", "an object", 'Start the file with {"workflows": {…}}.'))
    if "workflows" not in document:
        remedy = 'Put the definitions under the key "workflows".'
        return _nothing(Problem("MISSING_FIELD", "$.workflows", "is missing", remedy))
    entries = document["workflows"]
    if not isinstance(entries, dict):
        return _nothing(_wrong_type("$.workflows", "an object", "Use the workflow ids as keys."))
    if not entries:
        return _nothing(Problem("NO_WORKFLOWS", "$.workflows", "is empty", "Add at least one definition."))
    workflows: dict[str, GuidedWorkflow] = {}
    problems: list[Problem] = []
    for workflow_id, entry in entries.items():
        path = _child("$.workflows", workflow_id)
        found = [*_id_problems(workflow_id, path), *_unstorable(entry, path)]
        if not isinstance(entry, dict):
            problems += [*found, _wrong_type(path, "an object", "Give title, tier and steps.")]
            continue
        found += _step_problems(entry, path)
        try:
            workflow = GuidedWorkflow.model_validate(entry)
        except ValidationError as error:
            found += [_explained(detail, entry, path) for detail in error.errors(include_url=False)]
        else:
            if not found:
                workflows[workflow_id] = workflow
        problems += found
    return Checked(workflows, {key: entries[key] for key in workflows}, tuple(problems))


def _id_problems(workflow_id: str, path: str) -> Iterator[Problem]:
    if not WORKFLOW_ID.fullmatch(workflow_id) or len(workflow_id) > MOST_ID:
        remedy = f"Start with a small letter, then small letters, digits and _; at most {MOST_ID} characters."
        yield Problem("BAD_ID", path, f"is no workflow id: {workflow_id[:MOST_ID]!r}", remedy)


def _step_problems(entry: dict[str, Any], path: str) -> Iterator[Problem]:
    steps = entry.get("steps")
    if not isinstance(steps, list):
        return
    total = entry.get("total_steps")
    if type(total) is int and total != len(steps):
        yield Problem(
            "TOTAL_STEPS_MISMATCH", f"{path}.total_steps", f"says {total}, but there are {len(steps)} steps",
            f"Write {len(steps)}, or add the steps that are missing.",
        )  # fmt: skip
    seen: set[int] = set()
    for index, step in enumerate(steps):
        number = step.get("number") if isinstance(step, dict) else None
        if type(number) is not int:
            continue
        place = f"{path}.steps[{index}].number"
        if number in seen:
            yield Problem("DUPLICATE_STEP", place, f"is {number} a second time", f"Number this step {index + 1}.")
        elif number != index + 1:
            remedy = "Number the steps 1, 2, 3 … in their order."
            yield Problem("STEP_OUT_OF_ORDER", place, f"is {number} where {index + 1} belongs", remedy)
        seen.add(number)


def _unstorable(value: Any, path: str) -> Iterator[Problem]:
    """Characters and numbers that JSON text can spell and no database can hold."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _unstorable(key, path)
            yield from _unstorable(item, _child(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unstorable(item, f"{path}[{index}]")
    elif isinstance(value, str) and re.search("[\x00\ud800-\udfff]", value):
        yield Problem("UNSTORABLE_TEXT", path, "holds a zero character or half of one", "Remove it.")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem("NOT_A_NUMBER", path, "is no finite number", "Write a number.")


def _explained(detail: ErrorDetails, entry: dict[str, Any], base: str) -> Problem:
    path = _place(detail["loc"], entry, base)
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
        return Problem("WRONG_TYPE", path, _sentence(detail["msg"]), "Give it that type.")
    return Problem("BAD_VALUE", path, _sentence(detail["msg"]), "Correct the value.")


def _place(location: tuple[int | str, ...], value: Any, path: str) -> str:
    """The JSON path of a location, which counts list items also where the file holds a single one."""
    for part in location:
        if isinstance(part, int):
            if isinstance(value, list):
                value, path = value[part], f"{path}[{part}]"
        else:
            value, path = value.get(part) if isinstance(value, dict) else None, _child(path, part)
    return path


def _sentence(message: str) -> str:
    return message.replace("Input should be", "should be").rstrip(".")


def _child(path: str, key: object) -> str:
    text = str(key)
    return f"{path}.{text}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text) else f"{path}[{json.dumps(text)}]"


def _wrong_type(path: str, wanted: str, remedy: str) -> Problem:
    return Problem("WRONG_TYPE", path, f"is not {wanted}", remedy)


def _nothing(problem: Problem) -> Checked:
    return Checked({}, {}, (problem,))
