"""An even part of a set of runs, so that a figure that no rollup holds costs the same at a million runs as at ten thousand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Boolean, ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

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
            # Written out, not bound, and one by one: so the index on this expression finds them beside a workflow or days.
            slices = ", ".join(str(number) for number in range(self.slices))
            found.append(literal_column(f"get_byte(uuid_send(executions.id), 15) IN ({slices})", Boolean))
        return found


def sample_for(runs: int, *, most: int | None = None, exact_to: int = 0) -> Sample:
    """All of them up to `most` (or `exact_to`); of more, as many slices as hold about `most`."""
    most = MOST_LOOKED_AT if most is None else most
    return Sample(_SLICES if runs <= max(most, exact_to) else max(1, _SLICES * most // runs))


def runs_in(session: Session, filters: Filters, sample: Sample) -> int:
    """How many runs the sample holds."""
    return session.scalar(select(func.count()).select_from(Execution).where(*sample.conditions(filters))) or 0
