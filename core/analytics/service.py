"""Keeps the rollups up to date: each run that changed moves its sums by the difference it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, delete, func, select, text, update
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.analytics import merging
from core.analytics.rules import STALE_AFTER
from core.analytics.tables import CellPerson, Rollup, RollupAmount, RollupPass, RollupProgress, RunChange
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.executions.rules import OPEN
from core.executions.tables import Execution

_RUNS = "runs"
_LOCK = 0x416E616C
_BATCH = 5_000
_REBUILD_FROM = 20_000
"""With so many changes at once, as after a restore or a bulk load, summing everything anew is the shorter way."""

_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True)
class AggregationReport:
    """What one pass did: how many changed runs it took in, how many figures moved, up to when."""

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
        while self._mark_stale():
            pass
        with self._database.reading() as session:
            waiting = session.scalar(_waiting(_REBUILD_FROM)) or 0
        if waiting >= _REBUILD_FROM:
            with self._database.begin() as uow:
                return self._sum_everything(uow)
        seen = moved = 0
        while True:
            with self._database.begin() as uow:
                runs, rows = self._take_changed(uow)
                seen, moved = seen + runs, moved + rows
                if runs < self._batch:
                    return AggregationReport(seen, moved, uow.now)

    def rebuild(self, actor: Actor) -> AggregationReport:
        """Forgets all rollups and sums every run again, in one transaction: readers see the old figures so long.

        Runs that want to go on wait for the seconds this takes: nothing may change between the sum and what is forgotten.
        """
        actor.must_have(Role.ANALYST, Role.ADMIN, to="rebuild results")
        while self._mark_stale():
            pass
        with self._database.begin() as uow:
            report = self._sum_everything(uow)
            audit.record(
                uow, actor, "performance.rebuilt", "performance:all",
                after={"rows": report.rows_seen, "cells": report.cells},
            )  # fmt: skip
            return report

    def forget_sample(self, uow: UnitOfWork) -> None:
        """Drops the sample dataset's rollups; part of removing sample data, after its runs are gone."""
        _lock(uow)
        session = uow.session
        for table in (Rollup, RollupAmount, RollupProgress, CellPerson):
            session.execute(delete(table).where(table.sample), execution_options=_PLAIN)
        session.execute(text("DELETE FROM run_changes WHERE (facts ->> 'sample')::boolean"))
        gone = ~select(Execution.id).where(Execution.id == RunChange.execution_id).exists()
        session.execute(delete(RunChange).where(RunChange.facts.is_(None), gone), execution_options=_PLAIN)

    def _mark_stale(self) -> int:
        """Open runs that time alone made unsuccessful: nothing changed in them, so no trigger saw them."""
        with self._database.begin() as uow:
            left_alone = (
                select(Execution.id)
                .where(Execution.state.in_(sorted(OPEN)), ~Execution.stale)
                .where(Execution.last_activity_at <= uow.now - STALE_AFTER)
                .order_by(Execution.last_activity_at)
                .limit(self._batch)
                .with_for_update(skip_locked=True)
            )
            return _rows(
                uow.session.execute(
                    update(Execution).where(Execution.id.in_(left_alone)).values(stale=True), execution_options=_PLAIN
                )
            )

    def _take_changed(self, uow: UnitOfWork) -> tuple[int, int]:
        """One batch of changed runs: their rows of `run_changes` become differences of the sums.

        Whoever changes a run holds its row until the end of the transaction, so one that is free says all there is.
        """
        _lock(uow)
        session = uow.session
        free = select(RunChange.execution_id).limit(self._batch).with_for_update(skip_locked=True)
        ids = list(session.scalars(free))
        if not ids:
            _passed(uow, 0)
            return 0, 0
        for statement in merging.TAKE:
            session.execute(text(statement), {"ids": ids})
        moved = _sum(session, "taken_runs", "taken_amounts", signed=True)
        for statement in (*merging.CHANGED_PEOPLE, *merging.NOTHING_LEFT):
            session.execute(text(statement))
        _passed(uow, len(ids))
        return len(ids), moved

    def _sum_everything(self, uow: UnitOfWork) -> AggregationReport:
        _lock(uow)
        session = uow.session
        session.execute(text("LOCK TABLE run_changes IN EXCLUSIVE MODE"))
        # Millions of rows are told apart faster by hashing than by sorting, which the planner does not know of these sums.
        session.execute(text("SET LOCAL work_mem = '256MB'"))
        session.execute(text("SET LOCAL enable_sort = off"))
        for statement in merging.FORGET:
            session.execute(text(statement))
        moved = _sum(session, "all_run_facts", "run_amounts", signed=False)
        for statement in merging.ALL_PEOPLE:
            session.execute(text(statement))
        seen = session.scalar(select(func.sum(Rollup.runs)).where(Rollup.lens == "total", Rollup.grain == "all")) or 0
        _passed(uow, seen, rebuilt=True)
        return AggregationReport(seen, moved, uow.now)


def _sum(session: Session, runs: str, amounts: str, *, signed: bool) -> int:
    """Sums the relations `runs` and `amounts` and adds them to the rollups; answers how many figures moved."""
    moved = 0
    for sums in merging.RUN_SUMS:
        session.execute(text(merging.summed_runs(sums, runs, signed=signed)))
        moved += _rows(session.execute(text(merging.spread_runs(sums, replacing=not signed))))
    for kind, source in (("savings", runs), ("outcomes", amounts)):
        session.execute(text(merging.summed_amounts(kind, source, signed=signed)))
        session.execute(text(merging.spread_amounts(kind, replacing=not signed)))
    session.execute(text(merging.progressed(runs, signed=signed)))
    return moved


def _lock(uow: UnitOfWork) -> None:
    """One pass at a time, so that a change is not taken in twice."""
    uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _waiting(most: int) -> Select[Any]:
    return select(func.count()).select_from(select(RunChange.execution_id).limit(most).subquery())


def _passed(uow: UnitOfWork, runs: int, *, rebuilt: bool = False) -> None:
    row = uow.session.get(RollupPass, _RUNS) or RollupPass(name=_RUNS, runs_taken=0, rebuilt_at=None)
    row.rolled_up_at, row.runs_taken = uow.now, row.runs_taken + runs
    row.rebuilt_at = uow.now if rebuilt else row.rebuilt_at
    uow.session.add(row)


def _rows(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
