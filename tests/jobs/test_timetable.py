"""Every scheduler means the same slots, and finds the last one that passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.timetable import last_due, trigger_of

NOW = datetime(2026, 3, 4, 9, 30, 12, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("10 3 * * *", datetime(2026, 3, 4, 3, 10, tzinfo=UTC)),
        ("40 23 * * *", datetime(2026, 3, 3, 23, 40, tzinfo=UTC)),
        ("0 7 * * mon", datetime(2026, 3, 2, 7, 0, tzinfo=UTC)),
        ("0 0 1 1 *", datetime(2026, 1, 1, tzinfo=UTC)),
        ("*/5 * * * *", datetime(2026, 3, 4, 9, 30, tzinfo=UTC)),
        (timedelta(seconds=1), datetime(2026, 3, 4, 9, 30, 12, tzinfo=UTC)),
        (timedelta(hours=6), datetime(2026, 3, 4, 6, 0, tzinfo=UTC)),
    ],
)
def test_last_due_slot_is_found(schedule: str | timedelta, due: datetime) -> None:
    assert last_due(schedule, NOW) == due


@given(
    now=st.datetimes(datetime(2026, 2, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    schedule=st.sampled_from(["10 3 * * *", "*/5 * * * *", "0 7 * * mon", timedelta(minutes=7)]),
)
def test_nothing_lies_between_the_last_due_slot_and_now(now: datetime, schedule: str | timedelta) -> None:
    due = last_due(schedule, now)

    assert due is not None
    assert due <= now
    following = trigger_of(schedule).get_next_fire_time(due, due + timedelta(microseconds=1))
    assert following > now


def test_slot_that_is_now_is_due() -> None:
    slot = datetime(2026, 3, 4, 3, 10, tzinfo=UTC)
    assert last_due("10 3 * * *", slot) == slot
