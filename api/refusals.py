"""Which problems an operation can answer, read from the errors that its rooms name (RFC 9457)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from api.etag import VersionGone, VersionNeeded
from core.errors import Conflict, CountersignError, InvalidInput, NotAllowed, NotFound
from core.idempotency import rules as idempotency

MEDIA_TYPE = "application/problem+json"

_DECIDING = ("actions", "agents", "connections", "connectors", "decisions", "files", "guardrails", "language_models")
_RUNNING = ("catalog", "executions", *_DECIDING)
ROOMS: dict[str, tuple[str, ...]] = {
    "Actions": _DECIDING,
    "Agents": ("agents", *_RUNNING),
    "Connections": ("connections", "connectors"),
    "Councils": ("decisions",),
    "Decisions": _RUNNING,
    "Deliverables": ("deliverables", "files"),
    "Executions": _RUNNING,
    "Files": ("files",),
    "Gates": ("invitations", *_RUNNING),
    "Guardrails": ("guardrails",),
    "Imports": ("imports", "files", "catalog"),
    "Jobs": ("schedule", "sample"),
    "Operator brain": ("brain", "schedule"),
    "Outcomes": ("outcomes", "files"),
    "People": ("identity",),
    "Profile": ("identity", "notifications"),
    "Projects": ("projects", "deliverables", *_DECIDING),
    "Prompts": ("language_models",),
    "Results": ("analytics", "recommendations"),
    "Savings": ("savings", "catalog"),
    "Sites": ("websites", "connections", "files"),
    "Webhooks": ("notifications", "schedule", "connectors"),
    "Workflow types": ("catalog",),
    "Workflows": _RUNNING,
}
"""The rooms of `core` whose errors the operations of a tag let through; a tag without rooms has only the general ones."""

_PLAIN: dict[int, tuple[tuple[str, str], ...]] = {
    400: (
        ("InvalidAddress", "The address holds a character that no text has. Nothing was changed."),
        ("InvalidJson", "The body is not valid JSON. Nothing was changed."),
        ("BadRequest", "The body could not be read. Nothing was changed."),
    ),
    401: (("Unauthorized", "Send a token: Authorization: Bearer cs_…"),),
    403: (("Forbidden", "This token lacks the scope read. Use one that has it; nothing was changed."),),
    413: (
        ("ContentTooLarge", "The body is larger than 1 MB. Nothing was saved."),
        ("RequestEntityTooLarge", "The body is larger than 1 MB. Nothing was saved."),
    ),
    415: (("UnsupportedMediaType", "A body of this media type is read nowhere here. Nothing was changed."),),
    429: (
        ("TooManyRequests", "This token has called more than 600 times a minute. Wait 3 s, then send the same again."),
        ("TooManyAttempts", "Too many tokens from this address opened nothing. Wait 3 s, then use one in force."),
        ("TooManyAtOnce", "32 of your requests are being answered, and none ended for 20 s. Send fewer at once."),
    ),
    500: (("InternalError", "Something went wrong here, not with the request. Give an admin the reference 4f2a…"),),
}
_WORDS = {
    400: "The request could not be read.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token lacks the scope, or whoever calls lacks the role.",
    404: "There is none, or you may not see it: the two are told apart by nothing.",
    409: "It does not stand as this needs it; nothing was changed.",
    410: "It is over, and works no more.",
    412: "It has changed since the version that `If-Match` names.",
    413: "The body is too large.",
    415: "A body of this media type is read nowhere here.",
    422: "A value was refused; `errors` says which and why.",
    428: "`If-Match` is needed here.",
    429: "Too often; `Retry-After` says when to send the same again.",
    500: "Something went wrong here.",
    502: "Another system did not answer, or refused.",
    503: "Something this needs is not there at present.",
    507: "The store is full.",
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "RFC 6750: what is wrong with the token.", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}


def refusals_of(method: str, operation: dict[str, Any], examples: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Responses by status, each with every code it can carry; `examples` gets one of each."""
    found: dict[int, dict[str, str]] = {}
    for status, code, words in _all(method, operation):
        found.setdefault(status, {})[code] = words
        problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": words}
        examples[f"{status}{code}"] = {"value": {**problem, "code": code}}
    return {str(status): _response(status, codes) for status, codes in sorted(found.items())}


def _all(method: str, operation: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    needs_token = bool(operation.get("security"))
    names = {one["name"].lower() for one in operation.get("parameters", ())}
    for status in (
        400,
        500,
        *((401, 403, 429) if needs_token else ()),
        *((413, 415) if method in ("post", "put", "patch") else ()),
    ):
        for code, words in _PLAIN[status]:
            yield status, code, words
    yield _told(InvalidInput)
    if needs_token:
        yield _told(NotAllowed)
        yield _told(NotFound)
    if "if-match" in names:
        yield _told(VersionGone)
        yield 412, Conflict.__name__, _sentence(Conflict)
    if "if-match" in names and "`If-Match` is needed" in operation.get("description", ""):
        yield _told(VersionNeeded)
    if method != "get":
        yield _told(Conflict)
    if "idempotency-key" in names:
        for error in _of_module(idempotency.__name__):
            yield _told(error)
    for room in {room for tag in operation.get("tags", ()) for room in ROOMS.get(tag, ())}:
        for error in _of_module(f"core.{room}"):
            if method != "get" or error.http_status not in (409, 413, 429, 507):
                yield _told(error)


def _of_module(prefix: str) -> list[type[CountersignError]]:
    found = [one for one in _subclasses(CountersignError) if f"{one.__module__}.".startswith(f"{prefix}.")]
    return sorted(found, key=lambda one: one.__name__)


def _subclasses(error: type[CountersignError]) -> Iterator[type[CountersignError]]:
    for one in error.__subclasses__():
        yield one
        yield from _subclasses(one)


def _told(error: type[CountersignError]) -> tuple[int, str, str]:
    return error.http_status, error.__name__, _sentence(error)


def _sentence(error: type[CountersignError]) -> str:
    return re.sub(r"\{(\w+)[^}]*\}", r"‹\1›", " ".join(inspect.cleandoc(error.__doc__ or "").split()))


def _response(status: int, codes: dict[str, str]) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    said = ", ".join(f"`{code}`" for code in sorted(codes))
    examples = {code: {"$ref": f"#/components/examples/{status}{code}"} for code in list(codes)[-2:]}
    answer: dict[str, Any] = {
        "description": f"{_WORDS.get(status, title)} Codes: {said}.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }
    if status in _HEADERS:
        answer["headers"] = _HEADERS[status]
    return answer
