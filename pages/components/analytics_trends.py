"""Trends of the Analytics page: by day, week or month, against the days before, and workflow by workflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from core.analytics.breakdowns import Dimension, Group
from core.analytics.figures import Bucket, TrendPoint
from pages.components import findings, range_figures, time_figures
from pages.components.analytics_board import Board, last_day
from pages.components.chart import ChartTable, chart_block, side_by_side
from pages.components.findings import rate_words
from pages.components.time_figures import Ghost
from pages.components.words import count, money, number, percent, sentence

_BUCKETS = {"Day": Bucket.DAY, "Week": Bucket.WEEK, "Month": Bucket.MONTH}
_MULTIPLES = 8
"""Workflows that get a small line of their own, those with most runs."""


def trends(board: Board) -> None:
    chosen = st.segmented_control(
        "Trend by", list(_BUCKETS), default="Week", key="bucket", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    bucket = _BUCKETS.get(chosen or "Week", Bucket.WEEK)
    queries = board.screen.app.analytics_queries
    points = queries.trend(board.filters, bucket)
    before = queries.trend(board.view.before, bucket) if board.view.before else []
    left, right = side_by_side()
    with left:
        success_block(board, points, bucket, before)
    with right:
        runs_block(board, points, bucket, before)
    left, right = side_by_side()
    with left:
        _estimates(board, points, bucket)
    with right:
        _by_workflow(board, bucket)


def success_block(
    board: Board, points: Sequence[TrendPoint], bucket: Bucket, before: Sequence[TrendPoint] = ()
) -> None:
    ghost = _moved(points, before, [point.rate.share for point in before])
    chart_block(
        findings.success_over_time(points, bucket.value),
        time_figures.shares_over_time(
            _buckets(board, points, bucket, shares=True), board.hues, ghost
        ),
        _success_table(points, bucket), key="success-over-time",
        note=f"Success rate by {bucket.value} of start, with its 95 % interval; hollow: not a whole {bucket.value}"
        f"{_dotted(board, ghost)}",
        on_mark=board.choose_bucket(bucket),
    )  # fmt: skip


def runs_block(board: Board, points: Sequence[TrendPoint], bucket: Bucket, before: Sequence[TrendPoint] = ()) -> None:
    ghost = _moved(points, before, [float(point.runs) for point in before])
    chart_block(
        findings.runs_over_time(points, bucket.value),
        time_figures.counts_over_time(
            _buckets(board, points, bucket, shares=False), board.hues, "runs", ghost
        ),
        _runs_table(points, bucket), key="runs-over-time",
        note=f"Runs started by {bucket.value}; grey: not a whole {bucket.value}{_dotted(board, ghost)}",
        on_mark=board.choose_bucket(bucket),
    )  # fmt: skip


def _estimates(board: Board, points: Sequence[TrendPoint], bucket: Bucket) -> None:
    """In the currency most runs are counted in; the others are in the table."""
    counted: dict[str, int] = {}
    for point in points:
        for total in point.estimated:
            counted[total.unit] = counted.get(total.unit, 0) + total.n
    currency = max(counted, key=lambda unit: counted[unit], default="")
    amounts = [next((total for total in point.estimated if total.unit == currency), None) for point in points]
    weeks = tuple(
        time_figures.Week(
            point.start, float(amount.value) if amount else 0.0, 0, 0,
            f"from {point.start:%-d %b}: {money(amount.value, currency, digits=False)}, n {amount.n}" if amount
            else f"from {point.start:%-d %b}: nothing",
            is_partial(board, point.start, bucket),
        )
        for point, amount in zip(points, amounts, strict=True)
    )  # fmt: skip
    whole = [amount.value if amount else 0 for amount, week in zip(amounts, weeks, strict=True) if not week.partial]
    average = sum(whole) / len(whole) if whole else None
    said = f"; {', '.join(sorted(set(counted) - {currency}))} in the table" if len(counted) > 1 else ""
    chart_block(
        f"Runs started in a {bucket.value} promise {money(average, currency, digits=False)} a week" if average
        else "No completed run carries an estimate yet",
        time_figures.counts_over_time(weeks, board.hues, currency),
        ChartTable(
            (f"{sentence(bucket.value)} from", "Estimated weekly savings", "Currency", "Completed runs"),
            [(p.start, float(t.value), t.unit, t.n) for p in reversed(points) for t in p.estimated],
        ),
        key="estimates-over-time", on_mark=board.choose_bucket(bucket),
        note=f"Estimated weekly savings of the completed runs by {bucket.value} of start, in {currency}{said}",
        empty="A workflow with a rate card brings its runs' estimates here as they complete.",
    )  # fmt: skip


def _by_workflow(board: Board, bucket: Bucket) -> None:
    """Small lines side by side, all on one scale."""
    queries = board.screen.app.analytics_queries
    groups = board.groups(Dimension.WORKFLOW)[:_MULTIPLES]
    lines = [(group, queries.trend(replace(board.filters, workflow_id=group.key), bucket)) for group in groups]
    sparks = tuple(
        range_figures.Spark(
            group.key, group.label,
            tuple(
                (point.start, point.rate.share, f"from {point.start:%-d %b}: {rate_words(point.rate)}")
                for point in points if not is_partial(board, point.start, bucket)
            ),
            _last_words(group), board.held(Dimension.WORKFLOW, group.key),
        )
        for group, points in lines
    )  # fmt: skip
    chart_block(
        findings.best_and_worst(groups, "workflows"),
        range_figures.sparks(sparks, board.hues, 1.0),
        ChartTable(
            ("Workflow", f"{sentence(bucket.value)} from", "Success, %", "Ended runs", "Runs started"),
            [
                (group.label, p.start, round(100 * p.rate.share, 1) if p.rate.share is not None else None, p.rate.n, p.runs)
                for group, points in lines for p in reversed(points)
            ],
        ),
        key="success-by-workflow-over-time", on_mark=board.narrowing(Dimension.WORKFLOW),
        note=f"Success rate by {bucket.value} of start, each from 0 to 100 %; at the right, of the whole period",
    )  # fmt: skip


def is_partial(board: Board, start: date, bucket: Bucket) -> bool:
    """The last bucket goes on, and the first may have begun before the period."""
    first, last = board.view.days.first, board.view.days.last or board.today
    return last_day(start, bucket) >= min(board.today, last + timedelta(days=1)) or (
        first is not None and start < first
    )


def _last_words(group: Group) -> str:
    return (
        "no run ended yet" if group.rate.share is None else f"{percent(group.rate.share)} · n {number(group.rate.n, 0)}"
    )


def _buckets(
    board: Board, points: Sequence[TrendPoint], bucket: Bucket, *, shares: bool
) -> tuple[time_figures.Week, ...]:
    found = []
    for point in points:
        words = f"from {point.start:%-d %b}: {rate_words(point.rate) if shares else count(point.runs, 'run')}"
        value = point.rate.share if shares else float(point.runs)
        partial = is_partial(board, point.start, bucket)
        found.append(time_figures.Week(point.start, value, point.rate.low, point.rate.high, words, partial))
    return tuple(found)


def _moved(points: Sequence[TrendPoint], before: Sequence[TrendPoint], values: Sequence[float | None]) -> Ghost:
    """The earlier buckets on the days of these, the last on the last; one alone is no line."""
    if not points or not before:
        return ()
    pairs = list(zip(reversed(points), reversed(list(values)), strict=False))
    ghost = tuple((point.start, value) for point, value in reversed(pairs))
    return ghost if sum(value is not None for _, value in ghost) > 1 else ()


def _dotted(board: Board, ghost: Ghost) -> str:
    return f"; dotted: {board.view.comparison.words}" if ghost and board.view.comparison else ""


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
