"""Rollups follow what changed, and nothing else, and are what a sum from the beginning would give."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, inspect, select, text, update

from core.actor import SYSTEM, Actor, Role
from core.analytics.rules import STALE_AFTER, Dataset
from core.analytics.service import AnalyticsService
from core.analytics.tables import CellPerson, Rollup, RollupAmount, RollupProgress, RunChange
from core.bootstrap import Application
from core.clock import ManualClock
from core.errors import NotAllowed
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.identity.rules import Market, SkillLevel
from core.outcomes.rules import MetricType, ReviewState
from core.outcomes.tables import Outcome
from tests.core.analytics.history import History


def sums(app: Application) -> list[tuple[Any, ...]]:
    """Every row of every rollup, in one order."""
    tables: tuple[Any, ...] = (Rollup, RollupAmount, RollupProgress, CellPerson)
    with app.database.reading() as session:
        found = [tuple(row) for table in tables for row in session.execute(select(*inspect(table).columns))]
    return sorted(found, key=str)


def rows(app: Application) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The cells of both datasets: counted, successes, people, completed."""
    return {
        (dataset.sample, row.workflow_id, row.market, row.skill_level): (row.rate.n, row.rate.successes, row.people)
        for dataset in Dataset
        for row in app.analytics_queries.performance(dataset)
    }


CELL = (False, "resume", "freelancer", "beginner")


def test_a_cell_counts_ended_runs_successes_people_and_values_by_unit(app: Application, history: History) -> None:
    person = history.user()
    done = history.run("resume", user_id=person)
    history.outcome(done, "100.50", "USD")
    history.outcome(done, "9000", "INR")
    history.outcome(done, "2", "hours", metric=MetricType.TIME_SAVED)
    history.run("resume", user_id=person)
    history.run("resume", ExecutionState.ABANDONED, user_id=history.user())
    history.run("resume", ExecutionState.IN_PROGRESS, user_id=history.user())

    report = app.analytics.aggregate(SYSTEM)

    assert report.rows_seen == 4
    assert rows(app) == {CELL: (3, 1, 2)}
    (cell,) = app.analytics_queries.performance(Dataset.REAL)
    assert cell.completion_hours == 1
    assert {(one.metric, one.unit): (one.n, one.value) for one in cell.averages} == {
        ("revenue", "USD"): (1, Decimal("100.50")), ("revenue", "INR"): (1, Decimal(9000)),
        ("time_saved", "hours"): (1, Decimal(2)),
    }  # fmt: skip


def test_aggregating_twice_changes_nothing(app: Application, history: History) -> None:
    history.outcome(history.run("resume"))
    app.analytics.aggregate(SYSTEM)
    before = sums(app)

    assert app.analytics.aggregate(SYSTEM).cells == 0
    assert sums(app) == before


def test_late_outcome_turns_a_failure_into_a_success(app: Application, history: History, clock: ManualClock) -> None:
    run = history.run("resume")
    app.analytics.aggregate(SYSTEM)
    assert rows(app)[CELL][:2] == (1, 0)

    clock.advance(timedelta(days=20))
    history.outcome(run)
    app.analytics.aggregate(SYSTEM)

    assert rows(app)[CELL][:2] == (1, 1)


def test_rejected_proof_takes_its_value_back(app: Application, history: History, clock: ManualClock) -> None:
    outcome = history.outcome(history.run("resume"), "500")
    app.analytics.aggregate(SYSTEM)
    clock.advance(timedelta(days=1))
    history.review(outcome, ReviewState.REJECTED)
    app.analytics.aggregate(SYSTEM)

    assert rows(app)[CELL] == (1, 0, 0)
    assert app.analytics_queries.performance(Dataset.REAL)[0].averages == ()


def test_run_left_alone_counts_as_failure_until_its_owner_returns(
    app: Application, history: History, clock: ManualClock
) -> None:
    run = history.run("resume", ExecutionState.IN_PROGRESS)
    app.analytics.aggregate(SYSTEM)
    assert rows(app) == {}

    clock.advance(STALE_AFTER)
    app.analytics.aggregate(SYSTEM)
    assert rows(app)[CELL][:2] == (1, 0)

    history.change(run, last_activity_at=clock.now())
    app.analytics.aggregate(SYSTEM)
    assert rows(app) == {}


def test_sample_and_real_runs_have_cells_of_their_own(app: Application, history: History) -> None:
    history.run("resume")
    history.run("resume", sample=True)
    app.analytics.aggregate(SYSTEM)

    assert set(rows(app)) == {CELL, (True, *CELL[1:])}

    with app.database.begin() as uow:
        app.analytics.forget_sample(uow)
    assert set(rows(app)) == {CELL}


