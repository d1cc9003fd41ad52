"""Charts over time: how many, and which share, by day, week or month."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Not whole: it goes on, or the period begins in it. Drawn grey, and in a line hollow and apart."""


_DATES = 6

Ghost = tuple[tuple[date, float | None], ...]
"""The days that these are held against, moved onto them: (day here, value then)."""


@lru_cache(maxsize=256)
def counts_over_time(weeks: tuple[Week, ...], hues: Hues, unit: str, ghost: Ghost = ()) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(
        x=[week.start for week in weeks], y=[week.value for week in weeks],
        marker={"color": [hues.gray if week.partial else hues.main for week in weeks], "cornerradius": 2},
        hovertext=[week.words for week in weeks], hoverinfo="text", **_marks(weeks),
    )  # fmt: skip
    _ghost(figure, ghost, hues)
    figure.update_layout(bargap=0.25)
    _time_axes(figure, hues, unit, weeks)
    return figure


@lru_cache(maxsize=256)
def shares_over_time(weeks: tuple[Week, ...], hues: Hues, ghost: Ghost = ()) -> go.Figure:
    """A line with the band of its 95 % intervals; what is not whole stays out of it, as a hollow dot."""
    whole = [week for week in weeks if not week.partial and week.value is not None]
    starts = [week.start for week in whole]
    figure = go.Figure()
    hidden: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=starts, y=[week.high for week in whole], **hidden)
    figure.add_scatter(x=starts, y=[week.low for week in whole], fill="tonexty", fillcolor=hues.band, **hidden)
    _ghost(figure, ghost, hues)
    figure.add_scatter(
        x=starts, y=[week.value for week in whole], mode="lines+markers",
        line={"color": hues.main, "width": 2.5}, marker={"size": 6, "color": hues.main},
        hovertext=[week.words for week in whole], hoverinfo="text", **_marks(whole),
    )  # fmt: skip
    apart = [week for week in weeks if week.partial and week.value is not None]
    figure.add_scatter(
        x=[week.start for week in apart], y=[week.value for week in apart], mode="markers", hoverinfo="text",
        marker={"size": 7, "color": hues.paper, "line": {"width": 1.5, "color": hues.gray}},
        hovertext=[f"{week.words}, so far" for week in apart], **_marks(apart),
    )  # fmt: skip
    if whole and whole[-1].value is not None:
        figure.add_annotation(
            x=starts[-1], y=whole[-1].value, text=f"<b>{100 * whole[-1].value:.0f} %</b>", showarrow=False, xshift=10,
            xanchor="left", font={"color": hues.main, "size": 13},
        )  # fmt: skip
    _time_axes(figure, hues, "", weeks)
    figure.update_yaxes(range=[0, 1], tickvals=QUARTERS, ticktext=PERCENTS)
    figure.update_layout(margin={"r": 50})
    return figure


def _marks(weeks: Sequence[Week]) -> dict[str, Any]:
    """A click tells the bucket's first day; a mark that was chosen stays as it is, and so do the others."""
    kept = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
    return kept | {"customdata": [[week.start.isoformat()] for week in weeks]}


def _ghost(figure: go.Figure, ghost: Ghost, hues: Hues) -> None:
    if not ghost:
        return
    figure.add_scatter(
        x=[day for day, _ in ghost], y=[value for _, value in ghost], mode="lines", hoverinfo="skip",
        line={"color": hues.second, "width": 2, "dash": "dot"},
    )  # fmt: skip


def _time_axes(figure: go.Figure, hues: Hues, unit: str, weeks: Sequence[Week]) -> None:
    """Each date stands under the bucket that begins with it, as many as a phone holds."""
    named = [week.start for week in weeks][:: -(-len(weeks) // _DATES) or 1]
    figure.update_layout(**layout(hues, height=250))
    figure.update_xaxes(showgrid=False, fixedrange=True, tickvals=named, tickformat="%-d %b")
    figure.update_yaxes(
        rangemode="tozero", gridcolor=hues.line, zeroline=False, fixedrange=True, nticks=5, automargin=True,
        separatethousands=True,
        title={"text": unit, "font": {"size": 12}} if unit else None,
    )  # fmt: skip
