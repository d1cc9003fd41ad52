"""The documents of a run, each in the version that counts: what it says, who made it and who accepted it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.deliverables.content import Block, Note, Section, SourceRecord, Tone, plain
from core.deliverables.documents.structured import document_blocks
from core.deliverables.gathering.legible import legible, line
from core.deliverables.sources.execution.read import RunRead
from core.executions.automated.run_documents import DocumentLine


def document_sections(read: RunRead) -> tuple[Section, ...]:
    """One a document; those of the same type that belong to different items stand together below one."""
    types: dict[str, list[DocumentLine]] = {}
    for one in read.tree.documents:
        types.setdefault(one.doc_type, []).append(one)
    return tuple(_of_type(read, number, lines) for number, lines in enumerate(types.values(), start=1))


def document_records(read: RunRead) -> tuple[SourceRecord, ...]:
    say = read.words.say
    return tuple(
        SourceRecord(
            say("Document {title}, version {version}", title=_title(one), version=one.current.version),
            str(one.current.id), one.current.digest,
        )
        for one in read.tree.documents
    )  # fmt: skip


def _of_type(read: RunRead, number: int, lines: list[DocumentLine]) -> Section:
    key, name = f"document-{number}", line(lines[0].name)
    if len(lines) == 1:
        return _document(read, lines[0], key, _title(lines[0]))
    below = tuple(_document(read, one, f"{key}-{at}", line(one.place) or name) for at, one in enumerate(lines, start=1))
    lead = read.words.say("{n} documents, one for each item.", n=len(lines))
    return Section(key, name, (), below, lead=lead)


def _document(read: RunRead, one: DocumentLine, key: str, title: str) -> Section:
    blocks = list(_remarks(read, one))
    row = read.documents[one.current.id]
    blocks.extend(document_blocks(row.content, read.words, schema=_schema(read, one), pictures=read.pictures))
    return Section(key, title, tuple(blocks), lead=_made(read, one))


def _made(read: RunRead, one: DocumentLine) -> str:
    words, version = read.words, one.current
    said = words.say(
        "Version {version} of {versions}, made by {who} on {when}.", version=version.version, versions=len(one.versions),
        who=line(version.made_by), when=words.moment(version.created_at),
    )  # fmt: skip
    if version.accepted_at is None:
        return said
    when = words.moment(version.accepted_at)
    if not version.accepted_by:
        return f"{said} {words.say('Accepted on {when}.', when=when)}"
    return f"{said} {words.say('Accepted by {who} on {when}.', who=line(version.accepted_by), when=when)}"


def _remarks(read: RunRead, one: DocumentLine) -> Iterator[Block]:
    """That it waits to be accepted, and what quality assurance noted about it."""
    known = read.tree.workflow.document_types.get(one.doc_type) if read.tree.workflow else None
    if known is not None and known.acceptance_required and one.current.accepted_at is None:
        yield Note(plain(read.words.say("Nobody has accepted this version: it does not count yet.")), Tone.WARNING)
    for finding in read.documents[one.current.id].findings:
        said = legible(f"{finding.get('path', '$')}: {finding.get('message', '')}")
        yield Note(plain(read.words.say("Noted by quality assurance: {finding}", finding=said)))


def _schema(read: RunRead, one: DocumentLine) -> Mapping[str, Any]:
    known = read.tree.workflow.document_types.get(one.doc_type) if read.tree.workflow else None
    return (known.json_schema if known else None) or {}


def _title(one: DocumentLine) -> str:
    return line(f"{one.name} · {one.place}" if one.place else one.name)
