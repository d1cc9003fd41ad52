"""Success by market, by skill level and by both, wherever there are people enough not to tell of persons."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from core.analytics.breakdowns import Dimension, Group, key_of
from core.analytics.filters import conditions
from core.deliverables.content import Block, Cell, Chart, ChartKind, Column, Section, Table, paragraph
from core.deliverables.sources.period.asked import Asked
from core.deliverables.sources.period.success import differ, rate_series
from core.executions.tables import Execution

LEAST_PEOPLE = 5
"""Of fewer people nothing is told apart: it would be about persons (A4)."""


def segments(asked: Asked) -> Section:
    say = asked.words.say
    blocks: list[Block] = []
    for dimension, title, key in (
        (Dimension.MARKET, say("Success by market"), "market"), (Dimension.SKILL, say("Success by skill level"), "skill"),
        (Dimension.SEGMENT, say("Success by market and skill level"), "segment"),
    ):  # fmt: skip
        people = _people(asked, dimension)
        groups = asked.analytics.groups(asked.filters, dimension)
        told = [one for one in groups if people.get(one.key, 0) >= LEAST_PEOPLE]
        if told:
            if dimension is not Dimension.SEGMENT and sum(one.rate.n > 0 for one in told) > 1:
                blocks.append(_chart(asked, dimension, told, key))
            blocks.append(_table(asked, dimension, told, people, title, f"success-by-{key}", len(groups) - len(told)))
    if not blocks:
        said = say("No segment has runs of at least {n} people, so none is told apart.", n=LEAST_PEOPLE)
        blocks.append(paragraph(said))
    return Section("segments", say("Segments"), tuple(blocks), appendix=True)


def _people(asked: Asked, dimension: Dimension) -> dict[str, int]:
    key = key_of(dimension)
    query = select(key, func.count(func.distinct(Execution.user_id))).where(*conditions(asked.filters)).group_by(key)
    return {str(name): int(n) for name, n in asked.reading.session.execute(query)}


def _chart(asked: Asked, dimension: Dimension, told: Sequence[Group], key: str) -> Chart:
    say, telling = asked.words.say, asked.telling
    ranked = sorted((one for one in told if one.rate.n), key=lambda one: -(one.rate.share or 0))
    known = [one for one in ranked if not one.rate.small]
    title = say("No clear difference between segments")
    if len(known) > 1 and differ(known[0].rate, known[-1].rate):
        title = say(
            "“{best}” succeeds most ({most}), “{worst}” least ({least})", best=telling.label(dimension, known[0]),
            worst=telling.label(dimension, known[-1]), most=telling.rate(known[0].rate), least=telling.rate(known[-1].rate),
        )  # fmt: skip
    names = tuple(telling.label(dimension, one) for one in ranked)
    series = rate_series(asked, say("Success"), [one.rate for one in ranked])
    note = say("Success rate with the interval of 95% confidence.")
    return Chart(f"by-{key}", title, ChartKind.BARS, names, (series,), "%", say("Segment"), note)


def _table(
    asked: Asked, dimension: Dimension, told: Sequence[Group], people: dict[str, int], title: str, key: str, left_out: int
) -> Table:  # fmt: skip
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Segment"), wide=True), Column(say("People"), number=True), Column(say("Runs"), number=True),
        Column(say("Ended"), number=True), Column(say("Success"), number=True), Column(say("95% interval"), number=True),
        Column(say("Median work (h)"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(telling.label(dimension, one)), telling.count(people[one.key]), telling.count(one.runs),
            telling.count(one.rate.n), telling.share(one.rate), telling.interval(one.rate), telling.hours(one.work_p50),
        )
        for one in told
    )  # fmt: skip
    note = (
        say("{n} segments of fewer than {least} people are left out.", n=left_out, least=LEAST_PEOPLE)
        if left_out
        else ""
    )
    return Table(title, columns, rows, key=key, note=note)
