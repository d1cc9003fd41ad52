"""Runs in a table: status, workflow, whose, when, how far, how much work, what it should save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from core.analytics.run_order import Sort
from core.analytics.runs import RunRow
from core.executions.rules import ENDED, ExecutionState
from core.imports.queries import ImportMark
from pages.components.page import Screen
from pages.components.row_table import Cell, Column, Row, row_table, state_cell
from pages.components.words import ago, moment, money, span

_STARTED, _TOOK = Column("Started"), Column("Work", number=True)
_BY_SORT = {Sort.ACTIVE: (Column("Last active"), _TOOK), Sort.LONGEST: (_STARTED, Column("Took", number=True))}
"""What a list is ordered by stands in it."""


def _columns(sort: Sort) -> tuple[Column, ...]:
    when, took = _BY_SORT.get(sort, (_STARTED, _TOOK))
    return (
        Column("Workflow", wide=True), Column("Status"), Column("Person"), when, Column("Steps", number=True), took,
        Column("Saves a week", number=True),
    )  # fmt: skip


def run_list(
    screen: Screen,
    rows: Sequence[RunRow],
    *,
    key: str,
    on_open: Callable[[str], None] | None = None,
    sort: Sort = Sort.NEWEST,
) -> None:
    """Draws the rows; a click calls `on_open`, or without one leads to the run's own address."""
    waits = screen.app.tree_queries.waits([row.id for row in rows if _goes_on(row)])
    marks = screen.app.imports_queries.marks([row.id for row in rows])
    shown = [
        Row(
            str(row.id), _cells(screen, row, waits[row.id][1] if row.id in waits else "", marks.get(row.id), sort),
            f"/runs?run={row.id}",
        )
        for row in rows
    ]  # fmt: skip
    row_table(_columns(sort), shown, label="Runs", key=key, on_open=on_open)


def _goes_on(row: RunRow) -> bool:
    return row.run.automated and row.run.state not in ENDED


def _cells(screen: Screen, row: RunRow, waits: str, mark: ImportMark | None, sort: Sort) -> tuple[Cell, ...]:
    run = row.run
    completed = run.state is ExecutionState.COMPLETED
    saved = run.calculated_savings if completed else None
    when = run.last_activity_at if sort is Sort.ACTIVE else run.created_at
    took = run.work_ms if sort is not Sort.LONGEST else _milliseconds(row)
    return (
        Cell(row.title, row.title),
        state_cell("paused", waits) if run.paused and _goes_on(row) else _state(row, waits),
        Cell(row.person or row.agent or (mark.person if mark else "")),
        _moment(screen, when, mark),
        Cell(f"{run.steps_completed} of {run.total_steps}"),
        Cell(span(took) if took else ""),
        Cell(money(saved, run.savings_currency or "USD") if saved is not None else ""),
    )


def _moment(screen: Screen, at: datetime, mark: ImportMark | None) -> Cell:
    """When it was; of what was imported, that it was, and from where."""
    when, exact = ago(at, screen.app.clock.now()), moment(at, screen.zone)
    return (
        Cell(f"{when}, imported", f"{exact}. Imported from {mark.source}, case {mark.case_key}.")
        if mark
        else Cell(when, exact)
    )


def _milliseconds(row: RunRow) -> float:
    """From start to end; 0 while it goes on."""
    began, ended = row.run.started_at, row.run.completed_at
    return (ended - began).total_seconds() * 1000 if began and ended else 0


def _state(row: RunRow, waits: str) -> Cell:
    """The state; of what waits for people, what for."""
    run = row.run
    cell = state_cell(run.state.value, run.error or run.end_reason)
    return Cell(f"Waits: {waits}"[:60], waits, "orange") if waits else cell
