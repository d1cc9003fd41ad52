"""What an official definition names as its outputs: fields of the run's documents, read when it has ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from core.executions.automated.documents import Version, content_of

_EACH = "[]"
"""After the type of a document: the field of every item's document as a list, in the order they were written."""


def named_outputs(session: Session, told: Mapping[str, Any], kept: Iterable[Version]) -> dict[str, Any]:
    """By name; what is not there is left out."""
    found: dict[str, Any] = {}
    versions = sorted(kept, key=lambda one: one.id)  # ids sort by time
    for name, output in told.items():
        doc_type, *way = str(output["value"]).split(".")
        each = doc_type.endswith(_EACH)
        wanted = [
            one for one in versions if one.doc_type == doc_type.removesuffix(_EACH) and (each or not one.scope_id)
        ]
        values = [value for one in wanted if (value := _field(content_of(session, one), way)) is not None]
        if values:
            found[name] = values if each else values[0]
    return found


def _field(value: Any, way: Sequence[str]) -> Any:
    for part in way:
        value = value.get(part) if isinstance(value, dict) else None
    return value
