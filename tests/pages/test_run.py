"""The step executor: one click one move, refusals in words, nothing typed is lost, others read without touching."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.executions.rules import ExecutionState
from core.settings import ROOT
from tests.pages.conftest import Visit


def words(screen: AppTest) -> str:
    shown = [*screen.title, *screen.markdown, *screen.info, *screen.error, *screen.caption, *screen.text]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def address(screen: AppTest) -> str:
    """The run that the address names."""
    return str(screen.query_params["execution"])


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    return person(Role.USER, name="Ravi")


@pytest.fixture
def run(app: Application, ravi: Actor) -> UUID:
    return app.executions.start(ravi, "resume_generator")


def test_without_a_run_the_way_leads_to_discover(visit: Visit, ravi: Actor) -> None:
    assert "You have no open run" in words(visit("run", ravi))


def test_the_only_open_run_is_opened_at_once(visit: Visit, ravi: Actor, run: UUID) -> None:
    screen = visit("run", ravi)
    assert "Gather the facts" in words(screen)
    assert address(screen) == str(run)


def test_several_open_runs_are_chosen_from(app: Application, visit: Visit, ravi: Actor, run: UUID) -> None:
    other = app.executions.start(ravi, "resume_generator", again=True)
    screen = visit("run", ravi)
    assert "You have 2 open runs" in words(screen)
    screen.button(key=f"open-{other}").click().run()
    assert address(screen) == str(other)
    assert "Gather the facts" in words(screen)


def test_next_and_previous_move_and_complete_waits_for_the_last_step(
    app: Application, visit: Visit, ravi: Actor, run: UUID
) -> None:
    screen = visit("run", ravi, execution=str(run))
    assert screen.button(key="previous").disabled
    for _ in range(4):
        screen.button(key="next").click().run()
        assert not screen.exception
    with pytest.raises(KeyError):
        screen.button(key="next")
    screen.button(key="previous").click().run()
    assert "Edit like the person" in words(screen)
    assert app.executions_queries.walk(ravi, run).progress.done == 4
    screen.button(key="next").click().run()
    screen.button(key="complete").click().run()

    assert app.executions_queries.walk(ravi, run).state is ExecutionState.COMPLETED
    assert "5 of 5 steps" in words(screen)
    assert not screen.button(key="log").disabled


def test_a_click_in_a_tab_that_is_out_of_date_moves_nothing_twice(
    app: Application, visit: Visit, ravi: Actor, run: UUID
) -> None:
    stale = visit("run", ravi, execution=str(run))
    fresh = visit("run", ravi, execution=str(run))
    fresh.button(key="next").click().run()
    stale.button(key="next").click().run()
    assert app.executions_queries.walk(ravi, run).progress.current == 2

    for _ in range(3):
        fresh.button(key="next").click().run()
    fresh.button(key="complete").click().run()
    stale.button(key="next").click().run()
    assert not stale.exception
    assert "takes no more changes" in words(stale)


def test_pause_and_resume(app: Application, visit: Visit, ravi: Actor, run: UUID) -> None:
    screen = visit("run", ravi, execution=str(run))
    screen.button(key="pause").click().run()
    assert app.executions_queries.walk(ravi, run).paused
    screen.button(key="resume").click().run()
    assert not app.executions_queries.walk(ravi, run).paused


def test_steps_that_are_not_open_cannot_be_clicked(visit: Visit, ravi: Actor, run: UUID) -> None:
    screen = visit("run", ravi, execution=str(run))
    assert screen.button(key="step-2").disabled
    screen.button(key="next").click().run()
    screen.button(key="step-1").click().run()
    assert "done; you are reading it again" in words(screen)


def test_an_abandoned_run_says_why_and_offers_to_start_again(
    app: Application, visit: Visit, ravi: Actor, run: UUID
) -> None:
    app.executions.save_notes(ravi, run, 1, "*kept* as typed")
    app.executions.abandon(ravi, run, "the client left")
    screen = visit("run", ravi, execution=str(run))
    assert "Reason: the client left" in words(screen)
    assert "*kept* as typed" in words(screen)
    screen.button(key="again").click().run()
    assert address(screen) != str(run)
    assert "Gather the facts" in words(screen)


def test_others_find_nothing_and_operators_only_read(
    app: Application, visit: Visit, run: UUID, person: Callable[..., Actor]
) -> None:
    assert "There is no such run" in words(visit("run", person(Role.USER), execution=str(run)))
    screen = visit("run", person(Role.OPERATOR), execution=str(run))
    assert "You are reading a run of Ravi" in words(screen)
    with pytest.raises(KeyError):
        screen.button(key="next")
