"""Rows that change tell it: to everybody who asked, once committed, in few words, over a connection that comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy import make_url, text

from core.actor import Actor, Role
from core.bootstrap import Application
from core.changes.listener import MOST_HELD, Listener
from core.changes.rules import ANYTHING, Change, Kind, concerns, read_change
from core.changes.service import LOCKS, Changes
from core.identity.rules import Scope
from core.settings import ROOT
from tests.waiting import until

LONG = 20.0


@contextmanager
def listening(app: Application, *watched: Change) -> Iterator[Listener]:
    """A listener that has been told of its connection, and of nothing else yet."""
    with app.changes.listen(watched) as listener:
        assert app.changes.listening(LONG)
        assert ANYTHING in listener.wait(LONG)
        yield listener


def heard(listener: Listener, wanted: Callable[[Change], bool]) -> list[Change]:
    """What came until `wanted` was among it; the looks again of a new connection are left out."""
    found: list[Change] = []

    def came() -> bool:
        found.extend(one for one in listener.wait(0.2) if one != ANYTHING)
        return any(wanted(one) for one in found)

    until(came, seconds=LONG, what="the change")
    return found


@pytest.fixture
def run(app: Application, person: Callable[..., Actor]) -> tuple[Actor, Any]:
    app.catalog.sync(ROOT / "workflows.json")
    ravi = person(Role.USER)
    return ravi, app.executions.start(ravi, "resume_generator", again=True)


def test_change_of_a_run_is_told_with_its_version_to_those_who_watch_it(
    app: Application, run: tuple[Actor, Any]
) -> None:
    ravi, run_id = run
    other = Change(Kind.RUN, str(uuid4()))
    with listening(app, Change(Kind.RUN, str(run_id))) as mine, listening(app, other) as others:
        app.executions.abandon(ravi, run_id, "Enough")

        told = heard(mine, lambda one: one.id == str(run_id))
        assert {one.kind for one in told} == {Kind.RUN}
        assert max(one.version or 0 for one in told) == app.run_standings.of(ravi, run_id).version
        assert [one for one in others.take() if one != ANYTHING] == []


def test_nothing_is_told_of_what_was_rolled_back(app: Application, run: tuple[Actor, Any]) -> None:
    _, _run_id = run
    with listening(app, Change(Kind.RUN), Change(Kind.ACCESS)) as listener:
        with pytest.raises(RuntimeError), app.database.begin() as uow:
            uow.session.execute(text("UPDATE executions SET version = version + 1"))
            raise RuntimeError
        with app.database.begin() as uow:
            uow.session.execute(text("UPDATE users SET active = active"))

        assert {one.kind for one in heard(listener, lambda one: one.kind is Kind.ACCESS)} == {Kind.ACCESS}


def test_many_rows_of_one_statement_are_one_message(app: Application, run: tuple[Actor, Any]) -> None:
    copied = ", ".join(
        column.name for column in _executions(app) if column.name not in {"id", "version"} and not column.generated
    )
    with listening(app, Change(Kind.RUN)) as listener:
        with app.database.begin() as uow:
            uow.session.execute(
                text(
                    f"INSERT INTO executions (id, version, {copied}) "
                    f"SELECT gen_random_uuid(), 1, {copied} FROM executions, generate_series(1, 500)"
                )
            )
        assert heard(listener, lambda one: one.id is None) == [Change(Kind.RUN)]

        with app.database.begin() as uow:
            uow.session.execute(text("UPDATE executions SET version = version + 1"))
        assert heard(listener, lambda one: one.id is None) == [Change(Kind.RUN)]

        with app.database.begin() as uow:
            uow.session.execute(text("UPDATE executions SET changed_at = now()"))  # no version moved: nothing to see
            uow.session.execute(text("DELETE FROM executions"))
        assert heard(listener, lambda one: one.id is None) == [Change(Kind.RUN)]


def test_access_is_told_when_a_token_is_revoked_and_not_when_it_is_used(app: Application, admin: Actor) -> None:
    value = app.tokens.issue_token(admin, label="test", scopes=frozenset({Scope.READ}))
    with listening(app, Change(Kind.ACCESS), Change(Kind.DECISION)) as listener:
        assert app.identity_queries.actor_of_token(value) is not None  # notes the use
        with app.database.begin() as uow:
            uow.session.execute(text("SELECT pg_notify('countersign', 'decision here')"))
        assert {one.kind for one in heard(listener, lambda one: one.id == "here")} == {Kind.DECISION}

        app.tokens.revoke_token(admin, app.identity_queries.tokens(admin)[0].id)
        assert heard(listener, lambda one: one.kind is Kind.ACCESS)


def test_nothing_is_sent_of_what_nobody_watches(app: Application, run: tuple[Actor, Any]) -> None:
    ravi, run_id = run
    url = make_url(app.url).set(drivername="postgresql").render_as_string(hide_password=False)
    deaf: Any = psycopg2.connect(url)
    try:
        deaf.autocommit = True
        deaf.cursor().execute("LISTEN countersign")
        with listening(app, Change(Kind.RUN, str(uuid4())), Change(Kind.ACTION)):
            app.executions.abandon(ravi, run_id, "Enough")
        deaf.cursor().execute("SELECT 1")
        deaf.poll()
        assert deaf.notifies == []

        deaf.cursor().execute("SELECT pg_advisory_lock_shared(%s, hashtext('access '))", (LOCKS,))
        app.tokens.issue_token(ravi, label="test", scopes=frozenset({Scope.READ}))
        for token in app.identity_queries.tokens(ravi):
            app.tokens.revoke_token(ravi, token.id)
        deaf.cursor().execute("SELECT 1")
        deaf.poll()
        assert [one.payload for one in deaf.notifies] == ["access"]
    finally:
        deaf.close()


def test_lost_connection_comes_back_and_says_that_anything_may_have_changed(
    app: Application, run: tuple[Actor, Any]
) -> None:
    ravi, run_id = run
    with listening(app, Change(Kind.RUN, str(run_id))) as listener:
        until(lambda: listener.wait(6) == [ANYTHING], seconds=LONG, what="the second look again")
        with app.database.begin() as uow:
            ended = uow.session.scalars(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'countersign changes' AND datname = current_database()"
                )
            ).all()
        assert ended == [True]

        until(lambda: ANYTHING in listener.wait(0.2), seconds=LONG, what="the word of a new connection")
        app.executions.abandon(ravi, run_id, "Enough")
        assert heard(listener, lambda one: one.id == str(run_id))


def test_one_connection_and_one_thread_serve_any_number_of_listeners(app: Application) -> None:
    before = threading.active_count()
    listeners = [app.changes.listen([Change(Kind.RUN, str(uuid4())), Change(Kind.ACCESS)]) for _ in range(300)]
    try:
        assert app.changes.listening(LONG)
        assert app.changes.listeners == 300
        assert threading.active_count() <= before + 1
        with app.database.reading() as session:
            count = session.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE application_name = 'countersign changes' AND datname = current_database()"
                )
            )
        assert count == 1
    finally:
        for one in listeners:
            one.close()
    assert app.changes.listeners == 0


def test_closing_wakes_whoever_waits_and_takes_no_new_listeners(app: Application) -> None:
    changes = Changes(app.url)
    listener = changes.listen([Change(Kind.RUN)])
    woken = threading.Event()

    def wait_twice() -> None:
        listener.wait(LONG)
        listener.wait(LONG)
        woken.set()

    threading.Thread(target=wait_twice).start()

    changes.close()

    assert woken.wait(LONG) and listener.closed
    assert changes.listen([Change(Kind.RUN)]).closed


def test_more_than_can_be_held_is_held_as_anything() -> None:
    listener = Listener([Change(Kind.RUN)], None, lambda _: None)
    for number in range(MOST_HELD):
        listener.tell(Change(Kind.RUN, str(number), 1))
    listener.tell(Change(Kind.RUN, "0", 2))  # known already: only its latest version counts
    held = listener.take()
    assert len(held) == MOST_HELD and Change(Kind.RUN, "0", 2) in held

    for number in range(MOST_HELD + 1):
        listener.tell(Change(Kind.RUN, str(number), 1))
    assert listener.take() == [ANYTHING]
    assert listener.take() == []


def test_message_that_says_nothing_known_may_mean_anything() -> None:
    assert read_change("run 12 7") == Change(Kind.RUN, "12", 7)
    assert read_change("decision 12") == Change(Kind.DECISION, "12")
    assert read_change("run") == Change(Kind.RUN)
    assert read_change("") == ANYTHING == read_change("elephant 3")
    assert concerns(ANYTHING, Change(Kind.RUN, "12"))
    assert concerns(Change(Kind.RUN), Change(Kind.RUN, "12")) and concerns(Change(Kind.RUN, "12"), Change(Kind.RUN))
    assert not concerns(Change(Kind.RUN, "13"), Change(Kind.RUN, "12"))
    assert not concerns(Change(Kind.ACTION), Change(Kind.RUN))


def _executions(app: Application) -> list[Any]:
    with app.database.reading() as session:
        return list(
            session.execute(
                text(
                    "SELECT column_name AS name, is_generated <> 'NEVER' AS generated "
                    "FROM information_schema.columns WHERE table_name = 'executions'"
                )
            )
        )
