"""What the OpenAPI document says of every operation and FastAPI cannot know: scopes, refusals, headers, examples, decimals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.examples import example_of
from api.refusals import MEDIA_TYPE, refusals_of
from core.identity.rules import Scope

_PARAMETERS = {
    "limit": "How many at most.",
    "offset": "How many to leave out; counted off row by row, so for deep pages use a cursor where there is one.",
    "cursor": "`next_cursor` of the page before.",
    "state": "Only those in this state.",
    "status": "Only those with this status.",
}
"""Where a parameter says nothing of itself; what ends in _id names itself."""

HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The version; send it as `If-Match` or `If-None-Match`.", "schema": {"type": "string"}},
    "Location": {"description": "Where it is, from the root of the server.", "schema": {"type": "string"}},
    "X-Request-Id": {
        "description": "The reference of this request, as logs and the audit chain have it.",
        "schema": {"type": "string"},
    },
}
_ETAG, _LOCATION, _REQUEST = ({name: {"$ref": f"#/components/headers/{name}"}} for name in HEADERS)
PAGED = "Paged: follow `next_cursor` until it is null"
COUNTED = "Paged by `limit` and `offset`"


def complete(document: dict[str, Any], api: FastAPI) -> dict[str, Any]:
    """`document` with everything a client and its author need; the same for the same routes."""
    schemas = document["components"]["schemas"]
    document["components"].setdefault("headers", {}).update(HEADERS)
    asked = _asked(document)
    for name, schema in schemas.items():
        _name_decimals(schema, answered=name not in asked)
    scopes = {route.operation_id or route.name: scope_of(route.dependant) for route in _routes(api)}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation.setdefault("description", "")
            for one in operation.get("parameters", ()):
                _describe(one)
                _name_decimals(one)
            _say_scope(operation, scopes.get(operation["operationId"]))
            _say_pages(operation)
            _say_headers(path, method, operation)
            _say_refusals(method, operation, document["components"].setdefault("examples", {}))
            _add_examples(operation, schemas)
    return document


def scope_of(dependant: Dependant) -> Scope | None:
    """The scope that a route's caller must have; None for a route that asks for no token."""
    for one in dependant.dependencies:
        for cell in getattr(one.call, "__closure__", None) or ():
            if isinstance(cell.cell_contents, Scope):
                return cell.cell_contents
        if (below := scope_of(one)) is not None:
            return below
    return None


def _routes(api: FastAPI) -> Iterator[APIRoute]:
    for context in iter_route_contexts(api.routes):
        if isinstance(context.original_route, APIRoute):
            yield context.original_route


def _describe(parameter: dict[str, Any]) -> None:
    name = parameter["name"]
    if not parameter.get("description"):
        words = name.removesuffix("_id").replace("_", " ")
        kind = f"The id of the {words}." if name.endswith("_id") else f"The {words}."
        parameter["description"] = _PARAMETERS.get(name, kind)


def _say_scope(operation: dict[str, Any], scope: Scope | None) -> None:
    if scope is not None and operation.get("security"):
        operation["security"] = [{name: [scope.value] for name in one} for one in operation["security"]]
        operation["x-scope"] = scope.value
        _add_sentence(operation, f"Scope: `{scope.value}`.")


def _say_pages(operation: dict[str, Any]) -> None:
    names = {one["name"].lower() for one in operation.get("parameters", ())}
    if {"limit", "cursor"} <= names:
        _add_sentence(operation, f"{PAGED}{'; or by `limit` and `offset`' if 'offset' in names else ''}.")
    elif {"limit", "offset"} <= names:
        _add_sentence(operation, f"{COUNTED}; `total` says how many there are.")


def _add_sentence(operation: dict[str, Any], words: str) -> None:
    before = operation["description"]
    if words not in before:
        operation["description"] = f"{before}\n\n{words}".strip()


def _say_headers(path: str, method: str, operation: dict[str, Any]) -> None:
    names = {one["name"].lower() for one in operation.get("parameters", ())}
    versioned = not names.isdisjoint({"if-match", "if-none-match"})
    for status, response in operation["responses"].items():
        headers = dict(response.get("headers", {}))
        if status[0] in "23":
            headers |= _ETAG if versioned and status != "204" else {}
            headers |= _LOCATION if status in ("201", "202") and method == "post" else {}
        if status.isdecimal():
            response["headers"] = {**headers, **_REQUEST}


def _say_refusals(method: str, operation: dict[str, Any], examples: dict[str, Any]) -> None:
    said = operation["responses"]
    said.pop("default", None)  # every status there can be stands by itself
    for status, response in refusals_of(method, operation, examples).items():
        mine = said.get(status)
        if mine is not None and mine["description"] not in ("", "Validation Error") and status != "422":
            response["description"] = f"{mine['description']} {response['description']}"
        said[status] = {**response, "headers": {**response.get("headers", {}), **_REQUEST}}
    for status in [one for one in said if one == "default" or one.startswith(("4", "5"))]:
        content = said[status].get("content", {})
        if MEDIA_TYPE in content:
            content.pop("application/json", None)
    for status, response in said.items():
        if status.startswith("2") and response["description"] == "Successful Response":
            response["description"] = "The answer."
    operation["responses"] = dict(sorted(said.items()))


def _add_examples(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    answers = [one for status, one in operation["responses"].items() if status.startswith("2")]
    for holder in (*bodies, *answers):
        for media, content in holder.get("content", {}).items():
            if media == "application/json" and "schema" in content and "example" not in content:
                content.setdefault("example", example_of(content["schema"], schemas))


def _name_decimals(schema: Any, *, answered: bool = False) -> None:
    """Decimals come as a number or as text that stays exact; they are answered as text, always."""
    if isinstance(schema, list):
        for one in schema:
            _name_decimals(one, answered=answered)
    elif isinstance(schema, dict):
        options = schema.get("anyOf")
        if isinstance(options, list):
            text = next(
                (one for one in options if one.get("type") == "string" and set(one) <= {"type", "pattern"}), None
            )
            if text is not None and any(one.get("type") == "number" for one in options):
                text.pop("pattern", None)
                text["format"] = "decimal"
                if answered:
                    schema["anyOf"] = [one for one in options if one.get("type") != "number"]
        for one in schema.values():
            _name_decimals(one, answered=answered)


def _asked(document: dict[str, Any]) -> set[str]:
    """The names of the schemas that request bodies reach."""
    schemas = document["components"]["schemas"]
    found: set[str] = set()
    ahead: list[Any] = [one.get("requestBody") for path in document["paths"].values() for one in path.values()]
    while ahead:
        one = ahead.pop()
        if isinstance(one, list):
            ahead.extend(one)
        elif isinstance(one, dict):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                ahead.append(schemas[name])
            ahead.extend(one.values())
    return found
