"""A whole report as the template of pages wants it: cover, sections in reading order, sources and audit excerpt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel import Locale

from core.deliverables.content import AuditLine, Cell, Column, Report, SourceRecord, Table
from core.deliverables.fonts import FALLBACKS, MONO
from core.deliverables.look import Look
from core.deliverables.typesetting.blocks import BlockTeller, Told
from core.deliverables.typesetting.texts import Pieces, Setter
from core.deliverables.words import Words, term

TEXT_WIDTH = {"a4": 451.0, "us-letter": 468.0}
"""In points, between the margins of the template."""
_FEW_HEADINGS = 60
_ROOM = 12_000
"""Characters of what is told of more than a page of text."""


@dataclass(frozen=True)
class Manuscript:
    """What the template reads: the report and the pictures in it."""

    told: Mapping[str, Any]
    files: Mapping[str, bytes]
    remarks: tuple[str, ...]

    def beginning(self, pages: int, heading_pages: Sequence[int]) -> Manuscript:
        """Enough for its first pages, with the contents as they are in the whole."""
        body: list[Told] = []
        room = _ROOM
        for one in (*self.told["body"], *self.told["appendix"]):
            if room < 0:
                break
            body.append({**one, "rows": one["rows"][:80]} if one["kind"] == "table" else one)
            room -= len(json.dumps(one, ensure_ascii=False)) if one["kind"] != "table" else 90 * len(one["rows"])
        headings = [one for one in (*self.told["body"], *self.told["appendix"]) if one["kind"] == "heading"]
        contents = [
            {"level": one["level"], "title": "".join(_joined(span["t"]) for span in one["spans"]), "page": page}
            for one, page in zip(headings, heading_pages, strict=True)
            if one["outlined"] and one["level"] <= 2
        ]
        told = {**self.told, "body": body, "appendix": [], "contents": contents, "pages": pages}
        return replace(self, told=told)


def manuscript(report: Report, look: Look, *, refused: Sequence[str] = ()) -> Manuscript:
    """`refused` are texts that turned out to have no glyph when they were set: combinations no font can join."""
    words = Words(report.language, report.zone)
    setter = Setter(refused, right_to_left=words.right_to_left)
    teller = BlockTeller(look, words, setter, TEXT_WIDTH[look.paper])
    logo = teller.picture(look.logo) if look.logo else None
    body, appendix = _parts(report, teller, words)
    headings = [one for one in (*body, *appendix) if one["kind"] == "heading" and one["level"] <= 2]
    if len(headings) <= _FEW_HEADINGS:
        for one in headings:
            one["outlined"] = True
    told = {
        "language": Locale.parse(report.language, sep="-").language,
        "region": Locale.parse(report.language, sep="-").territory,
        "width": TEXT_WIDTH[look.paper],
        "rtl": words.right_to_left,
        "title": setter.pieces(report.title),
        "title_length": len(report.title),
        "title_line": setter.line(report.title, 80),
        "title_full": setter.line(report.title, 300) or setter.line(look.name, 300) or words.say("Report"),
        "subtitle": setter.pieces(report.subtitle),
        "read": setter.pieces(words.say("As of {moment}", moment=report.read_text)),
        "facts": [[setter.pieces(one.label, longest=16), setter.pieces(one.text)] for one in report.facts],
        "sample": words.say("Made of sample data: no figure in it is real.") if report.sample else "",
        "look": {
            "name": setter.pieces(look.name), "name_line": setter.line(look.name, 60), "accent": look.accent,
            "ink": look.ink, "footer": setter.line(look.footer, 90), "paper": look.paper,
            "heading_fonts": _fonts(look.heading_font), "body_fonts": _fonts(look.body_font),
            "mono_fonts": [MONO, *_fonts(look.body_font)], "logo": logo,
            "logo_alt": setter.line(look.logo.alt if look.logo else "", 200) or words.say("Logo"),
        },
        "words": {
            "contents": words.say("Contents"), "page": words.say("Page {page} of {pages}"), "rule": words.say("Rule"),
            "decided": words.say("Decided"), "version": words.say("Version"), "who": words.say("Who"),
            "vote": words.say("Vote"), "when": words.say("When"), "reason": words.say("Reason"),
            "missing": words.say("This picture cannot be shown."), "appendix": words.say("Appendix"),
        },
        "body": body,
        "appendix": appendix,
    }  # fmt: skip
    remarks = [*teller.remarks, *_written_out(setter, words)]
    return Manuscript(told, teller.files, tuple(remarks))


def _joined(parts: Pieces) -> str:
    return parts if isinstance(parts, str) else " ".join("".join(parts).split())


def _fonts(family: str) -> list[str]:
    return list(dict.fromkeys((family, *FALLBACKS)))


def _parts(report: Report, teller: BlockTeller, words: Words) -> tuple[list[Told], list[Told]]:
    """The body, and the appendix under one heading of its own, so that contents and bookmarks tell them apart."""
    body: list[Told] = []
    appendix: list[Told] = []
    behind = False
    for depth, section in report.walk():
        behind = section.appendix if depth == 1 else behind
        if behind and not appendix:
            appendix.append(teller.heading([{"t": words.say("Appendix")}], 1))
        (appendix if behind else body).extend(teller.section(section, depth + behind))
    evidence = _evidence(report, teller, words, begun=bool(appendix))
    return body, [*appendix, *evidence]


def _evidence(report: Report, teller: BlockTeller, words: Words, *, begun: bool) -> list[Told]:
    told: list[Told] = []
    if not begun and (report.sources or report.audit):
        told.append(teller.heading([{"t": words.say("Appendix")}], 1))
    if report.sources:
        told.append(teller.heading([{"t": words.say("What this was made of")}], 2))
        told += teller.table(_sources(report.sources, words), small=True)
    if report.audit:
        told.append(teller.heading([{"t": words.say("Audit excerpt")}], 2))
        told += teller.table(_audit(report.audit, words), small=True)
    return told


def _sources(records: Sequence[SourceRecord], words: Words) -> Table:
    columns = (Column(words.say("Source"), wide=True), Column(words.say("Identifier")), Column("SHA-256", wide=True))
    return Table(
        words.say("Sources in the version that counted"), columns,
        tuple((Cell(one.what), Cell(one.id), Cell(one.digest)) for one in records),
    )  # fmt: skip


def _audit(lines: Sequence[AuditLine], words: Words) -> Table:
    titles = (term("Time"), term("Who"), term("Event"), term("Subject"), term("Hash"), term("Hash before"))
    columns = (Column("#", number=True), *(Column(words.say(one), wide=one == "Subject") for one in titles))
    return Table(
        words.say("Entries of the audit chain"), columns,
        tuple(
            (Cell(str(one.sequence)), Cell(one.at_text), Cell(one.who), Cell(one.event), Cell(one.subject),
             Cell(one.hash[:12]), Cell(one.previous_hash[:12])) for one in lines
        ),
    )  # fmt: skip


def _written_out(setter: Setter, words: Words) -> list[str]:
    if not setter.written_out:
        return []
    codes = [f"U+{ord(letter):04X}" for letter, _ in setter.written_out.most_common(12)]
    more = "…" if len(setter.written_out) > len(codes) else ""
    said = words.say(
        "{n} characters cannot be drawn and are written as codes: {codes}",
        n=setter.written_out.total(), codes=", ".join(codes) + more,
    )  # fmt: skip
    return [said]
