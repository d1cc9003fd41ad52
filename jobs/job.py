"""What a job is: a name, a purpose in words, a schedule, and what it does for a slot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.bootstrap import Application
from core.schedule.rules import cron_in_words, interval_in_words
from core.schedule.service import JobDescription


@dataclass(frozen=True)
class Job:
    """One file in `jobs/` holds one as `JOB`. Work that is interrupted is begun again: `run` must bear that."""

    name: str
    """As the file is called."""
    title: str
    purpose: str
    schedule: str | timedelta | None
    """Five fields of cron (in UTC), an interval, or None: it runs only when somebody asks."""
    run: Callable[[Application, datetime], dict[str, Any]]
    """Given the slot it runs for; answers JSON-able figures, with a sentence under `summary`."""

    @property
    def schedule_in_words(self) -> str:
        match self.schedule:
            case None:
                return ""
            case timedelta():
                return interval_in_words(self.schedule)
            case cron:
                return cron_in_words(cron)

    def described(self) -> JobDescription:
        return JobDescription(self.name, self.title, self.purpose, self.schedule_in_words)
