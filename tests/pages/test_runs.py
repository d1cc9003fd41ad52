"""The Runs page: a filtered, paged list, one run with all that hangs on it, and nobody else's runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.executions.rules import ExecutionState
from core.outcomes.rules import ReviewState
from tests.core.analytics.history import History
from tests.pages.conftest import Visit
from tests.pages.test_analytics import words


@pytest.fixture
def history(app: Application) -> History:
    app.catalog.sync(app.settings.workflows_file)
    made = History(app)
    made.workflow("own", title="Bake bread")
    return made


def test_list_counts_what_goes_on_and_what_failed(visit: Visit, history: History, admin: Actor) -> None:
    history.run("own", ExecutionState.IN_PROGRESS)
    history.run("own", ExecutionState.FAILED)
    history.run("own")
    assert "3 runs: 1 goes on, 1 failed." in words(visit("runs", admin))


def test_address_filters_by_status_text_and_period(
    app: Application, visit: Visit, history: History, admin: Actor
) -> None:
    history.run("own", ExecutionState.FAILED, error="The key was refused.")
    history.run("own")
    history.run("own", at=app.clock.now() - timedelta(days=400))
    assert "1 run:" in words(visit("runs", admin, status="Failed"))
    assert "1 run:" in words(visit("runs", admin, q="key was"))
    assert "2 runs:" in words(visit("runs", admin))
    assert "3 runs:" in words(visit("runs", admin, period="All time"))


def test_person_sees_only_their_own(visit: Visit, history: History, admin: Actor, person: Callable[..., Actor]) -> None:
    ravi = person(Role.USER)
    history.run("own", user_id=ravi.user_id)
    other = history.run("own", user_id=admin.user_id)
    assert "1 run:" in words(visit("runs", ravi))
    assert "There is no such run" in visit("runs", ravi, run=str(other)).info[0].value


@pytest.mark.parametrize("wanted", ["nonsense", "01999999-0000-7000-8000-000000000000"])
def test_unknown_run_is_told_in_words(visit: Visit, admin: Actor, wanted: str) -> None:
    screen = visit("runs", admin, run=wanted)
    assert not screen.exception
    assert "There is no such run" in screen.info[0].value


def test_detail_shows_state_owner_time_and_the_chain_of_savings(visit: Visit, history: History, admin: Actor) -> None:
    run = history.run(
        "own", user_id=admin.user_id, savings="225", work=timedelta(hours=3), wait_ms=3_600_000,
        rate_card={
            "tasks_per_week": "9", "minutes_per_task": "20", "hourly_wage": "75", "automation_percent": "1",
            "effective_from": "2026-01-01",
        },
    )  # fmt: skip
    history.outcome(run, "40", review=ReviewState.VERIFIED)
    said = words(visit("runs", admin, run=str(run)))
    assert "Asha" in said
    assert "Work :gray[75 %]" in said
    assert "**Estimated** \\$225.00 a week" in said
    assert "9 tasks a week × 20 min × 100 % at \\$75.00 an hour" in said
    assert "**Proven** \\$40.00" in said
    assert "Counts as a success." in said


def test_failed_run_says_why_and_saves_nothing(visit: Visit, history: History, admin: Actor) -> None:
    run = history.run("own", ExecutionState.FAILED, error="The key was refused.", savings="225")
    screen = visit("runs", admin, run=str(run))
    assert "The key was refused." in screen.error[0].value
    assert "**Estimated** nothing: only completed runs save." in words(screen)


def test_open_run_of_mine_can_be_gone_on_with(app: Application, visit: Visit, history: History, admin: Actor) -> None:
    run = app.executions.start(admin, "resume_generator")
    drawn = visit("runs", admin, run=str(run)).get("html")
    assert any(f"/run?execution={run}" in part.proto.body for part in drawn)


def test_pages_go_forth_and_back_and_begin_anew_with_another_filter(
    app: Application, visit: Visit, history: History, admin: Actor
) -> None:
    for n in range(45):
        history.run("own", at=app.clock.now() - timedelta(hours=n))
    screen = visit("runs", admin)
    assert screen.button(key="page-previous").disabled
    screen.button(key="page-next").click().run()
    second = screen.query_params["after"]
    screen.button(key="page-next").click().run()
    assert screen.button(key="page-next").disabled
    screen.button(key="page-previous").click().run()
    assert "after" not in screen.query_params
    assert "before" in screen.query_params
    screen.selectbox(key="sort").select("Oldest first").run()
    assert not {"after", "before"} & set(screen.query_params)
    again = visit("runs", admin, after=second[0] if isinstance(second, list) else second)
    assert not again.button(key="page-previous").disabled
    assert not again.exception


@pytest.mark.parametrize("sort", ["Newest first", "Oldest first", "Last active", "Longest", "Most savings"])
def test_every_order_has_a_page_and_a_made_up_place_shows_the_first(
    visit: Visit, history: History, admin: Actor, sort: str
) -> None:
    history.run("own", savings="225")
    screen = visit("runs", admin, sort=sort, after="made~up")
    assert not screen.exception
    assert "1 run:" in words(screen)
    assert "after" not in screen.query_params


def test_address_narrows_to_one_person_for_those_who_see_all_and_for_nobody_else(
    visit: Visit, history: History, admin: Actor, person: Callable[..., Actor]
) -> None:
    ravi, other = person(Role.USER, name="Ravi Menon"), person(Role.USER)
    history.run("own", user_id=ravi.user_id)
    history.run("own", user_id=other.user_id)
    screen = visit("runs", admin, person=str(ravi.user_id))
    assert "1 run:" in words(screen)
    assert screen.button(key="chip-person").label == "Runs of Ravi Menon"
    screen.button(key="chip-person").click().run()
    assert "2 runs:" in words(screen)
    theirs = visit("runs", other, person=str(ravi.user_id))
    assert "1 run:" in words(theirs)
    assert not [button for button in theirs.button if button.key == "chip-person"]


def test_detail_shows_what_went_in_and_came_out_the_proofs_and_the_history(
    app: Application, visit: Visit, admin: Actor, history: History
) -> None:
    run = app.executions.start(admin, "resume_generator", inputs={"topic": "Spring *range*"})
    app.executions.pause(admin, run)
    history.change(run, outputs={"sheet": "Ready"})
    screen = visit("runs", admin, run=str(run))
    drawn = " ".join(part.proto.body for part in screen.get("html"))
    assert not screen.exception
    assert "Spring *range*" in drawn
    assert "Ready" in drawn
    told = [caption.value for caption in screen.caption]
    assert any(line.endswith("Asha · Started") for line in told)
    assert any(line.endswith("Asha · Paused") for line in told)
