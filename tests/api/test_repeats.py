"""A POST with an Idempotency-Key is done once, and every repeat of it is answered as the first was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from starlette.testclient import TestClient

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.idempotency.rules import HELD, KEPT
from core.idempotency.tables import IdempotencyKey
from core.identity.rules import Scope

RUN = {"workflow_id": "resume_generator", "again": True}
"""Asked for twice without a key, there are two."""
KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def boss(as_actor: Callable[..., TestClient], admin: Actor) -> TestClient:
    return as_actor(admin)


def _start(caller: TestClient, key: str = "k-1", **more: Any) -> Any:
    return caller.post("/api/execution", json={**RUN, **more}, headers={"Idempotency-Key": key})


def _runs(app: Application) -> int:
    with app.database.reading() as session:
        return session.scalar(text("SELECT count(*) FROM executions")) or 0


def test_repeat_is_answered_as_the_first_was_and_says_so(app: Application, boss: TestClient) -> None:
    first, second = _start(boss), _start(boss)

    assert first.status_code == second.status_code == 201, first.text
    assert second.content == first.content
    for name in ("content-type", "location", "etag"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert _runs(app) == 1


def test_without_a_key_it_is_done_each_time(app: Application, boss: TestClient) -> None:
    assert boss.post("/api/execution", json=RUN).status_code == 201
    assert boss.post("/api/execution", json=RUN).status_code == 201
    assert _runs(app) == 2


def test_same_json_spelled_otherwise_is_the_same_request(app: Application, boss: TestClient) -> None:
    _start(boss)
    headers = {**KEY, "content-type": "application/json"}
    again = boss.post(
        "/api/execution", content=b'{ "again":true,\n "workflow_id": "resume_generator" }', headers=headers
    )
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("other", ["body", "path", "query"])
def test_key_of_another_request_is_refused(app: Application, boss: TestClient, other: str) -> None:
    _start(boss)
    if other == "body":
        answer = _start(boss, inputs={"a": 1})
    else:
        address = "/api/execution?x=1" if other == "query" else "/api/projects"
        answer = boss.post(address, json=RUN, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["code"] == "KeyOfAnotherRequest"
    assert _runs(app) == 1


def test_key_means_something_to_its_sender_only(
    boss: TestClient, as_actor: Callable[..., TestClient], person: Callable[..., Actor]
) -> None:
    _start(boss)
    other = as_actor(person(Role.ADMIN))
    assert _start(other, inputs={"a": 1}).status_code == 201


def test_refusal_is_repeated_and_its_corrected_request_may_have_the_key(app: Application, boss: TestClient) -> None:
    first, second = _start(boss, workflow_id="unheard_of"), _start(boss, workflow_id="unheard_of")
    assert first.status_code == second.status_code == 404
    assert second.headers["idempotency-replayed"] == "true"
    assert _start(boss).status_code == 201
    assert _runs(app) == 1


def test_refusals_for_who_calls_are_not_kept(
    app: Application, boss: TestClient, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    assert _start(as_actor(admin, Scope.READ)).status_code == 403
    assert _start(boss).status_code == 201


def test_a_token_without_the_scope_is_not_answered_what_another_was(
    boss: TestClient, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    _start(boss)
    assert _start(as_actor(admin, Scope.READ)).status_code == 403


def test_crash_before_anything_changed_frees_the_key(app: Application, boss: TestClient) -> None:
    with mock.patch.object(app.executions, "start", side_effect=RuntimeError):
        assert _start(boss).status_code == 500
    assert _start(boss).status_code == 201


def test_crash_after_something_changed_is_not_done_again(app: Application, boss: TestClient) -> None:
    with mock.patch.object(app.executions_queries, "walk", side_effect=RuntimeError):
        assert _start(boss).status_code == 500
    again = _start(boss)
    assert again.status_code == 409
    assert again.json()["code"] == "RequestCutOff"
    assert _runs(app) == 1


def test_fifty_at_once_are_done_once(app: Application, boss: TestClient) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: _start(boss), range(50)))

    kept = {answer.content for answer in answers if answer.status_code == 201}
    assert len(kept) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 409)
    assert _runs(app) == 1


def test_one_under_way_is_told_to_wait(app: Application, boss: TestClient) -> None:
    begun, go_on = threading.Event(), threading.Event()
    create = app.executions.start

    def slowly(*args: Any, **more: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return create(*args, **more)

    with (
        mock.patch("api.repeats._LOOKS", 2),
        mock.patch.object(app.executions, "start", side_effect=slowly),
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(_start, boss)
        assert begun.wait(10)
        answer = _start(boss)
        go_on.set()
        assert first.result().status_code == 201
    assert answer.status_code == 409
    assert answer.json()["code"] == "RequestUnderWay"
    assert answer.headers["retry-after"] == "1"


def test_request_that_was_overtaken_commits_nothing(app: Application, boss: TestClient, clock: ManualClock) -> None:
    begun, go_on = threading.Event(), threading.Event()
    create = app.executions.start
    calls: list[int] = []

    def slowly(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            begun.set()
            assert go_on.wait(20)
        return create(*args, **more)

    with mock.patch.object(app.executions, "start", side_effect=slowly), ThreadPoolExecutor(1) as pool:
        first = pool.submit(_start, boss)
        assert begun.wait(10)
        clock.advance(HELD)
        second = _start(boss)
        go_on.set()
        assert first.result().status_code == 409
    assert second.status_code == 201
    assert _start(boss).content == second.content
    assert _runs(app) == 1


def test_secret_that_is_shown_once_is_kept_nowhere(app: Application, boss: TestClient) -> None:
    body = {"url": "https://hooks.example.com/x", "events": ["decision.waiting"]}
    made = boss.post("/api/webhooks", json=body, headers=KEY)
    assert made.status_code == 201, made.text
    again = boss.post("/api/webhooks", json=body, headers=KEY)

    assert again.status_code == 409
    assert again.json()["code"] == "AnswerNotKept"
    with app.database.reading() as session:
        row = session.scalars(select(IdempotencyKey)).one()
        assert row.answer is None
        assert session.scalar(text("SELECT count(*) FROM webhooks")) == 1


def test_long_answer_is_not_kept_and_not_made_again(app: Application, boss: TestClient) -> None:
    with mock.patch("core.idempotency.requests.MOST_ANSWER", 10):
        assert _start(boss).status_code == 201
    assert _start(boss).json()["code"] == "AnswerNotKept"
    assert _runs(app) == 1


def test_key_expires_and_is_forgotten_with_its_answer(app: Application, boss: TestClient, clock: ManualClock) -> None:
    _start(boss)
    clock.advance(KEPT)
    assert app.idempotency.forget_expired() == 1
    assert _start(boss, inputs={"a": 1}).status_code == 201


def test_expired_key_is_free_before_the_purge(app: Application, boss: TestClient, clock: ManualClock) -> None:
    _start(boss)
    clock.advance(KEPT)
    assert _start(boss, inputs={"a": 1}).headers.get("idempotency-replayed") is None
    assert _runs(app) == 2


@pytest.mark.parametrize("key", ["a b", "a" * 256, " "])
def test_key_that_is_none_is_refused(app: Application, boss: TestClient, key: str) -> None:
    answer = _start(boss, key=key)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert _runs(app) == 0


def test_files_are_the_same_whatever_boundary_they_are_cut_at(operator: TestClient) -> None:
    def send(content: bytes = b"a,b\n1,2\n", name: str = "a.csv") -> Any:
        return operator.post("/api/files", files={"file": (name, content, "text/csv")}, headers=KEY)

    first, second = send(), send()
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert second.status_code == 201, second.text
    assert second.headers["idempotency-replayed"] == "true"
    assert send(b"a,b\n1,3\n").json()["code"] == "KeyOfAnotherRequest"
    assert send(name="b.csv").json()["code"] == "KeyOfAnotherRequest"


def test_file_for_an_address_that_takes_none_is_refused_before_anything_changes(
    app: Application, boss: TestClient
) -> None:
    made = boss.post(
        "/api/webhooks", json={"url": "https://hooks.example.com/x", "events": ["decision.waiting"]}
    ).json()
    before = app.audit_queries.count()
    address = f"/api/webhooks/{made['id']}/secret"

    answer = boss.post(address, files={"file": b"x"}, headers=KEY)

    assert answer.status_code == 400
    assert answer.json()["code"] == "BodyNotRead"
    assert app.audit_queries.count() == before


def test_body_that_its_route_does_not_read_is_part_of_the_request(app: Application, boss: TestClient) -> None:
    address = f"/api/actions/{uuid4()}/retry"
    assert boss.post(address, json={"a": 1}, headers=KEY).status_code == 404
    assert boss.post(address, json={"a": 1}, headers=KEY).headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in boss.post(address, json={"a": 2}, headers=KEY).headers


def test_work_in_pieces_is_one_request(boss: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"workflow_id": "resume_generator", '
        yield b'"again": true}'

    first = _start(boss)
    again = boss.post("/api/execution", content=pieces(), headers={**KEY, "content-type": "application/json"})
    assert again.content == first.content


def test_keys_in_force_are_one_row_each(app: Application, boss: TestClient) -> None:
    _start(boss)
    _start(boss)
    with app.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1
