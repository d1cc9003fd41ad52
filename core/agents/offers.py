"""What can be started, as programs and language models are told: each workflow with the JSON Schema of its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.actor import Tier
from core.catalog.inputs import MOST_ITEMS, InputType, RunInput
from core.catalog.queries import Definition, WorkflowKind
from core.catalog.starting import start_fields
from core.errors import CountersignError

_JSON_TYPES: Mapping[InputType, Mapping[str, Any]] = {
    InputType.TEXT: {"type": "string"}, InputType.LONG_TEXT: {"type": "string"}, InputType.NUMBER: {"type": "number"},
    InputType.INTEGER: {"type": "integer"}, InputType.BOOLEAN: {"type": "boolean"}, InputType.CHOICE: {},
    InputType.LIST: {"type": "array", "items": {"type": ["string", "number"]}, "maxItems": MOST_ITEMS},
    InputType.DATE: {"type": "string", "format": "date"}, InputType.EMAIL: {"type": "string", "format": "email"},
    InputType.URL: {"type": "string", "format": "uri"}, InputType.OBJECT: {"type": "object"},
    InputType.COLOR: {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"},
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A workflow that can be started now."""

    definition: Definition
    description: str
    schema: Mapping[str, Any]
    """JSON Schema of what it is started with; a guided one takes anything."""

    @property
    def id(self) -> str:
        return self.definition.workflow_id

    @property
    def title(self) -> str:
        return self.definition.title

    @property
    def kind(self) -> WorkflowKind:
        return self.definition.kind

    @property
    def tier(self) -> Tier:
        return self.definition.tier

    @property
    def revision(self) -> str:
        return self.definition.digest


def offers(definitions: Iterable[Definition]) -> list[Offer]:
    """In the order given; a definition of an older version that cannot be read any more is left out."""
    found = []
    for one in definitions:
        try:
            found.append(Offer(one, one.workflow.description, _schema(one)))
        except (ValidationError, CountersignError):
            continue
    return found


def _schema(definition: Definition) -> Mapping[str, Any]:
    if not definition.is_automated:
        return {"type": "object", "description": "Nothing is asked for; notes for the person may be given."}
    workflow = definition.automated
    fields = start_fields(workflow)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _field(field.title, field.asked, field.document) for field in fields},
        "required": [field.name for field in fields if field.asked.required and field.asked.default is None],
    }
    if workflow.inputs:
        schema["additionalProperties"] = False
    return schema


def _field(title: str, asked: RunInput, document: bool) -> dict[str, Any]:
    described = asked.description + (" A document: an object or a list." if document else "")
    said: dict[str, Any] = {**({} if document else _JSON_TYPES[asked.type]), "title": title}
    if described.strip():
        said["description"] = described.strip()
    if asked.options:
        several = asked.type is InputType.LIST
        said.update({"items": {"enum": list(asked.options)}} if several else {"enum": list(asked.options)})
    if asked.fields and not document:
        said["properties"] = {name: _field(one.title or name, one, False) for name, one in asked.fields.items()}
        if asked.or_list:
            said["type"] = ["object", "array"]
    for name, value in (("default", asked.default), ("maxLength", asked.max_length)):
        if value is not None:
            said[name] = value
    if asked.example is not None:
        said["examples"] = [asked.example]
    return said
