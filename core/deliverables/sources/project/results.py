"""Where a project came from and what came of it: the run that proposed it, that run's documents, and its outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from core.actions.tables import Action
from core.analytics.filters import visible_to
from core.deliverables.content import Block, Cell, Column, Section, SourceRecord, Table
from core.deliverables.gathering.telling import Telling
from core.deliverables.source import Reading
from core.deliverables.words import term
from core.executions.automated.tables import RunDocument
from core.executions.tables import Execution
from core.identifiers import parse_id
from core.outcomes.rules import ProofType, ReviewState
from core.outcomes.tables import Outcome

_BASES = {
    "measured": term("Measured"),
    "proven": term("Proven"),
    "rejected": term("Rejected"),
}


@dataclass(frozen=True)
class Results:
    """What there is to say; sections are None where nothing hangs on the project."""

    documents: Section | None
    outcomes: Section | None
    sources: tuple[SourceRecord, ...]


def results(reading: Reading, card_id: UUID | None) -> Results:
    """Of a project whose card a run proposed; only what the reader may see of that run."""
    run_id = _run_of(reading, card_id)
    if run_id is None:
        return Results(None, None, ())
    documents = _documents(reading, run_id)
    sources = tuple(
        SourceRecord(
            reading.words.say("Document {title}, version {version}", title=one.doc_type, version=one.version),
            str(one.id), one.digest,
        )
        for one in documents
    )  # fmt: skip
    return Results(_documents_section(reading, documents), _outcomes_section(reading, run_id), sources)


def _run_of(reading: Reading, card_id: UUID | None) -> UUID | None:
    card = reading.session.get(Action, card_id) if card_id is not None else None
    origin = card.origin if card is not None and card.origin is not None else {}
    found = parse_id(str(origin.get("id"))) if origin.get("kind") == "run" else None
    if found is None:
        return None
    return reading.session.scalar(select(Execution.id).where(Execution.id == found, visible_to(reading.reader)))


def _documents(reading: Reading, run_id: UUID) -> list[RunDocument]:
    """The version that counts of each: the accepted one, or the last."""
    query = (
        select(RunDocument).where(RunDocument.execution_id == run_id).order_by(RunDocument.created_at, RunDocument.id)
    )
    found: dict[tuple[str, str], RunDocument] = {}
    for one in reading.session.scalars(query):
        kept = found.get((one.doc_type, one.scope_id))
        if kept is None or kept.accepted_at is None or one.accepted_at is not None:
            found[one.doc_type, one.scope_id] = one
    return list(found.values())


def _documents_section(reading: Reading, documents: list[RunDocument]) -> Section | None:
    if not documents:
        return None
    say, words = reading.words.say, reading.words
    columns = (
        Column(say("Document"), wide=True), Column(say("Version"), number=True), Column(say("Made by")),
        Column(say("Accepted by")), Column(say("Accepted")), Column("SHA-256", wide=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.doc_type if not one.scope_id else f"{one.doc_type} · {one.scope_id}"),
            Cell(words.number(one.version), Decimal(one.version)), Cell(one.made_by), Cell(one.accepted_by or "–"),
            Telling(words).moment(one.accepted_at), Cell(one.digest),
        )
        for one in documents
    )  # fmt: skip
    table = Table(say("Documents of the run that proposed this project"), columns, rows, key="documents")
    return Section("documents", say("Documents it was made from"), (table,))


def _outcomes_section(reading: Reading, run_id: UUID) -> Section | None:
    say, telling = reading.words.say, Telling(reading.words)
    query = select(Outcome).where(Outcome.execution_id == run_id).order_by(Outcome.logged_at, Outcome.id)
    found = reading.session.scalars(query).all()
    if not found:
        return None
    columns = (
        Column(say("What"), wide=True), Column(say("Value"), number=True), Column(say("Counts as")), Column(say("Logged")),
        Column(say("Note"), wide=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(telling.metric(one.metric_type.value)), telling.amount(one.value, one.unit), Cell(say(_BASES[_basis(one)])),
            telling.moment(one.logged_at), Cell(one.note),
        )
        for one in found
    )  # fmt: skip
    note = say(
        "Measured is what somebody logged; proven is what somebody else verified with a proof. Units are never added up."
    )
    blocks: tuple[Block, ...] = (Table(say("Outcomes"), columns, rows, key="outcomes", note=note),)
    return Section("results", say("Results"), blocks)


def _basis(outcome: Outcome) -> str:
    if outcome.review_state is ReviewState.REJECTED:
        return "rejected"
    proven = outcome.review_state is ReviewState.VERIFIED and outcome.proof_type is not ProofType.NONE
    return "proven" if proven else "measured"
