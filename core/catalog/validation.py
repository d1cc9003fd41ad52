"""Finding everything that is wrong with a definitions file, each with a code, its place and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from core.catalog.automated import AutomatedWorkflow
from core.catalog.automated_validation import check_automated
from core.catalog.model import GuidedWorkflow
from core.catalog.problems import TOO_NESTED, child, explained, is_too_nested, unstorable, wrong_type
from core.catalog.problems import Problem as Problem

MOST_BYTES = 5 * 1024 * 1024
MOST_ID = 80
WORKFLOW_ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Checked:
    """The definitions that are right, as read and as they stood in the file, and every problem of the others."""

    workflows: dict[str, GuidedWorkflow | AutomatedWorkflow]
    sources: dict[str, dict[str, Any]]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep it from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def check_file(content: bytes, prompts: Collection[str] | None = None) -> Checked:
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
    checked = check_document(document, prompts)
    twice = [Problem("DUPLICATE_KEY", "$", f"names {key!r} twice in one object", "Keep one.") for key in repeated]
    return replace(checked, problems=(*twice, *checked.problems))


def check_document(document: Any, prompts: Collection[str] | None = None) -> Checked:
    """Checks `{"workflows": {id: definition}}`, or one automated workflow, as read from JSON; all problems together.

    An entry with a `schema_version` is an automated workflow. `prompts` are the names that this installation has.
    """
    if not isinstance(document, dict):
        return _nothing(wrong_type("$", "an object", 'Start the file with {"workflows": {…}}.'))
    if is_too_nested(document):
        return _nothing(TOO_NESTED)
    if "schema_version" in document:
        one = check_automated(document, prompts)
        if one.workflow is None:
            return Checked({}, {}, one.problems)
        return Checked({one.workflow.workflow_id: one.workflow}, {one.workflow.workflow_id: document}, one.problems)
    if "workflows" not in document:
        remedy = 'Put the definitions under the key "workflows".'
        return _nothing(Problem("MISSING_FIELD", "$.workflows", "is missing", remedy))
    entries = document["workflows"]
    if not isinstance(entries, dict):
        return _nothing(wrong_type("$.workflows", "an object", "Use the workflow ids as keys."))
    if not entries:
        return _nothing(Problem("NO_WORKFLOWS", "$.workflows", "is empty", "Add at least one definition."))
    workflows: dict[str, GuidedWorkflow | AutomatedWorkflow] = {}
    problems: list[Problem] = []
    for workflow_id, entry in entries.items():
        path = child("$.workflows", workflow_id)
        if isinstance(entry, dict) and "schema_version" in entry:
            automated = check_automated(entry, prompts, base=path)
            problems += [*_id_problems(workflow_id, path), *automated.problems]
            if entry.get("workflow_id", workflow_id) != workflow_id:
                problems.append(_other_id(workflow_id, path))
            elif automated.workflow is not None:
                workflows[workflow_id] = automated.workflow
            continue
        found = [*_id_problems(workflow_id, path), *unstorable(entry, path)]
        if not isinstance(entry, dict):
            problems += [*found, wrong_type(path, "an object", "Give title, tier and steps.")]
            continue
        found += _step_problems(entry, path)
        try:
            workflow = GuidedWorkflow.model_validate(entry)
        except ValidationError as error:
            found += [explained(detail, entry, path) for detail in error.errors(include_url=False)]
        else:
            if not found:
                workflows[workflow_id] = workflow
        problems += found
    return Checked(workflows, {key: entries[key] for key in workflows}, tuple(problems))


def _id_problems(workflow_id: str, path: str) -> Iterator[Problem]:
    if not WORKFLOW_ID.fullmatch(workflow_id) or len(workflow_id) > MOST_ID:
        remedy = f"Start with a small letter, then small letters, digits and _; at most {MOST_ID} characters."
        yield Problem("BAD_ID", path, f"is no workflow id: {workflow_id[:MOST_ID]!r}", remedy)


def _other_id(workflow_id: str, path: str) -> Problem:
    remedy = f"Write {workflow_id!r}, or change the key."
    return Problem("WORKFLOW_ID_MISMATCH", f"{path}.workflow_id", "is another than the key it stands under", remedy)


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


def _nothing(problem: Problem) -> Checked:
    return Checked({}, {}, (problem,))
