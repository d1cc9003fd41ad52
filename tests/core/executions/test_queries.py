"""The history shows what one may see, newest first, page by page without gaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import InvalidInput
from core.executions.rules import ApiStatus, StepState, states_of
from core.executions.tables import ExecutionStep


def test_pages_follow_each_other_without_gap_or_repeat(
    app: Application, catalog: None, ravi: Actor, clock: ManualClock
) -> None:
    runs = []
    for number in range(7):
        runs.append(app.executions.start(ravi, "resume_generator", again=True))
        if number % 3 == 0:
            clock.advance(timedelta(seconds=1))
    seen: list[UUID] = []
    before: str | None = None
    while True:
        page = app.executions_queries.page(ravi, before=before, limit=3)
        assert page.total == 7
        seen += [row.id for row in page.rows]
        before = page.next
        if before is None:
            break

    assert seen == runs[::-1]
    assert [row.id for row in app.executions_queries.page(ravi, offset=5, limit=3).rows] == runs[1::-1]


def test_filters_and_who_sees_what(
    app: Application, run: UUID, ravi: Actor, person: Callable[..., Actor], admin: Actor
) -> None:
    stranger, analyst = person(Role.USER), person(Role.ANALYST)
    mine = app.executions.start(stranger, "resume_generator")
    app.executions.cancel(stranger, mine)

    def ids(actor: Actor, **filters: object) -> set[UUID]:
        return {row.id for row in app.executions_queries.page(actor, **filters).rows}  # type: ignore[arg-type]

    assert ids(ravi) == {run}
    assert ids(stranger) == {mine}
    assert ids(analyst) == ids(admin) == {run, mine}
    assert ids(admin, mine=True) == set()
    assert ids(admin, states=states_of(ApiStatus.CANCELLED)) == {mine}
    assert ids(admin, workflow_id="whatsapp_bot") == set()
    assert ids(admin, sample=True) == set()


def test_open_runs_are_those_one_can_go_on_with_last_touched_first(
    app: Application, catalog: None, person: Callable[..., Actor], clock: ManualClock, admin: Actor
) -> None:
    first = app.executions.start(admin, "resume_generator")
    clock.advance(timedelta(minutes=1))
    second = app.executions.start(admin, "whatsapp_bot")
    clock.advance(timedelta(minutes=1))
    app.executions.save_notes(admin, first, 1, "go on here")

    assert [row.id for row in app.executions_queries.open_runs(admin)] == [first, second]
    app.executions.abandon(admin, first, "done with it")
    assert [row.id for row in app.executions_queries.open_runs(admin)] == [second]


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "2026-01-05~x", "2026-01-05T00:00:00~00000000-0000-7000-8000-000000000000"]
)
def test_a_made_up_cursor_is_refused(app: Application, ravi: Actor, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="Cursor"):
        app.executions_queries.page(ravi, before=cursor)


def test_a_run_without_step_rows_is_still_readable(app: Application, ravi: Actor, run: UUID) -> None:
    app.executions.record_progress(ravi, run, 2)
    with app.database.begin() as uow:
        uow.session.execute(delete(ExecutionStep).where(ExecutionStep.execution_id == run))

    states = [step.state for step in app.executions_queries.walk(ravi, run).steps]
    assert states == [StepState.DONE, StepState.DONE, StepState.ACTIVE, StepState.PENDING, StepState.PENDING]
