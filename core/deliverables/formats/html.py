"""The report as one web page in one file: opens offline, asks nobody for anything, prints well."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.deliverables.charts import palette
from core.deliverables.charts.drawing import drawings_of
from core.deliverables.content import (
    Block,
    Cell,
    Chart,
    Column,
    Heading,
    ItemList,
    Picture,
    Quote,
    Report,
    Section,
    Table,
)
from core.deliverables.format import Format, Rendered
from core.deliverables.formats.data import csv_of
from core.deliverables.gathering.legible import legible
from core.deliverables.look import Look
from core.deliverables.words import Words, term

_TEMPLATES = Path(__file__).parents[1] / "templates"
_INTER = Path(__file__).parents[3] / "static" / "fonts" / "inter-latin-wght-normal.woff2"
_WIDE, _NARROW = (480.0, 260.0), (250.0, 210.0)
"""Drawn twice, for desks and for phones: words in a drawing shrink with it."""
_SAFE_LINKS = ("https://", "http://", "mailto:")
_LABELS: Mapping[str, str] = {
    "skip": term("Skip to the report"), "contents": term("Contents"), "appendix": term("Appendix"),
    "sample": term("Made of sample data: no figure in it is real."), "figures": term("Figures as a table"),
    "csv": term("Save as CSV"), "rule": term("Rule"), "decided": term("Decided"), "version": term("Version"),
    "who": term("Who"), "vote": term("Vote"), "when": term("When"), "reason": term("Reason"),
    "estimated": term("Estimated"), "measured": term("Measured"), "proven": term("Proven"),
    "note": term("Note"), "warning": term("Warning"), "votes": term("Votes on it"),
    "sources": term("What this was made of"), "audit": term("Audit excerpt"),
}  # fmt: skip
_AUDIT = (term("Time"), term("Who"), term("Event"), term("Subject"), term("Hash"), term("Hash before"))


@dataclass(frozen=True)
class Part:
    """A section as it stands on the page."""

    id: str
    title: str
    level: int
    blocks: tuple[Block, ...]
    lead: str = ""
    appendix: bool = False


def render(report: Report, look: Look) -> Rendered:
    words = Words(report.language, report.zone)
    labels = {name: words.say(text) for name, text in _LABELS.items()}
    parts = [*_parts(report), *_evidence(report, words, labels)]
    behind = next((one.id for one in parts if one.appendix), "")
    styles = Markup(_styles(look))  # noqa: S704 - our own sheet and checked colours
    page = (
        _environment()
        .get_template("report.html.jinja")
        .render(
            report=report,
            look=look,
            labels=labels,
            parts=parts,
            first_behind=behind,
            styles=styles,
            styles_digest=b64encode(sha256(styles.encode()).digest()).decode(),
            direction="rtl" if words.right_to_left else "ltr",
            as_of=words.say("As of {moment}", moment=f"{report.read_text} ({report.zone})"),
            levels=_levels(report),
            chart=lambda chart: _chart(chart, look, report.language),
        )
    )
    return Rendered(page.encode("utf-8", "replace"), {"sections": sum(1 for _ in report.walk())})


FORMAT = Format("html", "Web page", "report.html", "text/html", render, order=30)


def _parts(report: Report) -> Iterator[Part]:
    for depth, section in report.walk():
        yield Part(f"section-{section.key}", section.title, depth + 1, section.blocks, section.lead, section.appendix)


def _evidence(report: Report, words: Words, labels: Mapping[str, str]) -> Iterator[Part]:
    """What it was made of, and what the audit chain says of it, as tables like any other."""
    if report.sources:
        made_of = Table(
            words.say("Sources in the version that counted"),
            (Column(words.say("Source"), wide=True), Column(words.say("Identifier")), Column("SHA-256")),
            tuple((Cell(one.what), Cell(one.id), Cell(one.digest)) for one in report.sources),
        )
        yield Part("sources-of-this-report", labels["sources"], 2, (made_of,), appendix=True)
    if report.audit:
        titles = map(words.say, _AUDIT)
        entries = Table(
            words.say("Entries of the audit chain"),
            (Column("#", number=True), *map(Column, titles)),
            tuple(
                (Cell(str(one.sequence)), Cell(one.at_text), Cell(one.who), Cell(one.event), Cell(one.subject),
                 Cell(one.hash), Cell(one.previous_hash)) for one in report.audit
            ),
        )  # fmt: skip
        yield Part("audit-of-this-report", labels["audit"], 2, (entries,), appendix=True)


def _levels(report: Report) -> Mapping[int, int]:
    """The level of each heading inside of a text, by its identity: none is more than one below the one before it."""
    found: dict[int, int] = {}
    for depth, section in report.walk():
        above = depth + 1
        for block in _every(section):
            if isinstance(block, Heading):
                above = max(depth + 2, min(depth + 1 + block.level, above + 1, 6))
                found[id(block)] = min(above, 6)
    return found


def _every(section: Section) -> Iterator[Block]:
    waiting = list(reversed(section.blocks))
    while waiting:
        block = waiting.pop()
        yield block
        if isinstance(block, ItemList):
            waiting.extend(reversed([one for item in block.items for one in item]))
        elif isinstance(block, Quote):
            waiting.extend(reversed(block.blocks))


def _chart(chart: Chart, look: Look, language: str) -> Mapping[str, object]:
    """Both drawings; they are made of escaped text and numbers alone."""
    wide, narrow = (drawings_of(chart, look, size=size, language=language)[0] for size in (_WIDE, _NARROW))
    return {"wide": Markup(wide.svg), "narrow": Markup(narrow.svg), "complete": wide.complete}  # noqa: S704


def _picture(picture: Picture) -> Markup:
    return Markup(f"data:{picture.media_type};base64,{b64encode(picture.data).decode()}")  # noqa: S704 - Base64


def _csv(table: Table) -> Markup:
    return Markup(f"data:text/csv;charset=utf-8;base64,{b64encode(csv_of(table)).decode()}")  # noqa: S704 - Base64


def _link(address: str) -> str:
    """The address, or nothing where it could do something."""
    return address if address.lower().startswith(_SAFE_LINKS) else ""


def _styles(look: Look) -> str:
    sheet = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    fonts = {"heading": look.heading_font, "body": look.body_font}
    named = "".join(f"--{use}-font:{_family(family)};" for use, family in fonts.items())
    face = _inter() if "Inter" in fonts.values() else ""
    light, dark = palette.light(look).css(), palette.dark(look).css()
    drawn = "".join(
        f".chart .s{at}{{fill:var(--s{at})}}.chart .l{at}{{stroke:var(--s{at})}}.chart .o{at}{{fill:var(--o{at})}}"
        for at in range(1, len(palette.light(look).series) + 1)
    )
    paper = "A4" if look.paper == "a4" else "letter"
    return (
        f"{face}:root{{{named}{light}color-scheme:light dark}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"@media print{{:root{{color-scheme:light}}@page{{size:{paper}}}}}\n{sheet}{drawn}"
    )


def _family(name: str) -> str:
    plain = "".join(letter for letter in name if letter.isalnum() or letter in " -")
    return f'"{plain}",system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif'


@cache
def _inter() -> str:
    """The typeface itself for Latin letters, where the product's own pages have it too; others come from the reader."""
    if not _INTER.is_file():
        return ""
    data = b64encode(_INTER.read_bytes()).decode()
    return f"@font-face{{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,{data}) format('woff2')}}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=lambda value: legible(value) if type(value) is str else value,
    )  # fmt: skip
    environment.filters |= {"picture": _picture, "csv": _csv, "link": _link}
    environment.globals["id"] = id
    return environment
