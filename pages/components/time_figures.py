"""Charts over time: how many, and which share, by day, week or month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from pages.components.figures import PERCENTS, QUARTERS, layout
from pages.components.hues import Hues


@dataclass(frozen=True)
class Week:
    start: date
    value: float | None
    low: float
    high: float
    words: str
    partial: bool
    """The bucket that is not over yet, or of few runs: drawn grey."""


@lru_cache(maxsize=256)
def counts_over_time(weeks: tuple[Week, ...], hues: Hues, unit: str) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(
        x=[week.start for week in weeks], y=[week.value for week in weeks],
        marker={"color": [hues.gray if week.partial else hues.main for week in weeks], "cornerradius": 2},
        hovertext=[week.words for week in weeks], hoverinfo="text",
    )  # fmt: skip
    figure.update_layout(bargap=0.25)
    _time_axes(figure, hues, unit)
    return figure


@lru_cache(maxsize=256)
def shares_over_time(weeks: tuple[Week, ...], hues: Hues) -> go.Figure:
    """A line with the band of its 95 % intervals; what is not over yet stays out."""
    whole = [week for week in weeks if not week.partial and week.value is not None]
    starts = [week.start for week in whole]
    figure = go.Figure()
    hidden: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=starts, y=[week.high for week in whole], **hidden)
    figure.add_scatter(x=starts, y=[week.low for week in whole], fill="tonexty", fillcolor=hues.band, **hidden)
    figure.add_scatter(
        x=starts, y=[week.value for week in whole], mode="lines+markers",
        line={"color": hues.main, "width": 2.5}, marker={"size": 6, "color": hues.main},
        hovertext=[week.words for week in whole], hoverinfo="text",
    )  # fmt: skip
    if whole and whole[-1].value is not None:
        figure.add_annotation(
            x=starts[-1], y=whole[-1].value, text=f"<b>{100 * whole[-1].value:.0f} %</b>", showarrow=False, xshift=10,
            xanchor="left", font={"color": hues.main, "size": 13},
        )  # fmt: skip
    _time_axes(figure, hues, "")
    figure.update_yaxes(range=[0, 1], tickvals=QUARTERS, ticktext=PERCENTS)
    figure.update_layout(margin={"r": 50})
    return figure


def _time_axes(figure: go.Figure, hues: Hues, unit: str) -> None:
    figure.update_layout(**layout(hues, height=250))
    figure.update_xaxes(showgrid=False, fixedrange=True, nticks=6, tickformat="%-d %b")
    figure.update_yaxes(
        rangemode="tozero", gridcolor=hues.line, zeroline=False, fixedrange=True, nticks=5, automargin=True,
        title={"text": unit, "font": {"size": 12}} if unit else None,
    )  # fmt: skip
