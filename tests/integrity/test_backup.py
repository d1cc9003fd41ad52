"""A living installation is backed up under load and restored elsewhere: every row and file, and nothing done twice."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import make_url, select, text

from core import bootstrap
from core.actions.rules import ActionState
from core.actions.tables import Action, Attempt
from core.audit.tables import AuditEntry
from core.executions.automated.rules import GateKind
from core.executions.rules import ExecutionState
from core.guardrails.limits import ExecutionMode
from core.settings import Settings
from deploy import backup as backing_up
from deploy import restore as restoring
from deploy.archive import verified
from deploy.backup import back_up
from deploy.postgres_tools import plain
from deploy.restore import NotEmpty, StillRunning, restore
from tests.core.executions.automated.driving import Driver, definition
from tests.integrity.conftest import Installation
from tests.waiting import until

Hashes = dict[str, str]
ONE_GATE = definition(
    [{"step_id": "write", "kind": "guide", "scope": "project", "produces": "brief"}],
    {"brief": {"name": "Brief", "scope": "project"}},
    scopes={"project": {"parent": None}},
)


@pytest.fixture
def living(install: Callable[..., Installation]) -> Installation:
    here = install(EXECUTION_CHANNELS="email")
    here.app.guardrails.set_mode(here.admin, ExecutionMode.ON)
    return here


@pytest.fixture
def elsewhere(server_url: str, tmp_path: Path) -> Iterator[Settings]:
    """An empty database and an empty folder."""
    name = f"restored_{tmp_path.name[-20:]}".lower().replace("-", "_")
    with closing(psycopg2.connect(plain(server_url))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
        yield Settings(_env_file=None, database_url=url, var_dir=tmp_path / "elsewhere")
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.timeout(300)
def test_under_load_every_row_and_file_comes_back_and_nothing_is_executed_twice(
    living: Installation, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given files, a run that waits at a gate, and a worker that is kept busy with approvals
    kept = [living.app.files.keep(living.admin, f"{n}.txt", f"file {n}".encode()) for n in range(20)]
    driver = Driver(living.app, living.admin)
    driver.take_in(ONE_GATE)
    run = living.app.runs.start(living.admin, "trial", inputs={})
    living.start_worker()
    until(lambda: driver.gates(run), seconds=120, what="the run to come to its gate")
    stop, approved = threading.Event(), list[UUID]()

    def load() -> None:
        while not stop.is_set():
            action, digest = living.propose(len(approved))
            living.app.actions.approve(living.admin, action, digest)
            approved.append(action)

    loading = threading.Thread(target=load)
    loading.start()
    at_backup, restored = _hashes_at(monkeypatch)

    # When it is backed up while that goes on, and the load goes on after that
    try:
        while len(approved) < 8:
            stop.wait(0.05)
        done = back_up(living.app.settings, tmp_path / "one.backup")
        known = len(approved)
        while len(approved) < known + 3:
            stop.wait(0.05)
    finally:
        stop.set()
        loading.join()
    living.until_settled(approved)
    sent = _mails(living.app.settings)

    # Then the archive is whole, and what is restored is what the snapshot was, row by row and file by file
    manifest = verified(done.path)
    found = restore(elsewhere, done.path)
    differ = {name for name in at_backup if restored[name] != at_backup[name]}
    assert differ <= {"public.attempts", "public.guardrails"}  # held in the very transaction that restored them
    assert len(at_backup) == len(manifest["rows"]) > 60
    for folder in ("files", "proofs", "imports"):
        names = {one.removeprefix(f"{folder}/") for one in manifest["members"] if one.startswith(f"{folder}/")}
        assert names <= _digests(elsewhere.var_dir / folder)
    assert {one.sha256 for one in kept} <= {name[3:] for name in _digests(elsewhere.var_dir / "files")}

    app = bootstrap.build(elsewhere, url=elsewhere.database_url)
    try:
        # and the audit chain holds and begins with the one that was backed up
        assert app.audit_queries.verify().fault is None
        with living.app.database.reading() as session:
            mark = session.scalar(select(AuditEntry.hash).where(AuditEntry.sequence == manifest["audit"]["entries"]))
        assert mark == manifest["audit"]["hash"]

        # and what was on its way waits for a person, though execution is on again and a worker at it
        with app.database.reading() as session:
            states = {row[0]: row[1] for row in session.execute(select(Action.id, Action.state))}
        moving = {ActionState.APPROVED, ActionState.EXECUTING}
        assert moving.isdisjoint(states.values())
        assert sum(state is ActionState.UNKNOWN for state in states.values()) == found.held
        there = Installation.__new__(Installation)
        there.app, there.admin, there.workers = app, living.admin, []
        there._environment = {
            "DATABASE_URL": str(elsewhere.database_url), "VAR_DIR": str(elsewhere.var_dir),
            "EXECUTION_CHANNELS": "email",
        }  # fmt: skip
        assert app.guardrails.ensure().mode is ExecutionMode.OFF
        app.guardrails.set_mode(there.admin, ExecutionMode.ON)
        before = _mails(elsewhere)
        worker = there.start_worker()
        try:
            # and the run that waited at its gate goes on
            again = Driver(app, there.admin)
            again.answer(again.gate(run, GateKind.GUIDE), {"content": {"text": "It was there."}})
            until(lambda: again.row(run).state is ExecutionState.COMPLETED, seconds=40, what="the end of the run")
            action, digest = there.propose(9000)
            app.actions.approve(there.admin, action, digest)
            assert there.until_settled([action]) == [ActionState.EXECUTED]
        finally:
            worker.kill()
            worker.wait()
        assert _mails(elsewhere) - before == {"Reminder 9000"}
        assert len(sent) == len(approved)
    finally:
        app.close()


def test_what_was_being_executed_is_never_executed_again(
    living: Installation, elsewhere: Settings, tmp_path: Path
) -> None:
    # Given one approved, one whose call began, one put off until later, and one that waits for a decision
    approved, called, later = living.approve_many(3)
    waiting, _ = living.propose(77)
    with living.app.database.begin() as uow:
        uow.session.execute(text("UPDATE attempts SET called_at = now() WHERE action_id = :one"), {"one": called})
        uow.session.execute(text("UPDATE actions SET state = 'executing' WHERE id = :one"), {"one": called})
        uow.session.execute(
            text("UPDATE attempts SET started_at = now() + interval '1 hour' WHERE action_id = :one"), {"one": later}
        )

    done = back_up(living.app.settings, tmp_path / "one.backup")
    found = restore(elsewhere, done.path)

    # Then the first three are questions for a person, with the attempt that says why
    assert found.held == 3
    app = bootstrap.build(elsewhere, url=elsewhere.database_url)
    try:
        with app.database.reading() as session:
            states = {row[0]: row[1] for row in session.execute(select(Action.id, Action.state))}
            said = session.scalars(select(Attempt.message).where(Attempt.action_id == later)).one()
        assert [states[one] for one in (approved, called, later)] == [ActionState.UNKNOWN] * 3
        assert states[waiting] is ActionState.PENDING
        assert said.startswith("Restored from a backup of ")
        # and a person who looked can say what became of it, and have it done
        app.guardrails.set_mode(living.admin, ExecutionMode.ON)
        app.actions.resolve_unknown(living.admin, approved, happened=False, evidence="Not in the mailbox.", retry=True)
        assert app.actions.hold_after_restore(found.taken_at) == 1
    finally:
        app.close()


def test_killed_between_restoring_and_settling_nothing_can_begin(
    living: Installation, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = living.approve_many(1)[0]
    done = back_up(living.app.settings, tmp_path / "one.backup")

    class Killed(Exception):
        """Stands for the end of the process."""

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_compare", killed)
        with pytest.raises(Killed):
            restore(elsewhere, done.path)

    app = bootstrap.build(elsewhere, url=elsewhere.database_url)
    try:
        assert app.guardrails.ensure().mode is ExecutionMode.OFF
        with app.database.reading() as session:
            assert session.scalar(select(Attempt.called_at).where(Attempt.action_id == action)) is not None
    finally:
        app.close()
    # and restoring again needs the word that says so
    with pytest.raises(NotEmpty):
        restore(elsewhere, done.path)
    again = restore(elsewhere, done.path, replace=True)
    assert (again.held, len(again.renamed) >= 2) == (1, True)


def test_an_installation_in_use_or_not_empty_is_left_alone(living: Installation, tmp_path: Path) -> None:
    done = back_up(living.app.settings, tmp_path / "one.backup")
    before = _all_hashes(living.app.url)
    with pytest.raises(StillRunning):  # this test's own sessions
        restore(living.app.settings, done.path, replace=True)
    living.app.database.engine.dispose()
    living.app.engine.close()
    with pytest.raises(NotEmpty, match="tables"):
        restore(living.app.settings, done.path)
    assert _all_hashes(living.app.url) == before


# -- looking ----------------------------------------------------------------------------------------------------------


def _hashes_at(monkeypatch: pytest.MonkeyPatch) -> tuple[Hashes, Hashes]:
    """Filled with a digest of each table's rows: in the snapshot of the backup, and right after it was restored."""
    at_backup, restored = dict[str, str](), dict[str, str]()
    count, compare = backing_up._count, restoring._compare

    def counted(cursor: Any, schema: str, table: str) -> int:
        at_backup[f"{schema}.{table}"] = _hash(cursor, schema, table)
        return count(cursor, schema, table)

    def compared(url: str, manifest: Any) -> None:
        compare(url, manifest)
        restored.update(_all_hashes(url))

    monkeypatch.setattr(backing_up, "_count", counted)
    monkeypatch.setattr(restoring, "_compare", compared)
    return at_backup, restored


def _all_hashes(url: str) -> Hashes:
    with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
        return {f"{schema}.{table}": _hash(cursor, schema, table) for schema, table in backing_up._tables(cursor)}


def _hash(cursor: Any, schema: str, table: str) -> str:
    name = sql.Identifier(schema, table)
    cursor.execute(sql.SQL("SELECT one::text FROM {} AS one ORDER BY 1").format(name))
    return hashlib.sha256("\n".join(row[0] for row in cursor.fetchall()).encode()).hexdigest()


def _digests(folder: Path) -> set[str]:
    """`ab/abcd…` of the files that are what their names say."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.glob("*/*")
        if hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    }


def _mails(settings: Settings) -> set[str]:
    """The subjects in the outbox; a mail that was sent twice is two files."""
    found = [
        line.removeprefix("Subject: ").strip()
        for path in settings.outbox_dir.glob("*.eml")
        for line in path.read_text().splitlines()
        if line.startswith("Subject: ")
    ]
    assert len(found) == len(set(found))
    return set(found)
