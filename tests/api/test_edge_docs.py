"""What the OpenAPI document says of every POST, and whether every POST keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from core.actor import Actor
from core.bootstrap import Application
from tests.api.test_every_route import ROUTES, Route, _plausible, _schema

POSTS = [route for route in ROUTES if route.method == "POST"]


@pytest.mark.parametrize("route", POSTS, ids=str)
def test_every_post_documents_its_key_and_its_repeats(route: Route) -> None:
    named = [one["name"] for one in route.operation["parameters"] if one["in"] == "header"]
    assert named.count("Idempotency-Key") == 1
    assert {"409", "413", "415", "422", "429"} <= route.operation["responses"].keys()
    for status, response in route.operation["responses"].items():
        if status.startswith("2"):
            assert "Idempotency-Replayed" in response["headers"]
    assert "Retry-After" in route.operation["responses"]["429"]["headers"]


@pytest.mark.timeout(120)
def test_every_post_repeated_with_its_key_answers_the_same_and_changes_nothing_twice(
    app: Application, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    """With bodies that are plausible by their schema: some do what they ask, the others are refused the same way."""
    caller, done = as_actor(admin), []
    for route in POSTS:
        headers = {"Idempotency-Key": f"{route}".replace(" ", ":")}
        url, body = route.url(uuid4()), _body(route)
        first = caller.post(url, headers=headers, **body)
        before = _rows(app)
        second = caller.post(url, headers=headers, **body)

        assert _rows(app) == before, str(route)
        if first.status_code < 300 and second.json().get("code") == "AnswerNotKept":
            continue
        assert second.status_code == first.status_code, (str(route), first.text, second.text)
        if first.status_code < 300 or first.status_code == 404:
            assert second.content == first.content, str(route)
            assert second.headers["idempotency-replayed"] == "true", str(route)
        if first.status_code < 300:
            done.append(str(route))
    assert len(done) >= 5, done


def _body(route: Route) -> dict[str, Any]:
    if route.takes_json:
        return {"json": _plausible(_schema(route))}
    content = route.operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {"files": {"file": ("a.txt", b"a,b\n1,2\n", "text/plain")}}
    return {}


def _rows(app: Application) -> dict[str, int]:
    """How many rows each table has, the audit chain's among them."""
    with app.database.reading() as session:
        named = session.scalars(
            text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'dbos')")
        ).all()
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in named)
        return {name: count for name, count in session.execute(text(counts))}  # noqa: C416
