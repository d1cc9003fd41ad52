"""An even part of a set of runs, so that a figure that no rollup holds costs the same at a million runs as at ten thousand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from core.analytics import figures
from core.analytics.filters import Filters, conditions
from core.executions.tables import Execution

MOST_LOOKED_AT = 4_000
"""Up to so many runs every one is looked at."""

EXACT_TO = 10_000
"""Up to so many completed runs their durations are exact; beyond, they are of an even sample."""

_SLICES = 256
"""The last byte of a UUIDv7 is random, so each of its values marks one 256th of the runs of any day."""


@dataclass(frozen=True)
class Sample:
    """Which runs are looked at: those whose last byte is below `slices`, all of them at 256."""

    slices: int

    @property
    def whole(self) -> bool:
        return self.slices >= _SLICES

    @property
    def weight(self) -> float:
        """For how many runs each of the sample stands."""
        return _SLICES / self.slices

    def conditions(self, filters: Filters) -> list[ColumnElement[bool]]:
        """`filters` as SQL on `executions`, narrowed to the sample."""
        found = conditions(filters)
        if not self.whole:
            # Written out, not bound: an index on this expression is found by its text.
            found.append(literal_column("get_byte(uuid_send(executions.id), 15)") < literal_column(str(self.slices)))
        return found


def sample_of(session: Session, filters: Filters) -> Sample:
    """As many slices as keep what must be read within `MOST_LOOKED_AT`, whatever `filters` leaves of it.

    Segment, state, person and text have no index of their own: runs that they leave out are read as well.
    """
    read = replace(filters, market=None, skill_level=None, states=None, user_id=None, text="", waits_for_people=False)
    there = sum(figures.states(session, read).values())
    if there <= MOST_LOOKED_AT:
        return Sample(_SLICES)
    return Sample(max(1, _SLICES * MOST_LOOKED_AT // there))


def runs_in(session: Session, filters: Filters, sample: Sample) -> int:
    """How many runs the sample holds."""
    return session.scalar(select(func.count()).select_from(Execution).where(*sample.conditions(filters))) or 0
