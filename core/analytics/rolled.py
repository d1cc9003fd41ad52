"""Rows of rollups that answer a question, with what changed since the last pass added as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    column,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql import FromClause, Subquery

from core.analytics import merging
from core.analytics.filters import Filters
from core.analytics.lenses import Grain, Lens, Span, lens_of, spans
from core.analytics.tables import Rollup, RollupAmount, RollupPass, RunChange

LIVE_CHANGES = 1_000
"""So many changed runs are added to the sums at every reading; if there are more, all wait for the next pass."""


class Measured(StrEnum):
    """What is summed."""

    RUNS = "runs"
    SAVINGS = "savings"
    OUTCOMES = "outcomes"


@dataclass(frozen=True)
class AsOf:
    """How fresh the figures are: `live` ones are of this moment; else `waiting` changed runs are not in them yet."""

    rolled_up_at: datetime | None
    waiting: int
    live: bool


@dataclass(frozen=True)
class Question:
    """Which sums are asked for: the runs of `filters`, told apart by `columns`, and `by` day or week for a trend."""

    measured: Measured
    filters: Filters
    columns: tuple[str, ...] = ()
    by: Grain | None = None
    only: tuple[str, ...] = ()
    """The measures that are wanted; all of them where it names none."""

    @property
    def names(self) -> tuple[str, ...]:
        """The measures of each row."""
        return self.only or (merging.MEASURES if self.measured is Measured.RUNS else merging.AMOUNTS)

    @property
    def held(self) -> Sequence[tuple[str, str]]:
        """The columns that the filters hold to one value."""
        return [(name, str(value)) for name in merging.DIMENSIONS if (value := getattr(self.filters, name)) is not None]

    @property
    def lens(self) -> Lens | None:
        """The lens whose rows answer it; None if only the runs themselves do."""
        asked = self.filters
        if asked.states is not None or asked.user_id is not None or asked.text.strip() or asked.waits_for_people:
            return None
        found = lens_of([*(name for name, _ in self.held), *self.columns])
        everything = asked.since is None and asked.until is None and self.by is None
        needed = Grain.ALL if everything else Grain.DAY if self.by is Grain.DAY else Grain.WEEK
        return found if found is not None and needed in self._grains(found) else None

    def _grains(self, lens: Lens) -> frozenset[Grain]:
        return merging.KEPT[self.measured.value].get(lens, frozenset())

    def parts(self) -> tuple[list[Span], list[Span]] | None:
        """The spans that rows are kept for, and those that must be summed from their runs; None if it must all be."""
        lens = self.lens
        found = spans(self.filters.since, self.filters.until, by=self.by) if lens is not None else None
        if found is None:
            return None
        odd = [span for span in found if lens is not None and span.grain not in self._grains(lens)]
        return [span for span in found if span not in odd], odd


def as_of(session: Session) -> AsOf:
    waiting = _waiting(session)
    live = waiting <= LIVE_CHANGES
    if not live:
        waiting = session.scalar(select(func.count()).select_from(RunChange)) or 0
    return AsOf(session.scalar(select(RollupPass.rolled_up_at)), waiting, live)


def has_changes(session: Session) -> bool:
    """Whether there are changes to add to the sums, and few enough to do so."""
    return 0 < _waiting(session) <= LIVE_CHANGES


def _waiting(session: Session) -> int:
    """The changes that wait, counted no further than one more than can be added; asked once for each reading."""
    found: int | None = session.info.get(_waiting)
    if found is None:
        few = select(RunChange.execution_id).limit(LIVE_CHANGES + 1).subquery()
        found = session.info[_waiting] = session.scalar(select(func.count()).select_from(few)) or 0
    return found


def rows(session: Session, question: Question) -> Subquery | None:
    """The sums as rows with `day`, the dimensions, `metric`, `unit` and the measures; None: sum the runs themselves."""
    lens, found = question.lens, question.parts()
    if lens is None or found is None:
        return None
    kept, odd = found
    parts = [_kept(question, lens, span) for span in kept]
    parts += [_live(question, [_within(span)]) for span in odd]
    if has_changes(session):
        # Odd days are summed from the runs as they are now, so nothing of them is missing.
        parts.append(_live(question, [not_(or_(*map(_within, odd)))] if odd else [], unmerged=True))
    if not parts:
        parts.append(_kept(question, lens, Span(Grain.DAY, date.max, date.max)))
    return union_all(*parts).subquery("sums")


def _kept(question: Question, lens: Lens, span: Span) -> Select[Any]:
    of: Any = Rollup if question.measured is Measured.RUNS else RollupAmount
    savings = question.measured is Measured.SAVINGS
    parts: list[Any] = [of.day, *(getattr(of, name) for name in merging.DIMENSIONS)]
    parts += [literal("").label("metric"), literal("").label("unit")] if of is Rollup else [of.metric, of.unit]
    query = select(*parts, *(getattr(of, name) for name in question.names)).where(
        of.sample.is_(question.filters.dataset.sample), of.lens == lens.value, of.grain == span.grain.value,
        of.day >= span.first, of.day < span.end, *(getattr(of, name) == value for name, value in question.held),
    )  # fmt: skip
    if of is Rollup:
        return query
    return query.where(of.metric == merging.SAVINGS_METRIC if savings else of.metric != merging.SAVINGS_METRIC)


def _live(question: Question, where: Sequence[ColumnElement[bool]], *, unmerged: bool = False) -> Select[Any]:
    """One row for each run (or amount), shaped like the rows of the sums: as it is now, or as a difference."""
    asked, measured = question.filters, question.measured
    names = ("unmerged_amounts", "run_amounts") if measured is Measured.OUTCOMES else ("unmerged_runs", "run_facts")
    view: FromClause = table(
        names[0 if unmerged else 1], *(column(name) for name in ("sample", "created_at", *merging.DIMENSIONS))
    )
    sign = "sign * " if unmerged else ""
    match measured:
        case Measured.RUNS:
            unit = ["''", "''"]
            of_each = {name: f"{sign}({what or 'true'})::int" for name, what in merging.COUNTS.items()}
            of_each |= {name: f"coalesce({sign}{name}, 0)" for name in merging.TIMES}
            figures = [of_each[name] for name in question.names]
        case Measured.SAVINGS:
            unit = [f"'{merging.SAVINGS_METRIC}'", "currency"]
            figures = [f"{sign}1", f"{sign}savings", "0", "0"]
            where = [*where, literal_column("savings").is_not(None)]
        case Measured.OUTCOMES:
            unit, figures = ["metric", "unit"], [f"{sign}{name}" for name in merging.AMOUNTS]
    parts: list[Any] = [
        literal_column(part).label(name)
        for name, part in zip(
            ("day", *merging.DIMENSIONS, "metric", "unit", *question.names),
            ("day", *merging.DIMENSIONS, *unit, *figures),
            strict=True,
        )
    ]
    conditions = [view.c.sample.is_(asked.dataset.sample), *where]
    conditions += [view.c.created_at >= asked.since] if asked.since is not None else []
    conditions += [view.c.created_at < asked.until] if asked.until is not None else []
    return (
        select(*parts).select_from(view).where(*conditions, *(view.c[name] == value for name, value in question.held))
    )


def _within(span: Span) -> ColumnElement[bool]:
    at: ColumnElement[Any] = column("created_at")
    begins = at >= datetime.combine(span.first, time(), UTC)
    return and_(begins, at < datetime.combine(span.end, time(), UTC)) if span.end < date.max else begins
