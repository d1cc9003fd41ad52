"""Figures of runs as cells, tiles and parts of sentences: rates with their interval and n, times, amounts in their unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.analytics.breakdowns import Dimension, Group
from core.analytics.figures import WEEKLY_SAVINGS
from core.analytics.filters import NONE
from core.analytics.rules import UNKNOWN, Rate, Total
from core.deliverables.content import Cell
from core.deliverables.words import Words, term

NOTHING = Cell("–")

_METRICS: Mapping[str, str] = {
    WEEKLY_SAVINGS: term("Savings a week"), "revenue": term("Revenue"), "time_saved": term("Time saved"),
    "customers": term("Customers"), "custom": term("Other results"),
}  # fmt: skip
_UNITS: Mapping[str, str] = {
    "hours": term("hours"), "minutes": term("minutes"), "days": term("days"), "customers": term("customers"),
}  # fmt: skip
_NOBODY: Mapping[Dimension, str] = {Dimension.AGENT: term("No agent"), Dimension.COUNCIL: term("No council")}
_SEGMENTS: Mapping[str, str] = {
    "freelancer": term("Freelancer"), "shop_owner": term("Shop owner"), "content_creator": term("Content creator"),
    "agency": term("Agency"), "student": term("Student"), "beginner": term("Beginner"),
    "intermediate": term("Intermediate"), "advanced": term("Advanced"), UNKNOWN: term("No profile"),
}  # fmt: skip


@dataclass(frozen=True)
class Telling:
    words: Words

    def count(self, n: int) -> Cell:
        return Cell(self.words.number(n), Decimal(n))

    def share(self, rate: Rate) -> Cell:
        """Nothing, where nothing was counted: no run is not the same as no success."""
        if rate.share is None:
            return NOTHING
        return Cell(self.words.percent(rate.share), _rounded(rate.share, "0.0001"))

    def part(self, part: int, whole: int) -> Cell:
        return self.share(Rate(part, whole))

    def interval(self, rate: Rate) -> Cell:
        if rate.share is None:
            return NOTHING
        low, high = self.words.percent(rate.low), self.words.percent(rate.high)
        return Cell(self.words.say("{low} to {high}", low=low, high=high))

    def rate(self, rate: Rate) -> str:
        """ "61%, n = 412", and that it is little to build on where it is."""
        if rate.share is None:
            return self.words.say("no run has ended")
        share = self.words.percent(rate.share)
        if rate.small:
            return self.words.say("{share}, n = {n}, too few to build on", share=share, n=rate.n)
        return self.words.say("{share}, n = {n}", share=share, n=rate.n)

    def rests_on(self, rate: Rate) -> str:
        """Below a tile: n and the interval."""
        if rate.share is None:
            return self.words.say("no run has ended")
        said = self.words.say("n = {n}, 95% interval {interval}", n=rate.n, interval=self.interval(rate).text)
        return f"{said}; {self.words.say('too few to build on')}" if rate.small else said

    def hours(self, seconds: float | None) -> Cell:
        """To the tenth of an hour, or to the hundredth below one; the title of the column names the unit."""
        if seconds is None:
            return NOTHING
        digits = 2 if seconds < 3600 else 1
        value = _rounded(seconds / 3600, "0.01" if digits == 2 else "0.1")
        return Cell(self.words.number(value, digits=digits), value)

    def time(self, seconds: float | None) -> str:
        return "–" if seconds is None else self.words.duration(seconds)

    def day(self, at: datetime | date) -> Cell:
        return Cell(self.words.short_day(at), at if isinstance(at, datetime) else at.isoformat())

    def moment(self, at: datetime | None) -> Cell:
        return NOTHING if at is None else Cell(self.words.moment(at), at)

    def amount(self, value: Decimal, unit: str) -> Cell:
        return Cell(self.words.amount(value, unit) if unit not in _UNITS else self._of_unit(value, unit), value)

    def amounts(self, totals: Iterable[Total]) -> str:
        """ "€1,234.50 and 12 hours": beside each other, never one sum."""
        return self.words.listed([self.amount(total.value, total.unit).text for total in totals]) or "–"

    def metric(self, metric: str) -> str:
        return self.words.say(_METRICS[metric]) if metric in _METRICS else metric

    def unit(self, unit: str) -> str:
        return self.words.say(_UNITS[unit]) if unit in _UNITS else unit

    def label(self, dimension: Dimension, group: Group) -> str:
        """The group's own name; of what has none, the word for it."""
        if group.key == NONE and dimension in _NOBODY:
            return self.words.say(_NOBODY[dimension])
        if dimension in (Dimension.MARKET, Dimension.SKILL, Dimension.SEGMENT):
            return self.segment(*group.key.split("/"))
        return group.label

    def segment(self, *parts: str) -> str:
        return " · ".join(self.words.say(_SEGMENTS[part]) if part in _SEGMENTS else part for part in parts)

    def _of_unit(self, value: Decimal, unit: str) -> str:
        return f"{self.words.number(value)} {self.unit(unit)}"


def percentage(share: float | None) -> Decimal | None:
    """For the axis of a chart whose unit is %: 0.6123 is 61.2."""
    return None if share is None else _rounded(share * 100, "0.1")


def _rounded(value: float, to: str) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(to))
