"""The charts as Plotly figures: pure, kept once built, in the theme's hues, labelled directly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from core.hues import mixed
from pages.components.hues import Hues, readable_on

_ROW = 50
"""Pixels a row of a horizontal chart takes: its name above, its mark below."""


@dataclass(frozen=True)
class RatePoint:
    """A share with its interval, 0 to 1; `words` stands at its right; `small` draws it grey.

    `held`, as in every mark: True for the one the page is narrowed to, False for the others, None if it is not.
    """

    key: str
    name: str
    share: float | None
    low: float
    high: float
    words: str
    small: bool
    held: bool | None = None


@dataclass(frozen=True)
class Bar:
    key: str
    name: str
    value: float
    words: str
    muted: bool = False
    held: bool | None = None


@dataclass(frozen=True)
class SpanBar:
    """From the median to the value that nine of ten stay below."""

    key: str
    name: str
    p50: float
    p90: float
    words: str
    held: bool | None = None


@dataclass(frozen=True)
class HeatCell:
    key: str
    column: str
    row: str
    share: float | None
    words: str
    small: bool
    held: bool | None = None


@lru_cache(maxsize=256)
def rates(points: tuple[RatePoint, ...], hues: Hues) -> go.Figure:
    """A dot with whiskers a row."""
    known = [(place, point) for place, point in enumerate(points) if point.share is not None]
    colours = [faded(hues.gray if point.small else hues.main, point.held, hues) for _, point in known]
    figure = go.Figure()
    for (place, point), colour in zip(known, colours, strict=True):
        _whisker(figure, place, point.low, point.high, colour)
    figure.add_scatter(
        x=[point.share for _, point in known], y=[place for place, _ in known], mode="markers",
        marker={"size": 11, "color": colours}, customdata=[[point.key] for _, point in known],
        hovertext=[f"{p.name}: {p.words}" for _, p in known], hoverinfo="text", **_KEEP,
    )  # fmt: skip
    _rows(figure, [(point.name, point.held) for point in points], hues)
    for place, point in enumerate(points):
        # Where the whisker ends too far right for a phone, the words stand at its left.
        if point.share is None or point.high <= 0.7:
            _said(figure, place, point.high if point.share is not None else 0, point.words, hues)
        else:
            _said(figure, place, point.low, point.words, hues, before=True)
    figure.update_xaxes(
        range=[0, 1], tickvals=QUARTERS, ticktext=PERCENTS, gridcolor=hues.line, zeroline=False, fixedrange=True,
        ticklabeloverflow="allow",
    )  # fmt: skip
    return figure


@lru_cache(maxsize=256)
def bars(items: tuple[Bar, ...], hues: Hues, unit: str) -> go.Figure:
    """Horizontal bars, each with its name above and its figure at its end."""
    colours = [faded(hues.gray if item.muted else hues.main, item.held, hues) for item in items]
    figure = go.Figure()
    figure.add_bar(
        x=[item.value for item in items], y=list(range(len(items))), orientation="h", width=0.24,
        marker={"color": colours, "cornerradius": 3}, customdata=[[item.key] for item in items],
        hovertext=[f"{item.name}: {item.words}" for item in items], hoverinfo="text", **_KEEP,
    )  # fmt: skip
    _rows(figure, [(item.name, item.held) for item in items], hues)
    _measured(figure, [(item.value, item.words) for item in items], hues, unit)
    return figure


@lru_cache(maxsize=256)
def spans(items: tuple[SpanBar, ...], hues: Hues, unit: str) -> go.Figure:
    """A line from the median (dot) to the ninth tenth (tick)."""
    figure = go.Figure()
    colours = [faded(hues.main, item.held, hues) for item in items]
    for place, (item, colour) in enumerate(zip(items, colours, strict=True)):
        _whisker(figure, place, item.p50, item.p90, colour)
    for name, symbol, size in (("p50", "circle", 11), ("p90", "line-ns", 12)):
        figure.add_scatter(
            x=[getattr(item, name) for item in items], y=list(range(len(items))), mode="markers",
            marker={"size": size, "color": colours, "symbol": symbol, "line": {"width": 2.5, "color": colours}},
            customdata=[[item.key] for item in items], hovertext=[f"{i.name}: {i.words}" for i in items],
            hoverinfo="text", **_KEEP,
        )  # fmt: skip
    _rows(figure, [(item.name, item.held) for item in items], hues)
    _measured(figure, [(item.p90, item.words) for item in items], hues, unit)
    return figure


@lru_cache(maxsize=256)
def stacked(
    items: tuple[tuple[str, str, tuple[float, ...], str], ...],
    parts: tuple[str, ...],
    hues: Hues,
    unit: str,
    held: str | None = None,
) -> go.Figure:
    """Bars of at most three parts: (key, name, values, words); `held` is the key the page is narrowed to."""
    figure = go.Figure()
    colours = (hues.main, hues.third, hues.second)
    for number, part in enumerate(parts):
        figure.add_bar(
            x=[values[number] for _, _, values, _ in items], y=list(range(len(items))), orientation="h", width=0.24,
            marker={"color": [faded(colours[number], _is_held(key, held), hues) for key, *_ in items]},
            customdata=[[key] for key, *_ in items],
            hovertext=[f"{name}, {part.lower()}: {values[number]:.2f}" for _, name, values, _ in items],
            hoverinfo="text", **_KEEP,
        )  # fmt: skip
    figure.update_layout(barmode="stack")
    _rows(figure, [(name, _is_held(key, held)) for key, name, _, _ in items], hues)
    _measured(figure, [(sum(values), words) for _, _, values, words in items], hues, unit)
    return figure


@lru_cache(maxsize=256)
def heat(cells: tuple[HeatCell, ...], columns: tuple[str, ...], rows: tuple[str, ...], hues: Hues) -> go.Figure:
    """One tile a segment: the share by depth of one hue, its words in it, grey where n is small."""
    places = {name: place for place, name in enumerate(rows)}, {name: place for place, name in enumerate(columns)}
    known = [cell for cell in cells if cell.row in places[0] and cell.column in places[1]]
    figure = go.Figure()
    for cell in known:
        x, y = places[1][cell.column], places[0][cell.row]
        figure.add_shape(
            type="rect", x0=x - 0.48, x1=x + 0.48, y0=y - 0.24, y1=y + 0.42, layer="below",
            line={"width": 3 if cell.held else 0, "color": hues.ink}, fillcolor=_shade(cell, hues),
        )  # fmt: skip
    figure.add_scatter(
        x=[places[1][cell.column] for cell in known], y=[places[0][cell.row] + 0.09 for cell in known],
        mode="markers+text", text=[cell.words for cell in known], textposition="middle center",
        textfont={"size": 12.5, "color": [readable_on(_shade(cell, hues), hues) for cell in known]},
        marker={"size": 46, "symbol": "square", "opacity": 0}, cliponaxis=False,
        customdata=[[cell.key] for cell in known],
        hovertext=[f"{c.row}, {c.column.lower()}: {c.words.replace('<br>', ', ')}" for c in known], hoverinfo="text",
        **_KEEP,
    )  # fmt: skip
    for place, name in enumerate(rows):
        figure.add_annotation(
            x=0, xref="x domain", y=place - 0.26, xanchor="left", yanchor="bottom", text=name, showarrow=False,
            font={"color": hues.ink, "size": 13},
        )  # fmt: skip
    figure.update_layout(**layout(hues, height=74 * len(rows) + 40))
    figure.update_layout(margin={"t": 32, "b": 4, "l": 4, "r": 4})
    figure.update_xaxes(
        tickvals=list(range(len(columns))), ticktext=list(columns), side="top", showgrid=False, zeroline=False,
        range=[-0.5, len(columns) - 0.5], fixedrange=True, tickfont={"color": hues.quiet, "size": 12},
    )  # fmt: skip
    figure.update_yaxes(
        showticklabels=False, showgrid=False, zeroline=False, range=[len(rows) - 0.55, -0.55], fixedrange=True
    )
    return figure


# A chosen mark stays as it is, and so do the others: the list below says what was chosen.
_KEEP: dict[str, Any] = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


def _shade(cell: HeatCell, hues: Hues) -> str:
    """From paper to the main hue between 20 and 80 %; grey where n is small; paler where the page is about another."""
    pale = 0.4 if cell.held is False else 1
    if cell.share is None or cell.small:
        return mixed(hues.paper, hues.gray, 0.2 * pale)
    return mixed(hues.paper, hues.main, pale * (0.1 + 0.9 * min(max((cell.share - 0.2) / 0.6, 0), 1)))


def faded(colour: str, held: bool | None, hues: Hues) -> str:
    return mixed(hues.paper, colour, 0.3) if held is False else colour


def _is_held(key: str, held: str | None) -> bool | None:
    return None if held is None else key == held


def layout(hues: Hues, *, height: int, left: int = 12) -> dict[str, Any]:
    return {
        "height": height, "margin": {"l": left, "r": 18, "t": 8, "b": 28}, "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "dragmode": False,
        "font": {"family": "Inter, sans-serif", "size": 12.5, "color": hues.quiet},
        "hoverlabel": {"bgcolor": hues.ink, "font": {"color": hues.paper, "family": "Inter, sans-serif"}},
        "clickmode": "event+select",
    }  # fmt: skip


QUARTERS = [0, 0.25, 0.5, 0.75, 1]
PERCENTS = ["0 %", "25 %", "50 %", "75 %", "100 %"]
LETTERS = 42
"""What a phone's width holds in one line."""
_NAME = 48
"""A name has no axis to make room for."""


