"""A slot is one run however often it is requested, and a run ends once with a result or an error in words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import NotAllowed, NotFound
from core.schedule.rules import MAX_STARTS, JobAlreadyRunning, JobRunState, run_id
from core.schedule.service import LOST, JobDescription

SLOT = datetime(2026, 1, 5, 3, 10, tzinfo=UTC)
NIGHTLY = JobDescription("nightly", "Nightly figures", "Counts.", "every day at 03:10 UTC")
ON_DEMAND = JobDescription("on_demand", "Sample data", "Loads.", "")


@pytest.fixture(autouse=True)
def introduced(app: Application) -> None:
    app.schedule.introduce([NIGHTLY, ON_DEMAND])


def test_slot_requested_by_many_schedulers_at_once_is_one_run(app: Application) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: app.schedule.request("nightly", SLOT), range(24)))

    assert sorted(answers) == [False] * 23 + [True]
    assert [run.id for run in app.schedule_queries.runs()] == ["nightly:2026-01-05T03:10:00Z"]
    assert app.engine_queries.queue_depth()["jobs"] == 1


def test_missed_slot_is_made_up_once(app: Application, clock: ManualClock) -> None:
    # Given that no scheduler ran for a week
    clock.advance(timedelta(days=7))
    due = SLOT + timedelta(days=7)

    # When two schedulers start, one after the other
    assert app.schedule.make_up("nightly", due)
    assert not app.schedule.make_up("nightly", due)

    # Then only the last missed slot has a run
    assert [run.slot for run in app.schedule_queries.runs()] == [due]


def test_slot_before_the_job_existed_was_not_missed(app: Application) -> None:
    assert not app.schedule.make_up("nightly", SLOT)


def test_run_by_hand_after_the_missed_slot_counts(app: Application, admin: Actor, clock: ManualClock) -> None:
    clock.advance(timedelta(days=2))
    app.schedule.run_now(admin, "nightly")

    assert not app.schedule.make_up("nightly", SLOT + timedelta(days=1))


def test_run_now_is_enqueued_audited_and_refused_while_one_is_open(app: Application, admin: Actor) -> None:
    run = app.schedule.run_now(admin, "on_demand")

    with pytest.raises(JobAlreadyRunning, match="Sample data is already waiting or running"):
        app.schedule.run_now(admin, "on_demand")
    (view,) = app.schedule_queries.runs(job="on_demand")
    assert (view.id, view.requested_by, view.state) == (run, "Asha", JobRunState.QUEUED)
    assert app.audit_queries.entries(event="job.requested")[0].subject == "job:on_demand"


def test_only_an_admin_runs_jobs(app: Application, person: Callable[..., Actor]) -> None:
    with pytest.raises(NotAllowed):
        app.schedule.run_now(person(Role.OPERATOR, Role.ANALYST), "on_demand")


def test_unknown_job_is_not_run(app: Application, admin: Actor) -> None:
    with pytest.raises(NotFound):
        app.schedule.run_now(admin, "made_up'; DROP TABLE jobs")


def test_run_ends_once(app: Application, clock: ManualClock) -> None:
    app.schedule.request("nightly", SLOT)
    run = run_id("nightly", SLOT)

    begun = app.schedule.begin(run)
    clock.advance(timedelta(seconds=3))
    app.schedule.finish(run, result={"summary": "Counted 7 runs", "runs": 7})
    app.schedule.finish(run, error="too late")

    assert begun is not None
    assert (begun.job, begun.slot) == ("nightly", SLOT)
    view = app.schedule_queries.run(run)
    assert view is not None
    assert (view.state, view.words, view.duration) == (
        JobRunState.SUCCEEDED, "Counted 7 runs", timedelta(seconds=3),
    )  # fmt: skip
    assert app.schedule.begin(run) is None


def test_run_that_keeps_ending_its_worker_is_given_up(app: Application) -> None:
    app.schedule.request("nightly", SLOT)
    run = run_id("nightly", SLOT)

    begun = [app.schedule.begin(run) for _ in range(MAX_STARTS + 1)]

    assert [found is not None for found in begun] == [True] * MAX_STARTS + [False]
    (view,) = app.schedule_queries.recent_failures(app.clock.now() - timedelta(days=1))
    assert "ended 3 times before the job did" in view.words


def test_run_whose_work_the_engine_lost_fails_in_words(app: Application, clock: ManualClock) -> None:
    app.schedule.request("nightly", SLOT)
    app.schedule.begin(run_id("nightly", SLOT))
    clock.advance(timedelta(minutes=2))
    assert app.schedule.settle_lost() == 0

    with app.database.begin() as uow:
        uow.session.connection().exec_driver_sql("UPDATE dbos.workflow_status SET status = 'ERROR'")

    assert app.schedule.settle_lost() == 1
    (view,) = app.schedule_queries.runs()
    assert (view.state, view.words) == (JobRunState.FAILED, LOST)


def test_jobs_are_listed_with_their_last_run_and_scheduled_ones_first(app: Application, clock: ManualClock) -> None:
    app.schedule.request("nightly", SLOT - timedelta(days=1))
    clock.advance(timedelta(minutes=1))
    app.schedule.request("nightly", SLOT)
    app.schedule.announce({"nightly": SLOT + timedelta(days=1), "on_demand": None})

    nightly, on_demand = app.schedule_queries.jobs()

    assert (nightly.title, nightly.schedule, nightly.next_run_at) == (
        "Nightly figures", "every day at 03:10 UTC", SLOT + timedelta(days=1),
    )  # fmt: skip
    assert nightly.last is not None
    assert nightly.last.slot == SLOT
    assert (on_demand.last, on_demand.next_run_at) == (None, None)
    assert app.schedule_queries.scheduler_is_alive()
    clock.advance(timedelta(minutes=5))
    assert not app.schedule_queries.scheduler_is_alive()


def test_history_is_paged_without_gaps_among_runs_of_one_instant(app: Application) -> None:
    for minute in range(5):
        app.schedule.request("nightly", SLOT + timedelta(minutes=minute))

    seen: list[str] = []
    page = app.schedule_queries.runs(limit=2)
    while page:
        seen += [run.id for run in page]
        page = app.schedule_queries.runs(limit=2, before=page[-1].place)

    assert len(seen) == len(set(seen)) == 5
    for nonsense in ("x", "~", "9" * 400, "0001-01-01T00:00:00+23:59~x"):
        app.schedule_queries.runs(before=nonsense)


def test_job_that_is_gone_keeps_its_history(app: Application) -> None:
    app.schedule.request("nightly", SLOT)

    app.schedule.introduce([ON_DEMAND])

    assert [job.name for job in app.schedule_queries.jobs()] == ["on_demand"]
    assert len(app.schedule_queries.runs(job="nightly")) == 1


def test_recent_runs_of_every_job_are_read_in_one_look_oldest_first(app: Application, clock: ManualClock) -> None:
    app.schedule.introduce([JobDescription(name, name.title(), "Does.", "") for name in ("one", "two")])
    for number in range(4):
        for job in ("one", "two"):
            app.schedule.request(job, clock.now())
            run = run_id(job, clock.now())
            app.schedule.begin(run)
        clock.advance(timedelta(seconds=number + 1))
        app.schedule.finish(run_id("one", clock.now() - timedelta(seconds=number + 1)), result={"summary": "Done"})
        app.schedule.finish(run_id("two", clock.now() - timedelta(seconds=number + 1)), error="It broke.")
    recent = app.schedule_queries.recent(3)
    assert [bar.seconds for bar in recent["one"]] == [2.0, 3.0, 4.0]
    assert [bar.failed for bar in recent["two"]] == [True, True, True]
    assert not any(bar.failed for bar in recent["one"])
    clock.advance(timedelta(days=31))
    assert app.schedule_queries.recent() == {}
