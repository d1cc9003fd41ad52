"""What the views of the Analytics page share: the runs in question, the hues, what a click narrows to, rates side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date

import streamlit as st

from core.analytics.breakdowns import Dimension, Group
from core.analytics.figures import Bucket, Summary
from core.analytics.filters import Filters
from core.analytics.queries import AsOf
from core.analytics.rules import UNKNOWN
from pages.components import figures, findings
from pages.components.chart import ChartTable, chart_block
from pages.components.findings import rate_words
from pages.components.hues import DARK, LIGHT, Hues
from pages.components.page import Screen
from pages.components.run_filters import RunView
from pages.components.run_periods import chooser
from pages.components.words import number, sentence

_FIELDS = {
    Dimension.WORKFLOW: "workflow_id", Dimension.AGENT: "agent_id", Dimension.COUNCIL: "council_id",
    Dimension.MARKET: "market", Dimension.SKILL: "skill_level",
}  # fmt: skip
RATE_HEADER = ("Success, %", "Low, %", "High, %", "Ended runs", "Runs")


@dataclass(frozen=True)
class Summaries:
    """What every view of the page stands under."""

    now: Summary
    before: Summary | None
    as_of: AsOf


@dataclass(frozen=True)
class Board:
    """What every view needs."""

    screen: Screen
    view: RunView
    summaries: Summaries

    @property
    def filters(self) -> Filters:
        return self.view.filters

    @property
    def hues(self) -> Hues:
        return DARK if st.context.theme.type == "dark" else LIGHT

    @property
    def today(self) -> date:
        return self.screen.app.clock.now().astimezone(UTC).date()

    def groups(self, dimension: Dimension) -> list[Group]:
        """All of them, also where the page is narrowed to one: the others stay, paler, to compare and to go to."""
        return self.screen.app.analytics_queries.groups(self.without(dimension), dimension)

    def without(self, dimension: Dimension) -> Filters:
        if dimension is Dimension.SEGMENT:
            return replace(self.filters, market=None, skill_level=None)
        return replace(self.filters, **{_FIELDS[dimension]: None})  # type: ignore[arg-type]

    def held(self, dimension: Dimension, key: str) -> bool | None:
        """Whether the page is narrowed to `key`; None if it is not narrowed by this."""
        held = getattr(self.filters, _FIELDS[dimension])
        return None if held is None else held == key

    def narrowing(self, dimension: Dimension) -> Callable[[str], None]:
        """A callback for a click on a mark: narrows the page to it, or lets it go."""
        return lambda key: self.view.toggle(**{_FIELDS[dimension]: key})

    def link(self, dimension: Dimension, key: str) -> str:
        return self.view.link(**{_FIELDS[dimension]: key})

    def choose_bucket(self, bucket: Bucket) -> Callable[[str], None]:
        """A callback for a click on a bucket: the page becomes one about its days."""

        def choose(key: str) -> None:
            first = date.fromisoformat(key)
            last = min(last_day(first, bucket), self.view.days.last or self.today, self.today)
            chooser(max(first, self.view.days.first or first), last)()

        return choose


def last_day(first: date, bucket: Bucket) -> date:
    match bucket:
        case Bucket.DAY:
            return first
        case Bucket.WEEK:
            return date.fromordinal(first.toordinal() + 6)
        case Bucket.MONTH:
            after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
            return date.fromordinal(after.toordinal() - 1)


def rates_block(board: Board, dimension: Dimension, noun: str) -> None:
    groups = board.groups(dimension)
    points = tuple(
        figures.RatePoint(
            group.key, group.label, group.rate.share, group.rate.low, group.rate.high, rate_words(group.rate),
            group.rate.small, board.held(dimension, group.key),
        )
        for group in groups
    )  # fmt: skip
    chart_block(
        findings.best_and_worst(groups, noun), figures.rates(points, board.hues),
        ChartTable(
            (sentence(noun), *RATE_HEADER),
            [(group.label, *rate_row(group)) for group in groups],
            [board.link(dimension, group.key) for group in groups],
        ),
        key=f"success-by-{dimension.value}",
        note="Success rate with its 95 % interval; grey: fewer than 20 ended runs",
        on_mark=board.narrowing(dimension),
    )  # fmt: skip


def rate_row(group: Group) -> tuple[object, ...]:
    rate = group.rate
    shares = (rate.share, rate.low, rate.high) if rate.share is not None else (None, None, None)
    return (*(round(100 * share, 1) if share is not None else None for share in shares), rate.n, group.runs)


def label_of(groups: Sequence[Group], key: str) -> str:
    return next((group.label for group in groups if group.key == key), key)


def named(value: str) -> str:
    return "No profile" if value == UNKNOWN else sentence(value)


def sample_words(runs: int, sampled: bool) -> str:
    """Ends a note: which runs a figure that no rollup holds was taken from."""
    return f"from an even sample of {number(runs, 0)} runs" if sampled else f"n {number(runs, 0)} runs"
