"""The one content model of deliverables: what a report says, before any format draws it.

Every text is ready to be read: numbers, money, dates and times were put into words once, in the report's language, so
that no two formats can differ. Beside the words stands the value itself, for native charts, for CSV and for checks.
Texts are plain Unicode without markup of any kind; a renderer escapes them for its own format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BeforeValidator, Discriminator, PlainSerializer, TypeAdapter


@dataclass(frozen=True)
class Span:
    """A stretch of text in one manner."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    struck: bool = False
    link: str = ""
    """An address beginning with https:, http: or mailto:, checked when it was read; shown, never fetched."""


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A heading inside of a section's text; `level` 1 stands directly below the section's own title, at most 4."""

    level: int
    spans: Spans
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Paragraph:
    spans: Spans
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class ItemList:
    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False
    start: int = 1
    kind: Literal["list"] = "list"


@dataclass(frozen=True)
class Quote:
    blocks: tuple[Block, ...]
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True)
class Code:
    """Shown letter by letter, with its line ends; nothing in it means anything."""

    text: str
    language: str = ""
    kind: Literal["code"] = "code"


class Tone(StrEnum):
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Note:
    """A remark that must not be overlooked: that figures are sample data, that something is missing."""

    spans: Spans
    tone: Tone = Tone.NOTE
    kind: Literal["note"] = "note"


@dataclass(frozen=True)
class Picture:
    """A picture as bytes that were decoded and written anew when they were read; `alt` is never empty."""

    data: Base64Bytes
    media_type: Literal["image/png", "image/jpeg"]
    width: int
    """In pixels."""
    height: int
    alt: str
    caption: str = ""
    kind: Literal["picture"] = "picture"


def _tagged(value: Decimal | datetime | str | None) -> Any:
    if isinstance(value, Decimal):
        return {"number": str(value)}
    return {"time": value.isoformat()} if isinstance(value, datetime) else value


def _untagged(told: Any) -> Any:
    if isinstance(told, dict):
        return Decimal(told["number"]) if "number" in told else datetime.fromisoformat(told["time"])
    return told


Value = Annotated[Decimal | datetime | str | None, PlainSerializer(_tagged), BeforeValidator(_untagged)]
"""A number, a time or a text; in JSON it keeps which of them it is."""


@dataclass(frozen=True)
class Cell:
    text: str
    value: Value = None
    """What the text says, for CSV; None where the text says it all."""


@dataclass(frozen=True)
class Column:
    title: str
    """With the unit in it, where all its values have one: "Duration (min)"."""
    number: bool = False
    """Set right, with figures of equal width."""
    wide: bool = False
    """Holds sentences; the others are as narrow as their content."""


@dataclass(frozen=True)
class Table:
    title: str
    """Says what stands in it; it is read aloud and heads the table."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    key: str = ""
    """The name of its CSV file, unique in the report; without one, it goes into none."""
    note: str = ""
    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[Decimal | None, ...]
    """One for each category; None is drawn as a gap, never as zero."""
    texts: tuple[str, ...]
    """The values in words, for labels and for the table beside; empty where there is no value."""
    low: tuple[Decimal | None, ...] = ()
    high: tuple[Decimal | None, ...] = ()
    """The interval around each value; empty where there is none."""


class ChartKind(StrEnum):
    BARS = "bars"
    """Lying bars, one a category: for comparing things with names. Few or many, longest names welcome."""
    COLUMNS = "columns"
    """Standing columns, one group a category: for a few periods."""
    LINES = "lines"
    """A line for each series over ordered categories: for a trend."""
    STACKED = "stacked"
    """Standing columns whose series add up to a whole."""


@dataclass(frozen=True)
class Chart:
    key: str
    """Unique in the report; the name of its CSV file."""
    title: str
    """The finding, as a sentence: "Success rose to 61 %, n = 412"."""
    chart: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    """At most six."""
    unit: str = ""
    """Of the axis of values: "%", "EUR", "hours"."""
    heading: str = ""
    """Over the column of categories, where it is shown as a table: "Week"."""
    note: str = ""
    kind: Literal["chart"] = "chart"

    def as_table(self) -> Table:
        """The same figures as rows, for whoever cannot or will not read the drawing, and for CSV."""
        unit = f" ({self.unit})" if self.unit else ""
        columns = (Column(self.heading, wide=True), *(Column(f"{one.name}{unit}", number=True) for one in self.series))
        rows = tuple(
            (Cell(name), *(Cell(one.texts[at], one.values[at]) for one in self.series))
            for at, name in enumerate(self.categories)
        )
        return Table(self.title, columns, rows, key=self.key, note=self.note)


@dataclass(frozen=True)
class Metric:
    """One figure as a tile. Estimated, measured and proven are never put together in one."""

    key: str
    """Unique in the report: `proven.revenue.USD`."""
    label: str
    text: str
    value: Decimal | None = None
    unit: str = ""
    note: str = ""
    """What it rests on, small: "n = 412, 90 % interval 58 to 64 %"."""
    basis: Literal["", "estimated", "measured", "proven"] = ""


