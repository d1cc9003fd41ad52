"""What an automated run is started with: the form that its definition asks for, and the values that fit it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.canonical import canonical_json
from core.catalog.automated import AutomatedWorkflow, DocumentType, Iteration, KindStep
from core.catalog.inputs import InputType, RunInput, is_empty, misfit
from core.catalog.kinds import find_kinds
from core.catalog.problems import child
from core.catalog.schema_fit import Unfinished, misfits
from core.errors import InvalidInput

MOST_BYTES = 1024 * 1024
BRIEF = "brief"
_ASKED_OF_ALL = RunInput(
    type=InputType.LONG_TEXT,
    title="What is it about?",
    description="What the steps should know: the aim, the people, the limits.",
)


_AS_GIVEN = RunInput(type=InputType.OBJECT)
"""Any value that can be stored."""


@dataclass(frozen=True, eq=False)
class StartField:
    """One field of the form."""

    name: str
    asked: RunInput
    document: bool = False
    """It is a document that no step writes, given at the start."""

    @property
    def title(self) -> str:
        return self.asked.title or self.name.replace("_", " ").capitalize()


def start_fields(workflow: AutomatedWorkflow) -> tuple[StartField, ...]:
    """What the definition declares, then each document that a step needs and none writes; else one brief."""
    declared = tuple(StartField(name, asked) for name, asked in workflow.inputs.items())
    given = tuple(
        StartField(name, _asked_for(workflow.document_types[name]), document=True)
        for name in given_documents(workflow)
        if name not in workflow.inputs
    )
    return declared + given or (StartField(BRIEF, _ASKED_OF_ALL),)


def filled_as(workflow: AutomatedWorkflow, values: Mapping[str, Any]) -> tuple[StartField, ...]:
    """The fields of the form, filled with what an earlier run was started with; what no longer fits is as in an empty form."""
    return tuple(replace(field, asked=_filled(field, values.get(field.name))) for field in start_fields(workflow))


def _filled(field: StartField, value: Any) -> RunInput:
    if field.document and field.asked.type is InputType.LONG_TEXT and not isinstance(value, str):
        plain = isinstance(value, dict) and set(value) == {"text"}
        value = value["text"] if plain else None if is_empty(value) else json.dumps(value, ensure_ascii=False, indent=2)
    if is_empty(value) or (not field.document and misfit(field.asked, value) is not None):
        return field.asked
    return _with_default(field.asked, value)


def _with_default(asked: RunInput, value: Any) -> RunInput:
    if not asked.fields:
        return asked.model_copy(update={"default": value})
    by_name = dict(zip(asked.fields, value, strict=False)) if isinstance(value, list) else value
    parts = {
        name: part if is_empty(by_name.get(name)) else _with_default(part, by_name[name])
        for name, part in asked.fields.items()
    }
    return asked.model_copy(update={"fields": parts})


def given_documents(workflow: AutomatedWorkflow) -> tuple[str, ...]:
    """Document types that steps need and none writes, by their ids, in the order of the definition."""
    written, needed = set[str](), set[str]()
    for _, step, _ in workflow.all_steps():
        if isinstance(step, Iteration):
            needed.add(step.iterate_over.doc_type)
            continue
        needed.update(one.doc_type for one in step.inputs if one.doc_type is not None and one.required)
        if step.produces is not None:
            written.add(step.produces)
    return tuple(name for name in workflow.document_types if name in needed - written)


def check_inputs(workflow: AutomatedWorkflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the run starts with: values that fit, defaults for those left out; a document is an object or a list.

    InvalidInput names the first field that does not fit. A name that is not asked for is refused where the definition
    declares its inputs, and kept where it does not.
    """
    found, misfits = _read(workflow, given)
    for field, problem in misfits.items():
        raise InvalidInput(field=field.title, problem=problem)
    known = {field.name for field in start_fields(workflow)}
    for name, value in given.items():
        if name in known:
            continue
        if workflow.inputs:
            problem = f"this workflow does not ask for it. It asks for {', '.join(sorted(known))}."
            raise InvalidInput(field=str(name)[:80], problem=problem)
        found[name] = value
    _must_be_storable(found)
    return found


