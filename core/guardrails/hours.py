"""Business hours: when work may run, in the time zone it is meant for, across midnight and changes of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class BusinessHours:
    """Open from `opens` until `closes` on `weekdays` (0 is Monday), by the clocks of `zone`.

    `closes` at or before `opens` means on the next day, so that the weekday is the one on which it opens; the same
    time twice is a whole day.
    """

    zone: str
    weekdays: frozenset[int]
    opens: time
    closes: time

    def next_open(self, at: datetime) -> datetime | None:
        """`at` itself while open, else the moment of the next opening; None if it never opens."""
        today = at.astimezone(ZoneInfo(self.zone)).date()
        # From yesterday, whose hours may last past midnight; two weeks, because a change of the clock can eat a day's.
        for day in (today + timedelta(days=number) for number in range(-1, 15)):
            if day.weekday() not in self.weekdays:
                continue
            begins, ends = self._bounds(day)
            if begins <= at < ends:
                return at
            if at < begins < ends:
                return begins
        return None

    @property
    def words(self) -> str:
        """`Mon–Fri 08:00–18:00 (Europe/Berlin)`."""
        days = sorted(self.weekdays)
        if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
            named = f"{DAYS[days[0]]}–{DAYS[days[-1]]}"
        else:
            named = ", ".join(DAYS[day] for day in days)
        whole = self.opens == self.closes
        span = f"from {self.opens:%H:%M} for 24 hours" if whole else f"{self.opens:%H:%M}–{self.closes:%H:%M}"
        return f"{named} {span} ({self.zone})"

    def _bounds(self, day: date) -> tuple[datetime, datetime]:
        """In UTC. A time that the clocks skip is read as the instant it would have been (PEP 495, fold 0)."""
        zone = ZoneInfo(self.zone)
        last = day if self.opens < self.closes else day + timedelta(days=1)
        begins = datetime.combine(day, self.opens, zone).astimezone(UTC)
        return begins, datetime.combine(last, self.closes, zone).astimezone(UTC)
