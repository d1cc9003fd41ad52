"""Agents and councils side by side, and agents ranked, with the parts that their score is made of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.analytics.breakdowns import Dimension, Group, Standing
from core.analytics.filters import NONE
from core.deliverables.content import Block, Cell, Chart, ChartKind, Column, Section, Series, Table
from core.deliverables.sources.period.asked import Asked

_BARS = 15


def agents(asked: Asked) -> tuple[Section | None, Section | None]:
    """(The body's, the appendix's); None where no agent and no council had a run."""
    say, standings = asked.words.say, asked.analytics.leaderboard(asked.filters)
    body, blocks = None, list[Block]()
    if standings:
        lead = asked.words.sentence(agents_finding(asked, standings))
        body = Section("agents", say("Agents"), (_ranked(asked, standings),), lead=lead)
        blocks.append(_standings(asked, standings))
    for dimension, title, key in (
        (Dimension.AGENT, say("Runs by agent"), "agents"),
        (Dimension.COUNCIL, say("Runs by council"), "councils"),
    ):
        groups = asked.analytics.groups(asked.filters, dimension)
        if any(group.key != NONE for group in groups):
            blocks.append(groups_table(asked, dimension, groups, title, key))
    more = Section("agents-in-full", say("Agents and councils"), tuple(blocks), appendix=True) if blocks else None
    return body, more


def agents_finding(asked: Asked, standings: Sequence[Standing]) -> str:
    if not standings:
        return asked.words.say("No agent has run anything")
    score = asked.words.number(Decimal(str(standings[0].score)), digits=2)
    return asked.words.say("{name} leads the agents with {score} of 1", name=standings[0].name, score=score)


def _ranked(asked: Asked, standings: Sequence[Standing]) -> Chart:
    say, shown = asked.words.say, standings[:_BARS]
    scores = tuple(Decimal(str(one.score)).quantize(Decimal("0.01")) for one in shown)
    series = Series(say("Score"), scores, tuple(asked.words.number(one, digits=2) for one in scores))
    note = say(
        "0.5 × estimated savings a week up to 500,000 + 0.3 × share of approvals + 0.2 × runs up to 1,500, each part at most 1."
    )
    names = tuple(one.name for one in shown)
    return Chart(
        "leaderboard", agents_finding(asked, standings), ChartKind.BARS, names, (series,), "", say("Agent"), note
    )


def _standings(asked: Asked, standings: Sequence[Standing]) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Agent"), wide=True), Column(say("Runs"), number=True), Column(say("Estimated a week"), number=True),
        Column(say("Approved"), number=True), Column(say("Decisions"), number=True), Column(say("Score"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.name), telling.count(one.runs), telling.amount(one.savings, one.currency), telling.share(one.approval),
            telling.count(one.approval.n), _score(asked, one.score),
        )
        for one in standings
    )  # fmt: skip
    note = say(
        "Savings in {currency} only; amounts in other currencies have no part in it.", currency=standings[0].currency
    )
    return Table(say("What each score is made of"), columns, rows, key="agent-scores", note=note)


def groups_table(asked: Asked, dimension: Dimension, groups: Sequence[Group], title: str, key: str) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("Name"), wide=True), Column(say("Runs"), number=True), Column(say("Ended"), number=True),
        Column(say("Success"), number=True), Column(say("95% interval"), number=True),
        Column(say("Median work (h)"), number=True), Column(say("Estimated a week"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(telling.label(dimension, one)), telling.count(one.runs), telling.count(one.rate.n),
            telling.share(one.rate), telling.interval(one.rate), telling.hours(one.work_p50),
            Cell(telling.amounts(one.estimated)),
        )
        for one in groups
    )  # fmt: skip
    return Table(title, columns, rows, key=key)


def _score(asked: Asked, score: float) -> Cell:
    value = Decimal(str(score)).quantize(Decimal("0.01"))
    return Cell(asked.words.number(value, digits=2), value)
