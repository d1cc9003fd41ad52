"""Draws what is looked at rather than read: tiles of figures, timelines, charts, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.deliverables.content import (
    Approvals,
    Cell,
    Chart,
    ChartKind,
    Column,
    Metric,
    Moment,
    Picture,
    Table,
    Timeline,
)
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.shapes import Box, Image, Mark, Plot, Shape, Text
from core.deliverables.slides.text import Para, Run, clean, para
from core.deliverables.words import Words, term

INSET = 16.0
_GAP = 16.0
_WHEN = 168.0
_AXIS = 36.0
"""Of a timeline: from its left edge to the texts, with the line and its dots between."""
_BARS = 24
_MOST = {ChartKind.BARS: 14, ChartKind.COLUMNS: 40, ChartKind.STACKED: 40, ChartKind.LINES: 240}


@dataclass(frozen=True)
class Row:
    """Things beside each other, from 0 downwards, that stand on one slide."""

    shapes: tuple[Shape, ...]
    height: float


def moved(shape: Shape, down: float) -> Shape:
    return replace(shape, box=replace(shape.box, y=shape.box.y + down))


def tiles(metrics: Sequence[Metric], words: Words, fitting: Fitting, room: Box) -> Iterator[Row]:
    """Rows of tiles of one height each; the more there are, the more stand beside each other, at most four."""
    count = len(metrics)
    across = count if count <= 4 else 3 if count in (5, 6, 9) else 4
    longest = max((len(one.text) + len(one.label) for one in metrics), default=0)
    if longest > 120:
        across = 1
    width = (room.width - (across - 1) * _GAP) / across if across else room.width
    for first in range(0, count, max(across, 1)):
        told = [
            _tile(one, words, fitting, width - 2 * INSET, room.height - 2 * INSET)
            for one in metrics[first : first + across]
        ]
        height = max(fitting.height(paras, width - 2 * INSET) for paras in told) + 2 * INSET
        shapes = tuple(
            Text(Box(room.x + at * (width + _GAP), 0, width, height), paras, "Figure", fill="bg2", inset=INSET)
            for at, paras in enumerate(told)
        )
        yield Row(shapes, height)


def basis_word(metric: Metric, words: Words) -> str:
    match metric.basis:
        case "estimated":
            return words.say("Estimated")
        case "measured":
            return words.say("Measured")
        case "proven":
            return words.say("Proven")
    return ""


def _tile(metric: Metric, words: Words, fitting: Fitting, width: float, height: float) -> tuple[Para, ...]:
    value = Para((Run(clean(metric.text), bold=True),), 34, before=8)
    for size in (34, 30, 26, 22, 18, 15):
        value = replace(value, size=size)
        if fitting.lines(value, width) == 1:
            break
    paras = [para(metric.label, 14), value]
    basis = basis_word(metric, words)
    if basis:
        paras.append(para(basis, 12, bold=True, colour="accent1", before=6))
    if metric.note:
        paras.append(para(metric.note, 12, colour="muted", before=3))
    # One figure of many lines fills the slide at most; its whole text stands in the notes.
    while fitting.height(paras, width) > height:
        longest = max(range(len(paras)), key=lambda at: fitting.lines(paras[at], width))
        one = paras[longest]
        lines = max(fitting.lines(one, width) - 4, 1)
        short = fitting.shortened(one.text, one.size, width, lines, bold=one.runs[0].bold)
        paras[longest] = replace(one, runs=(replace(one.runs[0], text=short),))
        if lines == 1:
            break
    return tuple(paras)


def moments(timeline: Timeline, fitting: Fitting, room: Box) -> list[Row] | None:
    """One row a moment; None where one of them is too long to be drawn."""
    rows = []
    for number, one in enumerate(timeline.moments):
        when, what = (para(one.at_text, 14, colour="muted"),), _what(one)
        width = room.width - _WHEN - _AXIS
        high = max(fitting.height(when, _WHEN), fitting.height(what, width))
        if high > room.height / 2:
            return None
        height = high + _GAP
        axis = room.x + _WHEN + _AXIS / 2
        shapes: tuple[Shape, ...] = (
            Text(Box(room.x, 1.5, _WHEN, high), when, "When"),
            Text(Box(room.x + _WHEN + _AXIS, 0, width, high), what, "What"),
            Mark(Box(axis - 5, 5, 10, 10), "accent1", round=True),
        )
        if number < len(timeline.moments) - 1:
            shapes += (Mark(Box(axis - 0.75, 18, 1.5, height - 16), "hairline"),)
        rows.append(Row(shapes, height))
    return rows


def _what(one: Moment) -> tuple[Para, ...]:
    paras = [para(one.title, 16, bold=True)]
    if one.text:
        paras.append(para(one.text, 14))
    if one.who:
        paras.append(para(one.who, 13, colour="muted"))
    return tuple(paras)


def moments_table(timeline: Timeline, words: Words, title: str) -> Table:
    columns = (Column(words.say("When")), Column(words.say("What"), wide=True), Column(words.say("Who")))
    rows = tuple(
        (Cell(one.at_text), Cell("\n".join(text for text in (one.title, one.text) if text)), Cell(one.who))
        for one in timeline.moments
    )
    return Table(title, columns, rows)


def approvals_table(approvals: Approvals, words: Words, title: str) -> Table:
    """Each decision with its votes below each other: what was decided, by whom, when and why."""
    heads = (term("Decided on"), "Result", "Who", "Vote", "When", "Reason")
    columns = tuple(Column(words.say(head), wide=head in ("Decided on", "Reason")) for head in heads)
    rows = []
    for one in approvals.approvals:
        subject = "\n".join(text for text in (one.subject, one.rule) if text)
        result = "\n".join(text for text in (one.result, one.decided_text) if text)
        if not one.votes:
            rows.append(tuple(map(Cell, (subject, result, "", "", "", ""))))
        for number, vote in enumerate(one.votes):
            told = ("", "") if number else (subject, result)
            rows.append(tuple(map(Cell, (*told, vote.who, vote.word, vote.at_text, vote.reason))))
    return Table(title, columns, tuple(rows))


def plots(chart: Chart, room: Box) -> list[Plot]:
    """The chart, or as many with some of its categories each as they need to be read, all on one scale."""
    most = _MOST[chart.chart]
    if chart.chart is ChartKind.BARS and len(chart.series) > 1:
        most = max(_BARS // len(chart.series), 1)
    count = len(chart.categories)
    pieces = max(-(-count // most), 1)
    each = -(-count // pieces)
    drawn = []
    for first in range(0, max(count, 1), max(each, 1)):
        last = min(first + each, count)
        high = room.height
        if chart.chart is ChartKind.BARS:
            high = min(high, 64 + (last - first) * (58 + 20 * len(chart.series)))
        drawn.append(Plot(replace(room, height=high), chart, first, last, whole=pieces == 1))
    return drawn


def image(picture: Picture, room: Box) -> Image:
    """As large as fits, in its own proportions, in the middle; never enlarged beyond twice its pixels."""
    scale = min(room.width / picture.width, room.height / picture.height, 1.5)
    wide, high = picture.width * scale, picture.height * scale
    return Image(Box(room.x + (room.width - wide) / 2, room.y + (room.height - high) / 2, wide, high), picture)
