"""The orders of a list of runs, and the place of a row in each: what a cursor holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import ColumnElement, and_, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import InvalidInput
from core.executions.rules import ENDED, ExecutionState
from core.executions.tables import Execution
from core.identifiers import parse_id


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    ACTIVE = "active"
    """Those in which something happened last."""
    LONGEST = "longest"
    """From start to end; those that go on follow, newest first."""
    SAVINGS = "savings"
    """One currency after the other, the most first; runs that save nothing follow, newest first."""


Runs = type[Execution]
"""The table, or an alias of what was gathered from it."""


@dataclass(frozen=True)
class Key:
    """One value that rows are ordered by, how a cursor writes it and reads it back."""

    column: Callable[[Runs], ColumnElement[Any] | InstrumentedAttribute[Any]]
    write: Callable[[Any], str]
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Section:
    """Some runs of a list in one direction of their keys; the sections of a list follow each other.

    Each can walk an index of its own, so that a page costs the same at any depth (keyset paging).
    """

    name: str
    """In the cursor; the sections of plain times have none, as they were the first."""
    keys: tuple[Key, ...]
    rising: bool = False
    where: Callable[[Runs], ColumnElement[bool]] | None = None
    states: frozenset[ExecutionState] | None = None
    """No run of it is in another one."""

    def columns(self, runs: Runs) -> list[ColumnElement[Any] | InstrumentedAttribute[Any]]:
        """The keys, and last the id, which tells runs apart that are alike."""
        return [*(key.column(runs) for key in self.keys), runs.id]

    def order(self, runs: Runs, backward: bool) -> list[ColumnElement[Any]]:
        rising = self.rising is not backward
        return [column.asc() if rising else column.desc() for column in self.columns(runs)]

    def behind(self, runs: Runs, place: Sequence[Any], backward: bool) -> ColumnElement[bool]:
        """The rows after `place`, or before it."""
        columns, rising = tuple_(*self.columns(runs)), self.rising is not backward
        return columns > tuple(place) if rising else columns < tuple(place)

    def within(self, states: frozenset[ExecutionState] | None) -> frozenset[ExecutionState] | None:
        """The states its runs can be in, of `states`."""
        if self.states is None or states is None:
            return states if self.states is None else self.states
        return self.states & states

    def cursor(self, values: Sequence[Any]) -> str:
        """`values` are those of the keys, and the run's id."""
        written = [key.write(value) for key, value in zip(self.keys, values, strict=False)]
        return "~".join([*filter(None, [self.name]), *written, str(values[-1])])


Place = tuple[Section, tuple[Any, ...]]


def sections(sort: Sort, states: frozenset[ExecutionState] | None) -> tuple[Section, ...]:
    """The sections of `sort` that can hold runs in one of `states`."""
    match sort:
        case Sort.NEWEST:
            found: tuple[Section, ...] = (Section("", (_CREATED,)),)
        case Sort.OLDEST:
            found = (Section("", (_CREATED,), rising=True),)
        case Sort.ACTIVE:
            found = (Section("active", (_ACTIVE,)),)
        case Sort.LONGEST:
            found = (_TOOK, _GOES_ON)
        case Sort.SAVINGS:
            found = (_SAVES, _SAVES_NOTHING)
        case _:
            assert_never(sort)
    return tuple(section for section in found if section.within(states) != frozenset()) or found[-1:]


def place_of(cursor: str, found: Sequence[Section]) -> Place:
    """Where in the list `cursor` stands, or InvalidInput: it was made up, or is one of another order."""
    *parts, number = cursor.split("~")
    run_id = parse_id(number)
    for section in found:
        written = parts[1:] if section.name else parts
        if run_id is None or len(written) != len(section.keys) or (section.name and parts[0] != section.name):
            continue
        try:
            values = [key.read(part) for key, part in zip(section.keys, written, strict=True)]
        except (ValueError, OverflowError, InvalidOperation):
            continue
        return section, (*values, run_id)
    raise InvalidInput(field="Cursor", problem="it is not one that a page before gave.")


def _time(written: str) -> datetime:
    told = datetime.fromisoformat(written)
    if told.tzinfo is None:
        raise ValueError(written)
    return told.astimezone(UTC)


def _microseconds(took: timedelta) -> str:
    return str(took // timedelta(microseconds=1))


def _took(written: str) -> timedelta:
    return timedelta(microseconds=int(written))


def _amount(written: str) -> Decimal:
    told = Decimal(written)
    if not told.is_finite():
        raise ValueError(written)
    return told


def _currency(written: str) -> str:
    if not (len(written) == 3 and written.isascii() and written.isupper()):
        raise ValueError(written)
    return written


_CREATED = Key(lambda runs: runs.created_at, datetime.isoformat, _time)
_ACTIVE = Key(lambda runs: runs.last_activity_at, datetime.isoformat, _time)
_TOOK = Section(
    "took",
    (Key(lambda runs: runs.completed_at - runs.started_at, _microseconds, _took),),
    where=lambda runs: and_(runs.completed_at.is_not(None), runs.started_at.is_not(None)),
    states=ENDED,
)
_GOES_ON = Section(
    "", (_CREATED,), where=lambda runs: or_(runs.completed_at.is_(None), runs.started_at.is_(None))
)  # fmt: skip
_SAVES = Section(
    "saves",
    (
        Key(lambda runs: runs.savings_currency, str, _currency),
        # Negated, so that currencies rise while amounts fall: an index is walked in one direction.
        Key(lambda runs: -runs.calculated_savings, str, _amount),
    ),
    rising=True,
    where=lambda runs: and_(
        runs.state == ExecutionState.COMPLETED,
        runs.calculated_savings.is_not(None),
        runs.savings_currency.is_not(None),
    ),
    states=frozenset({ExecutionState.COMPLETED}),
)
_SAVES_NOTHING = Section(
    "",
    (_CREATED,),
    where=lambda runs: or_(
        runs.state != ExecutionState.COMPLETED,
        runs.calculated_savings.is_(None),
        runs.savings_currency.is_(None),
    ),
)
