"""What holds for every route there is, read from the OpenAPI document: tokens, scopes, ids, types, hostile text."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from api.app import openapi_document
from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope

SEARCHES = os.environ.get("HYPOTHESIS_PROFILE") == "search"
OPEN = {"/hooks/{token}", "/health", "/health/live", "/health/ready"}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    operation: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def url(self, identity: object) -> str:
        path = self.path
        while "{" in path:
            before, _, rest = path.partition("{")
            path = f"{before}{identity}{rest.partition('}')[2]}"
        return f"/api{path}"

    @property
    def has_id(self) -> bool:
        return "{" in self.path

    @property
    def has_uuid(self) -> bool:
        """Or else a key that people chose, of lower-case letters, digits, - and _."""
        schemas = [one["schema"] for one in self.operation.get("parameters", []) if one["in"] == "path"]
        return any(schema.get("format") == "uuid" for schema in schemas)

    @property
    def has_closed_set(self) -> bool:
        """A part of its address is one of a few words, so an unknown one is a value refused."""
        schemas = [one["schema"] for one in self.operation.get("parameters", []) if one["in"] == "path"]
        return any("$ref" in schema or "enum" in schema for schema in schemas)

    @property
    def takes_json(self) -> bool:
        return "application/json" in self.operation.get("requestBody", {}).get("content", {})


def _routes() -> Iterator[Route]:
    for path, operations in openapi_document()["paths"].items():
        for method, operation in operations.items():
            yield Route(method.upper(), path, operation)


PARTS = 4
"""Routes share an application, a fourth of them each, so that workers of the test run share the time."""
AT_A_TIME = 6
"""Hostile values a field gets, the next ones in turn: all of them for every field of every route tell nothing more."""
ROUTES = [route for route in _routes() if route.path not in OPEN]


@functools.cache
def _hostile() -> list[Any]:
    return [
        "'; DROP TABLE users; --", "<script>alert(1)</script>", "../../etc/passwd", "\u202eevil", "🧨" * 50, "%s%n{0}",
        "a" * 30_000, "", " ", "\x00", "nul\x00inside", -1, 10**30, 1e308, True, None, [], {}, [[[]]], {"a": {"b": []}},
    ]  # fmt: skip


def _in_turn() -> Iterator[list[Any]]:
    values = cycle(_hostile())
    while True:
        yield list(islice(values, AT_A_TIME if not SEARCHES else len(_hostile())))


def test_every_route_without_a_token_is_refused(client: TestClient) -> None:
    for route in ROUTES:
        answer = client.request(route.method, route.url(uuid4()), json={})

        _is_problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer"), str(route)


@pytest.mark.parametrize("authorization", ["Bearer cs_unknown", "Bearer ", "Basic YTpi", "Bearer \x7f", "bearer"])
def test_every_route_with_a_bad_token_is_refused(client: TestClient, authorization: str) -> None:
    for route in ROUTES:
        headers = {"authorization": authorization}
        _is_problem(client.request(route.method, route.url(uuid4()), headers=headers, json={}), 401)


def test_every_route_without_its_scope_is_refused(as_actor: Callable[..., TestClient], admin: Actor) -> None:
    callers = {scope: as_actor(admin, scope) for scope in (Scope.PROPOSE, Scope.READ)}
    for route in ROUTES:
        caller = callers[Scope.PROPOSE if route.method == "GET" else Scope.READ]

        answer = caller.request(route.method, route.url(uuid4()), json={})

        assert "lacks the scope" in _is_problem(answer, 403)["detail"], str(route)
        assert "insufficient_scope" in answer.headers["www-authenticate"]


def test_id_that_is_none_is_a_value_refused(as_actor: Callable[..., TestClient], admin: Actor) -> None:
    caller = as_actor(admin)
    for route in ROUTES:
        if not route.has_id:
            continue
        for identity in ("abc", "0", "%27%20OR%201", "a" * 400):
            if identity == "abc" and not route.has_uuid:
                continue
            _is_problem(caller.request(route.method, route.url(identity)), 422)
        _is_problem(caller.request(route.method, route.url("%00")), 400)


def test_unknown_id_is_not_found(as_actor: Callable[..., TestClient], admin: Actor) -> None:
    caller = as_actor(admin)
    for route in ROUTES:
        if route.has_id and route.method == "GET":
            _is_problem(caller.get(route.url(uuid4())), 422 if route.has_closed_set else 404)


@pytest.mark.timeout(300)
def test_body_that_is_no_body_is_refused(as_actor: Callable[..., TestClient], admin: Actor) -> None:
    caller = as_actor(admin)
    deep = b"[" * 100_000 + b"]" * 100_000
    for route in [route for route in ROUTES if route.takes_json]:
        for content in (b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"NaN", b"1" * 5000, deep):
            answer = caller.request(
                route.method, route.url(uuid4()), content=content, headers={"content-type": "application/json"}
            )
            assert 400 <= answer.status_code < 500, (str(route), content[:20], answer.text)
            _is_problem(answer, answer.status_code)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_values_are_refused_or_kept_as_text(
    as_actor: Callable[..., TestClient], admin: Actor, part: int
) -> None:
    caller, values = as_actor(admin), _in_turn()
    for route in [route for route in ROUTES if route.takes_json][part::PARTS]:
        schema = _schema(route)
        for field in [*schema["properties"], "unheard_of"]:
            for value in next(values):
                body = {**_plausible(schema), field: value}
                answer = caller.request(
                    route.method, route.url(uuid4()), content=json.dumps(body),
                    headers={"content-type": "application/json"},
                )  # fmt: skip
                assert answer.status_code < 500, (str(route), field, value, answer.text)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_query_is_refused_or_finds_nothing(
    as_actor: Callable[..., TestClient], admin: Actor, part: int
) -> None:
    caller, values = as_actor(admin), _in_turn()
    for route in [route for route in ROUTES if route.method == "GET"][part::PARTS]:
        for parameter in route.operation.get("parameters", []):
            for value in next(values):
                answer = caller.get(route.url(uuid4()), params={parameter["name"]: str(value)})
                assert answer.status_code < 500, (str(route), parameter["name"], value, answer.text)


def test_get_changes_nothing(app: Application, as_actor: Callable[..., TestClient], admin: Actor) -> None:
    caller = as_actor(admin, Scope.READ)
    caller.get("/api/workflows")  # notes that the token was used
    before = app.audit_queries.count()

    with mock.patch.object(app.database, "begin", side_effect=AssertionError("a GET opened a unit of work")):
        for route in ROUTES:
            if route.method == "GET":
                assert caller.get(route.url(uuid4())).status_code < 500, str(route)

    assert app.audit_queries.count() == before


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_route_is_documented(route: Route) -> None:
    assert route.operation["summary"]
    assert route.operation["tags"]
    assert any(status.startswith("2") for status in route.operation["responses"])
    for status, response in route.operation["responses"].items():
        if status == "default" or status.startswith(("4", "5")):
            assert "application/problem+json" in response.get("content", {"application/problem+json": {}})


def test_errors_are_never_cached_and_carry_a_reference(client: TestClient) -> None:
    answer = client.get("/api/profile", headers={"x-request-id": "abc-12345"})

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == "abc-12345"
    assert client.get("/api/profile", headers={"x-request-id": "no\tgood"}).headers["x-request-id"] != "no\tgood"


def test_address_and_method_that_do_not_exist_are_problems(client: TestClient) -> None:
    assert "/api/docs" in _is_problem(client.get("/api/nothing"), 404)["detail"]
    assert "/api/docs" in _is_problem(client.get("/api/no%0Athing"), 404)["detail"]
    assert "does not answer DELETE" in _is_problem(client.delete("/api/profile"), 405)["detail"]


def test_body_over_a_megabyte_is_refused_whatever_length_it_states(user: TestClient) -> None:
    big = b'{"goal": "' + b"a" * 1_100_000 + b'"}'
    headers = {"content-type": "application/json"}

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(big), 65_536):
            yield big[start : start + 65_536]

    assert "1 MB" in _is_problem(user.post("/api/profile", content=big, headers=headers), 413)["detail"]
    assert "1 MB" in _is_problem(user.post("/api/profile", content=in_pieces(), headers=headers), 413)["detail"]


def test_crash_is_answered_with_a_reference_and_no_traceback(app: Application, user: TestClient) -> None:
    with mock.patch.object(app.identity_queries, "profile", side_effect=RuntimeError("secret detail")):
        answer = user.get("/api/profile")

    problem = _is_problem(answer, 500)
    assert answer.headers["x-request-id"] in problem["detail"]
    assert "secret" not in answer.text


def test_revoked_and_expired_tokens_and_deactivated_people_are_refused(
    app: Application, admin: Actor, person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    ravi = person(Role.USER)
    caller = as_actor(ravi)
    assert caller.get("/api/profile").status_code == 200

    app.identity.change_user(admin, ravi.user_id or uuid4(), active=False)
    _is_problem(caller.get("/api/profile"), 401)

    meera = as_actor(person(Role.USER))
    for token in app.identity_queries.tokens(admin):
        app.tokens.revoke_token(admin, token.id)
    assert meera.get("/api/profile").status_code == 200  # not the admin's to list


def test_docs_and_schema_are_served_from_here_alone(client: TestClient) -> None:
    page = client.get("/api/docs")
    document = client.get("/api/openapi.json").json()

    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    assert client.get("/api/docs/assets/swagger-ui-bundle.js").status_code == 200
    assert client.get("/api/docs/assets/swagger-ui.css").status_code == 200
    assert document["servers"] == [{"url": "/api"}]
    assert document["components"]["securitySchemes"]
    assert os.sep not in document["info"]["title"]


def _is_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["code"]
    assert problem["detail"].endswith((".", "…"))
    assert "Traceback" not in answer.text
    return problem


def _schema(route: Route) -> dict[str, Any]:
    schema = route.operation["requestBody"]["content"]["application/json"]["schema"]
    for option in schema.get("anyOf", [schema]):
        if "$ref" in option:
            found: dict[str, Any] = openapi_document()["components"]["schemas"][option["$ref"].rsplit("/", 1)[1]]
            return found
    raise AssertionError(f"{route} has no named body")


def _plausible(schema: dict[str, Any]) -> dict[str, Any]:
    """A value for each required field, good enough that the next field is looked at."""
    values: dict[str, Any] = {}
    for name in schema.get("required", []):
        described = schema["properties"][name]
        if "$ref" in described:
            referred = openapi_document()["components"]["schemas"][described["$ref"].rsplit("/", 1)[1]]
            values[name] = referred.get("enum", [{}])[0]
        else:
            example = described.get("examples", [None])[0]
            kind = described.get("type")
            values[name] = (
                example if example is not None else {"integer": 1, "string": "x", "object": {}}.get(kind, "x")
            )
    return values
