"""The JSON Schema of automated workflows, for editors and for programs that write definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.catalog.automated import AutomatedWorkflow
from core.catalog.kinds import AnyStepKind, find_kinds


def published_schema(kinds: Mapping[str, AnyStepKind] | None = None) -> dict[str, Any]:
    """Draft 2020-12. What it accepts has the right shape; validation says the rest."""
    kinds = find_kinds() if kinds is None else kinds
    schema: dict[str, Any] = _any_of(AutomatedWorkflow.model_json_schema())
    definitions = schema["$defs"]
    rules = []
    for name, kind in kinds.items():
        fields = _any_of(kind.fields.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}"))
        for inner, part in fields.pop("$defs", {}).items():
            definitions[f"{name}.{inner}"] = part
        definitions[f"{name} step"] = fields
        rules.append({"if": {"properties": {"kind": {"const": name}}}, "then": {"$ref": f"#/$defs/{name} step"}})
    if rules:
        definitions["KindStep"]["properties"]["kind"]["enum"] = list(kinds)
        definitions["KindStep"]["allOf"] = rules
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _any_of(part: Any) -> Any:
    """A step that happens to fit two kinds is no mistake: an unknown field may have the name of another kind's."""
    if isinstance(part, dict):
        return {"anyOf" if key == "oneOf" else key: _any_of(value) for key, value in part.items()}
    return [_any_of(one) for one in part] if isinstance(part, list) else part
