"""Business hours by the clocks of their own zone: across midnight, weekends and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.guardrails.hours import BusinessHours

WEEK = frozenset(range(5))
OFFICE = BusinessHours("Europe/Berlin", WEEK, time(8), time(18))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (utc(2026, 1, 5, 7, 0), utc(2026, 1, 5, 7, 0)),  # 08:00 in Berlin: just open
        (utc(2026, 1, 5, 6, 59), utc(2026, 1, 5, 7, 0)),
        (utc(2026, 1, 5, 16, 59), utc(2026, 1, 5, 16, 59)),
        (utc(2026, 1, 5, 17, 0), utc(2026, 1, 6, 7, 0)),  # 18:00: closed until tomorrow
        (utc(2026, 1, 9, 17, 0), utc(2026, 1, 12, 7, 0)),  # Friday evening: until Monday
        (utc(2026, 7, 6, 6, 0), utc(2026, 7, 6, 6, 0)),  # in summer an hour earlier by UTC
        (utc(2026, 3, 27, 17, 0), utc(2026, 3, 30, 6, 0)),  # the clocks go forward over this weekend
        (utc(2026, 10, 23, 16, 0), utc(2026, 10, 26, 7, 0)),  # and back over this one
    ],
)
def test_next_opening(at: datetime, opens: datetime) -> None:
    assert OFFICE.next_open(at) == opens


def test_hours_past_midnight_belong_to_the_day_on_which_they_open() -> None:
    nights = BusinessHours("UTC", frozenset({4}), time(22), time(6))  # Friday night
    assert nights.next_open(utc(2026, 1, 10, 5, 59)) == utc(2026, 1, 10, 5, 59)
    assert nights.next_open(utc(2026, 1, 10, 6, 0)) == utc(2026, 1, 16, 22, 0)
    assert nights.next_open(utc(2026, 1, 9, 21, 0)) == utc(2026, 1, 9, 22, 0)
    assert nights.next_open(utc(2026, 1, 9, 5, 0)) == utc(2026, 1, 9, 22, 0)  # Thursday night is none of its


def test_night_that_the_clocks_skip_is_shorter_and_the_one_they_repeat_longer() -> None:
    nights = BusinessHours("Europe/Berlin", frozenset({5}), time(22), time(6))
    assert nights.next_open(utc(2026, 3, 29, 3, 59)) == utc(2026, 3, 29, 3, 59)  # 05:59 in summer time
    assert nights.next_open(utc(2026, 3, 29, 4, 0)) == utc(2026, 4, 4, 20, 0)
    assert nights.next_open(utc(2026, 10, 25, 4, 59)) == utc(2026, 10, 25, 4, 59)  # 05:59 in winter time
    assert nights.next_open(utc(2026, 10, 25, 5, 0)) == utc(2026, 10, 31, 21, 0)


def test_opening_that_the_clocks_skip_comes_after_the_gap() -> None:
    early = BusinessHours("Europe/Berlin", frozenset({6}), time(2, 30), time(9))
    assert early.next_open(utc(2026, 3, 29, 0, 0)) == utc(2026, 3, 29, 1, 30)  # 03:30 by the new clock


def test_same_time_twice_is_a_whole_day() -> None:
    whole = BusinessHours("UTC", frozenset({0}), time(0), time(0))
    assert whole.next_open(utc(2026, 1, 5, 23, 59)) == utc(2026, 1, 5, 23, 59)
    assert whole.next_open(utc(2026, 1, 6, 0, 0)) == utc(2026, 1, 12, 0, 0)


def test_hours_say_themselves_in_words() -> None:
    assert OFFICE.words == "Mon–Fri 08:00–18:00 (Europe/Berlin)"
    assert BusinessHours("UTC", frozenset({0, 2}), time(9), time(9)).words == "Mon, Wed from 09:00 for 24 hours (UTC)"


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
windows = st.builds(
    BusinessHours,
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.frozensets(st.integers(0, 6), min_size=1), times, times,
)  # fmt: skip
_days = (datetime(2026, 1, 1), datetime(2027, 12, 31))  # noqa: DTZ001 - the strategy adds the zone
moments = st.datetimes(*_days, timezones=st.just(UTC))


@given(windows, moments)
def test_next_opening_is_open_and_nothing_before_it_is(hours: BusinessHours, at: datetime) -> None:
    opens = hours.next_open(at)
    assert opens is not None and at <= opens <= at + timedelta(days=15)
    assert hours.next_open(opens) == opens
    if opens > at:
        between = at + (opens - at) / 2
        assert hours.next_open(between) == opens
