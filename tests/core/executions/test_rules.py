"""One state machine, three vocabularies, and progress and clock as values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.errors import CountersignError
from core.executions.progress import Progress, Timer
from core.executions.rules import (
    ENDED,
    TRANSITIONS,
    VIEWS,
    ApiStatus,
    ExecutionState,
    NoSuchStep,
    NotOnLastStep,
    RunEnded,
    RunNotOpen,
    StepNotReached,
    TimerKind,
    move,
    states_of,
)

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_every_state_has_its_transitions_and_its_three_names() -> None:
    assert set(TRANSITIONS) == set(VIEWS) == set(ExecutionState)
    assert {view.guided for view in VIEWS.values()} == {"started", "in_progress", "completed", "abandoned"}
    assert {state for status in ApiStatus for state in states_of(status)} == set(ExecutionState)


def test_every_state_is_reached_from_the_start_and_ended_ones_lead_nowhere() -> None:
    reached, waiting = set[ExecutionState](), [ExecutionState.PENDING]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += TRANSITIONS[state]
    assert reached == set(ExecutionState)
    assert all(not TRANSITIONS[state] for state in ENDED)


@given(st.sampled_from(sorted(ENDED)), st.sampled_from(ExecutionState))
def test_nothing_follows_an_end(ended: ExecutionState, then: ExecutionState) -> None:
    with pytest.raises(RunEnded):
        move(ended, then)


def test_a_state_that_cannot_follow_is_refused() -> None:
    with pytest.raises(RunNotOpen):
        move(ExecutionState.PENDING, ExecutionState.COMPLETED)


def test_reading_an_earlier_step_lowers_nothing() -> None:
    progress = Progress(total=5).finished(1).finished(2).shown(1)

    assert (progress.current, progress.done) == (1, 2)
    assert progress.shown(3) == Progress(total=5, current=3, done=2)


def test_the_bounds_of_the_steps() -> None:
    progress = Progress(total=3).finished(1)
    for number in (0, -1, 4):
        with pytest.raises(NoSuchStep):
            progress.shown(number)
    with pytest.raises(StepNotReached):
        progress.shown(3)
    with pytest.raises(StepNotReached):
        progress.finished(3)
    with pytest.raises(NoSuchStep):
        progress.reached(4)


def test_complete_is_open_only_on_the_last_step() -> None:
    progress = Progress(total=3).finished(1)
    with pytest.raises(NotOnLastStep):
        progress.completed()
    last = progress.finished(2)
    assert last.completed().done == 3
    with pytest.raises(NotOnLastStep):
        last.shown(1).completed()


def test_reports_that_arrive_late_lower_nothing() -> None:
    assert Progress(total=5).reached(3).reached(1) == Progress(total=5, current=4, done=3)


def test_clock_keeps_work_and_waiting_apart() -> None:
    timer = Timer(TimerKind.WORK, START)
    timer = timer.turned(TimerKind.WAIT, START + timedelta(minutes=10))
    timer = timer.turned(TimerKind.WORK, START + timedelta(hours=1))
    timer = timer.turned(None, START + timedelta(hours=1, minutes=5))

    assert (timer.work_ms, timer.wait_ms, timer.ai_ms) == (15 * 60_000, 50 * 60_000, 0)
    assert timer.read(START + timedelta(days=3)) == timer


def test_a_clock_set_back_counts_nothing() -> None:
    timer = Timer(TimerKind.WORK, START, work_ms=5_000)

    assert timer.read(START - timedelta(hours=1)).work_ms == 5_000


kinds = st.sampled_from(TimerKind)


@given(st.lists(st.tuples(st.timedeltas(timedelta(0), timedelta(days=40)), kinds)))
def test_elapsed_is_the_sum_of_its_parts_however_often_it_is_read(moves: list[tuple[timedelta, TimerKind]]) -> None:
    now, timer = START, Timer(TimerKind.WORK, START)
    for passed, kind in moves:
        now += passed
        timer = timer.turned(kind, now)

    assert timer.elapsed_ms == timer.work_ms + timer.wait_ms + timer.ai_ms == (now - START) // timedelta(milliseconds=1)


class Walking(RuleBasedStateMachine):
    """Any moves at all: progress never drops, the screen never leaves the open steps."""

    def __init__(self) -> None:
        super().__init__()
        self.progress = Progress(total=4)
        self.highest = 0

    @rule(number=st.integers(-1, 6), kind=st.sampled_from(["shown", "finished", "reached"]))
    def moves(self, number: int, kind: str) -> None:
        try:
            self.progress = getattr(self.progress, kind)(number)
        except CountersignError:
            return

    @precondition(lambda self: self.progress.on_last_step)
    @rule()
    def completes(self) -> None:
        assert self.progress.completed().done == self.progress.total

    @invariant()
    def holds(self) -> None:
        assert self.progress.done >= self.highest
        assert 1 <= self.progress.current <= self.progress.furthest <= self.progress.total
        self.highest = self.progress.done


TestWalking = Walking.TestCase
