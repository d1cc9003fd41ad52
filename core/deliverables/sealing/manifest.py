"""What a package says about itself: its files, figures, sources, approvals and audit, each with a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.canonical import canonical_json, digest
from core.deliverables.content import Approval, AuditLine, Cell, Metric, Report, Table, report_as_json
from core.deliverables.gathering.legible import legible
from core.spreadsheets import inert

FORMAT = "countersign-package/1"
"""Raised when a member changes its meaning; new members alone do not."""
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class PackageFacts:
    """What is known of a package beside its content."""

    id: UUID
    number: int | None
    """None for a draft."""
    source: str
    subject: str
    label: str
    theme: str
    made_at: datetime
    made_by: str
    product_version: str
    missing: Mapping[str, str] = field(default_factory=dict)
    """Formats that could not be made, with the sentence that says why."""
    report_sha256: str = ""
    """Of the report as canonical JSON, where whoever keeps it has counted it already."""


@dataclass(frozen=True)
class PackedFile:
    name: str
    format: str
    media_type: str
    size: int
    sha256: str
    facts: Mapping[str, int] = field(default_factory=dict)


def manifest_of(facts: PackageFacts, report: Report, files: Sequence[PackedFile]) -> dict[str, Any]:
    """The manifest without its signature: nothing but texts, whole numbers, truth values, lists and objects."""
    return {
        "format": FORMAT,
        "package": {
            "id": str(facts.id),
            "number": facts.number,
            "source": facts.source,
            "subject": facts.subject,
            "label": facts.label,
            "language": report.language,
            "theme": facts.theme,
            "made_at": spelled_time(facts.made_at),
            "made_by": facts.made_by,
            "product_version": facts.product_version,
        },
        "report": {
            "title": report.title,
            "read_at": spelled_time(report.read_at),
            "zone": report.zone,
            "sample": report.sample,
            "sha256": facts.report_sha256 or digest(report_as_json(report)),
        },
        "files": [_file(one) for one in sorted(files, key=lambda one: one.name)],
        "missing": dict(facts.missing),
        "figures": [_figure(one) for one in report.figures()],
        "tables": [_table(one) for one in report.tables()],
        "sources": [{"what": one.what, "id": one.id, "sha256": one.digest} for one in report.sources],
        "approvals": [_approval(one) for one in report.approvals()],
        "audit": [_audit_line(one) for one in report.audit],
    }


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """The one spelling of a manifest, which is what its SHA-256 and its signature are of."""
    return canonical_json(dict(manifest)).encode()


def cells_digest(rows: Iterable[Sequence[str]]) -> str:
    """SHA-256 of a table as its CSV file holds it: the row of titles, then every row, all as texts.

    The apostrophe that keeps a spreadsheet from reading a text as a formula is no part of the text.
    """
    seen = hashlib.sha256(b"[")
    for number, row in enumerate(rows):  # one at a time: some tables have 100,000
        # The same spelling as `canonical_json`, which would look at each text for something to make a text of.
        spelled = json.dumps([_unguarded(cell) for cell in row], separators=(",", ":"), ensure_ascii=False)
        seen.update(f",{spelled}".encode() if number else spelled.encode())
    seen.update(b"]")
    return seen.hexdigest()


def spelled_cell(cell: Cell) -> str:
    """A cell as its CSV file spells it: the value where there is one, else the text."""
    value = cell.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return legible(cell.text if value is None else value)


def spelled_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _file(one: PackedFile) -> dict[str, Any]:
    return {
        "name": one.name, "format": one.format, "media_type": one.media_type, "size": one.size, "sha256": one.sha256,
        "facts": dict(one.facts),
    }  # fmt: skip


def _figure(one: Metric) -> dict[str, Any]:
    return {
        "key": one.key, "label": one.label, "text": one.text,
        "value": None if one.value is None else format(one.value, "f"), "unit": one.unit, "basis": one.basis,
    }  # fmt: skip


def _table(one: Table) -> dict[str, Any]:
    return {"key": one.key, "title": one.title, "rows": len(one.rows), "sha256": cells_digest(_spelled(one))}


def _spelled(one: Table) -> Iterator[Sequence[str]]:
    yield [legible(column.title) for column in one.columns]
    for row in one.rows:
        yield [spelled_cell(cell) for cell in row]


def _approval(one: Approval) -> dict[str, Any]:
    return {
        "id": one.id, "subject": one.subject, "sha256": one.digest, "result": one.result, "rule": one.rule,
        "decided_at": None if one.decided_at is None else spelled_time(one.decided_at),
        "votes": [
            {"who": vote.who, "word": vote.word, "at": spelled_time(vote.at), "reason": vote.reason}
            for vote in one.votes
        ],
    }  # fmt: skip


def _audit_line(one: AuditLine) -> dict[str, Any]:
    return {
        "sequence": one.sequence, "at": spelled_time(one.at), "who": one.who, "event": one.event,
        "subject": one.subject, "hash": one.hash, "previous_hash": one.previous_hash,
    }  # fmt: skip


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and inert(text[1:]) == text else text
