"""A deck opens everywhere, holds every word of its report, and nothing on it runs over its edge or over its neighbour."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from pptx import Presentation

from core.deliverables.content import (
    Chart,
    ChartKind,
    Metric,
    Metrics,
    Note,
    Report,
    Section,
    Series,
    Span,
    Tone,
    paragraph,
    plain,
)
from core.deliverables.formats.pptx import FORMAT
from core.deliverables.look import Look
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.flow import slides_of
from core.deliverables.slides.shapes import HEIGHT, WIDTH, Grid, Slide, Text
from core.deliverables.slides.text import Para, Run
from tests.core.deliverables.reports import HOSTILE, chart, hostile_report, long_report, picture, report, table

LOOK = Look("Meridian Advisory", footer="Confidential")
ARABIC = "تقرير ربع سنوي عن النتائج"


def arabic_report() -> Report:
    return replace(report(title=ARABIC), language="ar", subtitle=ARABIC)


def decks() -> Iterator[tuple[str, Report]]:
    yield "example", report()
    yield "hostile", hostile_report()
    yield "arabic", arabic_report()
    yield "long words", report(Section("w", "W" * 10_000, (paragraph("w" * 5_000), table(70))))
    notes = tuple(Note(plain("A remark of some length. " * 20), Tone.WARNING) for _ in range(3))
    yield "remarks", report(Section("n", "Remarks", (*notes, chart(categories=40, series=6), picture(40, 4000))))


def texts_of(data: bytes) -> str:
    """All text of all slides, notes and charts, as it stands in the XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        found = []
        for name in package.namelist():
            if re.match(r"ppt/(slides|notesSlides|charts)/[^/]+\.xml", name):
                tree = etree.fromstring(package.read(name))
                for one in tree.iter("{*}p", "{*}v"):
                    found.append("".join(one.itertext()))
    return "\n".join(found)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(("name", "made"), [pytest.param(*one, id=one[0]) for one in decks()])
def test_the_deck_opens_with_a_title_on_each_slide(name: str, made: Report) -> None:
    rendered = FORMAT.render(made, LOOK)

    slides = Presentation(io.BytesIO(rendered.data)).slides
    assert len(slides) == rendered.facts["slides"]
    assert all(slide.shapes.title.text_frame.text for slide in slides)


@pytest.mark.parametrize(("name", "made"), [pytest.param(*one, id=one[0]) for one in decks()])
def test_no_text_is_longer_than_its_box_and_nothing_lies_on_anything_else(name: str, made: Report) -> None:
    fitting = Fitting(LOOK.body_font)

    for slide in slides_of(made, LOOK):
        for one in slide.shapes:
            box = one.box
            assert box.x >= 0 and box.y >= 0 and box.x + box.width <= WIDTH and box.y + box.height <= HEIGHT, one
            if isinstance(one, Text):
                assert fitting.height(one.paras, box.width - 2 * one.inset) <= box.height - 2 * one.inset + 0.1, one
            if isinstance(one, Grid):
                assert sum(one.heights) <= box.height + 0.1
                _check_rows(one, fitting)
        _check_overlaps(slide)


def _check_rows(grid: Grid, fitting: Fitting) -> None:
    for row, height in zip((grid.head, *grid.rows), grid.heights, strict=True):
        for cell, width in zip(row, grid.widths, strict=True):
            told = Para((Run(cell.text, bold=cell.bold),), grid.size)
            assert fitting.height([told], width - 16) <= height - 2 * grid.above + 0.1, cell


def _check_overlaps(slide: Slide) -> None:
    for one, other in itertools.combinations([shape.box for shape in slide.shapes], 2):
        beside = one.x + one.width <= other.x + 0.1 or other.x + other.width <= one.x + 0.1
        apart = one.y + one.height <= other.y + 0.1 or other.y + other.height <= one.y + 0.1
        assert beside or apart, (slide.title, one, other)


@pytest.mark.parametrize("made", [report(), hostile_report(), arabic_report()])
def test_every_figure_and_cell_stands_in_the_deck(made: Report) -> None:
    found = squeezed(texts_of(FORMAT.render(made, LOOK).data))

    for metric in made.figures():
        assert squeezed(metric.text) in found and squeezed(metric.label) in found
    for one in made.tables():
        if one not in made.data:
            for cell in itertools.chain.from_iterable(one.rows):
                assert squeezed(cell.text) in found
    for approval in made.approvals():
        assert approval.digest in found
        assert all(squeezed(vote.who) in found for vote in approval.votes)


def test_of_a_hundred_thousand_words_none_is_lost() -> None:
    made, words = long_report()

    began = time.perf_counter()
    data = FORMAT.render(made, LOOK).data

    assert time.perf_counter() - began < 60
    assert re.findall(r"w\d{6}", texts_of(data)) == list(words)


def test_a_table_of_ten_thousand_rows_flows_with_its_head_on_each_slide() -> None:
    data = FORMAT.render(report(Section("t", "Rows", (table(10_000),))), LOOK).data

    deck = Presentation(io.BytesIO(data))
    grids = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    of_rows = [grid for grid in grids if grid.cell(0, 0).text == "Run"]
    assert len(of_rows) > 100
    found = texts_of(data)
    assert re.findall(r"Run (\d+) of the quarter", found) == [str(at + 1) for at in range(10_000)]
    assert f"Runs of the quarter (2 of {len(of_rows)})" in found