def input_problems(workflow: AutomatedWorkflow, given: Mapping[str, Any]) -> dict[str, str]:
    """Everything that does not fit, by the name of its field, for a form that says it all at once."""
    return {field.name: problem for field, problem in _read(workflow, given)[1].items()}


def _read(workflow: AutomatedWorkflow, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[StartField, str]]:
    found, misfits = dict[str, Any](), dict[StartField, str]()
    documents = given_documents(workflow)
    for field in start_fields(workflow):
        value = given.get(field.name)
        if is_empty(value):
            value = field.asked.default
        if is_empty(value):
            if field.asked.required:
                misfits[field] = "It is needed to start. Fill it in."
            continue
        problem = misfit(_AS_GIVEN if field.document else field.asked, {"": value} if field.document else value)
        if problem is None and field.name in documents:
            value, problem = _document(workflow.document_types[field.name], value)
        if problem is not None:
            misfits[field] = problem
        else:
            found[field.name] = value
    return found, misfits | _of_kinds(workflow, found, misfits)


def _of_kinds(
    workflow: AutomatedWorkflow, found: Mapping[str, Any], misfits: Mapping[StartField, str]
) -> dict[StartField, str]:
    """What the kinds of its steps know of values that fit their fields; what was found already is not said again."""
    wrong = {field.name for field in misfits}
    by_name = {field.name: field for field in start_fields(workflow)}
    told = dict[StartField, str]()
    for _, step, _ in workflow.all_steps():
        kind = find_kinds().get(step.kind) if isinstance(step, KindStep) else None
        if kind is None or not isinstance(step, KindStep):
            continue
        for name, problem in kind.input_problems(kind.read(step), found).items():
            if name in by_name and name not in wrong:
                wrong.add(name)
                told[by_name[name]] = problem
    return told


def _asked_for(document: DocumentType) -> RunInput:
    structured = document.json_schema is not None or document.collection_field is not None
    said = document.description or "The steps need this document, and none of them writes it."
    return RunInput(
        type=InputType.OBJECT if structured else InputType.LONG_TEXT,
        title=document.name,
        description=said,
        required=True,
    )


def _document(document: DocumentType, value: Any) -> tuple[Any, str | None]:
    """An object or a list; text may spell one as JSON, and other text is the document's only field."""
    if isinstance(value, str):
        try:
            spelled = json.loads(value)
        except (ValueError, RecursionError):
            spelled = None
        value = spelled if isinstance(spelled, (dict, list)) else {"text": value}
    if not isinstance(value, (dict, list)):
        return value, "A document is a JSON object or a list. Give one."
    if misfit(_AS_GIVEN, {"": value}):
        return value, "It holds a character or number that cannot be stored. Remove it."
    if document.collection_field is not None:
        items = value.get(document.collection_field) if isinstance(value, dict) else None
        if not isinstance(items, list):
            return value, f"It needs a list {document.collection_field!r}. Add it."
    if document.json_schema is not None:
        try:
            wrong = next(misfits(document.json_schema, value), None)
        except Unfinished:
            return value, "It cannot be checked by its schema: that comes to no end. Make it simpler."
        if wrong is not None:
            place = "$"
            for part in wrong.absolute_path:
                place = f"{place}[{part}]" if isinstance(part, int) else child(place, part)
            return value, f"{place} does not fit its schema: {wrong.message[:200]}."
    return value, None


def _must_be_storable(values: dict[str, Any]) -> None:
    for name, value in values.items():
        wrong = misfit(_AS_GIVEN, {str(name): value})
        if wrong is not None:
            raise InvalidInput(field=str(name)[:80], problem=wrong)
    if len(canonical_json(values).encode()) > MOST_BYTES:
        raise InvalidInput(field="Inputs", problem=f"they are larger than {MOST_BYTES // 1024:,} KB. Shorten them.")
