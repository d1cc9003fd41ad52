"""What the views of the Analytics page share: the runs in question, the hues, the runs behind a mark, rates side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analytics.breakdowns import Dimension, Group
from core.analytics.cells import UNKNOWN
from core.analytics.filters import Filters
from pages.components import figures, findings
from pages.components.chart import ChartTable, chart_block
from pages.components.findings import rate_words
from pages.components.hues import DARK, LIGHT, Hues
from pages.components.page import Screen
from pages.components.run_filters import RunView
from pages.components.run_list import run_list
from pages.components.way import way
from pages.components.words import count, plain, sentence

_FIELDS = {
    Dimension.WORKFLOW: "workflow_id", Dimension.AGENT: "agent_id", Dimension.COUNCIL: "council_id",
    Dimension.MARKET: "market", Dimension.SKILL: "skill_level",
}  # fmt: skip
RATE_HEADER = ("Success, %", "Low, %", "High, %", "Ended runs", "Runs", "People")


@dataclass(frozen=True)
class Board:
    """What every view needs."""

    screen: Screen
    view: RunView

    @property
    def filters(self) -> Filters:
        return self.view.filters

    @property
    def hues(self) -> Hues:
        return DARK if st.context.theme.type == "dark" else LIGHT

    def groups(self, dimension: Dimension) -> list[Group]:
        return self.screen.app.analytics_queries.groups(self.filters, dimension)

    def behind(self, block: str, title: str, below: DeltaGenerator, **more: str) -> None:
        """Draws, `below` the chart named `block`, the newest of the runs behind a mark, and the way to all of them."""
        narrowed = replace(self.filters, **more)  # type: ignore[arg-type]
        page = self.screen.app.run_queries.page(self.screen.actor, narrowed, limit=6)
        with below.container(border=True, key=f"behind-{block}"):
            st.markdown(f"**{plain(title)}** :gray[{count(page.total, 'run')}]")
            run_list(self.screen, page.rows, key=f"rows-{block}")
            label = f"Show {'all ' if page.total > len(page.rows) else ''}{count(page.total, 'run')}"
            way(label, self.view.link(**more))


def rates_block(board: Board, groups: Sequence[Group], dimension: Dimension, noun: str, below: DeltaGenerator) -> None:
    field = _FIELDS[dimension]
    points = tuple(
        figures.RatePoint(
            group.key, group.label, group.rate.share, group.rate.low, group.rate.high, rate_words(group.rate),
            group.rate.small,
        )
        for group in groups
    )  # fmt: skip
    chart_block(
        findings.best_and_worst(groups, noun),
        figures.rates(points, board.hues),
        ChartTable(
            (sentence(noun), *RATE_HEADER),
            [(group.label, *rate_row(group)) for group in groups],
            [board.view.link(**{field: group.key}) for group in groups],
        ),
        key=f"success-by-{dimension.value}",
        note="Success rate with its 95 % interval; grey: fewer than 20 ended runs",
        behind=lambda key: board.behind(dimension.value, label_of(groups, key), below, **{field: key}),
    )


def rate_row(group: Group) -> tuple[object, ...]:
    rate = group.rate
    shares = (rate.share, rate.low, rate.high) if rate.share is not None else (None, None, None)
    return (
        *(round(100 * share, 1) if share is not None else None for share in shares),
        rate.n,
        group.runs,
        group.people,
    )


def label_of(groups: Sequence[Group], key: str) -> str:
    return next((group.label for group in groups if group.key == key), key)


def named(value: str) -> str:
    return "No profile" if value == UNKNOWN else sentence(value)
