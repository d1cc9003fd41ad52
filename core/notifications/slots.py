"""When a person's digest is due: the slots of a preference, in their own zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.actor import Role
from core.errors import InvalidInput

MAX_SENDS = 3
"""How often one digest is handed to a mail server that says "later"."""

LATELY = timedelta(hours=24)
"""What ends within this is told first."""


class Every(StrEnum):
    OFF = "off"
    HOURLY = "hourly"
    DAILY = "daily"


class DigestState(StrEnum):
    EMPTY = "empty"
    """Nothing was new, so nothing was sent."""
    SENDING = "sending"
    """Begun; found so later, the worker died at it, and it may have been sent."""
    SENT = "sent"
    DEFERRED = "deferred"
    """Certainly not sent, and may be tried again."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It may have been sent."""


@dataclass(frozen=True)
class Preference:
    every: Every = Every.DAILY
    hour: int = 8
    zone: str = "UTC"


def default_for(roles: Iterable[str]) -> Preference:
    """What holds for somebody who chose nothing: those whose work is deciding are told, everybody else asks for it."""
    decides = {Role.OPERATOR.value, Role.COUNCIL.value} & {str(role) for role in roles}
    return Preference() if decides else Preference(every=Every.OFF)


def checked_preference(every: Every, hour: int, zone: str) -> Preference:
    if not 0 <= hour <= 23:
        raise InvalidInput(field="Hour", problem="use 0 to 23.")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown, malformed, a folder of zones
        raise InvalidInput(field="Time zone", problem="use a name such as Europe/Berlin.") from None
    return Preference(every, hour, zone)


def latest_slot(preference: Preference, now: datetime) -> datetime | None:
    """The slot that was due last, in UTC: the beginning of this hour, or today's hour (yesterday's, if it is to come).

    An hour that the clocks leave out comes as late as they jump; one that they repeat counts once, the first time.
    """
    match preference.every:
        case Every.OFF:
            return None
        case Every.HOURLY:
            return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        case Every.DAILY:
            zone = ZoneInfo(preference.zone)
            today = now.astimezone(zone).date()
            slots = [_at(today - timedelta(days=back), preference.hour, zone) for back in (0, 1)]
            return next(slot for slot in slots if slot <= now)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
