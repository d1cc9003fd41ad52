"""What the runs of a period saved: estimated, measured and proven, side by side and never added."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.analytics.breakdowns import Group
from core.analytics.evidence import Figure
from core.analytics.figures import Savings
from core.analytics.rules import Total
from core.deliverables.content import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    ItemList,
    Metric,
    Paragraph,
    Section,
    Series,
    Span,
    Table,
    paragraph,
)
from core.deliverables.sources.period.asked import Asked
from core.deliverables.words import term

MOST_CURRENCIES = 3
_KINDS: dict[Figure, str] = {
    Figure.ESTIMATED: term("Estimated"),
    Figure.MEASURED: term("Measured"),
    Figure.PROVEN: term("Proven"),
}
MEANINGS: dict[Figure, str] = {
    Figure.ESTIMATED: term(
        "what the rate card of the day says a week of the completed runs' work is worth, before anybody measured it."
    ),
    Figure.MEASURED: term("what people logged as the outcome of runs, and nobody rejected."),
    Figure.PROVEN: term("the part of the measured whose proof somebody else has verified."),
}  # fmt: skip


def savings(asked: Asked) -> Section:
    say = asked.words.say
    meanings = ItemList(
        tuple(
            (Paragraph((Span(f"{say(_KINDS[kind])}: ", bold=True), Span(say(MEANINGS[kind])))),) for kind in Figure
        )
    )  # fmt: skip
    blocks: list[Block] = [
        paragraph(say(
            "Three figures tell what was saved. They answer different questions and are never added up, nor are currencies."
        )),
        meanings,
    ]  # fmt: skip
    if any(_kinds(asked.savings).values()):
        blocks.append(_table(asked))
        blocks.extend(_by_workflow(asked))
        if (chart := _over_time(asked)) is not None:
            blocks.append(chart)
    else:
        blocks.append(
            paragraph(say("Nothing was saved yet: no completed run carries an estimate, and no outcome was logged."))
        )
    return Section("savings", say("Savings"), tuple(blocks), lead=savings_sentence(asked))


def savings_sentence(asked: Asked) -> str:
    say, kinds = asked.words.say, _kinds(asked.savings)
    if not any(kinds.values()):
        return say("No savings are on record for this period.")
    said = {kind.value: _listed(asked, totals) for kind, totals in kinds.items()}
    return say("Estimated a week: {estimated}. Measured: {measured}. Proven: {proven}.", **said)


def main_tiles(asked: Asked) -> tuple[Metric, ...]:
    """The largest of each of the three by n, for the first page."""
    say, found = asked.words.say, []
    for kind, totals in _kinds(asked.savings).items():
        if totals:
            total = totals[0]
            label = {
                Figure.ESTIMATED: say("Estimated savings a week"),
                Figure.MEASURED: say("Measured: {what}", what=_what(asked, total)),
                Figure.PROVEN: say("Proven: {what}", what=_what(asked, total)),
            }[kind]  # fmt: skip
            text = asked.telling.amount(total.value, total.unit).text
            found.append(
                Metric(
                    f"{kind.value}.{total.metric}.{total.unit}", label, text, total.value, total.unit,
                    say("n = {n}", n=total.n), kind.value,
                )
            )  # fmt: skip
    return tuple(found)


def _kinds(found: Savings) -> dict[Figure, tuple[Total, ...]]:
    return {Figure.ESTIMATED: found.estimated, Figure.MEASURED: found.measured, Figure.PROVEN: found.proven}


def _what(asked: Asked, total: Total) -> str:
    return asked.telling.metric(total.metric)


def _listed(asked: Asked, totals: Sequence[Total]) -> str:
    return asked.telling.amounts(totals[:MOST_CURRENCIES]) if totals else asked.words.say("nothing yet")


def _table(asked: Asked) -> Table:
    say, telling = asked.words.say, asked.telling
    compared = asked.savings_before
    columns = [
        Column(say("Kind")), Column(say("What"), wide=True), Column(say("Amount"), number=True),
        Column(say("n"), number=True), Column(say("On average"), number=True),
    ]  # fmt: skip
    if compared is not None:
        columns.append(Column(say("The period before"), number=True))
    rows = []
    for kind, totals in _kinds(asked.savings).items():
        before = {(one.metric, one.unit): one for one in _kinds(compared)[kind]} if compared is not None else {}
        for total in totals:
            row = [
                Cell(say(_KINDS[kind])), Cell(_what(asked, total)), telling.amount(total.value, total.unit),
                telling.count(total.n), telling.amount(total.average, total.unit),
            ]  # fmt: skip
            if compared is not None:
                was = before.get((total.metric, total.unit))
                row.append(telling.amount(was.value, was.unit) if was else Cell("–"))
            rows.append(tuple(row))
    note = say("Each line is one metric in one unit. Proven is part of measured.")
    return Table(say("Savings by kind, metric and unit"), tuple(columns), tuple(rows), key="savings", note=note)


def _by_workflow(asked: Asked) -> list[Chart]:
    """One chart for each currency: they share no axis."""
    say, found = asked.words.say, []
    for total in asked.savings.estimated[:MOST_CURRENCIES]:
        mine = sorted(_in(asked.workflows, total.unit), key=lambda pair: -pair[1].value)
        if not mine or not total.value:
            continue
        best, value = mine[0]
        share = asked.words.percent(value.value / total.value)
        title = say(
            "“{workflow}” brings {share} of the estimate in {currency}",
            workflow=best.label,
            share=share,
            currency=total.unit,
        )
        series = Series(
            say("Savings a week"),
            tuple(one.value for _, one in mine),
            tuple(asked.telling.amount(one.value, one.unit).text for _, one in mine),
        )
        found.append(
            Chart(
                f"estimates-by-workflow-{total.unit.lower()}", title, ChartKind.BARS,
                tuple(f"{group.label} ({say('n = {n}', n=one.n)})" for group, one in mine), (series,), total.unit,
                say("Workflow"), say("Estimated weekly savings of completed runs."),
            )
        )  # fmt: skip
    return found


def _over_time(asked: Asked) -> Chart | None:
    currency, points = asked.main_currency, asked.trend
    if currency is None or len(points) < 2:
        return None
    say = asked.words.say
    amounts = [next((one for one in point.estimated if one.unit == currency), None) for point in points]
    if not any(amounts):
        return None
    at = max(range(len(points)), key=lambda number: amounts[number].value if amounts[number] else Decimal(0))  # type: ignore[union-attr]
    title = say(
        "Estimates in {currency} were highest from {when}", currency=currency, when=asked.bucket_name(points[at])
    )
    series = Series(
        say("Savings a week"),
        tuple(one.value if one else None for one in amounts),
        tuple(asked.telling.amount(one.value, one.unit).text if one else "" for one in amounts),
    )
    return Chart(
        "estimates-over-time", title, ChartKind.COLUMNS if len(points) <= 14 else ChartKind.LINES,
        tuple(map(asked.bucket_name, points)), (series,), currency, asked.bucket_heading,
        say("Estimated weekly savings of completed runs, by the day on which they were started."),
    )  # fmt: skip


def _in(groups: Sequence[Group], currency: str) -> list[tuple[Group, Total]]:
    return [(group, total) for group in groups for total in group.estimated if total.unit == currency]
