"""The overview of the Analytics page: how success and runs go over time, where runs stand, which workflow saves what."""

from __future__ import annotations

from urllib.parse import quote

from core.analytics.breakdowns import Dimension
from core.analytics.figures import Bucket
from pages.components import figures, findings
from pages.components.analytics_board import Board
from pages.components.analytics_tiles import tiles
from pages.components.analytics_trends import runs_block, success_block
from pages.components.chart import ChartTable, chart_block, side_by_side
from pages.components.status import look
from pages.components.words import money, number, percent


def overview(board: Board) -> None:
    tiles(board)
    bucket = Bucket.DAY if 0 < board.view.days.days <= 31 else Bucket.WEEK
    points = board.screen.app.analytics_queries.trend(board.filters, bucket)
    left, right = side_by_side()
    with left:
        success_block(board, points, bucket)
    with right:
        runs_block(board, points, bucket)
    left, right = side_by_side()
    with left:
        _states(board)
    with right:
        _estimates(board)


def _states(board: Board) -> None:
    states = board.screen.app.analytics_queries.states(board.filters)
    total = sum(states.values())
    shown = sorted((item for item in states.items() if item[1]), key=lambda item: -item[1])
    bars = tuple(figures.Bar(s.value, look(s.value)[0], n, f"{number(n, 0)} · {percent(n / total)}") for s, n in shown)
    rows = [(look(s.value)[0], n, round(100 * n / total, 1)) for s, n in states.items()] if total else []
    chart_block(
        findings.statuses(states),
        figures.bars(bars, board.hues, ""),
        ChartTable(
            ("Status", "Runs", "Share, %"), rows,
            [f"{board.view.link()}&status={quote(look(s.value)[0])}" for s in states] if rows else [],
        ),
        key="statuses", note="Runs by status",
    )  # fmt: skip


def _estimates(board: Board) -> None:
    """By workflow, in the currency most of it is counted in; the others are in the table."""
    groups = board.groups(Dimension.WORKFLOW)
    totals = [(group, total) for group in groups for total in group.estimated]
    if not totals:
        chart_block(
            "No completed run carries an estimate yet", figures.bars((), board.hues, ""), ChartTable((), []),
            key="estimates", empty="A workflow with a rate card brings its runs' estimates here as they complete.",
        )  # fmt: skip
        return
    currency = max(totals, key=lambda pair: pair[1].n)[1].unit
    mine = sorted(((g, t) for g, t in totals if t.unit == currency), key=lambda pair: -pair[1].value)
    best, all_of_it = mine[0], sum(total.value for _, total in mine)
    others = sorted({total.unit for _, total in totals} - {currency})
    rest = f"; {', '.join(others)} in the table" if others else ""
    part = percent(float(best[1].value / all_of_it)) if all_of_it else "0 %"
    bars = tuple(
        figures.Bar(
            g.key, g.label, float(t.value), f"{money(t.value, currency, digits=False)} · n {number(t.n, 0)}",
            held=board.held(Dimension.WORKFLOW, g.key),
        )
        for g, t in mine
    )  # fmt: skip
    chart_block(
        f"{best[0].label} brings {part} of the estimate in {currency}",
        figures.bars(bars, board.hues, ""),
        ChartTable(
            ("Workflow", "Weekly savings", "Currency", "Completed runs"),
            [(g.label, float(t.value), t.unit, t.n) for g, t in totals],
            [board.link(Dimension.WORKFLOW, g.key) for g, _ in totals],
        ),
        key="estimates", note=f"Estimated weekly savings of completed runs, in {currency}{rest}",
        on_mark=board.narrowing(Dimension.WORKFLOW),
    )  # fmt: skip
