"""A report that holds every kind of block, and long and hostile ones, for all formats."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from PIL import Image

from core.deliverables.content import (
    Approval,
    Approvals,
    AuditLine,
    Cell,
    Chart,
    ChartKind,
    Code,
    Column,
    Fact,
    Heading,
    ItemList,
    Metric,
    Metrics,
    Moment,
    Note,
    Paragraph,
    Picture,
    Quote,
    Report,
    Section,
    Series,
    SourceRecord,
    Span,
    Table,
    Timeline,
    Vote,
    paragraph,
    plain,
)

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HOSTILE = (
    '#import "/etc/passwd": x #read("/etc/passwd") $ sum_x $ <script>alert(1)</script> <img src=http://127.0.0.1:9/x>'
    ' [a](javascript:alert(1)) {{ 7*7 }} \\input{/etc/passwd} ../../etc/passwd =HYPERLINK("http://x") *_`~@#'
)
MIXED = "₹12,34,567.89 · €1.234,56 · 中文報告 · 日本語の文章 · 한국어 · العربية תורה · हिन्दी · Ελληνικά · Кириллица"


def picture(width: int = 320, height: int = 180, colour: str = "#2B47B8") -> Picture:
    held = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(held, "PNG")
    return Picture(held.getvalue(), "image/png", width, height, "A blue rectangle", "Figure as the document had it")


def chart(kind: ChartKind = ChartKind.BARS, key: str = "by-workflow", categories: int = 6, series: int = 1) -> Chart:
    names = tuple(f"Workflow number {at + 1}" for at in range(categories))

    def one(number: int) -> Series:
        values = tuple(
            Decimal(1200 + 137 * at * (number + 1)) / 10 if at % 5 != 3 else None for at in range(categories)
        )
        texts = tuple("" if value is None else f"{value:,.1f}" for value in values)
        return Series(f"Series {number + 1}", values, texts)

    return Chart(
        key, f"Workflow number {categories} brings most ({kind.value})", kind, names,
        tuple(map(one, range(series))), unit="EUR", heading="Workflow", note="Completed runs only, n = 412.",
    )  # fmt: skip


def table(rows: int = 8, key: str = "runs") -> Table:
    columns = (Column("Run", wide=True), Column("State"), Column("Duration (min)", number=True))
    body = tuple(
        (
            Cell(f"Run {at + 1} of the quarter, with a name as long as people write them"),
            Cell("Completed" if at % 3 else "Failed"),
            Cell(f"{Decimal(at * 7) / 2:,.1f}", Decimal(at * 7) / 2),
        )
        for at in range(rows)
    )
    return Table("Runs of the quarter", columns, body, key=key, note="Newest first.")


def approval(at: int = 0) -> Approval:
    moment = NOW - timedelta(days=at)
    votes = (
        Vote("Asha Rao", "approved", moment, "19 Nov 2026, 10:12", "Fits the brief."),
        Vote("Ben Ito", "abstained", moment, "19 Nov 2026, 11:00"),
    )
    return Approval(
        f"decision-{at}", f"Send reminder {at + 1} to Meridian Ltd", f"{at:064x}", "approved", "one of Operations",
        moment, "19 Nov 2026, 11:00", votes,
    )  # fmt: skip


def every_block() -> tuple[Section, ...]:
    text = (
        Span("Plain, "), Span("bold", bold=True), Span(", "), Span("italic", italic=True), Span(", "),
        Span("code()", code=True), Span(", "), Span("struck", struck=True), Span(" and "),
        Span("a link", link="https://example.com/a?b=1&c=2"), Span("."),
    )  # fmt: skip
    metrics = Metrics(
        (
            Metric("estimated.savings.EUR", "Estimated savings", "€11,700.00", Decimal("11700.00"), "EUR", "a year", "estimated"),
            Metric("measured.revenue.EUR", "Measured revenue", "€4,321.09", Decimal("4321.09"), "EUR", "n = 31", "measured"),
            Metric("proven.revenue.EUR", "Proven revenue", "€1,234.50", Decimal("1234.50"), "EUR", "n = 9", "proven"),
            Metric("success", "Success rate", "61 %", Decimal("0.61"), "", "n = 412, 90 % interval 58 to 64 %"),
        )
    )  # fmt: skip
    return (
        Section(
            "summary", "Summary", (Note(plain("These figures are sample data.")), metrics, Paragraph(text)),
            lead="Six workflows saved €11,700.00 in the quarter.",
        ),
        Section(
            "figures", "Figures",
            (
                chart(ChartKind.BARS, "bars"), chart(ChartKind.COLUMNS, "columns", 5, 2), chart(ChartKind.LINES, "lines", 26, 3),
                chart(ChartKind.STACKED, "stacked", 6, 3), table(),
            ),
        ),
        Section(
            "document", "Competitor brief",
            (
                Heading(1, plain("What we found")), paragraph("A paragraph of the document."),
                ItemList(
                    (
                        (paragraph("First"),),
                        (paragraph("Second"), ItemList(((paragraph("Nested"),),), ordered=True, start=3)),
                    )
                ),
                Heading(2, plain("In detail")), Quote((paragraph("Somebody said so."),)),
                Code("def f(x):\n    return x  # <b>&amp;</b>\n", "python"), picture(), paragraph(HOSTILE), paragraph(MIXED),
            ),
            sections=(Section("document-annex", "Annex", (paragraph("One level deeper."),)),),
        ),
        Section(
            "timeline", "What happened when",
            (
                Timeline(
                    (
                        Moment(NOW - timedelta(days=2), "18 Nov 2026, 09:30", "Proposed", "Ten letters", "Asha Rao"),
                        Moment(NOW, "20 Nov 2026, 09:30", "Completed"),
                    )
                ),
            ),
        ),
        Section("approvals", "Approvals", (Approvals((approval(0), approval(1))),)),
        Section("sources", "Sources", (paragraph("Where all this comes from."),), appendix=True),
    )  # fmt: skip


def report(*sections: Section, title: str = "Quarterly report", language: str = "en") -> Report:
    """The example with every kind of block, or one of `sections`."""
    return Report(
        title, "What the third quarter brought", language, NOW, "20 Nov 2026, 09:30", "UTC",
        (Fact("Prepared by", "Asha Rao"), Fact("Period", "1 Jul to 30 Sep 2026")),
        sections or every_block(),
        sources=(SourceRecord("Document Competitor brief, version 3", "doc-1", "ab" * 32),),
        audit=(
            AuditLine(7, NOW, "20 Nov 2026, 09:30", "Asha Rao", "action.approved", "action:1", "cd" * 32, "ef" * 32),
        ),
        data=(table(40, "all-runs"),),
    )  # fmt: skip


def long_report(words: int = 100_000) -> tuple[Report, tuple[str, ...]]:
    """A document of that many words, each different, and the words."""
    all_words = tuple(f"w{at:06d}" for at in range(words))
    paragraphs = tuple(paragraph(" ".join(all_words[at : at + 120])) for at in range(0, words, 120))
    return report(Section("long", "A long document", paragraphs)), all_words


def hostile_report() -> Report:
    """Markup of every format in every place that takes text."""
    cell, series = Cell(HOSTILE), Series(HOSTILE, (Decimal(1),), (HOSTILE,))
    vote = Vote(HOSTILE, HOSTILE, NOW, HOSTILE, HOSTILE)
    return report(
        Section(
            "hostile", HOSTILE,
            (
                Heading(1, plain(HOSTILE)), Paragraph((Span(HOSTILE, bold=True), Span(HOSTILE, link="https://example.com"))),
                Code(HOSTILE, HOSTILE), Note(plain(HOSTILE)), Quote((paragraph(HOSTILE),)), ItemList(((paragraph(HOSTILE),),)),
                Table(HOSTILE, (Column(HOSTILE, wide=True), Column(HOSTILE)), ((cell, cell),), key="hostile", note=HOSTILE),
                Chart("h", HOSTILE, ChartKind.BARS, (HOSTILE,), (series,), HOSTILE, HOSTILE, HOSTILE),
                Metrics((Metric("h", HOSTILE, HOSTILE, Decimal(1), HOSTILE, HOSTILE),)),
                Timeline((Moment(NOW, HOSTILE, HOSTILE, HOSTILE, HOSTILE),)),
                Approvals((Approval("h", HOSTILE, "0" * 64, HOSTILE, HOSTILE, NOW, HOSTILE, (vote,)),)),
            ),
            lead=HOSTILE,
        ),
        title=HOSTILE,
    )  # fmt: skip
