"""A case as the run it was, and a log that comes back from its file as it went in."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

from hypothesis import given
from hypothesis import strategies as st

from core.executions.rules import ExecutionState, StepState
from core.imports.cases import Outline, PastRun, run_of
from core.imports.events import Event, event_reader
from core.imports.file import layout_of, open_log
from core.imports.refusals import Reason, Refused
from core.imports.row import Row
from core.imports.rules import Dates, Per, Told, Unfinished
from core.outcomes.rules import MetricType
from tests.core.imports.logs import MAPPING, STEPS, xes_bytes

NOW = datetime(2026, 1, 5, tzinfo=UTC)
OUTLINE = Outline(STEPS, {name: number for number, name in enumerate(STEPS, start=1)}, frozenset({STEPS[-1]}))
AT = datetime(2025, 6, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def event(step: str, begins: int, takes: int | None = None, **more: object) -> Event:
    at = AT + begins * MINUTE
    return replace(Event(1, "L-1", step, at, at + takes * MINUTE if takes is not None else None), **more)  # type: ignore[arg-type]


def run(*events: Event, **mapping: object) -> PastRun | Refused:
    return run_of(events, OUTLINE, replace(MAPPING, **mapping), NOW, {"EUR", "USD"})  # type: ignore[arg-type]


def past(*events: Event, **mapping: object) -> PastRun:
    found = run(*events, **mapping)
    assert isinstance(found, PastRun), found
    return found


def test_work_is_told_from_waiting_and_two_at_once_cover_the_time_once() -> None:
    found = past(event(STEPS[0], 0, 10), event(STEPS[1], 30, 30), event(STEPS[2], 40, 30), event(STEPS[4], 100, 20))
    assert found.state is ExecutionState.COMPLETED
    assert found.last - found.began == 120 * MINUTE
    assert found.work_ms == 90 * 60_000
    assert found.wait_ms == (120 - 10 - 40 - 20) * 60_000
    assert [step.state for step in found.steps] == [StepState.DONE] * 3 + [StepState.PENDING, StepState.DONE]


def test_one_time_an_event_says_nothing_of_work() -> None:
    found = past(event(STEPS[0], 0), event(STEPS[4], 60))
    assert (found.work_ms, found.wait_ms) == (0, 3_600_000)


def test_start_and_complete_in_rows_of_their_own_are_put_together() -> None:
    found = past(
        event(STEPS[0], 0, transition="start"), event(STEPS[0], 5, transition="start"),
        event(STEPS[0], 10, transition="complete"), event(STEPS[0], 20, transition="complete"),
        event(STEPS[1], 25, transition="schedule"), event(STEPS[4], 30, transition="complete"),
    )  # fmt: skip
    assert found.steps[0].work_ms == 25 * 60_000
    assert found.steps[1].state is StepState.PENDING
    assert found.state is ExecutionState.COMPLETED


def test_step_that_was_begun_and_not_ended_is_where_it_stopped() -> None:
    found = past(event(STEPS[0], 0, 5), event(STEPS[1], 10, transition="start"))
    assert found.steps[1].state is StepState.ACTIVE
    assert found.state is ExecutionState.ABANDONED


def test_case_that_is_not_over_is_left_out_until_it_is_old_unless_told_otherwise() -> None:
    young = event(STEPS[0], 0, at=NOW - timedelta(days=30))
    assert isinstance(found := run(young), Refused) and found.reason is Reason.NOT_OVER
    old = replace(young, at=NOW - timedelta(days=31))
    assert past(old).state is ExecutionState.ABANDONED
    assert past(young, unfinished=Unfinished.ABANDONED).state is ExecutionState.ABANDONED
    assert isinstance(run(old, unfinished=Unfinished.LEFT_OUT), Refused)


def test_end_that_is_no_step_completes_a_case() -> None:
    outline = replace(OUTLINE, ends=frozenset({"Withdrawn"}))
    found = run_of([event(STEPS[0], 0, 5), event("Withdrawn", 9)], outline, MAPPING, NOW, set())
    assert isinstance(found, PastRun) and found.state is ExecutionState.COMPLETED and found.last == AT + 9 * MINUTE


def test_case_without_any_step_is_refused() -> None:
    assert isinstance(found := run(event("Lunch", 0)), Refused) and found.reason is Reason.NO_STEP


def test_value_is_the_last_of_a_case_or_the_sum_of_its_events() -> None:
    money = {"metric": MetricType.REVENUE, "value": "Revenue", "unit": Told(column="Currency")}
    events = (
        event(STEPS[0], 0, value=Decimal(5), unit="EUR"), event(STEPS[3], 1, value=Decimal(7), unit="EUR"),
        event(STEPS[4], 2),
    )  # fmt: skip
    last, summed = past(*events, **money).outcome, past(*events, **money, value_per=Per.EVENT).outcome
    assert last is not None and last.value == 7 and summed is not None and summed.value == 12
    mixed = run(events[0], replace(events[1], unit="USD"), events[2], **money, value_per=Per.EVENT)
    assert isinstance(mixed, Refused) and mixed.reason is Reason.MIXED_UNITS
    bad = run(replace(events[0], unit="hours"), event(STEPS[4], 2), **money)
    assert isinstance(bad, Refused) and bad.reason is Reason.BAD_VALUE
    assert past(event(STEPS[4], 0, value=Decimal(0), unit="EUR"), **money).outcome is None
    assert past(event(STEPS[0], 0, value=Decimal(5), unit="EUR"), **money).outcome is None


def test_costs_of_two_currencies_are_not_added() -> None:
    one, other = (
        event(STEPS[0], 0, cost=Decimal(5), currency="EUR"),
        event(STEPS[4], 1, cost=Decimal(6), currency="USD"),
    )
    assert past(one, other).cost is None
    assert past(one, replace(other, currency="EUR")).cost == 11


names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
instants = st.integers(31_536_000, 1_767_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
logs = st.lists(st.tuples(names, names, instants, st.integers(0, 100_000)), min_size=1, max_size=30)


@given(logs, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_log_comes_back_from_csv_as_it_went_in(
    log: list[tuple[str, str, datetime, int]], delimiter: str, encoding: str
) -> None:
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(("Case ID", "Activity", "Start time", "Complete timestamp", "Resource"))
    for case, activity, at, seconds in log:
        writer.writerow((case, activity, at.isoformat(), (at + timedelta(seconds=seconds)).isoformat(), ""))
    file = BytesIO(buffer.getvalue().encode(encoding))
    layout = replace(layout_of(file, "log.csv"), delimiter=delimiter, header=True)
    read = event_reader(MAPPING, NOW)
    with open_log(file, layout, "log.csv") as opened:
        found = [read(row) for row in opened.rows() if isinstance(row, Row)]
    told = [(one.case_key, one.activity, one.at, one.until) for one in found if isinstance(one, Event)]
    assert told == [(case, name, at, at + timedelta(seconds=seconds)) for case, name, at, seconds in log]


@given(logs)
def test_log_comes_back_from_xes_as_it_went_in(log: list[tuple[str, str, datetime, int]]) -> None:
    file = BytesIO(xes_bytes([(case, [(name, at, "complete")]) for case, name, at, _ in log]))
    mapping = replace(
        MAPPING, case="case:concept:name", activity="concept:name", time="time:timestamp", start="",
        lifecycle="lifecycle:transition", person="", dates=Dates.ISO,
    )  # fmt: skip
    read = event_reader(mapping, NOW)
    with open_log(file, layout_of(file, "log.xes"), "log.xes") as opened:
        found = [read(row) for row in opened.rows() if isinstance(row, Row)]
    told = [(one.case_key, one.activity, one.at) for one in found if isinstance(one, Event)]
    assert told == [(case, name, at) for case, name, at, _ in log]
