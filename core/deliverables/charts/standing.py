"""Columns, stacked columns and lines over categories that stand side by side."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import ceil

from core.deliverables.charts.canvas import LINE, SMALL, Canvas, width_of
from core.deliverables.charts.marks import interval, legend, told, widest
from core.deliverables.charts.scale import Scale, scale_of
from core.deliverables.content import Chart, ChartKind, Series

_WIDEST = 46.0
"""Of a column: a single one is no wall."""
_NARROWEST = 30.0
"""Below this room names are not broken into lines but left out in turn."""
_FEW = 3
_DOTTED = 24.0
"""With less from one to the next, points are a line and no dots."""


class Standing:
    def __init__(self, canvas: Canvas, chart: Chart, height: float) -> None:
        self._canvas, self._chart, self._height = canvas, chart, height
        self._kind, self._series, self._count = chart.chart, chart.series, max(1, len(chart.categories))
        self._scale = self._scaled()
        self._ticks = [(tick, self._scale.words(tick, canvas.words)) for tick in self._scale.ticks()]
        self._left = max(width_of(words, SMALL) for _, words in self._ticks) + 6
        self._ends = self._kind is ChartKind.LINES and canvas.width >= 320
        self._right = canvas.width - (self._room_at_ends() if self._ends else 4)
        self._slot = (self._right - self._left) / self._count
        self._top, self._bottom = 0.0, 0.0

    def draw(self) -> None:
        canvas = self._canvas
        top = 2.0
        if len(self._series) > 1 and not self._ends:
            top = legend(canvas, self._series, top)
        if self._chart.unit:
            canvas.text(0, top + 8, self._chart.unit, size=SMALL, css="quiet", room=canvas.width)
            top += 12
        figures = 12.0 if self._kind is not ChartKind.STACKED else 3.0
        self._top = top + figures
        self._bottom = self._height - self._names_height() - (figures if self._scale.low < 0 else 0)
        for tick, words in self._ticks:
            canvas.line(self._left, self._down(tick), self._right, self._down(tick))
            canvas.text(self._left - 5, self._down(tick) + 2.6, words, anchor="end", size=SMALL, css="quiet")
        match self._kind:
            case ChartKind.LINES:
                self._lines()
            case ChartKind.STACKED:
                self._stacks()
            case _:
                self._columns()
        zero = min(max(self._down(Decimal(0)), self._top), self._bottom)
        if self._kind is not ChartKind.LINES or self._scale.low <= 0:
            canvas.line(self._left, zero, self._right, zero, "axis")
        if not any(self._values()):
            canvas.text(
                (self._left + self._right) / 2,
                (self._top + self._bottom) / 2,
                canvas.words.say("No values"),
                anchor="middle",
                css="quiet",
            )
        self._names()

    def _columns(self) -> None:
        canvas = self._canvas
        thick = min(_WIDEST, self._slot * 0.76 / len(self._series)) if self._series else 0
        room = thick if len(self._series) > 1 else self._slot
        written = widest(self._series) <= room - 1
        canvas.whole = canvas.whole and written
        zero = self._down(Decimal(0))
        for which, one, at, value in self._values():
            x, y = self._middle(at) + (which - len(self._series) / 2) * thick, self._down(value)
            low, high = (self._down(edge) for edge in interval(one, at, value))
            canvas.bar(x + 0.5, min(y, zero), thick - 1, abs(y - zero), which, told(self._chart, one, at))
            if low != high:
                for css in ("cut", "whisker"):
                    canvas.line(x + thick / 2, low, x + thick / 2, high, css)
                for edge in (low, high):
                    canvas.line(x + thick / 2 - 2.5, edge, x + thick / 2 + 2.5, edge, "whisker")
            if written:
                beside = low + 9.5 if value < 0 else high - 3.5
                canvas.text(x + thick / 2, beside, one.texts[at], anchor="middle")

    def _stacks(self) -> None:
        canvas, thick = self._canvas, min(_WIDEST * 1.6, self._slot * 0.72)
        above, below = [Decimal(0)] * self._count, [Decimal(0)] * self._count
        for which, one, at, value in self._values():
            stack = below if value < 0 else above
            start, stack[at] = self._down(stack[at]), stack[at] + value
            end = self._down(stack[at])
            x, height = self._middle(at) - thick / 2, abs(end - start)
            canvas.bar(x, min(start, end), thick, height, which, told(self._chart, one, at), cut=True)
            if height >= LINE and width_of(one.texts[at]) <= thick - 2:
                canvas.text(x + thick / 2, (start + end) / 2 + 3, one.texts[at], anchor="middle", css=f"o{which + 1}")
            elif value:
                canvas.whole = False

    def _lines(self) -> None:
        canvas = self._canvas
        ends: list[tuple[float, float, int, str]] = []
        few = len(self._series) == 1 and widest(self._series) <= self._slot - 2
        canvas.whole = canvas.whole and (few or self._count == 1)
        for which, one in enumerate(self._series):
            for stretch in _stretches(one):
                edges = [(at, *interval(one, at, value)) for at, value in stretch]
                if any(low != high for _, low, high in edges):
                    upper = [(self._middle(at), self._down(high)) for at, _, high in edges]
                    lower = [(self._middle(at), self._down(low)) for at, low, _ in edges]
                    canvas.band([*upper, *reversed(lower)], which)
                points = [(self._middle(at), self._down(value)) for at, value in stretch]
                if len(points) > 1:
                    canvas.path(points, which)
        for which, one in enumerate(self._series):
            places = [at for at, value in enumerate(one.values) if value is not None]
            for at in places:
                value, last = one.values[at] or Decimal(0), at == places[-1]
                x, y = self._middle(at), self._down(value)
                if last or self._slot >= _DOTTED or (at - 1 not in places and at + 1 not in places):
                    canvas.dot(x, y, which, told(self._chart, one, at), 3.0 if last else 2.0)
                if few:
                    canvas.text(x, y + self._free_side(one, at, y), one.texts[at], anchor="middle")
                if last:
                    ends.append((y, x, which, one.name if few else f"{one.name} {one.texts[at]}"))
        if self._ends:
            self._write_ends(ends)

    def _free_side(self, series: Series, at: int, y: float) -> float:
        """Where no line runs: above a point, or below one whose neighbours are higher."""
        value = series.values[at] or Decimal(0)
        beside = [
            one for one in (*series.values[max(0, at - 1) : at], *series.values[at + 1 : at + 2]) if one is not None
        ]
        higher = bool(beside) and sum(beside) > value * len(beside)
        return 13.0 if higher and y + 15 < self._bottom else -6.0

    def _write_ends(self, ends: list[tuple[float, float, int, str]]) -> None:
        """Each beside the last point of its line, moved apart where they would meet."""
        ends.sort()
        step, feet = LINE + 1, [y for y, *_ in ends]
        for at in range(1, len(feet)):
            feet[at] = max(feet[at], feet[at - 1] + step)
        for at in reversed(range(len(feet))):
            most = self._bottom if at == len(feet) - 1 else feet[at + 1] - step
            feet[at] = min(feet[at], most)
        for foot, (y, from_x, which, text) in zip(feet, ends, strict=True):
            self._canvas.path([(from_x + 4, y), (self._right + 1, foot)], which, thin=True)
            self._canvas.text(self._right + 4, foot + 3, text, room=self._canvas.width - self._right - 4)

    def _names(self) -> None:
        canvas, top, each, free = self._canvas, self._height - self._names_height() + 11, self._every(), 0.0
        canvas.whole = canvas.whole and each == 0
        for at, name in enumerate(self._chart.categories):
            if not each:
                room = self._slot - 4
                canvas.lines(self._middle(at), top, name, room=room, most=3, anchor="middle", css="quiet", hanging=True)
                continue
            room = self._slot * each - 4
            half = min(width_of(name, SMALL), room) / 2
            x = min(max(self._middle(at), half), canvas.width - half)
            if at % each == 0 and x - half >= free:
                canvas.text(x, top, name, anchor="middle", size=SMALL, css="quiet", room=room)
                free = x + half + 4

    def _every(self) -> int:
        """0 to write every name, in lines where it must; else one in so many, where words would have to be broken."""
        words = (word for name in self._chart.categories for word in name.split())
        broken = max(map(width_of, words), default=0.0) > self._slot - 4
        if self._slot >= _NARROWEST and (not broken or self._count <= _FEW):
            return 0
        longest = max((width_of(name, SMALL) for name in self._chart.categories), default=0.0)
        return ceil(min(longest + 6, 72.0) / self._slot)

    def _names_height(self) -> float:
        if self._every():
            return 18.0
        lines = (self._canvas.height_of(name, self._slot - 4, 3) for name in self._chart.categories)
        return 9.0 + LINE * max(lines, default=1)

    def _room_at_ends(self) -> float:
        longest = max((width_of(f"{one.name} {text}") for one in self._series for text in one.texts), default=0.0)
        return min(longest + 20, self._canvas.width * 0.3)

    def _scaled(self) -> Scale:
        if self._kind is ChartKind.STACKED:
            known = [
                [one.values[at] or Decimal(0) for one in self._series] for at in range(len(self._chart.categories))
            ]
            sums = [
                sum((value for value in each if (value < 0) is below), Decimal(0))
                for each in known
                for below in (False, True)
            ]
            return scale_of(sums, from_zero=True)
        values = (value for one in self._series for value in (*one.values, *one.low, *one.high))
        return scale_of(values, from_zero=self._kind is ChartKind.COLUMNS)

    def _values(self) -> Iterator[tuple[int, Series, int, Decimal]]:
        for which, one in enumerate(self._series):
            for at, value in enumerate(one.values):
                if value is not None:
                    yield which, one, at, value

    def _middle(self, at: int) -> float:
        return self._left + self._slot * (at + 0.5)

    def _down(self, value: Decimal) -> float:
        return self._bottom - self._scale.share(value) * (self._bottom - self._top)


def _stretches(series: Series) -> Iterator[list[tuple[int, Decimal]]]:
    """What stands together without a gap."""
    held: list[tuple[int, Decimal]] = []
    for at, value in enumerate(series.values):
        if value is not None:
            held.append((at, value))
        elif held:
            yield held
            held = []
    if held:
        yield held
