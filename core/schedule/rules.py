"""States of a job run, what a run is called, how often it is tried, and its schedule and result in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from core.errors import CountersignError


class JobRunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


OPEN_STATES = (JobRunState.QUEUED, JobRunState.RUNNING)

MAX_STARTS = 3
"""A run whose worker died this often is given up: it is more likely to be what kills the workers."""


class JobAlreadyRunning(CountersignError):
    """{title} is already waiting or running. Wait until it has ended; no second run was started."""

    http_status = 409


def run_id(job: str, slot: datetime) -> str:
    """The name of the run of `job` for `slot`: the same for every scheduler that fires the slot."""
    return f"{job}:{slot.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"


def place_of(text: str) -> tuple[datetime, str] | None:
    """(enqueued at, run id) that a page of the history ended with, or None if `text` names no place."""
    moment, found, run = text.partition("~")
    try:
        at = datetime.fromisoformat(moment).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (at, run) if found else None


def given_up(starts: int) -> str | None:
    """Why a run that has begun `starts` times is not begun again; None while it may be."""
    if starts < MAX_STARTS:
        return None
    return (
        f"The worker running this job ended {starts} times before the job did. "
        "It was given up; look at the worker's log before running it again."
    )


def crash_in_words(error: BaseException) -> str:
    """What a person reads of a job that crashed; the traceback is in the worker's log."""
    if isinstance(error, CountersignError):
        return str(error)
    said = " ".join(str(error).split())[:500]
    return f"The job stopped with an error ({type(error).__name__}{': ' + said if said else ''}). Its log has the rest."


def result_in_words(result: Mapping[str, Any] | None) -> str:
    """The job's own summary, or its figures one after the other."""
    if not result:
        return "Nothing to do"
    if isinstance(result.get("summary"), str):
        return str(result["summary"])
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in result.items()).capitalize()


def interval_in_words(interval: timedelta) -> str:
    """For example "every 5 minutes"."""
    seconds = round(interval.total_seconds())
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            count = seconds // size
            return f"every {noun}" if count == 1 else f"every {count} {noun}s"
    return f"every {seconds} seconds"


def cron_in_words(cron: str) -> str:
    """The usual five-field schedules as a sentence; any other one as it is written."""
    if found := re.fullmatch(r"(\d+) (\d+) \* \* (\*|sun|mon|tue|wed|thu|fri|sat)", cron):
        minute, hour, day = found.groups()
        often = "every day" if day == "*" else f"every {_DAYS[day]}"
        return f"{often} at {int(hour):02}:{int(minute):02} UTC"
    if found := re.fullmatch(r"\*/(\d+) \* \* \* \*", cron):
        return interval_in_words(timedelta(minutes=int(found[1])))
    if found := re.fullmatch(r"(\d+) \* \* \* \*", cron):
        return f"every hour at minute {int(found[1])}"
    return f"at {cron} (cron, UTC)"


_DAYS = {
    "sun": "Sunday",
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
}
