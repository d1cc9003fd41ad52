"""Realistic examples of what a schema describes, the same every time: what fields say of themselves, else by kind and name."""

from __future__ import annotations

import re
from typing import Any

_SCHEMAS = "#/components/schemas/"
_UUID = "01a20191-8740-767a-b645-bed1975720ea"
_HEXADECIMAL = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_FORMATS: dict[str, Any] = {
    "uuid": _UUID, "date-time": "2026-01-05T09:00:00Z", "date": "2026-01-05", "decimal": "1250.50",
    "binary": "…", "uri": "https://example.com/hooks", "password": "…",
}  # fmt: skip
_NAMES: dict[str, Any] = {
    "currency": "USD", "savings_currency": "USD", "unit": "USD", "country": "IN", "zone": "Europe/Berlin",
    "language": "en", "email": "ravi@example.com", "name": "Ravi Menon", "title": "Send the offer to Acme",
    "workflow_id": "resume_generator", "workflow_type_id": "resume_generator", "agent_id": "scout",
    "created_by_agent": "scout", "council_id": "finance", "assigned_council_id": "finance", "operation": "email.send",
    "digest": _HEXADECIMAL,
    "plan_digest": _HEXADECIMAL,
    "sha256": _HEXADECIMAL,
    "planDigest": _HEXADECIMAL,
    "reason": "The amount is agreed.", "note": "Invoice of December.", "notes": "Asked for three references.",
    "text": "You are a careful product manager.", "url": "https://example.com/hooks", "version": 3, "total": 1,
    "limit": 100, "offset": 0, "next_cursor": None, "market": "freelancer", "skill_level": "beginner",
    "metric_type": "revenue", "objective": "success", "system": "odoo", "link": "/inbox",
}  # fmt: skip
_DEEPEST = 6


def example_of(schema: dict[str, Any], components: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """One value that keeps `schema`; None only where nothing else is allowed or `name` says so."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].removeprefix(_SCHEMAS)], components, name, depth)
    for said in (schema.get("examples"), schema.get("enum")):
        if isinstance(said, list) and said:
            return said[0]
    if "const" in schema:
        return schema["const"]
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return _of_options(options, components, name, depth)
    if "default" in schema and schema.get("type") not in ("array", "object", None):
        return schema["default"]
    return _of_kind(schema, components, name, depth)


def _of_options(options: list[dict[str, Any]], components: dict[str, Any], name: str, depth: int) -> Any:
    nullable = any(one.get("type") == "null" for one in options)
    others = [one for one in options if one.get("type") != "null"]
    if nullable and (depth > _DEEPEST or (name in _NAMES and _NAMES[name] is None)):
        return None
    if any(one.get("maximum") == 1 for one in others):
        return "0.85"
    exact = next((one for one in others if one.get("format") == "decimal"), others[0])
    return example_of(exact, components, name, depth)


def _of_kind(schema: dict[str, Any], components: dict[str, Any], name: str, depth: int) -> Any:
    match schema.get("type"):
        case "object" | None if "properties" in schema or schema.get("type") == "object":
            return _object(schema, components, depth)
        case "array":
            items = schema.get("items", {})
            return [] if depth > _DEEPEST else [example_of(items, components, name.removesuffix("s"), depth + 1)]
        case "string":
            return _text(schema, name)
        case "integer":
            return _within(schema, _NAMES.get(name, 1))
        case "number":
            return float(_within(schema, 1))
        case "boolean":
            return True
    return None


def _object(schema: dict[str, Any], components: dict[str, Any], depth: int) -> dict[str, Any]:
    fields = schema.get("properties", {})
    if not fields and isinstance(more := schema.get("additionalProperties"), dict) and depth <= _DEEPEST:
        key = example_of(schema.get("propertyNames", {"const": "USD"}), components)
        return {str(key): example_of(more, components, "", depth + 1)} if more else {}
    if depth > _DEEPEST:
        fields = {name: fields[name] for name in schema.get("required", ()) if name in fields}
    needed = schema.get("required", ())
    told = {name: one for name, one in fields.items() if name in needed or "examples" in one or one.get("default")}
    return {name: example_of(one, components, name, depth + 1) for name, one in told.items()}


def _text(schema: dict[str, Any], name: str) -> str:
    if (said := _FORMATS.get(schema.get("format", ""))) is not None:
        return str(said)
    if found := re.fullmatch(r"\^\[0-9a-f\]\{(\d+)\}\$", schema.get("pattern", "")):
        return (_HEXADECIMAL * 2)[: int(found[1])]
    said = _NAMES.get(name)
    text = said if isinstance(said, str) else (name.replace("_", " ").capitalize() or "Word")
    most = schema.get("maxLength", len(text))
    return text[:most].ljust(schema.get("minLength", 0), "a")


def _within(schema: dict[str, Any], value: Any) -> int:
    number = value if isinstance(value, int) else 1
    return int(min(max(number, schema.get("minimum", number)), schema.get("maximum", number)))
