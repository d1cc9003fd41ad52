"""When a digest is due: in the reader's zone, across the changes of its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.notifications.slots import Every, Preference, checked_preference, latest_slot

ZONES = ["UTC", "Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "Pacific/Apia", "Africa/Casablanca"]
moments = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_daily_slot_is_the_hour_in_the_readers_zone() -> None:
    berlin = Preference(Every.DAILY, 8, "Europe/Berlin")
    assert latest_slot(berlin, at("2026-01-05T07:00")) == at("2026-01-05T07:00")
    assert latest_slot(berlin, at("2026-01-05T06:59")) == at("2026-01-04T07:00")
    assert latest_slot(berlin, at("2026-07-05T07:30")) == at("2026-07-05T06:00")


def test_hour_left_out_comes_late_and_a_repeated_one_counts_once() -> None:
    berlin = Preference(Every.DAILY, 2, "Europe/Berlin")
    assert latest_slot(berlin, at("2026-03-29T12:00")) == at("2026-03-29T01:00")  # 02:00 did not exist: it was 03:00
    assert latest_slot(berlin, at("2026-10-25T00:30")) == at("2026-10-25T00:00")
    assert latest_slot(berlin, at("2026-10-25T01:30")) == at("2026-10-25T00:00")  # 02:30 again


def test_off_has_no_slot_and_hourly_the_begun_hour() -> None:
    assert latest_slot(Preference(Every.OFF), at("2026-01-05T07:10")) is None
    assert latest_slot(Preference(Every.HOURLY), at("2026-01-05T07:59")) == at("2026-01-05T07:00")


@given(moments, st.integers(0, 23), st.sampled_from(ZONES))
def test_one_slot_a_day_never_to_come_and_never_older_than_a_day_of_25_hours(
    now: datetime, hour: int, zone: str
) -> None:
    slot = latest_slot(Preference(Every.DAILY, hour, zone), now)

    assert slot is not None
    assert slot <= now
    assert now - slot < timedelta(hours=25)
    after = latest_slot(Preference(Every.DAILY, hour, zone), now + timedelta(minutes=15))
    assert after is not None
    assert after == slot or after.astimezone(ZoneInfo(zone)).date() > slot.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize(
    ("hour", "zone"), [(24, "UTC"), (-1, "UTC"), (8, "Mars/Olympus"), (8, "../etc/passwd"), (8, ""), (8, "Europe")]
)
def test_hour_and_zone_that_do_not_exist_are_refused(hour: int, zone: str) -> None:
    with pytest.raises(InvalidInput):
        checked_preference(Every.DAILY, hour, zone)
