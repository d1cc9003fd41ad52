"""What lying and standing charts share: the names of series, intervals, and values that can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from core.deliverables.charts.canvas import LINE, TEXT, Canvas, width_of
from core.deliverables.content import Chart, Series


def drawable(chart: Chart) -> Chart:
    """Without numbers that are none, which stand nowhere on an axis."""

    def known(values: tuple[Decimal | None, ...]) -> tuple[Decimal | None, ...]:
        return tuple(value if value is not None and value.is_finite() else None for value in values)

    return replace(
        chart,
        series=tuple(
            replace(one, values=known(one.values), low=known(one.low), high=known(one.high)) for one in chart.series
        ),
    )


def legend(canvas: Canvas, series: Sequence[Series], top: float) -> float:
    """The names in their hues, in as many rows as they need; answers where they end."""
    x, y = 0.0, top
    for at, one in enumerate(series):
        room = min(width_of(one.name), canvas.width - 14)
        if x and x + 14 + room > canvas.width:
            x, y = 0.0, y + LINE + 3
        canvas.bar(x, y, 8, 8, at)
        canvas.text(x + 12, y + 7.5, one.name, room=room)
        x += 12 + room + 14
    return y + LINE + 8


def interval(series: Series, at: int, value: Decimal) -> tuple[Decimal, Decimal]:
    """Around `value`, which is inside of it; of no width where none is known."""
    low = series.low[at] if series.low else None
    high = series.high[at] if series.high else None
    return (value if low is None else min(low, value)), (value if high is None else max(high, value))


def told(chart: Chart, series: Series, at: int) -> str:
    return f"{chart.categories[at]}, {series.name}: {series.texts[at]}"


def widest(series: Sequence[Series]) -> float:
    return max((width_of(text, TEXT) for one in series for text in one.texts), default=0.0)
