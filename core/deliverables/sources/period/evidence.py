"""What stands behind the proven figures: the outcomes one by one, who verified them and when, and their proofs' digests."""

from __future__ import annotations

from core.analytics.evidence import EvidenceQueries, EvidenceRow, Figure
from core.analytics.rules import Total
from core.deliverables.content import Block, Cell, Column, Section, Table
from core.deliverables.sources.period.asked import Asked

SHOWN = 26
"""Of each metric and unit, the latest; the others are in the data."""

_MOST_UNITS = 4


def evidence(asked: Asked) -> Section | None:
    """None where nothing is proven."""
    totals = asked.savings.proven[:_MOST_UNITS]
    blocks: list[Block] = [_proven(asked, total, number) for number, total in enumerate(totals, 1)]
    if not blocks:
        return None
    say = asked.words.say
    return Section("evidence", say("What is proven, and by what"), tuple(blocks), appendix=True)


def _proven(asked: Asked, total: Total, number: int) -> Table:
    say, telling = asked.words.say, asked.telling
    queries = EvidenceQueries(asked.reading.database)
    page = queries.of(asked.reading.reader, asked.filters, Figure.PROVEN, total.metric, total.unit, limit=SHOWN)
    digests = any(row.proofs for row in page.rows)
    columns = (
        Column(say("Logged")), Column(say("Workflow"), wide=True), Column(say("Value"), number=True),
        Column(say("Verified by")), Column(say("Verified")),
        Column(say("Proof (SHA-256)") if digests else say("Proof"), wide=digests),
    )  # fmt: skip
    rows = tuple(_row(asked, one, total.unit) for one in page.rows)
    metric, unit = telling.metric(total.metric), telling.unit(total.unit)
    same = metric.casefold() == unit.casefold()
    title = say("Proven: {what}", what=metric) if same else say("Proven: {metric} in {unit}", metric=metric, unit=unit)
    all_of_it = telling.amount(total.value, total.unit).text
    note = say("{shown} of {n} outcomes, {amount} in all.", shown=len(rows), n=total.n, amount=all_of_it)
    return Table(title, columns, rows, key=f"proven-{number}", note=note)


def _row(asked: Asked, row: EvidenceRow, unit: str) -> tuple[Cell, ...]:
    telling = asked.telling
    proofs = ", ".join(proof.sha256[:16] for proof in row.proofs) or asked.words.say("in words")
    return (
        telling.day(row.at), Cell(row.title), telling.amount(row.value, unit), Cell(row.reviewed_by or "–"),
        Cell("–") if row.reviewed_at is None else telling.day(row.reviewed_at), Cell(proofs),
    )  # fmt: skip
