"""What a mapping looks like in JSON, and whether it fits the file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.canonical import canonical_json, digest, jsonable
from core.catalog.currencies import currencies
from core.errors import InvalidInput
from core.identity.rules import checked_line
from core.imports.rules import LogMapping
from core.imports.values import zone_of
from core.outcomes.rules import checked_unit

_MOST_JSON = 500_000
_OF_THE_ROWS = (
    "case", "activity", "time", "dates", "zone", "start", "lifecycle", "person", "market", "skill_level", "value",
    "unit", "cost", "currency", "decimal",
)  # fmt: skip


def mapping_from_json(given: Mapping[str, Any]) -> LogMapping:
    """The mapping, or InvalidInput that names the field."""
    try:
        found = _adapter().validate_python(dict(given))
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])[:80] or "Mapping"
        raise InvalidInput(field=place, problem=f"{first['msg']}.") from None
    if len(canonical_json(asdict(found))) > _MOST_JSON:
        raise InvalidInput(field="Mapping", problem="it is too long.")
    return found


def mapping_to_json(mapping: LogMapping) -> dict[str, Any]:
    found: dict[str, Any] = jsonable(asdict(mapping))
    return found


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of a mapping, for the API's documents."""
    return _adapter().json_schema()


def checked_mapping(mapping: LogMapping, columns: Collection[str]) -> LogMapping:
    """`mapping`, if it fits a file of these columns; InvalidInput if not."""
    checked_line("Source", mapping.source, 120)
    for field, column in (("Case", mapping.case), ("Activity", mapping.activity)):
        if not column:
            raise InvalidInput(field=field, problem="choose its column.")
    if not mapping.time and not mapping.start:
        raise InvalidInput(field="Time", problem="choose its column.")
    for column in mapping.columns():
        if column not in columns:
            raise InvalidInput(field="Mapping", problem=f"the file has no column “{column[:60]}”.")
    zone_of(mapping.zone)
    if mapping.lifecycle and mapping.start and mapping.time:
        problem = "a log says start and end in one row, or in two with a transition; choose one of them."
        raise InvalidInput(field="Transition", problem=problem)
    if bool(mapping.workflow_id) == bool(mapping.new_title):
        raise InvalidInput(field="Workflow", problem="choose one, or name the one to make.")
    if mapping.new_title:
        checked_line("Name of the workflow", mapping.new_title, 120)
    if (mapping.metric is None) != (not mapping.value):
        raise InvalidInput(field="Outcome", problem="choose both what it measures and the column of its value.")
    if mapping.metric is not None and not mapping.unit.column:
        checked_unit(mapping.metric, mapping.unit.fixed, currencies())
    if mapping.cost and mapping.currency.fixed and mapping.currency.fixed not in currencies():
        raise InvalidInput(field="Currency of the cost", problem="use an ISO 4217 code, for example USD or INR.")
    return mapping


def rows_digest(mapping: LogMapping) -> str:
    """What decides how rows are read; with the same, the file need not be read again."""
    told = mapping_to_json(mapping)
    return digest({name: told[name] for name in _OF_THE_ROWS})


@cache
def _adapter() -> TypeAdapter[LogMapping]:
    return TypeAdapter(LogMapping)
