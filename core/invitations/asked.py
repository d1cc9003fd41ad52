"""What a gate asks as plain form fields, and typed text as the answer that the gate takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import InvalidInput
from core.executions.automated.rules import GateKind
from core.language_models.questions import AnswerType, Asked, Resolution, parse_questions

Typed = Mapping[str, Sequence[str]]
"""What a browser posts: each field's values."""

_LONG = 200
"""A text that may be longer gets several lines."""


@dataclass(frozen=True)
class Field:
    """One field of a form. `kind`: text, lines, list (one a line), number, integer, yes_no, date, choice, choices, json."""

    name: str
    title: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""
    most: int = 100_000
    value: str = ""


def fields_of(kind: GateKind, content: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields that a person fills in, in their order."""
    match kind:
        case GateKind.CLARIFICATION:
            found = parse_questions(content["questions"])
            return tuple(_question(one) for one in found.questions) if found else ()
        case GateKind.FORM:
            return _document(content)
        case GateKind.GUIDE:
            notes = Field("notes", "Notes", "lines", most=10_000)
            return (*_document(content), notes) if content.get("produces") else (notes,)
        case _:
            return ()


def answer_of(kind: GateKind, content: Mapping[str, Any], typed: Typed) -> dict[str, Any]:
    """The answer as `GateService.answer` takes it; InvalidInput names the field that cannot be read."""
    values = {field.name: _value(field, typed.get(field.name, ())) for field in fields_of(kind, content)}
    match kind:
        case GateKind.CLARIFICATION:
            return {name: _resolved(value) for name, value in values.items()}
        case GateKind.FORM:
            return {"content": _content(content, values)}
        case _:
            notes = values.pop("notes", None) or ""
            return {"notes": notes, **({"content": _content(content, values)} if content.get("produces") else {})}


def _question(one: Asked) -> Field:
    kinds = {
        AnswerType.FREE_TEXT: "lines", AnswerType.SINGLE_CHOICE: "choice", AnswerType.MULTI_CHOICE: "choices",
        AnswerType.YES_NO: "yes_no", AnswerType.NUMBER: "number", AnswerType.DATE: "date", AnswerType.UUID: "text",
        AnswerType.JSON_OBJECT: "json",
    }  # fmt: skip
    return Field(
        one.id, one.text, kinds[one.answer_type], required=one.blocking, choices=one.choices, help=one.why_it_matters,
        most=10_000,
    )  # fmt: skip


def _resolved(value: Any) -> dict[str, Any]:
    if value in (None, "", []):
        return {"resolution": Resolution.DEFERRED.value}
    return {"resolution": Resolution.ANSWERED.value, "value": value}


def _said(field: Field) -> str:
    """Its name before a colon: a question is put in quotes."""
    return f"“{field.title}”" if field.title.endswith(("?", ".", ":")) else field.title


def _document(content: Mapping[str, Any]) -> tuple[Field, ...]:
    schema, draft = content.get("schema"), content.get("draft")
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(schema, Mapping) or not isinstance(properties, Mapping) or not properties:
        return (_whole(content, draft),)
    known = draft if isinstance(draft, Mapping) else {}
    required = set(schema.get("required", ()))
    return tuple(
        _property(str(name), spec if isinstance(spec, Mapping) else {}, name in required, known.get(name))
        for name, spec in properties.items()
    )


def _whole(content: Mapping[str, Any], draft: Any) -> Field:
    """A document without named fields: text, unless it is known to be something else."""
    title = str(content.get("name") or "Document")
    if content.get("schema") is None and content.get("collection_field") is None and not isinstance(draft, dict | list):
        return Field("text", title, "lines", required=True, value=_shown(draft))
    return Field("document", title, "json", required=True, value=_shown(draft))


def _property(name: str, spec: Mapping[str, Any], required: bool, value: Any) -> Field:
    title = str(spec.get("title") or name.replace("_", " ").strip().capitalize())
    help_ = str(spec.get("description") or "")
    choices = tuple(str(one) for one in spec.get("enum", ()) if isinstance(one, str))
    kind, most = _kind(spec, choices), spec.get("maxLength")
    if kind == "list":
        shown = "\n".join(map(str, value)) if isinstance(value, list) else ""
    elif kind == "yes_no":
        shown = ("yes" if value else "no") if isinstance(value, bool) else ""
    else:
        shown = _shown(value)
    return Field(
        name, title, kind, required=required, choices=choices, help=help_, value=shown,
        most=most if isinstance(most, int) and 0 < most <= 100_000 else 100_000,
    )  # fmt: skip


def _kind(spec: Mapping[str, Any], choices: tuple[str, ...]) -> str:
    match spec.get("type"):
        case "string" if choices and len(choices) == len(spec.get("enum", ())):
            return "choice"
        case "string" if spec.get("format") == "date":
            return "date"
        case "string":
            return "text" if isinstance(most := spec.get("maxLength"), int) and most <= _LONG else "lines"
        case "number":
            return "number"
        case "integer":
            return "integer"
        case "boolean":
            return "yes_no"
        case "array" if isinstance(spec.get("items"), Mapping) and spec["items"].get("type") == "string":
            return "list"
        case _:
            return "json"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return str(json.dumps(value, ensure_ascii=False, indent=2))


def _content(content: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    if set(values) == {"document"}:
        return values["document"]
    draft = content.get("draft")
    kept = {name: value for name, value in draft.items() if name not in values} if isinstance(draft, Mapping) else {}
    return {**kept, **{name: value for name, value in values.items() if value not in (None, "", [])}}


def _value(field: Field, given: Sequence[str]) -> Any:
    """What was typed, as a value of the field's kind; None where nothing was."""
    first = given[0].replace("\r\n", "\n").strip() if given else ""
    if field.kind == "choices":
        return [one for one in given if one in field.choices]
    if not first:
        return None
    match field.kind:
        case "number" | "integer":
            return _number(field, first)
        case "yes_no":
            return first == "yes"
        case "date":
            return _date(field, first)
        case "list":
            return [line.strip() for line in first.split("\n") if line.strip()]
        case "json":
            return _json(field, first)
        case _:
            return first


def _number(field: Field, typed: str) -> int | float:
    try:
        value = float(typed.replace(",", "."))
        whole = int(value)
    except (ValueError, OverflowError):
        raise InvalidInput(field=_said(field), problem="use a number.") from None
    if value != whole and field.kind == "integer":
        raise InvalidInput(field=_said(field), problem="use a whole number.")
    return whole if value == whole else value


def _date(field: Field, typed: str) -> str:
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        raise InvalidInput(field=_said(field), problem="use a date such as 2026-11-22.") from None


def _json(field: Field, typed: str) -> Any:
    try:
        return json.loads(typed)
    except (ValueError, RecursionError):
        raise InvalidInput(field=_said(field), problem="this is not JSON.") from None
