"""Lying bars, one row a category, each with its name before and its figure behind it."""

from __future__ import annotations

from decimal import Decimal

from core.deliverables.charts.canvas import LINE, SMALL, Canvas, lines_of, width_of
from core.deliverables.charts.marks import interval, legend, told, widest
from core.deliverables.charts.scale import Scale
from core.deliverables.content import Chart

_ROW, _GAP, _THICKEST = 13.0, 7.0, 20.0
_AROUND = 56.0
"""What the axis and the names of series take of a height at most, beside the rows."""


def name_room(chart: Chart, width: float) -> float:
    longest = max((width_of(name) for name in chart.categories), default=0.0)
    return min(longest + 2, width * 0.34)


def row_height(chart: Chart, width: float, height: float) -> float:
    """As high as names and bars need, and up to what fills `height`."""
    room, bars = name_room(chart, width), max(1, len(chart.series))
    lines = max((len(lines_of(name, room, 2)) for name in chart.categories), default=1)
    least = max(bars * _ROW + _GAP, lines * LINE + _GAP / 2)
    return max(least, min((height - _AROUND) / max(1, len(chart.categories)), bars * _THICKEST + _GAP))


def rows_on(height: float, row: float) -> int:
    return max(1, int((height - _AROUND) / row))


class LyingBars:
    """All on the same scale and with the same room for names, also where a chart goes on in a further drawing."""

    def __init__(self, canvas: Canvas, chart: Chart, scale: Scale, row: float, names: float) -> None:
        self._canvas, self._chart, self._scale, self._row, self._names = canvas, chart, scale, row, names
        self._figures = min(widest(chart.series) + 6, canvas.width * 0.26)
        self._left = names + 8 + (self._figures if scale.low < 0 else 0)
        self._right = canvas.width - (self._figures if scale.low + scale.step * scale.steps > 0 else 4)

    def draw(self) -> float:
        """Answers how high it is."""
        canvas, chart = self._canvas, self._chart
        top = legend(canvas, chart.series, 2.0) if len(chart.series) > 1 else 2.0
        if chart.unit:
            canvas.text(self._left, top + 8, chart.unit, size=SMALL, css="quiet", room=canvas.width - self._left)
            top += 12
        bottom = top + self._row * len(chart.categories)
        self._axis(top, bottom)
        for at, name in enumerate(chart.categories):
            middle = top + self._row * (at + 0.5)
            canvas.lines(self._names, middle, name, room=self._names, most=2, anchor="end")
            self._group(at, middle)
        zero = self._across(Decimal(0))
        canvas.line(zero, top, zero, bottom, "axis")
        return bottom + 16

    def _group(self, at: int, middle: float) -> None:
        canvas, series = self._canvas, self._chart.series
        thick = min(_THICKEST, (self._row - _GAP) / len(series))
        zero = self._across(Decimal(0))
        for which, one in enumerate(series):
            value = one.values[at]
            if value is None:
                continue
            y, end = middle + (which - len(series) / 2) * thick, self._across(value)
            low, high = (self._across(edge) for edge in interval(one, at, value))
            canvas.bar(min(end, zero), y + 0.5, abs(end - zero), thick - 1, which, told(self._chart, one, at))
            if low != high:
                for css in ("cut", "whisker"):
                    canvas.line(low, y + thick / 2, high, y + thick / 2, css)
                for edge in (low, high):
                    canvas.line(edge, y + thick / 2 - 2.5, edge, y + thick / 2 + 2.5, "whisker")
            x, anchor = (low - 4, "end") if value < 0 else (high + 4, "start")
            canvas.text(x, y + thick / 2 + 3, one.texts[at], anchor=anchor, room=self._figures - 5)

    def _axis(self, top: float, bottom: float) -> None:
        canvas, free = self._canvas, 0.0
        for tick in self._scale.ticks():
            x, words = self._across(tick), self._scale.words(tick, canvas.words)
            half = width_of(words, SMALL) / 2
            canvas.line(x, top, x, bottom)
            if x - half >= free and x + half <= canvas.width:
                canvas.text(x, bottom + 11, words, anchor="middle", size=SMALL, css="quiet")
                free = x + half + 4

    def _across(self, value: Decimal) -> float:
        return self._left + self._scale.share(value) * (self._right - self._left)
