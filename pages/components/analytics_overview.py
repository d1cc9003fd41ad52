"""The overview of the Analytics page: how success and runs go over time, where runs stand, which workflow saves what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analytics.breakdowns import Dimension
from core.analytics.figures import Bucket, TrendPoint
from pages.components import figures, findings, time_figures
from pages.components.analytics_board import Board, label_of
from pages.components.chart import ChartTable, chart_block
from pages.components.findings import rate_words
from pages.components.status import look
from pages.components.words import count, money, number, percent, sentence


def overview(board: Board) -> None:
    queries = board.screen.app.analytics_queries
    bucket = {"4 weeks": Bucket.DAY}.get(board.view.period, Bucket.WEEK)
    points = queries.trend(board.filters, bucket, str(board.screen.zone))
    since = board.filters.since.astimezone(board.screen.zone).date() if board.filters.since else None
    left, right = st.columns(2)
    with left:
        chart_block(
            findings.success_over_time(points, bucket.value),
            time_figures.shares_over_time(_weeks(points, since, shares=True), board.hues),
            _success_table(points, bucket), key="success-over-time",
            note=f"Success rate by {bucket.value} of start, with its 95 % interval",
        )  # fmt: skip
    with right:
        chart_block(
            findings.runs_over_time(points, bucket.value),
            time_figures.counts_over_time(_weeks(points, since, shares=False), board.hues, "runs"),
            _runs_table(points, bucket), key="runs-over-time", note=f"Runs started by {bucket.value}; grey: not a whole one",
        )  # fmt: skip
    left, right = st.columns(2)
    below = st.container()
    states = queries.states(board.filters)
    total = sum(states.values())
    shown = sorted((item for item in states.items() if item[1]), key=lambda item: -item[1])
    with left:
        chart_block(
            findings.statuses(states),
            figures.bars(
                tuple(
                    figures.Bar(s.value, look(s.value)[0], n, f"{number(n, 0)} · {percent(n / total)}") for s, n in shown
                ),
                board.hues, "",
            ),
            ChartTable(
                ("Status", "Runs", "Share, %"),
                [(look(s.value)[0], n, round(100 * n / total, 1) if total else 0) for s, n in states.items()] if total else [],
                [f"{board.view.link()}&status={quote(look(s.value)[0])}" for s in states],
            ),
            key="statuses", note="Runs by status",
        )  # fmt: skip
    with right:
        _estimates(board, below)


def _estimates(board: Board, below: DeltaGenerator) -> None:
    """By workflow, in the currency most of it is counted in; the others are in the table."""
    groups = board.groups(Dimension.WORKFLOW)
    totals = [(group, total) for group in groups for total in group.estimated]
    if not totals:
        chart_block(
            "No completed run carries an estimate yet",
            figures.bars((), board.hues, ""),
            ChartTable((), []),
            key="estimates",
        )
        return
    currency = max(totals, key=lambda pair: pair[1].n)[1].unit
    mine = sorted(((g, t) for g, t in totals if t.unit == currency), key=lambda pair: -pair[1].value)
    best, all_of_it = mine[0], sum(total.value for _, total in mine)
    others = sorted({total.unit for _, total in totals} - {currency})
    rest = f"; {', '.join(others)} in the table" if others else ""
    part = percent(float(best[1].value / all_of_it)) if all_of_it else "0 %"
    chart_block(
        f"{best[0].label} brings {part} of the estimate in {currency}",
        figures.bars(
            tuple(
                figures.Bar(g.key, g.label, float(t.value), money(t.value, currency, digits=False))
                for g, t in mine
            ),
            board.hues, "",
        ),
        ChartTable(
            ("Workflow", "Weekly savings", "Currency", "Completed runs"),
            [(g.label, float(t.value), t.unit, t.n) for g, t in totals],
            [board.view.link(workflow_id=g.key) for g, _ in totals],
        ),
        key="estimates", note=f"Estimated weekly savings of completed runs, in {currency}{rest}",
        behind=lambda key: board.behind("estimates", label_of(groups, key), below, workflow_id=key),
    )  # fmt: skip


def _weeks(points: Sequence[TrendPoint], since: date | None, *, shares: bool) -> tuple[time_figures.Week, ...]:
    """The last bucket goes on, and the first may have begun before the period: both are drawn apart."""
    found = []
    for place, point in enumerate(points):
        words = f"from {point.start:%-d %b}: {rate_words(point.rate) if shares else count(point.runs, 'run')}"
        value = point.rate.share if shares else float(point.runs)
        partial = place == len(points) - 1 or (since is not None and point.start < since)
        found.append(time_figures.Week(point.start, value, point.rate.low, point.rate.high, words, partial))
    return tuple(found)


def _success_table(points: Sequence[TrendPoint], bucket: Bucket) -> ChartTable:
    rows = [
        (
            point.start,
            *(round(100 * part, 1) for part in (point.rate.share or 0, point.rate.low, point.rate.high)),
            point.rate.n,
        )
        for point in reversed(points)
        if point.rate.n
    ]
    return ChartTable((f"{sentence(bucket.value)} from", "Success, %", "Low, %", "High, %", "Ended runs"), rows)


def _runs_table(points: Sequence[TrendPoint], bucket: Bucket) -> ChartTable:
    rows = [(point.start, point.runs, point.completed) for point in reversed(points)]
    return ChartTable((f"{sentence(bucket.value)} from", "Runs started", "Completed so far"), rows)
