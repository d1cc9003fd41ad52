"""Estimated, measured, proven: three figures side by side that are never one, each leading to what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import streamlit as st

from core.analytics.evidence import Figure
from core.analytics.figures import Savings
from core.analytics.filters import Filters
from core.analytics.rules import Total
from pages.components.page import Screen
from pages.components.words import count, moment, number, quantity, sentence

MEANINGS = {
    Figure.ESTIMATED: (
        "a week",
        "What the completed runs should save in a week, by the rate cards they were started under.",
    ),
    Figure.MEASURED: ("logged", "What people logged and nobody rejected."),
    Figure.PROVEN: ("verified", "The part of the measured whose proof somebody else verified."),
}


def three_figures(screen: Screen, filters: Filters, link: Callable[[Figure, Total], str]) -> None:
    """One card a figure, one line a unit; each line is a link. Says as of when, and of which dataset."""
    queries = screen.app.analytics_queries
    saved, as_of = queries.savings(filters), queries.as_of()
    for column, figure in zip(st.columns(3), Figure, strict=True):
        quiet, meaning = MEANINGS[figure]
        with column, st.container(border=True, height="stretch", gap="xsmall", key=f"three-{figure.value}"):
            st.markdown(f"**{sentence(figure.value)}** :gray[{quiet}]", help=meaning)
            _lines(totals_of(saved, figure), partial(link, figure))

    if not as_of.live:
        waits = f"{count(as_of.waiting, 'changed run')} not in them yet"
        when = f"As of {moment(as_of.rolled_up_at, screen.zone)}; " if as_of.rolled_up_at else ""
        st.caption(f"{when}{waits}.")
    if filters.dataset.sample:
        st.badge("Sample figures", icon=":material/science:", color="violet")


def totals_of(saved: Savings, figure: Figure) -> Sequence[Total]:
    found: Sequence[Total] = getattr(saved, figure.value)
    return found


def metric_words(metric: str) -> str:
    return "Weekly savings" if metric == "weekly_savings" else sentence(metric)


def beside(metric: str, unit: str) -> str:
    """What is said beside a value that shows its unit: nothing where the unit says it."""
    return "" if metric in ("custom", unit) else metric_words(metric).lower()


def kind_words(metric: str, unit: str) -> str:
    """A metric and its unit where no value stands with them: `Revenue, USD`, `Customers`, `Messages answered`."""
    return f"{metric_words(metric)}, {unit}" if beside(metric, unit) else sentence(unit)


def _lines(totals: Sequence[Total], link: Callable[[Total], str]) -> None:
    if not totals:
        st.markdown(":gray[Nothing yet]")
        return
    rows = "".join(
        f'<p class="summary"><a href="{escape(link(total))}">{escape(quantity(total.value, total.unit))}</a>'
        f' <span class="quiet">{escape(_said(total))}</span></p>'
        for total in totals
    )
    st.html(rows)


def _said(total: Total) -> str:
    what = beside(total.metric, total.unit)
    return f"{what}, n {number(total.n, 0)}" if what else f"n {number(total.n, 0)}"
