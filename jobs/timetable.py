"""When a job is due: its schedule as an APScheduler trigger, and the last slot that has passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Intervals are counted from here in every scheduler, so that all of them mean the same slots."""

_LOOK_BACK = (
    timedelta(minutes=2),
    timedelta(hours=2),
    timedelta(days=2),
    timedelta(days=40),
    timedelta(days=400),
)


def trigger_of(schedule: str | timedelta) -> Any:
    """An APScheduler trigger in UTC."""
    if isinstance(schedule, timedelta):
        return IntervalTrigger(seconds=int(schedule.total_seconds()), start_date=_EPOCH, timezone=UTC)
    return CronTrigger.from_crontab(schedule, timezone=UTC)


def last_due(schedule: str | timedelta, now: datetime) -> datetime | None:
    """The latest slot at or before `now`, at most 400 days ago; None if there is none.

    APScheduler only looks forward, so this looks forward from ever earlier starts until it meets a slot.
    """
    trigger = trigger_of(schedule)
    for distance in _LOOK_BACK:
        latest: datetime | None = None
        slot = trigger.get_next_fire_time(None, now - distance)
        while slot is not None and slot <= now:
            latest = slot
            slot = trigger.get_next_fire_time(latest, latest + timedelta(microseconds=1))
        if latest is not None:
            return latest.astimezone(UTC)
    return None
