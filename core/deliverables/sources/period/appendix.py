"""How each figure of a period is counted, and what it was reckoned by: definitions, rate cards, exchange rates."""

from __future__ import annotations

from core.analytics.outliers import FAR, LEAST_SPREAD
from core.analytics.rules import SMALL_N, STALE_AFTER
from core.canonical import digest
from core.deliverables.content import (
    Block,
    Cell,
    Column,
    ItemList,
    Note,
    Paragraph,
    Section,
    SourceRecord,
    Span,
    Table,
    paragraph,
    plain,
)
from core.deliverables.sources.period.asked import Asked
from core.deliverables.sources.period.segments import LEAST_PEOPLE
from core.savings.queries import CardLine, SavingsQueries

_MOST_RATES = 40


def definitions(asked: Asked) -> Section:
    say = asked.words.say
    told = (
        (say("Period"), say(
            "Runs that were started on one of its days, counted in UTC, whenever they ended. Sample data and one's own "
            "are never counted together."
        )),
        (say("Success"), say(
            "A run that completed with at least one outcome that was not rejected. Abandoned, failed and untouched for "
            "{n} days count as not; what still runs, waits or was cancelled does not count.", n=STALE_AFTER.days,
        )),
        (say("95% interval"), say(
            "The Wilson score interval: where the true rate lies with 95% confidence. Below {n} ended runs a rate is "
            "called too few to build on.", n=SMALL_N,
        )),
        (say("Estimated savings a week"), say(
            "Labour, errors and scaling as the rate card of the run's start reckons them: tasks × minutes × share taken "
            "over × wage, and so on. Old runs keep their rate. Only completed runs count."
        )),
        (say("Measured and proven"), say(
            "Outcomes that people logged on runs that go on or completed. Rejected ones are in neither; proven ones have "
            "a proof that somebody else verified. Each metric and each unit is a sum of its own."
        )),
        (say("Work and duration"), say(
            "Work is hands-on time; duration is from start to end, waiting and pauses included. Both are of completed "
            "runs. The median is what half of them stay below."
        )),
        (say("Far from usual"), say(
            "A run whose duration lies more than {far} robust deviations (of its logarithm, at least {least}) from its "
            "workflow's median, among the newest.", far=asked.words.number(FAR), least=asked.words.percent(LEAST_SPREAD),
        )),
        (say("Segments"), say("Told apart only from {n} people on, by the profile at the start of the run.", n=LEAST_PEOPLE)),
    )  # fmt: skip
    items = tuple((Paragraph((Span(f"{name}: ", bold=True), Span(text))),) for name, text in told)
    return Section(
        "definitions", say("How each figure is counted"), (*freshness(asked), ItemList(items)), appendix=True
    )


def freshness(asked: Asked) -> tuple[Block, ...]:
    """Said where figures are behind: changes that are not in them yet."""
    as_of = asked.analytics.as_of()
    if as_of.live:
        return (paragraph(asked.words.say("All figures are of the moment in which this report was read.")),)
    since = asked.words.moment(as_of.rolled_up_at) if as_of.rolled_up_at else "–"
    said = asked.words.say(
        "The figures are as of {moment}; {n} runs have changed since and are not in them.",
        moment=since,
        n=as_of.waiting,
    )
    return (Note(plain(said)),)


def reckoned_by(asked: Asked) -> tuple[Section | None, tuple[SourceRecord, ...]]:
    """The rate cards in force on the last day for workflows with runs, the exchange rates on file, and their digests."""
    say = asked.words.say
    cards, rates = _cards(asked), _rates(asked)
    blocks = tuple(one for one in (_card_table(asked, cards), rates) if one is not None)
    sources = tuple(
        SourceRecord(say("Rate card of {workflow}", workflow=name), str(line.id or name), digest(line.card.facts()))
        for name, line in cards
    )
    section = Section("reckoned-by", say("Rate cards and exchange rates"), blocks, appendix=True) if blocks else None
    return section, sources


def _cards(asked: Asked) -> list[tuple[str, CardLine]]:
    queries = SavingsQueries(asked.reading.database)
    readable = {one.workflow_id for one in queries.workflows()}
    found: list[tuple[str, CardLine]] = []
    for group in asked.workflows:
        if group.key in readable:
            lines = queries.cards(asked.reading.reader, group.key, asked.params.last)
            found.extend((group.label, line) for line in lines if line.in_force)
    return found


def _card_table(asked: Asked, cards: list[tuple[str, CardLine]]) -> Table | None:
    if not cards:
        return None
    say, words, telling = asked.words.say, asked.words, asked.telling
    columns = (
        Column(say("Workflow"), wide=True), Column(say("In force from")), Column(say("Tasks a week"), number=True),
        Column(say("Minutes a task"), number=True), Column(say("Hourly wage"), number=True),
        Column(say("Taken over"), number=True), Column(say("Worth a week"), number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(name),
            telling.day(line.card.effective_from) if line.card.effective_from.year > 1 else Cell(say("the beginning")),
            Cell(words.number(line.card.tasks_per_week), line.card.tasks_per_week),
            Cell(words.number(line.card.minutes_per_task), line.card.minutes_per_task),
            telling.amount(line.card.hourly_wage, line.card.currency),
            Cell(words.percent(line.card.automation_percent), line.card.automation_percent),
            telling.amount(line.worth.weekly, line.card.currency),
        )
        for name, line in cards
    )  # fmt: skip
    note = say(
        "In force on the last day of the period. A run is reckoned by the card of the day on which it was started."
    )
    return Table(say("Rate cards"), columns, rows, key="rate-cards", note=note)


def _rates(asked: Asked) -> Table | None:
    """The latest of each pair up to the last day."""
    latest: dict[tuple[str, str], tuple[Cell, ...]] = {}
    words = asked.words
    for line in SavingsQueries(asked.reading.database).rates(asked.reading.reader):
        dated = line.dated
        if line.withdrawn_at is None and dated.day <= asked.params.last:
            row = (
                Cell(dated.base), Cell(dated.quote), Cell(words.number(dated.rate), dated.rate),
                asked.telling.day(dated.day), Cell(dated.source),
            )  # fmt: skip
            latest.setdefault((dated.base, dated.quote), row)
    if not latest:
        return None
    say = words.say
    columns = (
        Column(say("One")), Column(say("is worth so many")), Column(say("Rate"), number=True), Column(say("Of")),
        Column(say("Source"), wide=True),
    )  # fmt: skip
    note = say("On file at the end of the period. No amount in this report was converted.")
    return Table(say("Exchange rates"), columns, tuple(latest.values())[:_MOST_RATES], key="exchange-rates", note=note)
