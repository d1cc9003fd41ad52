"""Lenses: the groups of columns by which rollups are kept, and the one that answers a question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

ALL_TIME = date(1, 1, 1)
"""The day of the rows that sum all days."""


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    """From Monday."""
    ALL = "all"


class Lens(StrEnum):
    """Named after what its rows tell apart."""

    TOTAL = "total"
    WORKFLOW = "workflow"
    SEGMENT = "segment"
    AGENT = "agent"
    COUNCIL = "council"
    WORKFLOW_SEGMENT = "workflow_segment"
    WORKFLOW_AGENT = "workflow_agent"
    WORKFLOW_COUNCIL = "workflow_council"


_SEGMENT = frozenset({"market", "skill_level"})

COLUMNS: dict[Lens, frozenset[str]] = {
    Lens.TOTAL: frozenset(),
    Lens.WORKFLOW: frozenset({"workflow_id"}),
    Lens.SEGMENT: _SEGMENT,
    Lens.AGENT: frozenset({"agent_id"}),
    Lens.COUNCIL: frozenset({"council_id"}),
    Lens.WORKFLOW_SEGMENT: _SEGMENT | {"workflow_id"},
    Lens.WORKFLOW_AGENT: frozenset({"workflow_id", "agent_id"}),
    Lens.WORKFLOW_COUNCIL: frozenset({"workflow_id", "council_id"}),
}
"""The columns each lens tells apart, fewest first: the first that covers a question reads the fewest rows."""


def lens_of(columns: Iterable[str]) -> Lens | None:
    """The lens with the fewest rows that tells all of `columns` apart; None if no lens does."""
    wanted = frozenset(columns)
    return next((lens for lens, held in COLUMNS.items() if wanted <= held), None)


@dataclass(frozen=True)
class Span:
    """The days [first, end), to be read from rows of one grain."""

    grain: Grain
    first: date
    end: date


def spans(since: datetime | None, until: datetime | None, *, by: Grain | None = None) -> list[Span] | None:
    """The rows that make up a period, by whole weeks where they fit; None if it does not begin and end at UTC midnight.

    A trend needs every row `by` the day, or by a week at most.
    """
    if not (_is_midnight(since) and _is_midnight(until)):
        return None
    first = since.astimezone(UTC).date() if since else date.min
    end = until.astimezone(UTC).date() if until else date.max
    if first >= end:
        return []
    if by is Grain.DAY:
        return [Span(Grain.DAY, first, end)]
    if since is None and until is None and by is None:
        return [Span(Grain.ALL, ALL_TIME, date.max)]
    start = _monday(first + timedelta(days=6)) if first > date.min else first
    stop = _monday(end) if end < date.max else end
    if start >= stop:
        return [Span(Grain.DAY, first, end)]
    found = [Span(Grain.DAY, first, start), Span(Grain.WEEK, start, stop), Span(Grain.DAY, stop, end)]
    return [span for span in found if span.first < span.end]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _is_midnight(at: datetime | None) -> bool:
    return at is None or at.astimezone(UTC).timetz() == time(tzinfo=UTC)
