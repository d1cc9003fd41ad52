"""What the OpenAPI document says of every route alike: repeats, limits, and the answers that the edge gives."""

from __future__ import annotations

from typing import Any

from api.problems import MEDIA_TYPE
from api.repeats import REPLAYED
from core.idempotency.rules import KEPT

KEY_PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": f"Makes a repeat the same request: it is done once, and answered the same for {KEPT.days} days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
    "example": "5f0c4c3e-report-2026-11",
}
_HEADERS: dict[str, dict[str, Any]] = {
    REPLAYED: {
        "description": "`true` where this is the answer that an earlier request with this key was given.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RateLimit-Policy": {
        "description": "How many calls (`q`) a token has in how many seconds (`w`).",
        "schema": {"type": "string"},
        "example": '"token";q=600;w=60',
    },
    "RateLimit": {
        "description": "Calls left (`r`), and seconds until all are back (`t`).",
        "schema": {"type": "string"},
        "example": '"token";r=598;t=1',
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
}
_PROBLEMS = {
    "409": "The request contradicts the present state; or the first one with this Idempotency-Key is under way, was cut "
    "off, or was answered with what is kept nowhere.",
    "413": "The body is larger than this address takes.",
    "415": "A body of this media type is read nowhere here.",
    "429": "This token has called too often, or too many tokens from this address opened nothing.",
}


def describe_edge(document: dict[str, Any]) -> None:
    """Adds it to every operation that takes a token; what a route says of itself stays."""
    components = document.setdefault("components", {}).setdefault("headers", {})
    components.update({name: dict(described) for name, described in _HEADERS.items()})
    for path in document["paths"].values():
        for method, operation in path.items():
            if operation.get("security"):
                _describe(method, operation)


def _describe(method: str, operation: dict[str, Any]) -> None:
    added = ["429"]
    if method in ("post", "put", "patch"):
        added += ["413", "415"]
    if method == "post":
        added.append("409")
        parameters = operation.setdefault("parameters", [])
        parameters[:] = [one for one in parameters if one["name"].lower() != KEY_PARAMETER["name"].lower()]
        parameters.append(dict(KEY_PARAMETER))
    for status in added:
        operation["responses"].setdefault(status, _problem(_PROBLEMS[status]))
    for status, response in operation["responses"].items():
        headers = response.setdefault("headers", {})
        if status.startswith("2"):
            names = ["RateLimit-Policy", "RateLimit"] + ([REPLAYED] if method == "post" else [])
        elif status == "429":
            names = ["RateLimit-Policy", "RateLimit", "Retry-After"]
        else:
            names = ["Retry-After"] if status == "409" and method == "post" else []
        for name in names:
            headers.setdefault(name, {"$ref": f"#/components/headers/{name}"})
        if not headers:
            del response["headers"]


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
