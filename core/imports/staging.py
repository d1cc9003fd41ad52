"""The rows of a file on their way to being cases: copied into PostgreSQL in batches, each with how far it came."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from core.database.unit_of_work import UnitOfWork
from core.identifiers import new_id
from core.imports.events import EVENT_FIELDS, Event
from core.imports.refusals import OF_CASES, Refused
from core.imports.row import Row
from core.imports.rules import MOST_ACTIVITIES, MOST_REFUSALS
from core.imports.tables import ImportEvent, ImportRefusal

MOST_EVENTS = 10_000
"""Of one case: what has more is no case, but a column that was taken for one."""

_CELLS = ("import_id", "seq", "refused", *EVENT_FIELDS)
_COPY = f"COPY import_events ({', '.join(_CELLS)}) FROM STDIN WITH (FORMAT csv, NULL '\\N')"


def stage(
    uow: UnitOfWork, import_id: UUID, begins: int, rows: Iterable[Row | Refused], read: Callable[[Row], Event | Refused]
) -> list[Refused]:
    """Copies `rows`, of which the first is number `begins`, into `import_events`; answers what was refused.

    Of a refused row its case is kept, because the case is refused with it.
    """
    refusals: list[Refused] = []
    buffer = StringIO()
    writer = csv.writer(buffer)
    for seq, row in enumerate(rows, start=begins):
        event = row if isinstance(row, Refused) else read(row)
        if isinstance(event, Refused):
            refusals.append(event)
            if event.case:
                blank = [r"\N"] * (len(EVENT_FIELDS) - 2)
                writer.writerow([import_id, seq, "t", event.line, event.case, *blank])
            continue
        writer.writerow([import_id, seq, "f", *(_cell(getattr(event, name)) for name in EVENT_FIELDS)])
    _send(uow, _COPY, buffer)
    return refusals


def copy_rows(uow: UnitOfWork, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Adds rows to one of our tables by COPY: a third of what inserting them costs."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerows([_cell(value) for value in row] for row in rows)
    _send(uow, f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", buffer)


def _send(uow: UnitOfWork, statement: str, buffer: StringIO) -> None:
    buffer.seek(0)
    connection: Any = uow.session.connection().connection.driver_connection
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, buffer)


def _cell(value: object) -> object:
    r"""A text that is itself `\N` is quoted by nobody, and would be nothing: it gets a space."""
    if value is None:
        return r"\N"
    return value.isoformat() if isinstance(value, datetime) else "\\N " if value == r"\N" else value


def keep_refusals(uow: UnitOfWork, import_id: UUID, refusals: Sequence[Refused]) -> None:
    """Keeps them one by one, up to `MOST_REFUSALS` of an import."""
    if not refusals:
        return
    kept = uow.session.scalar(select(func.count()).where(ImportRefusal.import_id == import_id)) or 0
    rows = [
        {
            "id": new_id(), "import_id": import_id, "line": one.line, "reason": one.reason, "detail": one.detail[:300],
            "case_key": one.case[:200], "cells": list(one.cells),
        }
        for one in refusals[: max(0, MOST_REFUSALS - kept)]
    ]  # fmt: skip
    if rows:
        uow.session.execute(insert(ImportRefusal), rows)


def forget_events(uow: UnitOfWork, import_id: UUID) -> None:
    uow.session.execute(delete(ImportEvent).where(ImportEvent.import_id == import_id))


def forget_refusals(uow: UnitOfWork, import_id: UUID, *, of_cases_only: bool = False) -> None:
    query = delete(ImportRefusal).where(ImportRefusal.import_id == import_id)
    if of_cases_only:
        query = query.where(ImportRefusal.reason.in_(OF_CASES))
    uow.session.execute(query)


def cases_after(session: Session, import_id: UUID, last: str | None, *, limit: int) -> list[tuple[list[Event], bool]]:
    """The next cases in the order of their keys: (events by time, whether a row of it was refused)."""
    wanted = select(ImportEvent.case_key).distinct().where(ImportEvent.import_id == import_id)
    if last is not None:
        wanted = wanted.where(ImportEvent.case_key > last)
    keys = session.scalars(wanted.order_by(ImportEvent.case_key).limit(limit)).all()
    if not keys:
        return []
    columns = [getattr(ImportEvent, name) for name in EVENT_FIELDS]
    query = (
        select(ImportEvent.refused, *columns)
        .where(ImportEvent.import_id == import_id, ImportEvent.case_key >= keys[0], ImportEvent.case_key <= keys[-1])
        .order_by(ImportEvent.case_key, ImportEvent.at.asc().nulls_last(), ImportEvent.seq)
    )
    rows = session.execute(query.execution_options(yield_per=5_000))
    return [_case(group) for _, group in groupby(rows, key=lambda row: row.case_key)]


def _case(rows: Iterator[Any]) -> tuple[list[Event], bool]:
    events: list[Event] = []
    broken = False
    for row in islice(rows, MOST_EVENTS + 1):
        broken = broken or row.refused
        events.append(Event(*row[1:]))
    for _ in rows:  # the rest of a case that is too long
        pass
    return events, broken


def activities_of(session: Session, import_id: UUID) -> list[tuple[str, int]]:
    """The activities with how many events each has, most first."""
    events = func.count()
    query = (
        select(ImportEvent.activity, events)
        .where(ImportEvent.import_id == import_id, ~ImportEvent.refused)
        .group_by(ImportEvent.activity)
        .order_by(events.desc(), ImportEvent.activity)
        .limit(MOST_ACTIVITIES)
    )
    return [(str(name), n) for name, n in session.execute(query)]


def ways_of(session: Session, import_id: UUID, *, limit: int = 5) -> list[tuple[list[str], int]]:
    """The commonest ways through the activities, each activity where it came first; with how many cases went it."""
    mine = (ImportEvent.import_id == import_id, ~ImportEvent.refused)
    firsts = (
        select(
            ImportEvent.case_key, ImportEvent.activity,
            func.min(ImportEvent.at).label("at"), func.min(ImportEvent.seq).label("seq"),
        )
        .where(*mine)
        .group_by(ImportEvent.case_key, ImportEvent.activity)
        .subquery()
    )  # fmt: skip
    path = func.array_agg(aggregate_order_by(firsts.c.activity, firsts.c.at, firsts.c.seq))
    ways = select(path.label("path")).group_by(firsts.c.case_key).subquery()
    n = func.count()
    query = (
        select(ways.c.path, n)
        .group_by(ways.c.path)
        .order_by(n.desc(), func.cardinality(ways.c.path).desc(), ways.c.path)
        .limit(limit)
    )
    return [(list(found), times) for found, times in session.execute(query)]
