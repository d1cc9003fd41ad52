"""Live status: a stream tells at once how things stand and what changes, to those who may see it, and ends when it should."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import QueuePool
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import stream_places, streams
from core.actor import Actor, Role
from core.bootstrap import Application
from core.decisions.rules import Vote
from core.identity.rules import Scope
from tests.api.conftest import EVERY_SCOPE
from tests.api.event_stream import LONG, EventReader
from tests.waiting import until

Bearer = Callable[..., str]


@pytest.fixture
def bearer(app: Application) -> Bearer:
    def make(actor: Actor, *scopes: Scope) -> str:
        value = app.tokens.issue_token(actor, label="events", scopes=frozenset(scopes) or EVERY_SCOPE)
        return f"Bearer {value}"

    return make


@pytest.fixture
def ravi(person: Callable[..., Actor]) -> Actor:
    return person(Role.USER, name="Ravi")


@pytest.fixture
def run_id(app: Application, asgi: Starlette, ravi: Actor) -> UUID:
    return app.executions.start(ravi, "resume_generator")


@pytest.fixture
def meera(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Meera")


@pytest.fixture
def action_id(app: Application, asgi: Starlette, meera: Actor) -> UUID:
    return app.actions.propose(meera, "email_send", MAIL, title="Write to Anna")


MAIL = {"to": ["anna@example.com"], "subject": "Hello", "body": "Anna"}


def test_run_is_told_when_it_changes_and_the_stream_ends_with_it(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer
) -> None:
    with EventReader(asgi, f"/api/workflows/{run_id}/events", bearer(ravi)) as stream:
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert stream.headers["cache-control"] == "no-store" and stream.headers["x-accel-buffering"] == "no"
        first = stream.until("run")
        assert first.data["status"] == "IN_PROGRESS" and first.data["steps_completed"] == 0
        assert app.changes.listening(LONG)

        app.executions.record_progress(ravi, run_id, 1, "Started")
        assert stream.until("run").data["steps_completed"] == 1

        app.executions.abandon(ravi, run_id, "Enough")
        last = stream.until("run")
        assert (last.data["status"], last.data["end_reason"]) == ("CANCELLED", "Enough")
        end = stream.until("end")
        assert (end.data["reason"], end.id) == ("over", last.id)
        assert stream.next() is None
    assert app.changes.listeners == 0


def test_guided_run_has_its_stream_beside_its_steps(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer, person: Callable[..., Actor]
) -> None:
    with EventReader(asgi, f"/api/execution/{run_id}/events", bearer(ravi)) as stream:
        assert stream.until("run").data["id"] == str(run_id)
    analyst = bearer(person(Role.ANALYST))
    with EventReader(asgi, f"/api/workflows/{run_id}/events", analyst) as stream:
        assert stream.status == 200
    with EventReader(asgi, f"/api/execution/{run_id}/events", analyst) as stream:
        assert stream.status == 404  # as the run itself


def test_action_is_told_until_it_is_over(
    app: Application, asgi: Starlette, admin: Actor, meera: Actor, action_id: UUID, bearer: Bearer
) -> None:
    with EventReader(asgi, f"/api/actions/{action_id}/events", bearer(meera)) as stream:
        assert stream.until("action").data["status"] == "pending"
        assert app.changes.listening(LONG)
        app.actions.reject(admin, action_id, "Not now")
        assert stream.until("action").data["status"] == "rejected"
        assert stream.until("end").data["reason"] == "over"


def test_inbox_is_told_what_comes_and_goes(
    app: Application, asgi: Starlette, admin: Actor, meera: Actor, bearer: Bearer
) -> None:
    with EventReader(asgi, "/api/decisions/events", bearer(admin)) as stream:
        assert stream.until("inbox").data == {"count": 0, "decisions": []}
        assert app.changes.listening(LONG)

        action_id = app.actions.propose(meera, "email_send", MAIL, title="Write to Anna")
        waits = stream.until("inbox").data
        assert waits["count"] == 1 and waits["decisions"][0]["subject_id"] == str(action_id)

        decision = waits["decisions"][0]
        app.decisions.vote(admin, UUID(decision["id"]), digest=decision["digest"], vote=Vote.REJECT, reason="No")
        assert stream.until("inbox").data["count"] == 0


def test_others_are_told_nothing_of_it(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, action_id: UUID, bearer: Bearer,
    person: Callable[..., Actor],
) -> None:  # fmt: skip
    stranger = person(Role.USER)
    for path in (f"workflows/{run_id}", f"execution/{run_id}", f"actions/{action_id}"):
        with EventReader(asgi, f"/api/{path}/events", bearer(stranger)) as stream:
            assert stream.status == 404
        with EventReader(asgi, f"/api/{path}/events", bearer(ravi, Scope.PROPOSE)) as stream:
            assert stream.status == 403
        with EventReader(asgi, f"/api/{path}/events", "Bearer cs_unknown") as stream:
            assert stream.status == 401
    with EventReader(asgi, "/api/decisions/events", bearer(stranger)) as stream:
        assert stream.until("inbox").data["count"] == 0
    assert app.changes.listeners == 0


def test_revoked_token_ends_its_stream_at_once(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer
) -> None:
    with EventReader(asgi, f"/api/workflows/{run_id}/events", bearer(ravi)) as stream:
        stream.until("run")
        assert app.changes.listening(LONG)

        app.tokens.revoke_token(ravi, app.identity_queries.tokens(ravi)[0].id)

        end = stream.until("end", seconds=10)
        assert end.data["reason"] == "refused" and "revoked" in end.data["detail"]
        assert stream.next() is None


def test_lost_role_ends_the_stream_of_what_only_the_role_opened(
    app: Application, asgi: Starlette, admin: Actor, meera: Actor, run_id: UUID, bearer: Bearer
) -> None:
    with EventReader(asgi, f"/api/workflows/{run_id}/events", bearer(meera)) as stream:
        stream.until("run")
        assert app.changes.listening(LONG)

        app.identity.change_user(admin, meera.user_id or run_id, roles=frozenset({Role.USER}))

        assert stream.until("end", seconds=10).data["reason"] == "gone"


def test_expired_token_ends_its_stream_although_nothing_changed(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(streams, "RECHECK_SECONDS", 1.2)
    with EventReader(asgi, f"/api/workflows/{run_id}/events", bearer(ravi)) as stream:
        stream.until("run")
        assert ": still here" in stream.text(LONG)
        with app.database.begin() as uow:  # by hand, and with the triggers asleep: only the look again can notice
            uow.session.connection().exec_driver_sql("SET LOCAL session_replication_role = replica")
            uow.session.connection().exec_driver_sql("UPDATE api_tokens SET expires_at = '2020-01-01T00:00:00Z'")

        assert stream.until("end", seconds=10).data["reason"] == "refused"


def test_stream_goes_on_where_it_stopped(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer
) -> None:
    path, token = f"/api/workflows/{run_id}/events", bearer(ravi)
    with EventReader(asgi, path, token) as stream:
        known = stream.until("run").id
    with EventReader(asgi, path, token, last_event_id=known) as stream:
        assert stream.text(LONG) == "retry: 2000\n\n"  # and nothing told twice
        assert app.changes.listening(LONG)
        app.executions.record_progress(ravi, run_id, 1, "One")
        assert stream.until("run").data["steps_completed"] == 1
    with EventReader(asgi, path, token, last_event_id=known) as stream:
        assert stream.until("run").data["steps_completed"] == 1  # a gap: how it stands now
    app.executions.abandon(ravi, run_id, "Enough")
    with EventReader(asgi, path, token, last_event_id=known) as stream:
        known = stream.until("end").id
    with EventReader(asgi, path, token, last_event_id=known) as stream:
        assert stream.status == 204


def test_end_of_the_process_is_told(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer
) -> None:
    with EventReader(asgi, f"/api/workflows/{run_id}/events", bearer(ravi)) as stream:
        stream.until("run")
        app.changes.close()
        assert stream.until("end").data["reason"] == "closing"
        assert stream.next() is None


def test_person_has_so_many_streams_over_all_tokens_and_gets_the_places_back(
    app: Application,
    asgi: Starlette,
    admin: Actor,
    ravi: Actor,
    run_id: UUID,
    bearer: Bearer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_places, "MOST_OF_AN_OWNER", 2)
    path, token = f"/api/workflows/{run_id}/events", bearer(ravi)
    with EventReader(asgi, path, token), EventReader(asgi, path, token):
        with EventReader(asgi, path, token) as third:
            assert third.status == 429
        with EventReader(asgi, path, bearer(ravi)) as another:
            assert another.status == 429
        with EventReader(asgi, path, bearer(admin)) as other:
            assert other.status == 200
    with EventReader(asgi, f"/api/workflows/{UUID(int=1)}/events", token) as none:
        assert none.status == 404
    with EventReader(asgi, path, token), EventReader(asgi, path, token) as again:
        assert again.status == 200


def test_reader_who_takes_nothing_is_dropped(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SLOW_SECONDS", 0.2)
    with EventReader(asgi, f"/api/workflows/{run_id}/events", bearer(ravi)) as stream:
        stream.until("run")
        assert app.changes.listening(LONG)
        stream.reads.clear()
        app.executions.record_progress(ravi, run_id, 1, "One")
        until(lambda: app.changes.listeners == 0, seconds=LONG, what="the slow reader to be dropped")
        stream.reads.set()


def test_idle_streams_hold_no_thread_and_no_connection(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, bearer: Bearer
) -> None:
    path, token = f"/api/workflows/{run_id}/events", bearer(ravi)
    with EventReader(asgi, path, token) as first, EventReader(asgi, path, token) as second:
        first.until("run"), second.until("run")
        assert app.changes.listening(LONG)
        until(lambda: _lent(app) == 0, seconds=LONG, what="the connections to be given back")
        assert sum(thread.name == "changes" for thread in threading.enumerate()) == 1


def test_without_a_stream_the_state_is_answered_and_polling_is_304(
    app: Application, asgi: Starlette, ravi: Actor, run_id: UUID, as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    client = as_actor(ravi)
    for path in (f"/api/workflows/{run_id}/events", f"/api/execution/{run_id}/events", "/api/decisions/events"):
        first = client.get(path)
        assert first.status_code == 200 and first.headers["content-type"] == "application/json"
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    app.executions.record_progress(ravi, run_id, 1, "One")
    path = f"/api/workflows/{run_id}/events"
    changed = client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200 and changed.json()["steps_completed"] == 1


def _lent(app: Application) -> int:
    """Connections of the pool that somebody holds now."""
    pool = app.database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()
