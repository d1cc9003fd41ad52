"""Keeps the performance table up to date: each run that changed moves its cell by the difference it makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, tuple_
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.analytics.cells import (
    UNKNOWN,
    Cell,
    Contribution,
    RunFacts,
    Tally,
    Values,
    contribution_of,
    difference,
    values_from_json,
    values_to_json,
)
from core.analytics.rules import STALE_AFTER
from core.analytics.tables import AggregationCursor, CountedRun, Performance
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.executions.rules import OPEN
from core.executions.tables import Execution
from core.outcomes.rules import ReviewState
from core.outcomes.tables import Outcome

_LOCK = 0x416E616C
_CURSOR = "performance"
_BATCH = 2_000
_OVERLAP = timedelta(minutes=10)
"""How far behind the pass before each one begins: a transaction commits later than its time says. Twice is harmless."""

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_LOWEST = UUID(int=0)
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True)
class AggregationReport:
    """What one pass did; `cells` counts every cell that moved."""

    rows_seen: int
    cells: int
    up_to: datetime


class AnalyticsService:
    def __init__(self, database: Database, *, batch: int = _BATCH) -> None:
        self._database = database
        self._batch = batch

    def aggregate(self, actor: Actor) -> AggregationReport:
        """Takes in every run that changed or became stale since the last pass. Safe to repeat and to interrupt."""
        actor.must_have(Role.ANALYST, Role.ADMIN, to="aggregate results")
        with self._database.begin() as uow:
            cursor = _locked_cursor(uow)
            position = min((cursor.changed_at, cursor.last_id or _LOWEST), (cursor.aggregated_at - _OVERLAP, _LOWEST))
        seen, moved = 0, set[Cell]()
        while True:
            with self._database.begin() as uow:
                cursor = _locked_cursor(uow)
                ids, position, cells = self._take_changed(uow, cursor, position)
                seen, moved = seen + len(ids), moved | cells
                if len(ids) < self._batch:
                    count, cells = self._take_stale(uow)
                    cursor.aggregated_at = uow.now
                    return AggregationReport(seen + count, len(moved | cells), uow.now)

    def rebuild(self, actor: Actor) -> AggregationReport:
        """Forgets all rollups and counts every run again, in one transaction: readers see the old figures so long."""
        actor.must_have(Role.ANALYST, Role.ADMIN, to="rebuild results")
        with self._database.begin() as uow:
            cursor = _locked_cursor(uow)
            uow.session.execute(delete(Performance))
            uow.session.execute(delete(CountedRun))
            position = (_BEGINNING, _LOWEST)
            seen, moved = 0, set[Cell]()
            while True:
                ids, position, cells = self._take_changed(uow, cursor, position)
                seen, moved = seen + len(ids), moved | cells
                if len(ids) < self._batch:
                    break
            cursor.aggregated_at = uow.now
            audit.record(
                uow, actor, "performance.rebuilt", "performance:all", after={"rows": seen, "cells": len(moved)}
            )
            return AggregationReport(seen, len(moved), uow.now)

    def forget_sample(self, uow: UnitOfWork) -> None:
        """Drops the sample dataset's rollups; part of removing sample data."""
        _lock(uow)
        uow.session.execute(delete(Performance).where(Performance.sample))
        uow.session.execute(delete(CountedRun).where(CountedRun.sample))

    def _take_changed(
        self, uow: UnitOfWork, cursor: AggregationCursor, position: tuple[datetime, UUID]
    ) -> tuple[Sequence[UUID], tuple[datetime, UUID], set[Cell]]:
        """One batch of runs after `position`, in the order in which they changed."""
        rows = uow.session.execute(
            select(Execution.changed_at, Execution.id)
            .where(tuple_(Execution.changed_at, Execution.id) > position)
            .order_by(Execution.changed_at, Execution.id)
            .limit(self._batch)
        ).all()
        if not rows:
            return [], position, set()
        ids = [row.id for row in rows]
        cells = _replace(uow, ids)
        position = (rows[-1].changed_at, rows[-1].id)
        if position[0] >= cursor.changed_at:
            cursor.changed_at, cursor.last_id = position
        cursor.rows_seen += len(ids)
        return ids, position, cells

    def _take_stale(self, uow: UnitOfWork) -> tuple[int, set[Cell]]:
        """Runs that time alone made unsuccessful: nothing changed in them, so the cursor cannot see them."""
        query = (
            select(Execution.id)
            .where(Execution.state.in_(sorted(OPEN)), Execution.last_activity_at <= uow.now - STALE_AFTER)
            .where(~select(CountedRun).where(CountedRun.execution_id == Execution.id).exists())
            .limit(self._batch)
        )
        seen, moved = 0, set[Cell]()
        while ids := uow.session.scalars(query).all():
            moved |= _replace(uow, ids)
            seen += len(ids)
        return seen, moved