@dataclass(frozen=True)
class Metrics:
    tiles: tuple[Metric, ...]
    kind: Literal["metrics"] = "metrics"


@dataclass(frozen=True)
class Moment:
    """One line of a timeline."""

    at: datetime
    at_text: str
    title: str
    text: str = ""
    who: str = ""


@dataclass(frozen=True)
class Timeline:
    moments: tuple[Moment, ...]
    """Oldest first."""
    kind: Literal["timeline"] = "timeline"


@dataclass(frozen=True)
class Vote:
    who: str
    word: str
    """As people read it: "approved", "rejected", "abstained"."""
    at: datetime
    at_text: str
    reason: str = ""


@dataclass(frozen=True)
class Approval:
    """One decision on one version of one thing."""

    id: str
    """Of the decision."""
    subject: str
    """What was decided on, as a sentence."""
    digest: str
    """SHA-256 of the version decided on."""
    result: str
    """As people read it: "approved", "rejected", "waits"."""
    rule: str
    """By which it was decided: "two of Operations"."""
    decided_at: datetime | None
    decided_text: str
    votes: tuple[Vote, ...] = ()


@dataclass(frozen=True)
class Approvals:
    approvals: tuple[Approval, ...]
    kind: Literal["approvals"] = "approvals"


Block = Annotated[
    Heading | Paragraph | ItemList | Quote | Code | Note | Picture | Table | Chart | Metrics | Timeline | Approvals,
    Discriminator("kind"),
]


@dataclass(frozen=True)
class Section:
    key: str
    """Unique in the report; letters, digits and hyphens."""
    title: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...] = ()
    """One level deeper; at most three levels in all."""
    lead: str = ""
    """The section in one sentence, for slides and summaries."""
    appendix: bool = False
    """Stands after everything else, and its slides after the last one of the talk."""


@dataclass(frozen=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True)
class SourceRecord:
    """Something the report was made of, in the version that counted."""

    what: str
    """A sentence part: "Document Competitor brief, version 3"."""
    id: str
    digest: str


@dataclass(frozen=True)
class AuditLine:
    """An entry of the audit chain, as it stands there."""

    sequence: int
    at: datetime
    at_text: str
    who: str
    event: str
    subject: str
    hash: str
    previous_hash: str


@dataclass(frozen=True)
class Report:
    title: str
    subtitle: str
    language: str
    """A tag of BCP 47 that babel knows: "en", "de-AT", "hi", "ar"."""
    read_at: datetime
    """When everything in it was read, in one transaction."""
    read_text: str
    zone: str
    """The time zone of its times: "Europe/Berlin"."""
    facts: tuple[Fact, ...]
    """For the cover: who prepared it, for which period, from what."""
    sections: tuple[Section, ...]
    sources: tuple[SourceRecord, ...] = ()
    audit: tuple[AuditLine, ...] = ()
    data: tuple[Table, ...] = ()
    """Rows too many to print, for CSV only; each with a key."""
    sample: bool = False
    """Made of sample data, which every format must say on its first page."""

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Every section in reading order with its depth, 1 for the outermost; appendices last."""
        for appendix in (False, True):
            for one in self.sections:
                if one.appendix is appendix:
                    yield from _walk(one, 1)

    def blocks(self) -> Iterator[Block]:
        """Every block in reading order, those inside of lists and quotes too."""
        for _, section in self.walk():
            yield from _inside(section.blocks)

    def tables(self) -> Iterator[Table]:
        """What goes into CSV: tables with a key, charts as tables, and the data that is not printed."""
        for block in self.blocks():
            if isinstance(block, Chart):
                yield block.as_table()
            elif isinstance(block, Table) and block.key:
                yield block
        yield from self.data

    def figures(self) -> Iterator[Metric]:
        for block in self.blocks():
            if isinstance(block, Metrics):
                yield from block.tiles

    def approvals(self) -> Iterator[Approval]:
        for block in self.blocks():
            if isinstance(block, Approvals):
                yield from block.approvals


def text_of(spans: Spans) -> str:
    return "".join(span.text for span in spans)


def plain(text: str) -> Spans:
    """`text` in no special manner."""
    return (Span(text),) if text else ()


def paragraph(text: str) -> Paragraph:
    return Paragraph(plain(text))


def report_as_json(report: Report) -> dict[str, Any]:
    """What is kept of a report; `report_from_json` answers the same report again."""
    return _ADAPTER.dump_python(report, mode="json")  # type: ignore[no-any-return]


def report_from_json(told: Any) -> Report:
    return _ADAPTER.validate_python(told)


def _walk(section: Section, depth: int) -> Iterator[tuple[int, Section]]:
    yield depth, section
    for one in section.sections:
        yield from _walk(one, depth + 1)


def _inside(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, ItemList):
            for item in block.items:
                yield from _inside(item)
        elif isinstance(block, Quote):
            yield from _inside(block.blocks)


_ADAPTER = TypeAdapter(Report)
