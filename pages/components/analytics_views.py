"""The views of the Analytics page by the words of its switch; here those of workflows, segments, agents and councils."""

from __future__ import annotations

from collections.abc import Callable

from core.analytics.breakdowns import Dimension, Group
from core.identity.rules import Market, SkillLevel
from pages.components import figures, findings
from pages.components.analytics_board import RATE_HEADER, Board, named, rate_row, rates_block, sample_words
from pages.components.analytics_outliers import far_from_usual
from pages.components.analytics_overview import overview
from pages.components.analytics_trends import trends
from pages.components.analytics_waits import bottlenecks
from pages.components.chart import ChartTable, chart_block, side_by_side
from pages.components.words import count, number, percent


def workflows(board: Board) -> None:
    left, right = side_by_side()
    with left:
        rates_block(board, Dimension.WORKFLOW, "workflows")
    groups = board.groups(Dimension.WORKFLOW)
    timed = [group for group in groups if group.work_p50 is not None and group.work_p90 is not None]
    with right:
        chart_block(
            findings.durations(groups),
            figures.spans(tuple(_span(board, group) for group in timed), board.hues, "h"),
            ChartTable(
                ("Workflow", "Median work, h", "9 in 10 below, h", "Completed runs"),
                [
                    (g.label, round((g.work_p50 or 0) / 3600, 2), round((g.work_p90 or 0) / 3600, 2), g.completed)
                    for g in timed
                ],
                [board.link(Dimension.WORKFLOW, group.key) for group in timed],
            ),
            key="durations", note="Hands-on hours: the dot is the median, the tick what nine of ten stay below",
            on_mark=board.narrowing(Dimension.WORKFLOW), empty="Hours appear with the first completed run.",
        )  # fmt: skip


def segments(board: Board) -> None:
    groups = board.groups(Dimension.SEGMENT)
    markets = [named(market.value) for market in Market] + ["No profile"]
    levels = [named(level.value) for level in SkillLevel] + ["No profile"]
    cells = []
    for group in groups:
        market, _, level = group.key.partition("/")
        share = f"{percent(group.rate.share)}<br>n {number(group.rate.n, 0)}" if group.rate.share is not None else "n 0"
        cells.append(
            figures.HeatCell(
                group.key, named(level), named(market), group.rate.share, share, group.rate.small,
                _segment_held(board, market, level),
            )
        )  # fmt: skip
    rows = tuple(name for name in markets if any(cell.row == name for cell in cells))
    columns = tuple(name for name in levels if any(cell.column == name for cell in cells))
    chart_block(
        findings.best_and_worst(groups, "segments"),
        figures.heat(tuple(cells), columns, rows, board.hues),
        ChartTable(
            ("Market", "Skill level", *RATE_HEADER),
            [(named(g.key.split("/")[0]), named(g.key.split("/")[1]), *rate_row(g)) for g in groups],
            [board.view.link(market=g.key.split("/")[0], skill_level=g.key.split("/")[1]) for g in groups],
        ),
        key="segments", note="Success rate by market and skill level; grey: fewer than 20 ended runs",
        on_mark=lambda key: board.view.toggle(market=key.split("/")[0], skill_level=key.split("/")[1]),
    )  # fmt: skip
    left, right = side_by_side()
    with left:
        rates_block(board, Dimension.MARKET, "markets")
    with right:
        rates_block(board, Dimension.SKILL, "skill levels")


def agents(board: Board) -> None:
    standings = board.screen.app.analytics_queries.leaderboard(board.without(Dimension.AGENT))
    ranked = tuple(
        (
            one.agent_id, one.name,
            (
                0.5 * min(float(one.savings) / 500_000, 1), 0.3 * (one.approval.share or 0), 0.2 * min(one.runs / 1_500, 1),
            ),
            f"{one.score:.2f} · n {number(one.runs, 0)}",
        )
        for one in standings
    )  # fmt: skip
    chart_block(
        findings.leaderboard(standings),
        figures.stacked(ranked, ("Savings", "Approval", "Volume"), board.hues, "", board.filters.agent_id),
        ChartTable(
            ("Agent", "Score", "Weekly savings", "Currency", "Approved, %", "Decided", "Runs"),
            [
                (
                    one.name, round(one.score, 3), float(one.savings), one.currency,
                    round(100 * one.approval.share, 1) if one.approval.share is not None else None, one.approval.n, one.runs,
                )
                for one in standings
            ],
            [board.link(Dimension.AGENT, one.agent_id) for one in standings],
        ),
        key="leaderboard",
        note="Score: up to 0.5 for weekly savings, full at 500,000 (left); up to 0.3 for the approval rate (middle); "
        "up to 0.2 for runs, full at 1,500 (right)",
        on_mark=board.narrowing(Dimension.AGENT),
        empty="Agents appear here with their first run. An admin adds one under People.",
    )  # fmt: skip
    left, right = side_by_side()
    with left:
        rates_block(board, Dimension.AGENT, "agents")
    with right:
        rates_block(board, Dimension.COUNCIL, "councils")
    _councils(board)


def _councils(board: Board) -> None:
    waits = board.screen.app.analytics_queries.council_waits(board.without(Dimension.COUNCIL))
    found = waits.councils
    decided = [one for one in found if one.p50 is not None]
    spans = tuple(
        figures.SpanBar(
            one.council_id, one.name, (one.p50 or 0) / 3600, (one.p90 or 0) / 3600,
            f"{percent(one.approval.share or 0)} approved · n {number(one.approval.n, 0)}",
            board.held(Dimension.COUNCIL, one.council_id),
        )
        for one in decided
    )  # fmt: skip
    expired, waiting = sum(one.expired for one in found), sum(one.open for one in found)
    chart_block(
        findings.councils(found),
        figures.spans(spans, board.hues, "h"),
        ChartTable(
            (
                "Council", "Median wait, h", "9 in 10 below, h", "Approved, %", "Decided", "Open now", "Expired",
                "Low, %", "High, %",
            ),
            [
                (
                    one.name, _hours(one.p50), _hours(one.p90),
                    round(100 * (one.approval.share or 0), 1), one.approval.n, one.open, one.expired,
                    round(100 * one.approval.low, 1), round(100 * one.approval.high, 1),
                )
                for one in found
            ],
            [board.link(Dimension.COUNCIL, one.council_id) for one in found],
        ),
        key="council-waits", on_mark=board.narrowing(Dimension.COUNCIL),
        note=f"Hours from asked to decided: the dot is the median, the tick what nine of ten stay below. "
        f"{count(expired, 'decision')} expired, {count(waiting, 'waits', 'wait')} now; {sample_words(waits.runs, waits.sampled)}",
        empty="A council appears here when it has been asked about a run.",
    )  # fmt: skip


VIEWS: dict[str, Callable[[Board], None]] = {
    "Overview": overview, "Trends": trends, "Workflows": workflows, "Segments": segments,
    "Bottlenecks": bottlenecks, "Agents and councils": agents, "Outliers": far_from_usual,
}  # fmt: skip


def _segment_held(board: Board, market: str, level: str) -> bool | None:
    held = board.filters.market, board.filters.skill_level
    if held == (None, None):
        return None
    return held[0] in {None, market} and held[1] in {None, level}


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 1)


def _span(board: Board, group: Group) -> figures.SpanBar:
    half, most = (group.work_p50 or 0) / 3600, (group.work_p90 or 0) / 3600
    words = f"{number(half)} → {number(most)} h · n {number(group.completed, 0)}"
    return figures.SpanBar(group.key, group.label, half, most, words, board.held(Dimension.WORKFLOW, group.key))
