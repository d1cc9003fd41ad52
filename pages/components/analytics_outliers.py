"""Outliers on the Analytics page: runs far from what their workflow usually takes or saves, each a way to the run."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.analytics.outliers import FAR, LEAST_SPREAD, MOST_SHOWN, Measure, Outlier, Outliers, Usual
from core.analytics.rules import SMALL_N
from pages.components import findings, range_figures
from pages.components.analytics_board import Board
from pages.components.chart import ChartTable, chart_block
from pages.components.empty import empty_state
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import ago, moment, money, number, span

_MEASURES = {"Duration": Measure.DURATION, "Weekly savings": Measure.SAVINGS}
RULE = (
    f"A run is far from usual when the logarithm of its value lies more than {FAR:g} robust deviations from its "
    "workflow's median; a robust deviation is 1.4826 times the median absolute deviation, and at least "
    f"{LEAST_SPREAD * 100:.0f} % of the value. Workflows with fewer than {SMALL_N} completed runs in the period are left out."
)
_TICKS = (
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (6 * 3600, "6 h"),
    (86400, "1 day"),
    (7 * 86400, "1 week"),
    (30 * 86400, "30 days"),
)
_COLUMNS = (
    Column("Workflow", wide=True), Column("Person"), Column("Started"), Column("This run", number=True),
    Column("Usual", number=True), Column("Of the usual", number=True), Column("Deviations", number=True),
)  # fmt: skip


def far_from_usual(board: Board) -> None:
    chosen = st.segmented_control(
        "Measure", list(_MEASURES), default="Duration", key="measure", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    measure = _MEASURES.get(chosen or "Duration", Measure.DURATION)
    found = board.screen.app.analytics_queries.outliers(board.filters, measure)
    noun = (chosen or "Duration").lower()
    for currency in sorted({one.currency for one in found.usual}, key=str) or [None]:
        _ranges(board, found, currency, noun)
    _rows(board, found)
    how = " What is usual is taken from an even sample." if found.sampled else ""
    st.caption(f"{RULE}{how} The {number(MOST_SHOWN, 0)} farthest are listed.")


def _ranges(board: Board, found: Outliers, currency: str | None, noun: str) -> None:
    usual = [one for one in found.usual if one.currency == currency]
    items = tuple(
        range_figures.UsualRange(
            one.title, one.low, one.median, one.high, f"median {_value(one.median, one)} · n {number(one.n, 0)}",
            tuple(
                (far.value, f"{_value(far.value, one)}, {_times(far)} the usual")
                for far in found.found if (far.usual.workflow_id, far.usual.currency) == (one.workflow_id, currency)
            ),
        )
        for one in usual
    )  # fmt: skip
    unit = currency or "h"
    scale = 1 if currency else 3600
    chart_block(
        findings.far(found, noun),
        range_figures.ranges(items, board.hues, _TICKS if currency is None else _powers(usual, currency)),
        ChartTable(
            ("Workflow", f"Usual from, {unit}", f"Median, {unit}", f"Usual to, {unit}", "Completed runs"),
            [(one.title, *(round(value / scale, 2) for value in (one.low, one.median, one.high)), one.n) for one in usual],
        ),
        key=f"usual-{noun.replace(' ', '-')}-{(currency or 'time').lower()}",
        note="Usual range (bar), median (tick) and runs outside (diamonds), on a logarithmic axis"
        + (f", in {currency}" if currency else ""),
        empty=f"What is usual can be said from {SMALL_N} completed runs of a workflow on.",
    )  # fmt: skip


def _rows(board: Board, found: Outliers) -> None:
    if not found.found:
        if found.usual:
            empty_state(
                "Nothing stands out: every run is within its workflow's usual range.", icon=":material/check_circle:"
            )
        return
    now = board.screen.app.clock.now()
    rows = [
        Row(
            str(one.run_id),
            (
                Cell(one.usual.title, one.usual.title), Cell(one.person or ""),
                Cell(ago(one.created_at, now), moment(one.created_at, board.screen.zone)),
                Cell(_value(one.value, one.usual)), Cell(_value(one.usual.median, one.usual)),
                Cell(_times(one)), Cell(f"{one.score:+.1f}"),
            ),
            f"/runs?run={one.run_id}",
        )
        for one in found.found
    ]  # fmt: skip
    row_table(_COLUMNS, rows, label="Runs far from usual", key=f"far-{found.measure.value}", on_open=None)


def _value(value: float, usual: Usual) -> str:
    return money(Decimal(str(round(value, 2))), usual.currency) if usual.currency else span(1000 * value)


def _times(far: Outlier) -> str:
    return f"{number(far.times, 1 if far.times < 10 else 0)} ×" if far.times >= 1 else f"1/{number(1 / far.times, 1)}"


def _powers(usual: list[Usual], currency: str) -> tuple[tuple[float, str], ...]:
    """One, two and five of each power of ten within the range."""
    return tuple(
        (base * 10.0**power, money(Decimal(base) * Decimal(10) ** power, currency, digits=power < 0))
        for power in range(-2, 9) for base in (1, 3)
    )  # fmt: skip