def test_a_change_that_commits_after_the_pass_is_taken_by_the_next(app: Application, history: History) -> None:
    """Given a run that somebody changes while a pass reads, it is in the pass after the change."""
    run = history.run("resume", ExecutionState.IN_PROGRESS)
    with app.database.begin() as slow:
        slow.session.execute(update(Execution).where(Execution.id == run).values(state=ExecutionState.ABANDONED))
        app.analytics.aggregate(SYSTEM)
        assert rows(app) == {}

    app.analytics.aggregate(SYSTEM)

    assert rows(app)[CELL][0] == 1


def test_a_change_made_past_the_services_is_seen(app: Application, history: History) -> None:
    run = history.run("resume", ExecutionState.ABANDONED)
    app.analytics.aggregate(SYSTEM)
    with app.database.begin() as uow:
        uow.session.execute(text("DELETE FROM executions WHERE id = :id"), {"id": run})

    app.analytics.aggregate(SYSTEM)

    assert sums(app) == []


def test_a_rebuild_takes_in_what_waits_and_leaves_nothing_waiting(app: Application, history: History) -> None:
    history.outcome(history.run("resume"))
    app.analytics.rebuild(SYSTEM)
    before = sums(app)

    assert app.analytics_queries.as_of().waiting == 0
    assert app.analytics.aggregate(SYSTEM).rows_seen == 0
    assert sums(app) == before


def test_only_runs_that_changed_are_read(app: Application, history: History, clock: ManualClock) -> None:
    for _ in range(20):
        history.run("resume")
    clock.advance(timedelta(hours=1))
    app.analytics.aggregate(SYSTEM)
    clock.advance(timedelta(days=1))
    history.run("bot")

    assert app.analytics.aggregate(SYSTEM).rows_seen == 1


def test_small_batches_give_the_same_rows(app: Application, history: History) -> None:
    person = history.user()
    for number in range(7):
        run = history.run("resume" if number % 2 else "bot", user_id=person)
        history.outcome(run, str(number))
    AnalyticsService(app.database, batch=2).aggregate(SYSTEM)
    by_two = sums(app)
    app.analytics.rebuild(SYSTEM)

    assert sums(app) == by_two


def test_aggregation_needs_an_analyst(app: Application, person: Any) -> None:
    with pytest.raises(NotAllowed):
        app.analytics.aggregate(person(Role.USER))
    analyst: Actor = person(Role.ANALYST)
    app.analytics.aggregate(analyst)


def test_incremental_aggregation_equals_a_rebuild_on_any_history(app: Application, history: History) -> None:
    """Hypothesis writes histories: runs, moves, outcomes, reviews, weeks that pass, aggregations in between."""
    people = [history.user() for _ in range(3)]

    class Histories(RuleBasedStateMachine):
        runs: Bundle[Any] = Bundle("runs")
        outcomes: Bundle[Any] = Bundle("outcomes")

        def __init__(self) -> None:
            super().__init__()
            with app.database.begin() as uow:
                for table in (Outcome, Execution, Rollup, RollupAmount, RollupProgress, CellPerson, RunChange):
                    uow.session.execute(delete(table))

        @rule(
            target=runs,
            workflow=st.sampled_from(["resume", "bot"]),
            state=st.sampled_from(ExecutionState),
            person=st.sampled_from([*people, None]),
            market=st.sampled_from([Market.STUDENT, Market.AGENCY, None]),
            skill=st.sampled_from([SkillLevel.BEGINNER, SkillLevel.ADVANCED]),
            sample=st.booleans(),
        )
        def start(self, workflow: str, state: Any, person: Any, market: Any, skill: Any, sample: bool) -> Any:
            return history.run(workflow, state, user_id=person, market=market, skill=skill, sample=sample)

        @rule(run=runs, state=st.sampled_from(ExecutionState))
        def move(self, run: Any, state: ExecutionState) -> None:
            history.change(run, state=state, last_activity_at=app.clock.now())

        @rule(target=outcomes, run=runs, value=st.decimals(0, 1000, places=2), unit=st.sampled_from(["USD", "INR"]))
        def log(self, run: Any, value: Decimal, unit: str) -> Any:
            return history.outcome(run, str(value), unit)

        @rule(outcome=outcomes, state=st.sampled_from(ReviewState))
        def review(self, outcome: Any, state: ReviewState) -> None:
            history.review(outcome, state)

        @rule(days=st.sampled_from([0, 1, 12, 31]))
        def wait(self, days: int) -> None:
            assert isinstance(app.clock, ManualClock)
            app.clock.advance(timedelta(days=days, seconds=1))

        @rule(batch=st.integers(1, 3))
        def aggregate(self, batch: int) -> None:
            AnalyticsService(app.database, batch=batch).aggregate(SYSTEM)

        @invariant()
        def nothing_is_negative(self) -> None:
            for counted, successes, people in rows(app).values():
                assert counted >= successes >= 0
                assert counted >= people >= 0

        def teardown(self) -> None:
            app.analytics.aggregate(SYSTEM)
            incremental = sums(app)
            app.analytics.rebuild(SYSTEM)
            assert incremental == sums(app)

    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
