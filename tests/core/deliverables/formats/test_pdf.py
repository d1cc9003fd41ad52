from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
import typst
from PIL import Image

from core.deliverables.content import (
    Cell,
    Chart,
    ChartKind,
    Column,
    Heading,
    ItemList,
    Metric,
    Metrics,
    Note,
    Paragraph,
    Picture,
    Quote,
    Section,
    Series,
    Span,
    Table,
    paragraph,
    plain,
)
from core.deliverables.format import Rendered, find_formats
from core.deliverables.formats import pdf
from core.deliverables.look import Look
from core.deliverables.typesetting import typst_compiler
from core.deliverables.typesetting.blocks import MOST_COLUMNS
from core.deliverables.typesetting.typst_compiler import PagesNotSet
from tests.core.deliverables.reports import (
    HOSTILE,
    MIXED,
    chart,
    every_block,
    hostile_report,
    long_report,
    picture,
    report,
    table,
)

LOOK = Look("Meridian Advisory", footer="Confidential")
ARABIC = "تقرير الربع الثالث عن النتائج والقرارات"


@pytest.fixture(scope="module")
def example() -> Rendered:
    return pdf.render(report(), LOOK)


def text_of(rendered: Rendered) -> str:
    pages = pypdf.PdfReader(io.BytesIO(rendered.data)).pages
    return "\n".join(page.extract_text() for page in pages)


def squeezed(text: str) -> str:
    """Without what lines add: their ends, hyphens, and spaces."""
    text = "".join(one for one in unicodedata.normalize("NFC", text) if unicodedata.category(one) not in ("Cf", "Cc"))
    return "".join(text.split())


