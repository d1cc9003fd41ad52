"""One page of a list: the ids of its runs, from a place in the list's order.

A list of many runs is walked along the index of its order until the page is full. One of few is gathered through the
indexes of its filters and put in order: along the order, few runs may be far between, or all at the other end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal_column, null, select
from sqlalchemy.orm import aliased

from core.analytics.run_order import Place, Runs, Section, place_of
from core.executions.rules import ExecutionState
from core.executions.tables import Execution

Found = tuple[Section, Sequence[Any], str | None]
"""Of a run: its section, the keys with the id last, and what is told of it."""
Where = Callable[[frozenset[ExecutionState] | None], Sequence[ColumnElement[bool]]]
"""The conditions on `executions` for runs in these states, of which the list may want fewer."""


@dataclass(frozen=True)
class Stretch:
    """Runs that follow each other in a list, and where the list goes on at both ends; None where it does not."""

    ids: list[UUID]
    next_cursor: str | None
    previous_cursor: str | None
    total: int | None = None
    """Of the whole list, where it was gathered."""
    told: tuple[str, ...] = ()
    """What `Walk.told` says of each."""


@dataclass(frozen=True)
class Walk:
    """Only ids and keys are read on the way: what a row holds besides is read for the page's rows alone."""

    execute: Callable[[Select[Any]], Iterable[Any]]
    where: Where
    states: frozenset[ExecutionState] | None
    sections: Sequence[Section]
    limit: int
    gathers: bool
    """The list is short enough to be put in order for every page."""
    told: str | None = None
    """SQL that says something of the run `page.id`; asked of the rows of the page alone, in the same statement."""

    def on(self, after: str | None = None, offset: int = 0) -> Stretch:
        """From the list's beginning or behind `after`; `offset` rows are left out first, one by one."""
        start = place_of(after, self.sections) if after is not None else None
        found, total = self._take(start, backward=False, most=self.limit + 1, offset=offset)
        more, found = len(found) > self.limit, found[: self.limit]
        return _stretch(found, more=more, before=start is not None or offset > 0, total=total)

    def back(self, before: str) -> Stretch:
        """The rows right before `before`, in the list's order."""
        found, total = self._take(place_of(before, self.sections), backward=True, most=self.limit + 1)
        more, found = len(found) > self.limit, found[: self.limit][::-1]
        return _stretch(found, more=True, before=more, total=total)

    def _take(
        self, start: Place | None, *, backward: bool, most: int, offset: int = 0
    ) -> tuple[list[Found], int | None]:
        found: list[Found] = []
        total: int | None = None
        skipped = offset if len(self.sections) == 1 else 0  # by the database, where it is one query
        most += offset - skipped
        for section in reversed(self.sections) if backward else self.sections:
            if start is not None and section is not start[0]:
                continue
            query = self._rows(section, start[1] if start is not None else None, backward)
            start = None
            query = query.offset(skipped).limit(most - len(found))
            if self.told is not None:
                query = _telling(query, self.told, rising=section.rising is not backward)
            for *row, counted, told in self.execute(query):
                found.append((section, row, told))
                total = counted
            if len(found) >= most:
                break
        return found[offset - skipped :], total

    def _rows(self, section: Section, place: Sequence[Any] | None, backward: bool) -> Select[Any]:
        """The keys and ids of a section, and how many runs the list has, where they are gathered."""
        if self.gathers:
            columns = (getattr(Execution, name) for name in _ORDERED)
            # Materialized: else the planner would walk all the same, and find few runs far between.
            gathered = select(*columns).where(*self.where(self.states)).cte("gathered").prefix_with("MATERIALIZED")
            runs: Runs = aliased(Execution, gathered)
            counted = select(func.count()).select_from(gathered).scalar_subquery()
            query = select(*section.columns(runs), counted.label("counted"), null().label("told"))
        else:
            runs = Execution
            query = select(*section.columns(runs), null().label("counted"), null().label("told"))
            query = query.where(*self.where(section.within(self.states)))
        if section.where is not None:
            query = query.where(section.where(runs))
        if place is not None:
            query = query.where(section.behind(runs, place, backward))
        return query.order_by(*section.order(runs, backward))


_ORDERED = (
    "id", "state", "created_at", "started_at", "last_activity_at", "completed_at", "calculated_savings",
    "savings_currency",
)  # fmt: skip
"""What the sections ask of a run."""


def _telling(page: Select[Any], told: str, *, rising: bool) -> Select[Any]:
    """The rows of `page` in its order, with what `told` says of each: rows that an offset passes over are told nothing."""
    rows = page.subquery("page")
    *keys, _, _ = columns = list(rows.c)
    order = (key.asc() if rising else key.desc() for key in keys)
    return select(*columns[:-1], literal_column(told).label("told")).order_by(*order)


def _stretch(found: Sequence[Found], *, more: bool, before: bool, total: int | None) -> Stretch:
    if not found:
        return Stretch([], None, None)
    (first, first_row, _), (last, last_row, _) = found[0], found[-1]
    return Stretch(
        [row[-1] for _, row, _ in found],
        last.cursor(last_row) if more else None,
        first.cursor(first_row) if before else None,
        total,
        tuple(told for _, _, told in found if told is not None),
    )
