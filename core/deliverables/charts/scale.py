"""The axis of values: round steps around the values of a chart, and their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from babel.numbers import format_compact_decimal, format_scientific

from core.deliverables.words import Words

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_LEVEL = Decimal("0.6")
"""A line whose lowest value is above this share of its highest says more without zero on its axis."""


@dataclass(frozen=True)
class Scale:
    low: Decimal
    step: Decimal
    steps: int

    def share(self, value: Decimal) -> float:
        """Where `value` stands: 0 at the foot of the axis, 1 at its head."""
        return float((value - self.low) / (self.step * self.steps))

    def ticks(self) -> Sequence[Decimal]:
        return [self.low + self.step * at for at in range(self.steps + 1)]

    def words(self, tick: Decimal, words: Words) -> str:
        largest = max(abs(self.low), abs(self.low + self.step * self.steps))
        if largest >= Decimal("1E15") or largest < Decimal("1E-5"):
            return format_scientific(tick, locale=words.locale)
        if largest >= 100_000:
            return format_compact_decimal(tick, fraction_digits=1, locale=words.locale)
        return words.number(tick, digits=max(0, -int(self.step.normalize().as_tuple().exponent)))


def scale_of(values: Iterable[Decimal | None], *, from_zero: bool, about: int = 4) -> Scale:
    """In about `about` steps; with zero, wherever lengths are compared or the values come near it."""
    known = [value for value in values if value is not None and value.is_finite()] or [Decimal(0)]
    low, high = min(known), max(known)
    if from_zero or not (low > high * _LEVEL or high < low * _LEVEL) or low == high:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if low == high:
        high = Decimal(1)
    rough = (high - low) / about
    unit = Decimal(1).scaleb(rough.adjusted())
    step = next(one * unit for one in _STEPS if one * unit >= rough)
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return Scale(first * step, step, int(last - first))
