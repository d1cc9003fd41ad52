"""Charts of what is usual: small lines side by side, and the range of a workflow with the runs outside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import log10

import plotly.graph_objects as go

from pages.components.figures import LETTERS, escaped, faded, layout
from pages.components.hues import Hues

_ROW = 84
"""Pixels a row takes: its name above, its line or range below."""


@dataclass(frozen=True)
class Spark:
    """A line of one row; None where a bucket has no value. All rows share one scale, so that heights compare."""

    key: str
    name: str
    values: tuple[tuple[date, float | None, str], ...]
    """(first day, value, words) of each whole bucket."""
    words: str
    held: bool | None = None


@dataclass(frozen=True)
class UsualRange:
    """Bounds and median in the unit of the axis, and the marks outside: (value, words)."""

    name: str
    low: float
    median: float
    high: float
    words: str
    far: tuple[tuple[float, str], ...]


@lru_cache(maxsize=128)
def sparks(items: tuple[Spark, ...], hues: Hues, most: float) -> go.Figure:
    """A small line a row, from nought to `most`, with its last value beside it."""
    figure = go.Figure()
    for place, item in enumerate(items):
        colour = faded(hues.main, item.held, hues)
        known = [(day, value, words) for day, value, words in item.values if value is not None]
        days = [day for day, _, _ in known]
        base, height = place + 0.44, 0.52
        line = {
            "x": days,
            "customdata": [[item.key]] * len(known),
            "hovertext": [f"{item.name}, {w}" for _, _, w in known],
        }
        figure.add_scatter(
            y=[base - height * value / most for _, value, _ in known], mode="lines+markers", hoverinfo="text",
            line={"color": colour, "width": 2}, marker={"size": 4, "color": colour},
            selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}}, **line,
        )  # fmt: skip
        figure.add_shape(
            type="line",
            xref="x domain",
            x0=0,
            x1=1,
            y0=base,
            y1=base,
            line={"color": hues.line, "width": 1},
            layer="below",
        )
        if known:
            figure.add_scatter(
                x=[days[-1]], y=[base - height * known[-1][1] / most], mode="markers", hoverinfo="skip",
                marker={"size": 7, "color": colour},
            )  # fmt: skip
    figure.update_layout(**layout(hues, height=_ROW * len(items) + 40))
    figure.update_layout(margin={"r": 104})
    _names(figure, [(item.name, item.held) for item in items], hues)
    for place, item in enumerate(items):
        figure.add_annotation(
            x=1, xref="x domain", xshift=8, y=place + 0.12, xanchor="left", text=escaped(item.words), showarrow=False,
            font={"color": hues.quiet, "size": 12.5},
        )  # fmt: skip
    figure.update_xaxes(showgrid=False, fixedrange=True, nticks=4, tickformat="%-d %b")
    figure.update_yaxes(
        range=[len(items) - 0.5, -0.62], showticklabels=False, showgrid=False, zeroline=False, fixedrange=True
    )
    return figure


@lru_cache(maxsize=128)
def ranges(items: tuple[UsualRange, ...], hues: Hues, ticks: tuple[tuple[float, str], ...]) -> go.Figure:
    """On a logarithmic axis: the usual range as a bar, its median as a tick, the runs outside as dots."""
    figure = go.Figure()
    for place, item in enumerate(items):
        figure.add_shape(
            type="rect", x0=item.low, x1=item.high, y0=place - 0.1, y1=place + 0.1, line={"width": 0},
            fillcolor=hues.band, layer="below",
        )  # fmt: skip
    figure.add_scatter(
        x=[item.median for item in items], y=list(range(len(items))), mode="markers", hoverinfo="text",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2.5, "color": hues.main}},
        hovertext=[f"{item.name}: {item.words}" for item in items],
    )  # fmt: skip
    dots = [(value, place, words) for place, item in enumerate(items) for value, words in item.far]
    figure.add_scatter(
        x=[value for value, _, _ in dots], y=[place for _, place, _ in dots], mode="markers", hoverinfo="text",
        marker={"size": 10, "color": hues.second, "symbol": "diamond", "line": {"width": 1, "color": hues.paper}},
        hovertext=[words for _, _, words in dots],
    )  # fmt: skip
    figure.update_layout(**layout(hues, height=66 * len(items) + 40))
    _names(figure, [(item.name, None) for item in items], hues)
    for place, item in enumerate(items):
        # Where an axis is logarithmic, Plotly takes the place of a text as its logarithm.
        figure.add_annotation(
            x=log10(item.median), y=place, yshift=-17, text=escaped(item.words), showarrow=False,
            font={"color": hues.quiet, "size": 12.5},
        )  # fmt: skip
    ends = [bound for item in items for bound in (item.low, item.high, *(value for value, _ in item.far)) if bound > 0]
    reach = [log10(min(ends)) - 0.08, log10(max(ends)) + 0.12] if ends else None
    shown = [(value, words) for value, words in ticks if reach and reach[0] <= log10(value) <= reach[1]]
    figure.update_xaxes(
        type="log", range=reach, tickvals=[value for value, _ in shown], ticktext=[words for _, words in shown],
        gridcolor=hues.line, zeroline=False, fixedrange=True, ticklabeloverflow="allow",
    )  # fmt: skip
    figure.update_yaxes(
        range=[len(items) - 0.55, -0.75], showticklabels=False, showgrid=False, zeroline=False, fixedrange=True
    )
    return figure


def _names(figure: go.Figure, names: Sequence[tuple[str, bool | None]], hues: Hues) -> None:
    for place, (name, held) in enumerate(names):
        shown = escaped(name if len(name) <= LETTERS else f"{name[: LETTERS - 1].rstrip()}…")
        figure.add_annotation(
            x=0, xref="x domain", y=place, yshift=22, xanchor="left", showarrow=False,
            text=f"<b>✓ {shown}</b>" if held else shown, font={"color": hues.ink, "size": 13},
        )  # fmt: skip
