"""A past is brought in: handed in, rehearsed, written once, and taken back as one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from core.errors import CountersignError, InvalidInput, NotAllowed, NotFound
from core.executions.tables import Execution, ExecutionStep
from core.imports.refusals import Reason
from core.imports.rules import FileTooBig, ImportHasMovedOn, ImportState, Layout, LogMapping, Told
from core.imports.tables import Import, ImportedRun, ImportEvent, ImportRefusal
from core.imports.work import ImportWork
from core.outcomes.rules import MetricType, ReviewState
from core.outcomes.tables import Outcome
from tests.core.imports.logs import MAPPING, csv_bytes, loans, uploaded, work_off

MONEY = replace(
    MAPPING, metric=MetricType.REVENUE, value="Revenue", unit=Told(fixed="EUR"), market=Told(column="Segment"),
    skill_level=Told(fixed="advanced"),
)  # fmt: skip


def brought_in(app: Application, actor: Actor, data: bytes, mapping: LogMapping = MAPPING) -> UUID:
    import_id = uploaded(app, actor, data)
    app.imports.check(actor, import_id, mapping, then_write=True)
    assert work_off(app, import_id) == "done", app.imports_queries.one(actor, import_id).error
    return import_id


def count(app: Application, table: Any) -> int:
    with app.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_log_becomes_runs_as_its_preview_said(app: Application, admin: Actor, person: Callable[..., Actor]) -> None:
    import_id = uploaded(app, admin, csv_bytes(loans(60)))
    app.imports.check(admin, import_id, MONEY)
    assert work_off(app, import_id) == "ready"
    assert count(app, Execution) == 0
    plan = app.imports_queries.one(admin, import_id).plan
    app.imports.start(admin, import_id)
    assert work_off(app, import_id) == "done"

    view = app.imports_queries.one(admin, import_id)
    assert (
        view.written.runs == plan.runs and view.written.steps == plan.steps and view.written.outcomes == plan.outcomes
    )
    assert (count(app, Execution), count(app, ImportedRun), count(app, ImportEvent)) == (60, 60, 0)
    with app.database.reading() as session:
        runs = session.scalars(select(Execution).order_by(Execution.created_at)).all()
        outcomes = session.scalars(select(Outcome)).all()
        steps = session.scalar(select(func.count()).select_from(ExecutionStep))
    assert steps == 60 * 5
    assert {run.market for run in runs} == {"agency"} and {run.skill_level for run in runs} == {"advanced"}
    assert all(run.created_at.year == 2025 and run.changed_at == app.clock.now() for run in runs)
    assert all(run.timer_kind is None and run.work_ms + run.wait_ms <= _elapsed(run) for run in runs)
    assert {one.review_state for one in outcomes} == {ReviewState.PENDING} and {one.unit for one in outcomes} == {"EUR"}


def _elapsed(run: Execution) -> float:
    assert run.completed_at is not None
    return (run.completed_at - run.created_at) / timedelta(milliseconds=1) + 1


def test_person_of_an_email_owns_the_run_and_another_name_is_kept_as_text(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    ravi = person(Role.USER, name="Ravi")
    email = app.identity_queries.people(text="person")[0][0].user.email
    rows = [("A", "Open", "2025-06-02T08:00Z", "2025-06-02T09:00Z", email.upper(), "", ""),
            ("B", "Open", "2025-06-02T08:00Z", "2025-06-02T09:00Z", "Counter 4", "", "")]  # fmt: skip
    brought_in(app, admin, csv_bytes(rows))
    with app.database.reading() as session:
        marks = {one.case_key: one for one in session.scalars(select(ImportedRun))}
        owner = {key: session.get_one(Execution, one.execution_id).user_id for key, one in marks.items()}
    assert owner == {"A": ravi.user_id, "B": None}
    assert marks["B"].person == "Counter 4"


def test_same_file_again_adds_nothing_twice_and_a_later_one_only_what_is_new(app: Application, admin: Actor) -> None:
    brought_in(app, admin, csv_bytes(loans(20)))
    workflow = replace(MAPPING, new_title="", workflow_id="loan_application")
    again = brought_in(app, admin, csv_bytes(loans(20)), workflow)
    later = brought_in(app, admin, csv_bytes(loans(25)), workflow)

    assert app.imports_queries.one(admin, again).written.refused == {Reason.ALREADY_HERE.value: 20}
    assert app.imports_queries.one(admin, later).written.total == 5
    assert count(app, Execution) == 25
    other = brought_in(app, admin, csv_bytes(loans(20)), replace(workflow, source="another system"))
    assert app.imports_queries.one(admin, other).written.total == 20


def test_two_people_at_once_bring_in_each_case_once(app: Application, admin: Actor) -> None:
    brought_in(app, admin, csv_bytes(loans(1)))
    workflow = replace(MAPPING, new_title="", workflow_id="loan_application")
    both = [uploaded(app, admin, csv_bytes(loans(300))) for _ in range(2)]
    for one in both:
        app.imports.check(admin, one, workflow, then_write=True)
    small = ImportWork(app.database, app.catalog, app.imports._files, rows=100, cases=20)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda one: small.carry_on(InlineSteps(), str(one)), both)) == ["done", "done"]
    assert count(app, Execution) == 300
    written = [app.imports_queries.one(admin, one).written for one in both]
    assert sum(one.total for one in written) == 299
    assert sum(one.refused[Reason.ALREADY_HERE.value] for one in written) == 301


def test_two_workers_on_one_import_write_it_once(app: Application, admin: Actor) -> None:
    import_id = uploaded(app, admin, csv_bytes(loans(300)))
    app.imports.check(admin, import_id, MAPPING, then_write=True)
    small = ImportWork(app.database, app.catalog, app.imports._files, rows=100, cases=20)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: small.carry_on(InlineSteps(), str(import_id)), range(2)))
    assert work_off(app, import_id) == "done"
    assert (count(app, Execution), app.imports_queries.one(admin, import_id).written.total) == (300, 300)


class Killed(BaseException):
    """As if the process had ended: nothing below the edge catches it."""


def test_whoever_takes_over_after_any_commit_ends_with_the_same(app: Application, admin: Actor) -> None:
    small = ImportWork(app.database, app.catalog, app.imports._files, rows=20, cases=4)
    data = csv_bytes([*loans(12), ("L-9", "Decide", "yesterday", "today", "", "", "")])
    import_id = uploaded(app, admin, data)
    app.imports.check(admin, import_id, MAPPING, then_write=True)
    deaths = 0

    def die(_session: object) -> None:
        raise Killed

    while True:
        for moment in ("after_commit", "before_commit"):
            event.listen(app.database._sessions, moment, die, once=True)
            try:
                small._go(import_id)
            except Killed:
                deaths += 1
            finally:
                if event.contains(app.database._sessions, moment, die):
                    event.remove(app.database._sessions, moment, die)
        # some commits without dying, or it would never get on
        live = [0]

        def die_later(_session: object, live: list[int] = live) -> None:
            live[0] += 1
            if live[0] == 6:
                raise Killed

        event.listen(app.database._sessions, "after_commit", die_later)
        try:
            small._go(import_id)
        except Killed:
            deaths += 1
        finally:
            event.remove(app.database._sessions, "after_commit", die_later)
        view = app.imports_queries.one(admin, import_id)
        if view.row.state is ImportState.DONE:
            break
        assert deaths < 200
    assert deaths > 5
    assert (count(app, Execution), view.written.total, view.rows_read) == (12, 12, data.count(b"\r\n") - 1)
    assert dict(view.refused_rows) == {"bad_time": 1} and dict(view.written.refused) == {"broken_case": 1}
    assert count(app, ImportRefusal) == 2


def test_taken_back_as_one_with_what_hangs_on_it_and_nothing_else(app: Application, admin: Actor) -> None:
    kept = brought_in(app, admin, csv_bytes(loans(5)), MONEY)
    workflow = replace(MONEY, new_title="", workflow_id="loan_application")
    gone = brought_in(app, admin, csv_bytes(loans(30)), workflow)
    app.imports.take_back(admin, gone)
    with pytest.raises(ImportHasMovedOn):
        app.imports.take_back(admin, gone)
    assert work_off(app, gone) == "taken_back"

    assert count(app, Execution) == 5 == app.imports_queries.one(admin, kept).written.total
    with app.database.reading() as session:
        stray = select(func.count()).select_from(Outcome).where(Outcome.execution_id.not_in(select(Execution.id)))
        assert session.scalar(stray) == 0
    events = [entry.event for entry in app.audit_queries.page(admin)[0]] if hasattr(app.audit_queries, "page") else []
    assert not events or {"import.started", "import.taken_back"} <= set(events)
    # and its cases can come again
    again = brought_in(app, admin, csv_bytes(loans(30)), workflow)
    assert app.imports_queries.one(admin, again).written.total == 25


def test_taken_back_while_it_is_written_leaves_nothing(app: Application, admin: Actor) -> None:
    import_id = uploaded(app, admin, csv_bytes(loans(40)))
    app.imports.check(admin, import_id, MAPPING, then_write=True)
    small = ImportWork(app.database, app.catalog, app.imports._files, rows=500, cases=10)
    done = [0]

    def take_back_half_way(_session: object) -> None:
        if count(app, ImportedRun) >= 20 and not done[0]:
            done[0] = 1
            app.imports.take_back(admin, import_id)

    event.listen(app.database._sessions, "after_commit", take_back_half_way)
    try:
        small.carry_on(InlineSteps(), str(import_id))
    finally:
        event.remove(app.database._sessions, "after_commit", take_back_half_way)
    assert done == [1]
    assert work_off(app, import_id) == "taken_back"
    assert (count(app, Execution), count(app, ImportEvent)) == (0, 0)


def test_case_with_a_refused_row_is_left_out_whole_and_comes_in_once_it_is_corrected(
    app: Application, admin: Actor
) -> None:
    rows = list(loans(3))
    bad = [*rows, ("L-000002", "Decide", "31.12.2025", "31.12.2025", "", "", "")]
    first = brought_in(app, admin, csv_bytes(bad))
    assert app.imports_queries.one(admin, first).written.total == 2
    refused = app.imports_queries.refused(admin, first)
    assert [(one.line, one.reason) for one in refused if one.reason is Reason.BAD_TIME] == [
        (len(bad) + 1, Reason.BAD_TIME)
    ]
    workflow = replace(MAPPING, new_title="", workflow_id="loan_application")
    second = brought_in(app, admin, csv_bytes(rows), workflow)
    assert app.imports_queries.one(admin, second).written.total == 1


def test_rows_out_of_order_and_at_the_same_instant_are_taken_by_time_then_by_place(
    app: Application, admin: Actor
) -> None:
    rows = list(loans(20))
    brought_in(app, admin, csv_bytes(rows[::-1]))
    at = "2025-06-02T08:00Z"
    same = [("S", name, at, at, "", "", "") for name in ("First", "Second", "Third")]
    other = brought_in(app, admin, csv_bytes(same), replace(MAPPING, source="s", new_title="Same"))
    assert list(app.imports_queries.one(admin, other).titles) == ["First", "Second", "Third"]
    with app.database.reading() as session:
        done = session.scalar(
            select(func.count()).where(Execution.state == "completed", Execution.workflow_id != "same")
        )
    assert done == sum(row[1] == "Pay out" for row in rows)


@pytest.mark.parametrize("role", [Role.USER, Role.OPERATOR, Role.COUNCIL])
def test_only_analysts_and_admins_import(
    app: Application, admin: Actor, person: Callable[..., Actor], role: Role
) -> None:
    import_id = uploaded(app, admin, csv_bytes(loans(3)))
    other = person(role)
    acts: list[Callable[[], object]] = [
        lambda: uploaded(app, other, csv_bytes(loans(3))),
        lambda: app.imports.read_as(other, import_id, Layout("csv")),
        lambda: app.imports.check(other, import_id, MAPPING),
        lambda: app.imports.start(other, import_id),
        lambda: app.imports.try_again(other, import_id),
        lambda: app.imports.take_back(other, import_id),
        lambda: app.imports.discard(other, import_id),
        lambda: app.imports_queries.page(other),
        lambda: app.imports_queries.one(other, import_id),
        lambda: app.imports_queries.preview(other, import_id),
        lambda: app.imports_queries.refused(other, import_id),
        lambda: app.imports_queries.all_refused(other, import_id),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert app.imports_queries.one(admin, import_id).row.state is ImportState.UPLOADED


def test_analyst_makes_no_workflow_but_imports_into_one(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    analyst = person(Role.ANALYST)
    import_id = uploaded(app, analyst, csv_bytes(loans(3)))
    with pytest.raises(NotAllowed):
        app.imports.check(analyst, import_id, MAPPING)
    brought_in(app, admin, csv_bytes(loans(1)))
    app.imports.check(
        analyst, import_id, replace(MAPPING, new_title="", workflow_id="loan_application"), then_write=True
    )
    assert work_off(app, import_id) == "done"


def test_workflow_that_is_here_is_not_changed_by_a_log_of_its_name(app: Application, admin: Actor) -> None:
    brought_in(app, admin, csv_bytes(loans(3)))
    import_id = uploaded(app, admin, csv_bytes(loans(3)))
    for title in ("Loan application", "loan  APPLICATION"):
        with pytest.raises(InvalidInput):
            app.imports.check(admin, import_id, replace(MAPPING, new_title=title))
    with pytest.raises(NotFound):
        app.imports.check(admin, import_id, replace(MAPPING, new_title="", workflow_id="nothing"))


def test_nothing_is_started_twice_and_nothing_half_written_is_read_again(app: Application, admin: Actor) -> None:
    import_id = uploaded(app, admin, csv_bytes(loans(3)))
    with pytest.raises(ImportHasMovedOn):
        app.imports.start(admin, import_id)
    app.imports.check(admin, import_id, MAPPING)
    work_off(app, import_id)
    app.imports.start(admin, import_id)
    for act in (app.imports.start, app.imports.try_again, app.imports.discard):
        with pytest.raises(ImportHasMovedOn):
            act(admin, import_id)
    with pytest.raises(ImportHasMovedOn):
        app.imports.check(admin, import_id, MAPPING)


def test_file_over_the_limit_is_told_and_not_kept(
    app: Application, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.imports import service

    monkeypatch.setattr(service, "MOST_BYTES", 1000)
    with pytest.raises(FileTooBig):
        uploaded(app, admin, csv_bytes(loans(30)))
    assert not [path for path in app.settings.imports_dir.rglob("*") if path.is_file()]


def test_upload_that_is_left_alone_is_forgotten_with_its_file(
    app: Application, admin: Actor, clock: ManualClock
) -> None:
    old = uploaded(app, admin, csv_bytes(loans(3)))
    clock.advance(timedelta(days=8))
    uploaded(app, admin, csv_bytes(loans(4)))
    with pytest.raises(NotFound):
        app.imports_queries.one(admin, old)
    assert len([path for path in app.settings.imports_dir.rglob("*") if path.is_file()]) == 1


def test_file_of_two_imports_stays_until_both_are_gone(app: Application, admin: Actor) -> None:
    one, other = (uploaded(app, admin, csv_bytes(loans(3))) for _ in range(2))
    app.imports.discard(admin, one)
    app.imports.check(admin, other, MAPPING)
    assert work_off(app, other) == "ready"
    app.imports.discard(admin, other)
    assert count(app, Import) == 0
    assert not [path for path in app.settings.imports_dir.rglob("*") if path.is_file()]


def test_hostile_text_of_a_file_is_kept_as_text(app: Application, admin: Actor) -> None:
    at = "2025-06-02T08:00Z"
    hostile = [
        r"\N",
        r"\.",
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE users; --",
        "<script>alert(1)</script>",
        "a\tb",
        '"q"',
    ]
    rows = [(text, "Open", at, at, text, text, "") for text in hostile]
    brought_in(app, admin, csv_bytes(rows))
    with app.database.reading() as session:
        keys = {one.strip() for one in session.scalars(select(ImportedRun.case_key))}
    assert keys == {" ".join(text.split()) for text in hostile}


def test_columns_can_be_read_another_way(app: Application, admin: Actor) -> None:
    import_id = app.imports.upload(admin, "log.csv", BytesIO(b"1,Open,2025-01-01,x\n2,Open,2025-01-02,y\n"))
    app.imports.read_as(admin, import_id, Layout("csv", "utf-8-sig", ",", header=True))
    assert app.imports_queries.one(admin, import_id).found.columns == ("1", "Open", "2025-01-01", "x")
    with pytest.raises(CountersignError):
        app.imports.read_as(admin, import_id, Layout("csv", "utf-8-sig", ";", header=True))
    with pytest.raises(InvalidInput):
        app.imports.read_as(admin, import_id, Layout("csv", "rot13", ",", header=True))