def _rows(figure: go.Figure, names: Sequence[tuple[str, bool | None]], hues: Hues) -> None:
    """Each name stands above its row, so that a phone has the whole width for the marks; the held one is bold, with a tick."""
    figure.update_layout(**layout(hues, height=_ROW * len(names) + 34))
    figure.update_yaxes(
        range=[len(names) - 0.55, -0.75], showticklabels=False, showgrid=False, zeroline=False, fixedrange=True
    )
    for place, (name, held) in enumerate(names):
        shown = escaped(name if len(name) <= _NAME else f"{name[: _NAME - 1].rstrip()}…")
        figure.add_annotation(
            x=0, xref="x domain", y=place, yshift=19, xanchor="left", showarrow=False,
            text=f"<b>✓ {shown}</b>" if held else shown, font={"color": hues.ink, "size": 13},
        )  # fmt: skip


def _said(figure: go.Figure, place: int, x: float, words: str, hues: Hues, *, before: bool = False) -> None:
    """Direct labelling: the figure stands where its mark ends."""
    figure.add_annotation(
        x=x, y=place, xshift=-9 if before else 9, xanchor="right" if before else "left", text=escaped(words),
        showarrow=False, font={"color": hues.quiet, "size": 12.5},
    )  # fmt: skip


def _whisker(figure: go.Figure, place: int, low: float, high: float, colour: str) -> None:
    figure.add_shape(
        type="line", x0=low, x1=high, y0=place, y1=place, line={"color": colour, "width": 2.5}, opacity=0.55
    )


def _measured(figure: go.Figure, ends: Sequence[tuple[float, str]], hues: Hues, unit: str) -> None:
    """An axis from nought, with room for the words at the end of the longest mark."""
    for place, (end, words) in enumerate(ends):
        _said(figure, place, end, words, hues)
    letters = max((len(words) for _, words in ends), default=0)
    most = max((end for end, _ in ends), default=1) or 1
    figure.update_xaxes(
        range=[0, most / max(0.4, 1 - letters / LETTERS)], gridcolor=hues.line, zeroline=False, fixedrange=True,
        nticks=5, ticksuffix=f" {unit}".rstrip(), separatethousands=True,
    )  # fmt: skip


def escaped(text: str) -> str:
    """Plotly reads a few tags in texts; names come from anywhere."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
