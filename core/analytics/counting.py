"""How many runs a question is about, from rollups where they answer it; and how many of them are enough to look at."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from core.analytics import breakdowns, figures, sums
from core.analytics.breakdowns import Dimension
from core.analytics.filters import Filters
from core.analytics.sampling import Sample, sample_for
from core.executions.rules import ExecutionState


def states(session: Session, filters: Filters) -> dict[ExecutionState, int]:
    found = sums.states(session, filters)
    return figures.states(session, filters) if found is None else found


def sample_of(session: Session, filters: Filters) -> Sample:
    """As many slices as keep what must be read within bounds, whatever `filters` leaves of it.

    Segment, state, person and text have no index of their own: runs that they leave out are read as well.
    """
    read = replace(filters, market=None, skill_level=None, states=None, user_id=None, text="", waits_for_people=False)
    return sample_for(sum(states(session, read).values()))


def runs_by(session: Session, filters: Filters, dimension: Dimension) -> dict[str, int]:
    """Runs by key, most first; without those that have none."""
    found = sums.counts(session, filters, dimension)
    return breakdowns.counts(session, filters, dimension) if found is None else found
