"""Values of documents, inputs and items put into a step's own fields: `{{documents.brief.client.email}}`."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.canonical import canonical_json
from core.catalog.automated import AutomatedWorkflow, KindStep
from core.catalog.problems import Problem, child
from core.errors import CountersignError
from core.executions.automated.work import Work

_TEMPLATE = re.compile(r"\{\{([^{}]*)\}\}")
_ROOTS = ("documents", "inputs", "item")


class TemplateUnfilled(CountersignError):
    """{{{{{name}}}}} cannot be filled in: {problem} Nothing was done."""

    http_status = 422


def filled(value: Any, work: Work) -> Any:
    """`value` with every template in its strings filled; whatever is put in is a value, never a template again.

    A string that is nothing but one template becomes what stands there, with its JSON type; inside text it becomes text.
    Keys are left as they are. TemplateUnfilled names what is missing.
    """
    known = {"documents": work.documents, "inputs": work.run.inputs, "item": work.item}
    return _filled(value, known)


def filled_text(value: str, work: Work) -> str:
    """The same for a text, which stays one."""
    found = filled(value, work)
    return found if isinstance(found, str) else _text(value.strip("{} "), found)


def template_problems(value: Any, step: KindStep, path: str, workflow: AutomatedWorkflow) -> Iterator[Problem]:
    """Templates that can never be filled: of something that is no input of the step or of the workflow."""
    documents = {one.doc_type or one.entity_type for one in step.inputs}
    if isinstance(value, dict):
        for key, one in value.items():
            yield from template_problems(one, step, child(path, key), workflow)
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from template_problems(one, step, f"{path}[{index}]", workflow)
    elif isinstance(value, str):
        for name in _names(value):
            root, _, rest = name.partition(".")
            named = [one for one in documents if one and _after(rest, one) is not None]
            if root not in _ROOTS or (root != "item" and not rest):
                remedy = "Begin it with documents.<type>., inputs.<name> or item.<field>."
                yield Problem("UNKNOWN_TEMPLATE", path, f"{{{{{name}}}}} names nothing", remedy)
            elif root == "documents" and not named:
                remedy = "Name its document or entity among the inputs of this step."
                yield Problem("UNKNOWN_TEMPLATE", path, f"{{{{{name}}}}} is no input of this step", remedy)
            elif root == "inputs" and not any(_after(rest, one) is not None for one in workflow.inputs):
                remedy = "Add it to the inputs of the workflow."
                yield Problem("UNKNOWN_TEMPLATE", path, f"{{{{{name}}}}} is no input of the workflow", remedy)


def _names(text: str) -> list[str]:
    return [found.strip() for found in _TEMPLATE.findall(text)]


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, known) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(one, known) for one in value]
    if not isinstance(value, str):
        return value
    whole = _TEMPLATE.fullmatch(value.strip())
    if whole is not None:
        return copy.deepcopy(_look_up(whole.group(1).strip(), known))
    return _TEMPLATE.sub(lambda found: _text(name := found.group(1).strip(), _look_up(name, known)), value)


def _look_up(name: str, known: Mapping[str, Any]) -> Any:
    root, _, rest = name.partition(".")
    if root not in _ROOTS:
        raise TemplateUnfilled(name=name, problem="it begins with none of documents, inputs and item.")
    value = known[root]
    if root == "item":
        return _below(value, rest, name)
    # the longest name first: a type may be called `brief` and another `brief.short`
    for key in sorted(value, key=len, reverse=True):
        below = _after(rest, key)
        if below is not None:
            return _below(value[key], below, name)
    raise TemplateUnfilled(name=name, problem="there is no such value in this run.")


def _after(rest: str, key: str) -> str | None:
    """What follows `key` in a dotted path; None where it does not begin with it."""
    if rest == key:
        return ""
    return rest[len(key) + 1 :] if rest.startswith(f"{key}.") else None


def _below(value: Any, path: str, name: str) -> Any:
    for part in path.split(".") if path else ():
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isascii() and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise TemplateUnfilled(name=name, problem=f"there is no “{part}” in it.")
    if value is None:
        raise TemplateUnfilled(name=name, problem="it is empty.")
    return value


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return canonical_json(value)
    if isinstance(value, list) and all(isinstance(one, (str, int, float)) for one in value):
        return ", ".join(_text(name, one) for one in value)
    raise TemplateUnfilled(name=name, problem="it is no text, number or list of them, and stands inside a text.")
