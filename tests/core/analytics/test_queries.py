"""Figures are of one dataset, keep units and kinds of savings apart, and count what the rules count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from core.actions.rules import ActionState, Priority, Risk
from core.actions.tables import Action
from core.actor import SYSTEM, ActorKind
from core.analytics.breakdowns import Dimension
from core.analytics.figures import Bucket
from core.analytics.filters import NONE, Filters
from core.analytics.rules import Dataset, Rate, Result, Total, result_of
from core.bootstrap import Application
from core.clock import ManualClock
from core.executions.rules import ExecutionState, StepState
from core.executions.tables import Execution, ExecutionStep
from core.identity.rules import Market, SkillLevel
from core.identity.tables import Agent
from core.outcomes.rules import MetricType, ProofType, ReviewState
from core.outcomes.tables import Outcome
from tests.core.analytics.history import History

REAL = Filters(Dataset.REAL)
S = ExecutionState


def test_three_savings_figures_stay_apart_by_kind_and_unit(app: Application, history: History) -> None:
    verified = history.run("resume", savings="225.00")
    history.outcome(verified, "100", "USD", review=ReviewState.VERIFIED)
    history.outcome(verified, "40", "USD")
    history.outcome(verified, "9000", "INR", review=ReviewState.REJECTED)
    history.outcome(verified, "3", "hours", metric=MetricType.TIME_SAVED, review=ReviewState.VERIFIED)
    history.outcome(verified, "30", "minutes", metric=MetricType.TIME_SAVED)
    unproven = history.run("resume", savings="7000", currency="INR")
    history.outcome(unproven, "5", "USD", review=ReviewState.VERIFIED, proof=ProofType.NONE)

    found = app.analytics_queries.savings(REAL)

    assert found.estimated == (
        Total("weekly_savings", "INR", Decimal(7000), 1),
        Total("weekly_savings", "USD", Decimal(225), 1),
    )
    assert set(found.measured) == {
        Total("revenue", "USD", Decimal(145), 3),
        Total("time_saved", "hours", Decimal(3), 1),
        Total("time_saved", "minutes", Decimal(30), 1),
    }
    assert set(found.proven) == {Total("revenue", "USD", Decimal(100), 1), Total("time_saved", "hours", Decimal(3), 1)}


@pytest.mark.parametrize("state", [S.FAILED, S.CANCELLED, S.ABANDONED])
def test_failed_denied_and_abandoned_runs_save_nothing(
    app: Application, history: History, state: ExecutionState
) -> None:
    history.outcome(history.run("resume", state, savings="225"), review=ReviewState.VERIFIED)

    found = app.analytics_queries.savings(REAL)

    assert (found.estimated, found.measured, found.proven) == ((), (), ())


def test_a_run_that_goes_on_has_measured_and_no_estimated_savings(app: Application, history: History) -> None:
    history.outcome(history.run("resume", S.IN_PROGRESS, savings="225"), "10")

    found = app.analytics_queries.savings(REAL)

    assert (found.estimated, len(found.measured), found.proven) == ((), 1, ())


def test_datasets_never_mix(app: Application, history: History) -> None:
    history.run("resume", savings="1")
    history.outcome(history.run("resume", savings="2", sample=True), sample=True)

    for dataset, saved in ((Dataset.REAL, 1), (Dataset.SAMPLE, 2)):
        filters = Filters(dataset)
        assert app.analytics_queries.summary(filters).runs == 1
        assert app.analytics_queries.savings(filters).estimated[0].value == saved
        assert app.analytics_queries.metrics(filters).total_workflows == 1
        assert sum(point.runs for point in app.analytics_queries.trend(filters)) == 1
        assert [group.runs for group in app.analytics_queries.groups(filters, Dimension.SEGMENT)] == [1]
        assert app.run_queries.page(SYSTEM, filters).total == 1


def test_sample_is_shown_only_until_there_is_a_real_run(app: Application, history: History) -> None:
    assert app.analytics_queries.dataset().chosen is Dataset.REAL
    history.run("resume", sample=True)
    choice = app.analytics_queries.dataset()
    assert (choice.chosen, choice.can_switch) == (Dataset.SAMPLE, True)

    history.run("resume")

    assert app.analytics_queries.dataset().chosen is Dataset.REAL
    assert app.analytics_queries.dataset(Dataset.SAMPLE).chosen is Dataset.SAMPLE


def test_programs_are_told_of_the_first_real_run_at_once_and_of_samples_when_they_ask(
    app: Application, history: History
) -> None:
    history.run("resume", sample=True)
    assert app.analytics_queries.chosen_dataset() is Dataset.SAMPLE
    history.run("resume")
    assert [app.analytics_queries.chosen_dataset() for _ in range(2)] == [Dataset.REAL, Dataset.REAL]
    assert app.analytics_queries.chosen_dataset(Dataset.SAMPLE) is Dataset.SAMPLE


def test_summary_counts_success_durations_and_errors(app: Application, history: History) -> None:
    for hours in (1, 2, 3, 10):
        run = history.run("resume", takes=timedelta(hours=hours), work=timedelta(minutes=hours * 10))
        if hours > 1:
            history.outcome(run)
    history.run("resume", S.FAILED)
    history.run("resume", S.CANCELLED)

    found = app.analytics_queries.summary(REAL)

    assert (found.runs, found.errors, found.rate) == (6, 1, Rate(3, 5))
    assert found.durations.n == 4
    assert found.durations.average == 4 * 3600
    assert found.durations.p50 == 2.5 * 3600
    assert found.durations.p90 == pytest.approx(7.9 * 3600)
    assert found.durations.work_p50 == 25 * 60


def test_empty_history_gives_noughts_and_no_rate(app: Application) -> None:
    found = app.analytics_queries.metrics(REAL)

    assert (found.total_workflows, found.total_weekly_savings, found.success_rate) == (0, Decimal(0), None)
    assert found.status_distribution == {
        "PENDING": 0, "IN_PROGRESS": 0, "COMPLETED": 0, "FAILED": 0, "CANCELLED": 0,
    }  # fmt: skip
    assert app.analytics_queries.trend(REAL) == []


def test_metrics_name_every_status_and_keep_currencies_apart(app: Application, history: History) -> None:
    history.run("resume", savings="100")
    history.run("resume", savings="200")
    history.run("bot", savings="9000", currency="INR")
    history.run("bot", S.WAITING_ACCEPTANCE)
    history.run("bot", S.ABANDONED, savings="100")

    found = app.analytics_queries.metrics(REAL)

    assert (found.total_weekly_savings, found.savings_currency) == (Decimal(300), "USD")
    assert found.weekly_savings_by_currency == {"USD": Decimal(300), "INR": Decimal(9000)}
    assert found.status_distribution == {
        "PENDING": 0, "IN_PROGRESS": 1, "COMPLETED": 3, "FAILED": 0, "CANCELLED": 1,
    }  # fmt: skip
    assert found.workflows_by_type == {"bot": 3, "resume": 2}
    assert app.analytics_queries.metrics(REAL, "INR").total_weekly_savings == 9000


def test_trend_fills_empty_weeks_and_counts_by_days_that_are_the_same_for_everybody(
    app: Application, history: History
) -> None:
    history.outcome(history.run("resume", at=datetime(2026, 3, 2, 20, 0, tzinfo=UTC), savings="10"))
    history.run("resume", S.ABANDONED, at=datetime(2026, 3, 18, 9, 0, tzinfo=UTC))

    weeks = app.analytics_queries.trend(REAL)
    days = app.analytics_queries.trend(REAL, Bucket.DAY)
    months = app.analytics_queries.trend(REAL, Bucket.MONTH)

    assert [(point.start, point.runs) for point in weeks] == [
        (date(2026, 3, 2), 1), (date(2026, 3, 9), 0), (date(2026, 3, 16), 1),
    ]  # fmt: skip
    assert days[0].start == date(2026, 3, 2)
    assert len(days) == 17
    assert [(point.start, point.rate) for point in months] == [(date(2026, 3, 1), Rate(1, 2))]
    assert weeks[0].estimated == (Total("weekly_savings", "USD", Decimal(10), 1),)


def test_groups_add_up_and_their_keys_filter(app: Application, history: History) -> None:
    with app.database.begin() as uow:
        uow.session.add(Agent(id="scout", name="Scout", created_at=uow.now))
    history.outcome(history.run("resume", agent_id="scout", savings="5"))
    history.run("resume", skill=SkillLevel.ADVANCED)
    history.run("bot", market=None, skill=None)

    for dimension, field in (
        (Dimension.WORKFLOW, "workflow_id"),
        (Dimension.AGENT, "agent_id"),
        (Dimension.COUNCIL, "council_id"),
        (Dimension.MARKET, "market"),
        (Dimension.SKILL, "skill_level"),
    ):
        found = app.analytics_queries.groups(REAL, dimension)
        assert sum(group.runs for group in found) == 3
        for group in found:
            narrowed = replace(REAL, **{field: group.key})  # type: ignore[arg-type]
            assert app.run_queries.page(SYSTEM, narrowed).total == group.runs
    assert {group.key: group.label for group in app.analytics_queries.groups(REAL, Dimension.AGENT)} == {
        NONE: "No agent",
        "scout": "Scout",
    }
    segments = app.analytics_queries.groups(REAL, Dimension.SEGMENT)
    assert {group.key for group in segments} == {"freelancer/beginner", "freelancer/advanced", "unknown/unknown"}


def test_leaderboard_counts_runs_savings_and_approved_proposals(app: Application, history: History) -> None:
    with app.database.begin() as uow:
        for name in ("scout", "clerk"):
            uow.session.add(Agent(id=name, name=name.title(), created_at=uow.now))
        for number, state in enumerate((ActionState.EXECUTED, ActionState.REJECTED, ActionState.EXPIRED)):
            uow.session.add(
                Action(
                    operation="email_send", params={}, title=f"Send {number}", priority=Priority.INFO, priority_rank=2,
                    risk=Risk.LOW, sources=[], impact={}, recommended_steps=[], plan={}, plan_digest="0",
                    leaves_machine=True, state=state, proposer_kind=ActorKind.AGENT, proposer_id="scout",
                    proposer_name="Scout", proposed_at=uow.now, expires_at=uow.now, decided_at=uow.now,
                )
            )  # fmt: skip
    history.run("resume", agent_id="scout", savings="50000")
    history.run("resume", agent_id="clerk", savings="50000", currency="INR")

    scout, clerk = app.analytics_queries.leaderboard(REAL, "USD")

    assert (scout.agent_id, scout.approval, scout.savings) == ("scout", Rate(1, 2), Decimal(50_000))
    assert scout.score == pytest.approx(0.5 * 0.1 + 0.3 * 0.5 + 0.2 / 1500)
    assert (clerk.savings, clerk.runs) == (Decimal(0), 1)


def test_steps_show_where_runs_are_lost(app: Application, history: History) -> None:
    for done in (1, 2, 4):
        run = history.run("resume", S.COMPLETED if done == 4 else S.ABANDONED, steps_completed=done)
        with app.database.begin() as uow:
            for number in range(1, 5):
                state = StepState.DONE if number <= done else StepState.PENDING
                if number == done + 1:
                    state = StepState.ACTIVE
                uow.session.add(ExecutionStep(execution_id=run, number=number, state=state, work_ms=60_000 * number))

    found = app.analytics_queries.steps(REAL, "resume")

    assert [(step.reached, step.done, step.lost) for step in found] == [(3, 3, 0), (3, 2, 1), (2, 1, 1), (1, 1, 0)]
    assert found[1].work_p50 == 120


def test_performance_rows_carry_averages_by_unit(app: Application, history: History) -> None:
    run = history.run("resume", work=timedelta(hours=3))
    history.outcome(run, "10", "USD")
    history.outcome(run, "30", "USD")
    app.analytics.aggregate(SYSTEM)

    (row,) = app.analytics_queries.performance(Dataset.REAL, workflow_id="resume", market="freelancer")

    assert (row.rate, row.completion_hours, row.averages[0].average) == (Rate(1, 1), 3.0, Decimal(20))
    assert app.analytics_queries.performance(Dataset.SAMPLE) == []
    assert app.analytics_queries.aggregated_at() == app.clock.now()


def test_period_before_is_of_equal_length(app: Application, clock: ManualClock) -> None:
    now = clock.now()
    assert Filters(Dataset.REAL, since=now - timedelta(days=7), until=now).before() == Filters(
        Dataset.REAL, since=now - timedelta(days=14), until=now - timedelta(days=7)
    )
    assert REAL.before() is None


runs = st.tuples(
    st.sampled_from(S), st.integers(0, 60), st.lists(st.sampled_from(ReviewState), max_size=2), st.sampled_from(Market)
)


def test_sql_counts_what_the_rules_count(app: Application, history: History, clock: ManualClock) -> None:
    """The success rule stands once in Python and once in SQL; here they meet."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(runs, max_size=12))
    def compare(made: list[Any]) -> None:
        with app.database.begin() as uow:
            uow.session.execute(delete(Outcome))
            uow.session.execute(delete(Execution))
        expected = Rate(0, 0)
        for state, idle, reviews, market in made:
            active = clock.now() - timedelta(days=idle)
            run = history.run("resume", state, market=market, last_activity_at=active)
            for review in reviews:
                history.outcome(run, review=review)
            kept = sum(review is not ReviewState.REJECTED for review in reviews)
            result = result_of(state, outcomes=kept, last_activity_at=active, now=clock.now())
            expected += Rate(result is Result.SUCCESS, result is not Result.NOT_COUNTED)
        app.analytics.aggregate(SYSTEM)  # time alone made some of them stale, which only a pass sees
        assert app.analytics_queries.summary(REAL).rate == expected

    compare()
