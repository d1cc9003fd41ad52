"""Runs in a table: status, workflow, whose, when, how far, how much work, what it should save."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.analytics.runs import RunRow
from core.executions.rules import ENDED, ExecutionState
from core.imports.queries import ImportMark
from pages.components.page import Screen
from pages.components.row_table import Cell, Column, Row, row_table, state_cell
from pages.components.words import ago, moment, money, span

_COLUMNS = (
    Column("Workflow", wide=True),
    Column("Status"),
    Column("Person"),
    Column("Started"),
    Column("Steps", number=True),
    Column("Work", number=True),
    Column("Saves a week", number=True),
)


def run_list(
    screen: Screen,
    rows: Sequence[RunRow],
    *,
    key: str,
    on_open: Callable[[str], None] | None = None,
) -> None:
    """Draws the rows; a click calls `on_open`, or without one leads to the run's own address."""
    waits = screen.app.tree_queries.waits([row.id for row in rows if _goes_on(row)])
    marks = screen.app.imports_queries.marks([row.id for row in rows])
    shown = [
        Row(
            str(row.id), _cells(screen, row, waits[row.id][1] if row.id in waits else "", marks.get(row.id)),
            f"/runs?run={row.id}",
        )
        for row in rows
    ]  # fmt: skip
    row_table(_COLUMNS, shown, label="Runs", key=key, on_open=on_open)


def _goes_on(row: RunRow) -> bool:
    return row.run.automated and row.run.state not in ENDED


def _cells(screen: Screen, row: RunRow, waits: str, mark: ImportMark | None) -> tuple[Cell, ...]:
    run = row.run
    completed = run.state is ExecutionState.COMPLETED
    saved = run.calculated_savings if completed else None
    return (
        Cell(row.title, row.title),
        state_cell("paused", waits) if run.paused and _goes_on(row) else _state(row, waits),
        Cell(row.person or row.agent or (mark.person if mark else "")),
        _started(screen, row, mark),
        Cell(f"{run.steps_completed} of {run.total_steps}"),
        Cell(span(run.work_ms) if run.work_ms else ""),
        Cell(money(saved, run.savings_currency or "USD") if saved is not None else ""),
    )


def _started(screen: Screen, row: RunRow, mark: ImportMark | None) -> Cell:
    """When it began; of what was imported, that it was, and from where."""
    when, exact = ago(row.run.created_at, screen.app.clock.now()), moment(row.run.created_at, screen.zone)
    return (
        Cell(f"{when}, imported", f"{exact}. Imported from {mark.source}, case {mark.case_key}.")
        if mark
        else Cell(when, exact)
    )


def _state(row: RunRow, waits: str) -> Cell:
    """The state; of what waits for people, what for."""
    run = row.run
    cell = state_cell(run.state.value, run.error or run.end_reason)
    return Cell(f"Waits: {waits}"[:60], waits, "orange") if waits else cell
