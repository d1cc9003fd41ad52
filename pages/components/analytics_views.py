"""The other views of the Analytics page: workflows, segments, agents and councils."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.analytics.breakdowns import Dimension, Group, StepFigures
from core.identity.rules import Market, SkillLevel
from pages.components import figures, findings
from pages.components.analytics_board import RATE_HEADER, Board, label_of, named, rate_row, rates_block
from pages.components.analytics_overview import overview
from pages.components.chart import ChartTable, chart_block
from pages.components.words import number, percent


def workflows(board: Board) -> None:
    groups = board.groups(Dimension.WORKFLOW)
    left, right = st.columns(2)
    below = st.container()
    with left:
        rates_block(board, groups, Dimension.WORKFLOW, "workflows", below)
    with right:
        timed = [group for group in groups if group.work_p50 is not None and group.work_p90 is not None]
        chart_block(
            findings.durations(groups),
            figures.spans(tuple(_span(group) for group in timed), board.hues, "h"),
            ChartTable(
                ("Workflow", "Median work, h", "9 in 10 below, h", "Completed runs"),
                [
                    (g.label, round((g.work_p50 or 0) / 3600, 2), round((g.work_p90 or 0) / 3600, 2), g.completed)
                    for g in timed
                ],
                [board.view.link(workflow_id=group.key) for group in timed],
            ),
            key="durations", note="Hands-on hours: the dot is the median, the tick what nine of ten stay below",
            behind=lambda key: board.behind("durations", label_of(groups, key), below, workflow_id=key),
        )  # fmt: skip
    if groups:
        _steps(board, groups)


def segments(board: Board) -> None:
    groups = board.groups(Dimension.SEGMENT)
    markets = [named(market.value) for market in Market] + ["No profile"]
    levels = [named(level.value) for level in SkillLevel] + ["No profile"]
    cells = []
    for group in groups:
        market, _, level = group.key.partition("/")
        share = f"{percent(group.rate.share)}<br>n {number(group.rate.n, 0)}" if group.rate.share is not None else "n 0"
        cells.append(
            figures.HeatCell(group.key, named(level), named(market), group.rate.share, share, group.rate.small)
        )
    rows = tuple(name for name in markets if any(cell.row == name for cell in cells))
    columns = tuple(name for name in levels if any(cell.column == name for cell in cells))

    chart, here = st.container(), st.container()

    def behind(key: str) -> None:
        market, _, level = key.partition("/")
        board.behind("segments", f"{named(market)}, {named(level).lower()}", here, market=market, skill_level=level)

    with chart:
        chart_block(
            findings.best_and_worst(groups, "segments"),
            figures.heat(tuple(cells), columns, rows, board.hues),
            ChartTable(
                ("Market", "Skill level", *RATE_HEADER),
                [(named(g.key.split("/")[0]), named(g.key.split("/")[1]), *rate_row(g)) for g in groups],
                [board.view.link(market=g.key.split("/")[0], skill_level=g.key.split("/")[1]) for g in groups],
            ),
            key="segments", note="Success rate by market and skill level; grey: fewer than 20 ended runs", behind=behind,
        )  # fmt: skip
    left, right = st.columns(2)
    below = st.container()
    with left:
        rates_block(board, board.groups(Dimension.MARKET), Dimension.MARKET, "markets", below)
    with right:
        rates_block(board, board.groups(Dimension.SKILL), Dimension.SKILL, "skill levels", below)


def agents(board: Board) -> None:
    standings = board.screen.app.analytics_queries.leaderboard(board.filters)
    ranked = tuple(
        (
            one.agent_id, one.name,
            (
                0.5 * min(float(one.savings) / 500_000, 1), 0.3 * (one.approval.share or 0), 0.2 * min(one.runs / 1_500, 1),
            ),
            f"{one.score:.2f}",
        )
        for one in standings
    )  # fmt: skip
    names = {one.agent_id: one.name for one in standings}
    chart, here = st.container(), st.container()
    with chart:
        chart_block(
            findings.leaderboard(standings),
            figures.stacked(ranked, ("Savings", "Approval", "Volume"), board.hues, ""),
            ChartTable(
                ("Agent", "Score", "Weekly savings", "Currency", "Approved, %", "Decided", "Runs"),
                [
                    (
                        one.name, round(one.score, 3), float(one.savings), one.currency,
                        round(100 * one.approval.share, 1) if one.approval.share is not None else None, one.approval.n, one.runs,
                    )
                    for one in standings
                ],
                [board.view.link(agent_id=one.agent_id) for one in standings],
            ),
            key="leaderboard",
            note="Score = 0.5 savings of 500,000 (left) + 0.3 approval rate (middle) + 0.2 runs of 1,500 (right), each capped",
            behind=lambda key: board.behind("leaderboard", names.get(key, key), here, agent_id=key),
        )  # fmt: skip
    left, right = st.columns(2)
    below = st.container()
    with left:
        rates_block(board, board.groups(Dimension.AGENT), Dimension.AGENT, "agents", below)
    with right:
        rates_block(board, board.groups(Dimension.COUNCIL), Dimension.COUNCIL, "councils", below)


VIEWS: dict[str, Callable[[Board], None]] = {
    "Overview": overview, "Workflows": workflows, "Segments": segments, "Agents and councils": agents,
}  # fmt: skip


def _steps(board: Board, groups: Sequence[Group]) -> None:
    chosen = board.filters.workflow_id or groups[0].key
    found = board.screen.app.analytics_queries.steps(board.filters, chosen)
    titles = board.screen.app.catalog_queries.step_titles(chosen) if found else []
    names = [f"{s.number}. {titles[s.number - 1] if s.number <= len(titles) else ''}" for s in found]
    chart_block(
        findings.lost_steps(found, titles),
        figures.bars(
            tuple(
                figures.Bar(str(s.number), name, s.reached, _step_words(s)) for s, name in zip(found, names, strict=True)
            ),
            board.hues, "",
        ),
        ChartTable(
            ("Step", "Reached", "Finished", "Stopped there, %", "Median work, min"),
            [
                (
                    name, s.reached, s.done, round(100 * s.lost / s.reached, 1) if s.reached else 0,
                    round((s.work_p50 or 0) / 60, 1),
                )
                for s, name in zip(found, names, strict=True)
            ],
        ),
        key="steps", note=f"Ended runs of “{label_of(groups, chosen)}” that reached each step",
    )  # fmt: skip


def _step_words(step: StepFigures) -> str:
    lost = f" · {percent(step.lost / step.reached)} stop" if step.reached and step.lost else ""
    return f"{number(step.reached, 0)}{lost}"


def _span(group: Group) -> figures.SpanBar:
    half, most = (group.work_p50 or 0) / 3600, (group.work_p90 or 0) / 3600
    words = f"{number(half)} → {number(most)} h"
    return figures.SpanBar(group.key, group.label, half, most, words)