def test_a_title_too_long_for_its_slide_stands_whole_in_the_notes() -> None:
    title = " ".join(f"t{at}" for at in range(2_000))

    deck = Presentation(io.BytesIO(FORMAT.render(report(Section("t", title, (table(3),)), title=title), LOOK).data))

    cover = deck.slides[0]
    assert cover.shapes.title.text_frame.text.endswith("…")
    assert title in cover.notes_slide.notes_text_frame.text


def test_charts_are_native_with_gaps_and_a_workbook_of_plain_values() -> None:
    series = (
        Series("=1+1", (Decimal("0.61"), None), ("61 %", "")),
        Series("B", (Decimal("0.5"), Decimal("0.25")), ("50 %", "25 %")),
    )
    one = Chart("c", "It rose", ChartKind.COLUMNS, ('=HYPERLINK("http://x")', "@b"), series, "%")
    data = FORMAT.render(report(Section("c", "C", (one,))), LOOK).data

    deck = Presentation(io.BytesIO(data))
    (drawn,) = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert [list(each.values) for each in drawn.plots[0].series] == [[0.61, None], [0.5, 0.25]]
    with zipfile.ZipFile(io.BytesIO(drawn.part.chart_workbook.xlsx_part.blob)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "=HYPERLINK" in book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet
    xml = etree.tostring(drawn._chartSpace).decode()
    assert 'formatCode="0&quot; &quot;%"' in xml or 'formatCode="#,##0&quot; &quot;%"' in xml
    assert "gap" in xml


def test_control_characters_are_shown_and_no_address_but_web_and_mail_is_linked() -> None:
    spans = (
        Span("a\x00b\x1b\x0bc\ud800\ufffe"),
        Span("x", link="file:///etc/passwd"),
        Span("y", link="https://example.com/?a=1&b"),
    )
    metric = Metrics((Metric("m", "L\x07", "1\x00", Decimal(1)),))
    data = FORMAT.render(report(Section("s", "T\x01", (replace(paragraph(""), spans=spans), metric))), LOOK).data

    assert "a␀b␛␋c" in texts_of(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        relations = "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".rels"))
    assert "https://example.com/?a=1&amp;b" in relations and "file:" not in relations


def test_a_remark_stays_in_the_talk_when_the_text_beside_it_does_not() -> None:
    made = report(Section("n", "N", (Note(plain("Sample data.")), paragraph("word " * 900), chart())))

    slides = slides_of(made, LOOK)
    talk = slides[: next(at for at, one in enumerate(slides) if one.title == "Appendix")]
    assert any(
        "Sample data." in para.text
        for one in talk
        for each in one.shapes
        if isinstance(each, Text)
        for para in each.paras
    )


def test_the_same_report_gives_the_same_bytes() -> None:
    assert FORMAT.render(report(), LOOK).data == FORMAT.render(report(), LOOK).data


def test_the_theme_carries_the_look_and_arabic_is_read_from_the_right() -> None:
    look = replace(LOOK, accent="#0F766E", heading_font="FiraGO", logo=picture(200, 60))
    with zipfile.ZipFile(io.BytesIO(FORMAT.render(arabic_report(), look).data)) as package:
        theme = package.read("ppt/theme/theme1.xml").decode()
        slide = package.read("ppt/slides/slide1.xml").decode()
        assert package.testzip() is None and len(set(package.namelist())) == len(package.namelist())

    assert "0F766E" in theme and 'typeface="FiraGO"' in theme
    assert 'rtl="1"' in slide and 'lang="ar-' in slide


def test_pictures_keep_their_proportions_and_carry_their_description() -> None:
    deck = Presentation(
        io.BytesIO(FORMAT.render(report(Section("p", "P", (picture(300, 100), picture(50, 900)))), LOOK).data)
    )
    shown = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]

    assert [round(one.width / one.height, 2) for one in shown] == [3.0, round(50 / 900, 2)]
    assert all(one._element.nvPicPr.cNvPr.get("descr") == "A blue rectangle" for one in shown)


def test_many_sections_make_a_talk_of_as_many_slides_as_they_need() -> None:
    sections = tuple(
        Section(
            f"s{at}", f"Section {at}", (chart(ChartKind.COLUMNS, f"c{at}", 6, 2), table(12, f"t{at}")), lead="It rose."
        )
        for at in range(8)
    )
    assert FORMAT.render(report(*sections), LOOK).facts["slides"] >= 25


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
@pytest.mark.parametrize("made", [report(), hostile_report()])
def test_libreoffice_shows_as_many_pages_as_there_are_slides(made: Report, tmp_path: Path) -> None:
    import pikepdf

    rendered = FORMAT.render(made, LOOK)
    (tmp_path / "deck.pptx").write_bytes(rendered.data)
    told = ["soffice", f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--headless", "--convert-to", "pdf"]

    subprocess.run(
        [*told, "--outdir", str(tmp_path), str(tmp_path / "deck.pptx")], check=True, timeout=100, capture_output=True
    )

    with pikepdf.open(tmp_path / "deck.pdf") as pages:
        assert len(pages.pages) == rendered.facts["slides"]


def test_markup_is_only_text() -> None:
    assert HOSTILE.split()[3] in texts_of(FORMAT.render(hostile_report(), LOOK).data)
