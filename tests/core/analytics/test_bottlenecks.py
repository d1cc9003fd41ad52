"""Waits are counted where they happened, costed by each run's own card, and read from an even part of many runs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.analytics import sampling
from core.analytics.bottlenecks import Cause
from core.analytics.filters import Filters
from core.analytics.outliers import Measure
from core.analytics.rules import SMALL_N, Dataset, Rate
from core.bootstrap import Application
from core.executions.rules import ExecutionState, StepState
from core.executions.tables import ExecutionStep
from tests.core.analytics.history import History

REAL = Filters(Dataset.REAL)
HOUR = 3_600_000


def card(wage: str, currency: str = "USD") -> dict[str, str]:
    return {"hourly_wage": wage, "currency": currency}


def steps(app: Application, run: UUID, *states: tuple[StepState, int]) -> None:
    """Each step takes so many hours from begun to done, one of them hands-on."""
    with app.database.begin() as uow:
        for number, (state, hours) in enumerate(states, 1):
            done = state is StepState.DONE
            uow.session.add(
                ExecutionStep(
                    execution_id=run, number=number, state=state, work_ms=HOUR if done else 0,
                    started_at=uow.now if state is not StepState.PENDING else None,
                    completed_at=uow.now + timedelta(hours=hours) if done else None,
                )
            )  # fmt: skip


def test_waiting_costs_hours_times_the_wage_of_the_runs_own_card_by_currency(
    app: Application, history: History
) -> None:
    history.run("resume", wait_ms=2 * HOUR, rate_card=card("30"))
    history.run("resume", wait_ms=3 * HOUR, rate_card=card("40"))
    history.run("bot", wait_ms=HOUR, rate_card=card("500", "INR"))
    history.run("bot", wait_ms=5 * HOUR)
    history.run("bot", wait_ms=9 * HOUR, rate_card=card("1000"), sample=True)
    found = app.analytics_queries.bottlenecks(REAL)
    costs = {cost.currency: (cost.cause, cost.runs, cost.hours, cost.cost) for cost in found.costs}
    assert costs == {
        "USD": (Cause.PAUSE, 2, 5.0, Decimal(180)),
        "INR": (Cause.PAUSE, 1, 1.0, Decimal(500)),
        None: (Cause.PAUSE, 1, 5.0, None),
    }
    assert found.runs == 4
    assert not found.sampled


def test_steps_tell_who_stopped_who_stands_there_and_how_long_the_others_waited(
    app: Application, history: History
) -> None:
    done, active, pending = StepState.DONE, StepState.ACTIVE, StepState.PENDING
    steps(app, history.run("resume"), (done, 3), (done, 1))
    steps(app, history.run("resume", ExecutionState.ABANDONED), (done, 5), (active, 0))
    steps(app, history.run("resume", ExecutionState.IN_PROGRESS), (active, 0), (pending, 0))
    found = {step.number: step for step in app.analytics_queries.bottlenecks(REAL).steps}
    assert found[1].ended == Rate(2, 2)
    assert (found[1].here, found[1].waits, found[1].p50) == (1, 2, 3 * 3600)
    assert found[2].ended == Rate(1, 2)
    assert (found[2].stopped, found[2].here) == (1, 0)


def test_of_many_runs_an_even_part_is_read_and_costs_stand_for_all(
    app: Application, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(120):
        history.run("resume", wait_ms=HOUR, rate_card=card("10"))
    monkeypatch.setattr(sampling, "MOST_LOOKED_AT", 60)
    found = app.analytics_queries.bottlenecks(REAL)
    assert found.sampled
    assert 30 <= found.runs <= 90
    [cost] = found.costs
    assert cost.cost == pytest.approx(Decimal(found.runs) * 2 * 10)
    assert cost.low is not None and cost.high is not None and cost.cost is not None
    assert cost.low < cost.cost < cost.high


def test_run_far_from_its_workflows_usual_is_an_outlier_and_one_of_few_is_not(
    app: Application, history: History
) -> None:
    for minutes in range(100, 100 + SMALL_N):
        history.run("resume", takes=timedelta(minutes=minutes))
    slow = history.run("resume", takes=timedelta(hours=40))
    quick = history.run("resume", takes=timedelta(minutes=1))
    history.run("bot", takes=timedelta(days=300))
    found = app.analytics_queries.outliers(REAL, Measure.DURATION)
    assert {far.run_id for far in found.found} == {slow, quick}
    scores = {far.run_id: far.score for far in found.found}
    assert scores[slow] > 0 > scores[quick]
    assert [usual.workflow_id for usual in found.usual] == ["resume"]
    assert found.usual[0].low < 100 * 60 and found.usual[0].high > 120 * 60


def test_runs_alike_to_the_second_make_no_outlier_of_the_next(app: Application, history: History) -> None:
    for _ in range(SMALL_N):
        history.run("resume", takes=timedelta(minutes=100), savings="50")
    history.run("resume", takes=timedelta(minutes=110), savings="50")
    history.run("resume", takes=timedelta(minutes=100), savings="500")
    assert not app.analytics_queries.outliers(REAL, Measure.DURATION).found
    [rich] = app.analytics_queries.outliers(REAL, Measure.SAVINGS).found
    assert (rich.value, rich.usual.currency, round(rich.times)) == (500.0, "USD", 10)


def test_what_is_usual_is_the_workflows_while_the_runs_are_of_the_filters(app: Application, history: History) -> None:
    for _ in range(SMALL_N):
        history.run("resume", takes=timedelta(minutes=100))
    history.run("resume", takes=timedelta(hours=90))
    mine = history.run("resume", takes=timedelta(hours=80), market=None)
    found = app.analytics_queries.outliers(Filters(Dataset.REAL, market="unknown"), Measure.DURATION)
    assert [far.run_id for far in found.found] == [mine]
    assert found.looked_at == 1
