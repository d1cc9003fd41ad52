"""One workflow month by month (week by week in a short period): runs, success and estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from core.analytics.breakdowns import Group
from core.analytics.figures import Bucket, TrendPoint
from core.deliverables.content import Block, Cell, Chart, ChartKind, Column, Series, Table
from core.deliverables.sources.period.asked import Asked
from core.deliverables.sources.period.success import rate_series

_STANDING = 14
"""Up to so many columns stand beside each other."""


def monthly(asked: Asked, group: Group, number: int) -> tuple[Block, ...]:
    """By month where the period has several: of one workflow a week has too few runs."""
    bucket = Bucket.WEEK if asked.bucket is Bucket.DAY else Bucket.MONTH
    points = asked.analytics.trend(replace(asked.filters, workflow_id=group.key), bucket)
    if sum(point.rate.n > 0 for point in points) < 2:
        return ()
    say, by_month = asked.words.say, bucket is Bucket.MONTH
    name = asked.words.month if by_month else asked.words.short_day
    names = tuple(name(point.start) for point in points)
    heading = say("Month") if by_month else say("Week from")
    return (
        _success(asked, group, points, names, heading, f"workflow-{number}-success"),
        _runs(asked, group, points, names, heading, f"workflow-{number}-runs"),
        _table(asked, group, points, names, heading, f"workflow-{number}-months"),
    )


def _success(
    asked: Asked, group: Group, points: Sequence[TrendPoint], names: tuple[str, ...], heading: str, key: str
) -> Chart:
    say = asked.words.say
    title = say("“{workflow}” succeeds in {rate}", workflow=group.label, rate=asked.telling.rate(group.rate))
    series = rate_series(asked, say("Success"), [point.rate for point in points])
    note = say("Success rate with the interval of 95% confidence.")
    return Chart(key, title, _kind(points), names, (series,), "%", heading, note)


def _runs(
    asked: Asked, group: Group, points: Sequence[TrendPoint], names: tuple[str, ...], heading: str, key: str
) -> Chart:
    say, words = asked.words.say, asked.words
    at = max(range(len(points)), key=lambda number: points[number].runs)
    title = say("{n} runs of “{workflow}”, most in {when}", n=group.runs, workflow=group.label, when=names[at])
    columns = (
        (say("Started"), [point.runs for point in points]),
        (say("Completed since"), [point.completed for point in points]),
    )
    series = tuple(
        Series(called, tuple(Decimal(n) for n in counts), tuple(words.number(n) for n in counts))
        for called, counts in columns
    )
    return Chart(key, title, _kind(points), names, series, say("runs"), heading)


def _table(
    asked: Asked, group: Group, points: Sequence[TrendPoint], names: tuple[str, ...], heading: str, key: str
) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(heading), Column(say("Runs"), number=True), Column(say("Ended"), number=True),
        Column(say("Success"), number=True), Column(say("95% interval"), number=True),
        Column(say("Estimated a week"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(name), telling.count(point.runs), telling.count(point.rate.n), telling.share(point.rate),
            telling.interval(point.rate), Cell(telling.amounts(point.estimated)),
        )
        for name, point in zip(names, points, strict=True)
    )  # fmt: skip
    return Table(say("“{workflow}” over time", workflow=group.label), columns, rows, key=key)


def _kind(points: Sequence[TrendPoint]) -> ChartKind:
    return ChartKind.COLUMNS if len(points) <= _STANDING else ChartKind.LINES