def _lock(uow: UnitOfWork) -> None:
    """One pass at a time: two would take the same old contribution back twice."""
    uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _locked_cursor(uow: UnitOfWork) -> AggregationCursor:
    _lock(uow)
    cursor = uow.session.get(AggregationCursor, _CURSOR, populate_existing=True)
    if cursor is None:
        cursor = AggregationCursor(
            name=_CURSOR, changed_at=_BEGINNING, last_id=None, aggregated_at=_BEGINNING, rows_seen=0
        )
        uow.session.add(cursor)
        uow.session.flush()
    return cursor


def _replace(uow: UnitOfWork, ids: Sequence[UUID]) -> set[Cell]:
    """Replaces what the runs `ids` contribute, and moves their cells by the difference."""
    session = uow.session
    now = {part.execution_id: part for run in _facts(session, ids) if (part := contribution_of(run, uow.now))}
    then = _contributions(session, ids)
    changed = [run_id for run_id in ids if now.get(run_id) != then.get(run_id)]
    if not changed:
        return set()
    old = [then[run_id] for run_id in changed if run_id in then]
    new = [now[run_id] for run_id in changed if run_id in now]
    pairs = {(*part.cell, part.user_id) for part in (*old, *new) if part.user_id is not None}
    before = _present(session, pairs)
    session.execute(delete(CountedRun).where(CountedRun.execution_id.in_(changed)), execution_options=_PLAIN)
    if new:
        session.execute(insert(CountedRun), [_row(part) for part in new])
    people = _present(session, pairs)
    people.subtract(before)
    moves = difference(old, new)
    for cell, move in sorted(moves.items(), key=lambda item: item[0]):
        _move(uow, cell, move, people=people[cell])
    session.flush()
    return set(moves)


def _move(uow: UnitOfWork, cell: Cell, move: Tally, *, people: int) -> None:
    row = uow.session.get(Performance, tuple(cell))
    if row is None:
        row = Performance(
            sample=cell.sample, workflow_id=cell.workflow_id, market=cell.market, skill_level=cell.skill_level,
            ended=0, successes=0, people=0, completion_ms_total=0, completed=0, values={}, updated_at=uow.now,
        )  # fmt: skip
        uow.session.add(row)
    after = Tally(values=values_from_json(row.values))
    after.merge(move.values)
    row.ended += move.ended
    row.successes += move.successes
    row.people += people
    row.completed += move.completed
    row.completion_ms_total += move.completion_ms_total
    row.values = values_to_json(after.values)
    row.updated_at = uow.now
    if row.ended == 0:
        uow.session.flush()
        uow.session.delete(row)


def _facts(session: Session, ids: Sequence[UUID]) -> list[RunFacts]:
    values: dict[UUID, Values] = {}
    outcomes = session.execute(
        select(Outcome.execution_id, Outcome.metric_type, Outcome.unit, func.count(), func.sum(Outcome.value))
        .where(Outcome.execution_id.in_(ids), Outcome.review_state != ReviewState.REJECTED)
        .group_by(Outcome.execution_id, Outcome.metric_type, Outcome.unit)
    )
    for execution_id, metric, unit, n, total in outcomes:
        values.setdefault(execution_id, {})[metric.value, unit] = (n, total)
    runs = session.execute(
        select(
            Execution.id, Execution.sample, Execution.workflow_id, Execution.market, Execution.skill_level,
            Execution.user_id, Execution.state, Execution.last_activity_at, Execution.work_ms,
        ).where(Execution.id.in_(ids))
    )  # fmt: skip
    return [
        RunFacts(
            execution_id=run.id,
            cell=Cell(run.sample, run.workflow_id, run.market or UNKNOWN, run.skill_level or UNKNOWN),
            user_id=run.user_id, state=run.state, last_activity_at=run.last_activity_at, work_ms=run.work_ms,
            values=values.get(run.id, {}),
        )
        for run in runs
    ]  # fmt: skip


def _contributions(session: Session, ids: Sequence[UUID]) -> dict[UUID, Contribution]:
    rows = session.scalars(select(CountedRun).where(CountedRun.execution_id.in_(ids))).all()
    found = {
        row.execution_id: Contribution(
            execution_id=row.execution_id, cell=Cell(row.sample, row.workflow_id, row.market, row.skill_level),
            user_id=row.user_id, success=row.success, completed=row.completed, work_ms=row.work_ms,
            values=values_from_json(row.values),
        )
        for row in rows
    }  # fmt: skip
    for row in rows:
        session.expunge(row)
    return found


def _present(session: Session, pairs: Collection[tuple[object, ...]]) -> Counter[Cell]:
    """How many of the (cell, person) `pairs` have a counted run, by cell; reads those people's runs and no others."""
    columns = (CountedRun.sample, CountedRun.workflow_id, CountedRun.market, CountedRun.skill_level)
    query = select(*columns, CountedRun.user_id).distinct().where(tuple_(*columns, CountedRun.user_id).in_(pairs))
    return Counter(Cell(*row[:4]) for row in session.execute(query))


def _row(part: Contribution) -> dict[str, object]:
    return {
        "execution_id": part.execution_id, "user_id": part.user_id, "success": part.success,
        "completed": part.completed, "work_ms": part.work_ms, "values": values_to_json(part.values),
        **part.cell._asdict(),
    }  # fmt: skip
