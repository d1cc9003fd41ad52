"""Charts as static SVG: figures where they stand, names beside what they name, nothing looked up anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import assert_never

from core.deliverables.charts.canvas import Canvas
from core.deliverables.charts.lying import LyingBars, name_room, row_height, rows_on
from core.deliverables.charts.marks import drawable
from core.deliverables.charts.scale import scale_of
from core.deliverables.charts.standing import Standing
from core.deliverables.content import Chart, ChartKind, Series
from core.deliverables.look import Look
from core.deliverables.words import Words


@dataclass(frozen=True)
class Drawing:
    svg: str
    width: float
    height: float
    complete: bool
    """Whether every name and every value stands in it whole; where not, the table belongs beside it."""


def chart_svg(chart: Chart, look: Look, *, size: tuple[float, float] = (480, 260), language: str = "en") -> str:
    """All of it in one drawing; lying bars are as high as their number needs, whatever the height of `size`."""
    return drawings_of(chart, look, size=size, language=language)[0].svg


def drawings_of(
    chart: Chart,
    look: Look,
    *,
    size: tuple[float, float] = (480, 260),
    language: str = "en",
    tallest: float | None = None,
) -> tuple[Drawing, ...]:
    """The same, for pages that end: lying bars go on in further drawings, none higher than `tallest`."""
    words, shown, (width, height) = Words(language), drawable(chart), size
    match chart.chart:
        case ChartKind.BARS:
            return _lying(shown, look, words, size, tallest)
        case ChartKind.COLUMNS | ChartKind.LINES | ChartKind.STACKED:
            canvas = Canvas(width, look, words)
            Standing(canvas, shown, height).draw()
            return (_drawing(canvas, chart, height),)
        case _:
            assert_never(chart.chart)


def _lying(
    chart: Chart, look: Look, words: Words, size: tuple[float, float], tallest: float | None
) -> tuple[Drawing, ...]:
    values = (value for one in chart.series for value in (*one.values, *one.low, *one.high))
    scale, count = scale_of(values, from_zero=True), max(1, len(chart.categories))
    row, names = row_height(chart, *size), name_room(chart, size[0])
    drawings = 1 if tallest is None else ceil(count / rows_on(tallest, row))
    each = ceil(count / drawings)  # no single bar is left over for the last one
    drawn = []
    for first in range(0, count, each):
        canvas = Canvas(size[0], look, words)
        height = LyingBars(canvas, _part(chart, first, first + each), scale, row, names).draw()
        drawn.append(_drawing(canvas, chart, height))
    return tuple(drawn)


def _drawing(canvas: Canvas, chart: Chart, height: float) -> Drawing:
    description = ", ".join(one.name for one in chart.series)
    return Drawing(canvas.svg(height, chart.title, description), canvas.width, height, canvas.whole)


def _part(chart: Chart, first: int, end: int) -> Chart:
    def of(one: Series) -> Series:
        return replace(
            one, values=one.values[first:end], texts=one.texts[first:end], low=one.low[first:end], high=one.high[first:end]
        )  # fmt: skip

    return replace(chart, categories=chart.categories[first:end], series=tuple(map(of, chart.series)))