def structure(data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each element of the tree of tags in reading order: its type, and what is said of it."""
    with pikepdf.open(io.BytesIO(data)) as file:
        yield from _elements(file.Root.StructTreeRoot)


def _elements(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    below = node.get("/K")
    for one in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(one, pikepdf.Dictionary) and "/S" in one:
            children = one.get("/K")
            kinds = [str(child.S) for child in (children if isinstance(children, pikepdf.Array) else [children])
                     if isinstance(child, pikepdf.Dictionary) and "/S" in child]  # fmt: skip
            yield str(one.S), {"alt": str(one.get("/Alt", "")), "children": kinds}
            yield from _elements(one)


def bookmarks(data: bytes) -> list[str]:
    def walk(entries: list[Any]) -> Iterator[str]:
        for one in entries:
            if isinstance(one, list):
                yield from walk(one)
            else:
                yield str(one.title)

    return list(walk(pypdf.PdfReader(io.BytesIO(data)).outline))


def sound(data: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(data)) as file:
        return list(file.check_pdf_syntax())


def test_the_file_is_sound_and_says_that_it_is_accessible(example: Rendered) -> None:
    assert sound(example.data) == []
    with pikepdf.open(io.BytesIO(example.data)) as file:
        root = file.Root
        assert root.MarkInfo.Marked == True  # noqa: E712, pikepdf's own truth
        assert str(root.Lang) == "en"
        assert root.ViewerPreferences.DisplayDocTitle == True  # noqa: E712
        with file.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Quarterly report"
    assert example.facts == {"pages": len(pypdf.PdfReader(io.BytesIO(example.data)).pages)}
    assert example.remarks == ()


def test_every_section_is_in_the_bookmarks_and_in_the_contents(example: Rendered) -> None:
    titles = [section.title for _, section in report().walk()]
    assert [one for one in bookmarks(example.data) if one in titles] == titles
    contents = pypdf.PdfReader(io.BytesIO(example.data)).pages[1].extract_text()
    assert all(title in contents for title in titles)


def test_headings_are_nested_without_a_jump_even_where_a_document_jumps() -> None:
    blocks = (*every_block()[2].blocks, *(Heading(level, plain("Deep")) for level in (4, 1, 3)))
    made = pdf.render(report(Section("a", "Jumps", blocks)), LOOK)
    levels = [int(kind[2:]) for kind, _ in structure(made.data) if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1 and len(levels) > 5
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_pictures_and_charts_say_what_they_show(example: Rendered) -> None:
    figures = [said["alt"] for kind, said in structure(example.data) if kind == "/Figure"]
    assert "A blue rectangle" in figures
    assert any("Workflow number 2 133.7" in alt for alt in figures)
    assert all(figures)


def test_tables_have_cells_of_headers_and_say_for_what(example: Rendered) -> None:
    kinds = [kind for kind, _ in structure(example.data)]
    rows = [said["children"] for kind, said in structure(example.data) if kind == "/TR"]
    assert kinds.count("/Table") >= 6
    assert ["/TH", "/TH", "/TH"] in rows and ["/TD", "/TD", "/TD"] in rows


def test_figures_can_be_read_back_as_the_report_has_them(example: Rendered) -> None:
    text = text_of(example)
    for metric in report().figures():
        assert metric.text in text
        assert metric.label in text
    for one in report().tables():
        if one.key != "all-runs":
            wanted = [cell.text for row in one.rows for cell in row]
            assert all(cell in text for cell in wanted)


def test_estimated_measured_and_proven_are_told_apart_in_words(example: Rendered) -> None:
    text = text_of(example)
    assert [word for word in ("Estimated ·", "Measured ·", "Proven ·") if word in text] == [
        "Estimated ·", "Measured ·", "Proven ·"
    ]  # fmt: skip


def test_pages_say_which_of_how_many_they_are_whose_and_what(example: Rendered) -> None:
    pages = pypdf.PdfReader(io.BytesIO(example.data)).pages
    for number, page in enumerate(pages[1:], start=2):
        text = page.extract_text()
        assert f"Page {number} of {len(pages)}" in text
        assert "Confidential" in text and "Meridian Advisory" in text and "Quarterly report" in text


def test_decisions_sources_and_the_audit_excerpt_are_shown(example: Rendered) -> None:
    text = squeezed(text_of(example))
    for wanted in (
        "Fits the brief.",
        "one of Operations",
        "abstained",
        "0" * 12,
        "ab" * 32,
        "cd" * 6,
        "action.approved",
    ):
        assert squeezed(wanted) in text


def test_sample_data_are_named_on_the_first_page() -> None:
    made = pdf.render(replace(report(Section("a", "A", ())), sample=True), LOOK)
    assert "sample data" in pypdf.PdfReader(io.BytesIO(made.data)).pages[0].extract_text()
    without = pdf.render(report(Section("a", "A", ())), LOOK)
    assert "sample data" not in pypdf.PdfReader(io.BytesIO(without.data)).pages[0].extract_text()


def test_nothing_of_100000_words_is_lost() -> None:
    long, words = long_report()
    made = pdf.render(long, LOOK)
    found = set(re.findall(r"w\d{6}", text_of(made)))
    assert found == set(words)
    assert sound(made.data) == []


def test_nothing_of_a_long_table_is_lost_and_every_part_has_its_header() -> None:
    made = pdf.render(report(Section("a", "Runs", (table(900),))), LOOK)
    text = text_of(made)
    assert {int(one) for one in re.findall(r"Run (\d+) of the quarter", text)} == set(range(1, 901))
    tables = [said for kind, said in structure(made.data) if kind == "/Table"]
    assert len(tables) >= 4


def test_hyphens_at_the_end_of_lines_are_soft_so_that_words_are_found() -> None:
    german = "Geschäftsprozessoptimierungsmaßnahmen und Verantwortungsübernahme " * 30
    made = pdf.render(report(Section("a", "Silben", (paragraph(german),)), language="de"), LOOK)
    assert squeezed(german) in squeezed(text_of(made))


def test_markup_of_every_format_is_text_in_every_place(tmp_path: Path) -> None:
    made = pdf.render(hostile_report(), LOOK)
    text = squeezed(text_of(made))
    assert text.count(squeezed(HOSTILE)) >= 12
    assert "root:" not in text
    assert sound(made.data) == []
    with pikepdf.open(io.BytesIO(made.data)) as file:
        addresses = {
            str(note.A.URI)
            for page in file.pages
            for note in page.get("/Annots", ())
            if "/A" in note and "/URI" in note.A
        }
        assert addresses == {"https://example.com"}
        assert "/Names" not in file.Root or "/JavaScript" not in file.Root.Names
        assert "/OpenAction" not in file.Root


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "  https://x", ""])
def test_links_lead_only_to_the_web_and_to_mail(link: str) -> None:
    made = pdf.render(report(Section("a", "A", (Paragraph((Span("x", link=link),)),)), language="en"), LOOK)
    assert b"/URI" not in _uncompressed(made.data)


def _uncompressed(data: bytes) -> bytes:
    held = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as file:
        file.save(held, object_stream_mode=pikepdf.ObjectStreamMode.disable, qdf=True)
    return held.getvalue()


def test_the_template_reads_only_what_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    template = tmp_path / "report.typ"
    monkeypatch.setattr(typst_compiler, "TEMPLATE", template)
    for source in (f'#read("{secret}")', '#read("../../../../../etc/passwd")', '#image("../secret.png", alt: "x")'):
        template.write_text(f'#set document(title: "x")\n{source}\n#metadata((pages: 1, headings: ())) <made>')
        with pytest.raises(PagesNotSet, match=r"file not found|outside|escape|denied") as caught:
            pdf.render(report(), LOOK)
        assert "countersign-pages" not in str(caught.value)


def test_a_panic_of_the_typesetter_is_an_error_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    class Panicking:
        def __init__(self, *args: object, **kwargs: object) -> None:
            raise PanicException("index out of bounds")

    monkeypatch.setattr(typst, "Compiler", Panicking)
    with pytest.raises(PagesNotSet, match="index out of bounds"):
        pdf.render(report(), LOOK)


def test_whoever_stops_the_program_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(typst, "Compiler", stopped)
    with pytest.raises(KeyboardInterrupt):
        pdf.render(report(), LOOK)


@pytest.mark.parametrize("data", [b"", b"broken", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"<svg/>"])
def test_a_broken_picture_is_told_and_its_description_shown(data: bytes) -> None:
    broken = Picture(data, "image/png", 10, 10, "The lost drawing", "Its caption")
    made = pdf.render(report(Section("a", "A", (broken, picture()))), replace(LOOK, logo=broken))
    text = text_of(made)
    assert "The lost drawing" in text and "Its caption" in text
    assert made.remarks == ("A picture cannot be shown: The lost drawing",)


def test_a_picture_half_of_which_is_missing_is_told(tmp_path: Path) -> None:
    half = replace(picture(600, 400), data=picture(600, 400).data[:300])
    made = pdf.render(report(Section("a", "A", (half,))), LOOK)
    assert made.remarks == ("A picture cannot be shown: A blue rectangle",)


def test_a_picture_that_says_it_is_of_another_kind_is_not_shown() -> None:
    made = pdf.render(report(Section("a", "A", (replace(picture(), media_type="image/jpeg"),))), LOOK)
    assert len(made.remarks) == 1


@pytest.mark.parametrize("language", ["en", "ar", "he", "hi", "zh", "ja", "th", "de-AT"])
def test_scripts_and_currencies_keep_their_text_in_every_language(language: str) -> None:
    made = pdf.render(report(Section("a", ARABIC, (paragraph(MIXED),)), language=language), LOOK)
    text = text_of(made)
    for wanted in ("₹", "€1.234,56", "中文報告", "日本語", "한국어", "Ελληνικά", "Кириллица"):
        assert wanted in text
    assert made.remarks == ()
    with pikepdf.open(io.BytesIO(made.data)) as file:
        assert str(file.Root.Lang) == language


def test_characters_no_font_has_are_written_as_codes_and_told() -> None:
    text = "Cuneiform \U00012000 and a turn \u202e of letters"
    made = pdf.render(report(Section("a", text, (paragraph(text), chart())), title=text), LOOK)
    shown = text_of(made)
    assert "[U+12000]" in shown and "[U+202E]" in shown
    assert len(made.remarks) == 1 and "U+12000" in made.remarks[0] and "U+202E" in made.remarks[0]


def test_letters_that_no_one_font_can_join_are_written_as_codes() -> None:
    strange = "ก\u0942 ह\u0e33 中\u0301\u0942 \u0e33\u064b x\u20dd \u0942\u0651"
    made = pdf.render(report(Section("a", "A", (paragraph(strange), paragraph("The rest stands.")))), LOOK)
    assert "The rest stands." in text_of(made)


def test_controls_and_broken_characters_do_not_break_the_file() -> None:
    text = "a\x00b\x1b[31m\ufffe\ud800c\u2028d\re\x85f"
    made = pdf.render(report(Section("a", text, (paragraph(text), Note(plain(text)))), title=text), LOOK)
    assert "[U+0000]b[U+001B][31m" in text_of(made)
    assert sound(made.data) == []


def test_text_stays_on_the_page_however_long_its_words_are() -> None:
    """What runs off the page is cut off there: the text that ends up outside of its box is measured."""
    unbroken = "x" * 3000 + " " + "ภาษาไทย" * 60 + " " + "中" * 500
    address = "https://example.com/" + "a/b-c_d?e=f&" * 60
    wide = replace(table(3), columns=table().columns * 5, rows=tuple(row * 5 for row in table(3).rows))
    blocks = (
        paragraph(unbroken),
        paragraph(address),
        wide,
        Metrics((Metric("a", unbroken, address, note=unbroken),) * 3),
    )
    made = pdf.render(report(Section("a", address, blocks), title=address), LOOK)
    assert squeezed(address) in squeezed(text_of(made))
    for page in pypdf.PdfReader(io.BytesIO(made.data)).pages:
        edge = float(page.mediabox.right)

        def inside(text: str, _: object, matrix: list[float], font: object, size: float, edge: float = edge) -> None:
            assert not text.strip() or 0 <= matrix[4] <= edge

        page.extract_text(visitor_text=inside)
    assert _ink_at_the_edge(made) == 0


def _ink_at_the_edge(made: Rendered) -> int:
    """Dark pixels in the right margin of the first pages, 40 of 72 points of it."""
    found = 0
    for data in made.pictures:
        with Image.open(io.BytesIO(data)) as held:
            margin = held.convert("L").crop((round(held.width * (1 - 40 / 595)), 0, held.width, held.height))
            found += sum(count for value, count in enumerate(margin.histogram()) if value < 128)
    return found


def test_a_title_of_10000_characters_does_not_break_the_cover() -> None:
    title = "word " * 2000
    made = pdf.render(report(Section("a", "A", (paragraph("text"),)), title=title), LOOK)
    assert squeezed(text_of(made)).count("word") >= 2000
    assert pypdf.PdfReader(io.BytesIO(made.data)).metadata.title.startswith("word word")  # type: ignore[union-attr]
    assert "word" in pypdf.PdfReader(io.BytesIO(made.data)).pages[0].extract_text()


def test_what_is_nested_too_deep_is_flattened_and_not_lost() -> None:
    block: Any = paragraph("At the bottom")
    for at in range(60):
        block = Quote((block,)) if at % 2 else ItemList(((block,),))
    assert "At the bottom" in text_of(pdf.render(report(Section("a", "A", (block,))), LOOK))


def test_letters_with_marks_stand_where_any_font_has_both() -> None:
    text = "e\u0301 n\u0303 नि"
    made = pdf.render(report(Section("a", "A", (paragraph(text),))), LOOK)
    assert made.remarks == ()
    assert "[U+" not in text_of(made)


def test_a_section_without_a_title_is_untitled() -> None:
    made = pdf.render(report(Section("a", "\u200b ", (paragraph("text"),))), LOOK)
    assert "Untitled" in bookmarks(made.data)


def test_empty_things_are_no_errors() -> None:
    blocks = (
        Metrics(()),
        Paragraph(()),
        ItemList(()),
        Quote(()),
        replace(table(0), note=""),
        replace(table(0), columns=()),
    )
    empty = replace(report(Section("a", "", blocks)), title="", subtitle="", facts=(), sources=(), audit=())
    made = pdf.render(empty, replace(LOOK, name=""))
    assert sound(made.data) == []


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_paper_is_what_the_look_says(paper: Any, size: tuple[int, int]) -> None:
    made = pdf.render(report(Section("a", "A", (picture(4000, 100), picture(100, 4000)))), replace(LOOK, paper=paper))
    boxes = {
        (round(page.mediabox.width), round(page.mediabox.height))
        for page in pypdf.PdfReader(io.BytesIO(made.data)).pages
    }
    assert boxes == {size}
    assert _ink_at_the_edge(made) == 0


@pytest.mark.parametrize("family", ["FiraGO", "DejaVu Sans", "DejaVu Serif"])
def test_other_families_are_set_and_only_they_are_in_the_file(family: str) -> None:
    made = pdf.render(
        report(Section("a", "A", (paragraph("Text"),))), replace(LOOK, heading_font=family, body_font=family)
    )
    with pikepdf.open(io.BytesIO(made.data)) as file:
        fonts = {str(font.BaseFont) for page in file.pages for font in page.Resources.get("/Font", {}).values()}
    assert all(family.replace(" ", "") in name.replace("-", "") for name in fonts)


def test_first_pages_come_as_pictures_of_the_same_pages(example: Rendered) -> None:
    assert len(example.pictures) == 3
    for data in example.pictures:
        with Image.open(io.BytesIO(data)) as held:
            assert held.format == "PNG" and 990 <= held.width <= 1010


def test_the_same_report_gives_the_same_bytes() -> None:
    first, second = (pdf.render(report(), LOOK) for _ in range(2))
    assert first.data == second.data
    assert first.pictures == second.pictures


def test_moments_that_have_parts_of_a_second_are_no_error() -> None:
    moment = report().read_at.replace(microsecond=123456)
    assert sound(pdf.render(replace(report(Section("a", "A", ())), read_at=moment), LOOK).data) == []


def test_several_at_once_are_the_same_as_one_after_the_other() -> None:
    reports = [report(title=f"Report {at}") for at in range(4)]
    alone = [pdf.render(one, LOOK) for one in reports]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda one: pdf.render(one, LOOK), reports))
    assert [one.data for one in together] == [one.data for one in alone]


def test_a_report_holds_what_it_says_whatever_order_its_appendix_stands_in() -> None:
    sections = (
        Section("z", "Annex", (paragraph("last"),), appendix=True),
        Section("a", "Before", (paragraph("first"),)),
    )
    titles = bookmarks(pdf.render(report(*sections), LOOK).data)
    assert titles.index("Before") < titles.index("Annex")


def test_pdf_is_found_by_its_place() -> None:
    assert find_formats()["pdf"].media_type == "application/pdf"


@pytest.mark.parametrize("word", ["फ़्रीलांसर", "घंटे"])
def test_charts_in_indic_scripts_are_told_as_tables(word: str) -> None:
    chart = Chart("k", "Finding", ChartKind.BARS, (word,), (Series("Runs", (Decimal(7),), ("7",)),))

    rendered = pdf.render(report(Section("a", "A", (chart,))), LOOK)

    assert any("shown as a table" in remark for remark in rendered.remarks)
    assert "7" in text_of(rendered)


def test_a_name_too_long_for_a_drawing_stands_in_the_table_whole() -> None:
    name = "w" + " word" * 1_000
    chart = Chart("k", "Finding", ChartKind.BARS, (name, "b"), (Series("Runs", (Decimal(7), Decimal(8)), ("7", "8")),))

    rendered = pdf.render(report(Section("a", "A", (chart,))), LOOK)

    assert squeezed(name) in squeezed(text_of(rendered))


def test_a_table_too_wide_for_any_page_is_told_row_by_row() -> None:
    wide = range(MOST_COLUMNS + 1)
    cells = tuple(Cell(f"value{at}") for at in wide)
    table = Table("Wide", tuple(Column(f"title{at}") for at in wide), (cells,))

    text = squeezed(text_of(pdf.render(report(Section("a", "A", (table,))), LOOK)))

    assert all(f"title{at}" in text and f"value{at}" in text for at in wide)
