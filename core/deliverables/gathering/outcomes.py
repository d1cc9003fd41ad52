"""Outcomes of runs as reports show them: tiles, never one figure of what was estimated, measured and proven, and proofs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from core.analytics.one_run import LoggedOutcome
from core.deliverables.content import Block, Cell, Column, Metric, Section, SourceRecord, Table, paragraph
from core.deliverables.gathering.legible import line
from core.deliverables.gathering.telling import NOTHING, Telling
from core.deliverables.source import Reading
from core.deliverables.words import Words, term
from core.files.contents import shown_size
from core.identity.tables import User
from core.outcomes.rules import ProofType, ReviewState
from core.outcomes.tables import Outcome

Basis = Literal["measured", "proven"]
COUNTS_AS: Mapping[str, str] = {
    "measured": term("Measured"), "proven": term("Proven"), "rejected": term("Rejected"),
}  # fmt: skip


def basis_of(outcome: Outcome) -> str:
    """What it counts as: `measured`, `proven` (which is measured too), or `rejected`, which is neither."""
    if outcome.review_state is ReviewState.REJECTED:
        return "rejected"
    verified = outcome.review_state is ReviewState.VERIFIED and outcome.proof_type is not ProofType.NONE
    return "proven" if verified else "measured"


def outcome_tiles(words: Words, outcomes: Iterable[Outcome]) -> tuple[Metric, ...]:
    """One tile for each metric in each unit, measured and proven apart; what was rejected is in none."""
    sums: dict[tuple[Basis, str, str], tuple[Decimal, int]] = {}
    for one in outcomes:
        found = basis_of(one)
        bases: tuple[Basis, ...] = ("measured", "proven") if found == "proven" else ("measured",)
        for basis in bases if found != "rejected" else ():
            key = (basis, one.metric_type.value, one.unit)
            total, n = sums.get(key, (Decimal(0), 0))
            sums[key] = (total + one.value, n + 1)
    telling, say = Telling(words), words.say
    labels = {"measured": term("Measured: {what}"), "proven": term("Proven: {what}")}
    return tuple(
        Metric(
            f"{basis}.{metric}.{unit}", say(labels[basis], what=telling.metric(metric)), telling.amount(total, unit).text,
            total, unit, say("n = {n}", n=n), basis,
        )
        for (basis, metric, unit), (total, n) in sorted(sums.items())
    )  # fmt: skip


def outcomes_section(reading: Reading, logged: Sequence[LoggedOutcome]) -> Section:
    """Every outcome with who logged and who reviewed it, and the proofs by name and digest: their bytes stay inside."""
    say = reading.words.say
    if not logged:
        return Section("outcomes", say("Outcomes"), (paragraph(say("No outcome was logged.")),))
    note = say(
        "Measured is what somebody logged; proven is what somebody else verified with a proof. Units are never added up."
    )
    blocks: list[Block] = [_outcomes(reading, logged, note)]
    if any(one.proofs for one in logged):
        blocks.append(_proofs(reading, logged))
    lead = say("{n} outcomes were logged, {proven} of them proven.", n=len(logged), proven=_proven(logged))
    return Section("outcomes", say("Outcomes"), tuple(blocks), lead=lead)


def proof_records(words: Words, logged: Sequence[LoggedOutcome]) -> tuple[SourceRecord, ...]:
    return tuple(
        SourceRecord(words.say("Proof {name}", name=line(proof.name)), str(proof.id), proof.sha256)
        for one in logged
        for proof in one.proofs
    )


def _proven(logged: Sequence[LoggedOutcome]) -> int:
    return sum(basis_of(one.outcome) == "proven" for one in logged)


def _outcomes(reading: Reading, logged: Sequence[LoggedOutcome], note: str) -> Table:
    say, telling, names = reading.words.say, Telling(reading.words), _names(reading, logged)
    columns = (
        Column(say("What"), wide=True), Column(say("Value"), number=True), Column(say("Counts as")), Column(say("Logged")),
        Column(say("By")), Column(say("Reviewed by")), Column(say("Note"), wide=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(telling.metric(one.metric_type.value)), telling.amount(one.value, one.unit),
            Cell(say(COUNTS_AS[basis_of(one)])), telling.moment(one.logged_at),
            Cell(names.get(one.user_id, "–") if one.user_id else "–"), Cell(line(one.reviewed_by or "") or "–"),
            Cell(line(" ".join(filter(None, (one.note, one.review_reason)))) or "–"),
        )
        for one in (each.outcome for each in logged)
    )  # fmt: skip
    return Table(say("Outcomes"), columns, rows, key="outcomes", note=note)


def _proofs(reading: Reading, logged: Sequence[LoggedOutcome]) -> Table:
    say, telling = reading.words.say, Telling(reading.words)
    columns = (
        Column(say("Proof"), wide=True), Column(say("Of the outcome")), Column(say("Size"), number=True),
        Column(say("Uploaded by")), Column(say("Uploaded")), Column("SHA-256", wide=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(line(proof.name)), telling.amount(each.outcome.value, each.outcome.unit),
            Cell(shown_size(proof.size), Decimal(proof.size)), Cell(line(proof.uploaded_by) or "–"),
            telling.moment(proof.uploaded_at) if proof.uploaded_at else NOTHING, Cell(proof.sha256),
        )
        for each in logged
        for proof in each.proofs
    )  # fmt: skip
    return Table(say("Proofs"), columns, rows, key="proofs")


def _names(reading: Reading, logged: Sequence[LoggedOutcome]) -> Mapping[UUID, str]:
    people = {one.outcome.user_id for one in logged if one.outcome.user_id is not None}
    query = select(User.id, User.name).where(User.id.in_(people))
    return {row.id: row.name for row in reading.session.execute(query)} if people else {}
