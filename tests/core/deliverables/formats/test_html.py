"""The report as one web page."""

from __future__ import annotations

import base64
import csv
import re
from dataclasses import replace
from hashlib import sha256
from io import StringIO
from itertools import pairwise

import pytest

from core.deliverables.charts import palette
from core.deliverables.content import (
    ChartKind,
    Code,
    Heading,
    Metric,
    Metrics,
    Paragraph,
    Report,
    Section,
    Span,
    paragraph,
    plain,
)
from core.deliverables.formats.html import FORMAT, render
from core.deliverables.look import Look
from core.hues import contrast, luminance
from tests.core.deliverables.formats.pages import Read, read
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
PAGE = (
    "html head meta link title style body a header div p img h1 h2 h3 h4 h5 h6 dl dt dd nav ol ul li main section span"
)
TEXT = (
    "strong em s code pre blockquote figure figcaption details summary table caption thead tbody tr th td article time"
)
DRAWING = "svg desc text tspan rect line polyline polygon circle"
ALLOWED = frozenset(f"{PAGE} {TEXT} {DRAWING} footer".split())


def page_of(*sections: Section, **changes: object) -> Read:
    return read(render(replace(report(*sections), **changes), LOOK).data)  # type: ignore[arg-type]


def test_every_figure_stands_in_the_page_exactly_as_in_the_report() -> None:
    told = report()
    texts = set(page_of().texts)
    for metric in told.figures():
        assert metric.text in texts and metric.note in texts
    for one in (one for one in told.tables() if one not in told.data):
        assert one.title in texts
        assert {cell.text for row in one.rows for cell in row if cell.text} <= texts
    for approved in told.approvals():
        assert {approved.subject, approved.digest, approved.rule, approved.result, approved.decided_text} <= texts
        assert {
            text for vote in approved.votes for text in (vote.who, vote.word, vote.at_text, vote.reason) if text
        } <= texts


def test_sources_and_audit_excerpt_stand_at_the_end_with_whole_digests() -> None:
    told, page = report(), page_of()
    for text in (
        told.sources[0].what,
        told.sources[0].id,
        told.sources[0].digest,
        told.audit[0].hash,
        told.audit[0].previous_hash,
    ):
        assert text in page.texts


@pytest.mark.parametrize("told", [report(), hostile_report(), report(language="ar")], ids=["all", "hostile", "ar"])
def test_the_page_is_well_formed_with_landmarks_and_one_title(told: Report) -> None:
    page = read(render(told, LOOK).data)
    assert page.faults == []
    assert {name for name, _ in page.tags} <= ALLOWED
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert len(page.all(landmark)) == 1
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {href.removeprefix("#") for one in page.all("a") if (href := one.get("href") or "").startswith("#")}
    assert targets <= set(ids)


def test_no_level_of_headings_is_left_out() -> None:
    deep = Section(
        "deep", "Deep", (Heading(4, plain("Straight to four")), Heading(1, plain("One")), Heading(3, plain("Three")))
    )
    levels = [int(name[1]) for name, _ in page_of(*every_block(), deep).tags if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


def test_markup_of_a_document_is_text_and_nothing_loads_from_anywhere() -> None:
    page = read(render(hostile_report(), replace(LOOK, name=HOSTILE, footer=HOSTILE)).data)
    assert page.texts.count(HOSTILE) > 20
    assert not page.all("script") and all((one.get("src") or "").startswith("data:image/") for one in page.all("img"))
    for name, attributes in page.tags:
        assert not any(attribute.startswith("on") or attribute == "style" for attribute in attributes)
        for attribute in ("href", "src"):
            address = attributes.get(attribute) or "#"
            assert address.startswith(("#", "data:", "https://example.com")), (name, address)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "x", "HTTPSX:"],
)
def test_an_address_that_could_do_something_is_no_link(address: str) -> None:
    page = page_of(Section("a", "A", (Paragraph((Span("there", link=address),)),)))
    assert "there" in page.texts
    assert all((one.get("href") or "").startswith(("#", "data:text/csv")) for one in page.all("a"))


def test_links_to_elsewhere_tell_nothing_of_where_they_were() -> None:
    links = [one for one in page_of().all("a") if (one.get("href") or "").startswith("http")]
    assert [(one["href"], one["rel"]) for one in links] == [("https://example.com/a?b=1&c=2", "noopener noreferrer")]


def test_the_policy_of_the_page_allows_its_own_style_and_nothing_else() -> None:
    source = render(report(), LOOK).data.decode()
    style = source.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    policy = next(one["content"] for one in read(source.encode()).all("meta") if "http-equiv" in one)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "@import" not in style and style.count("url(") == style.count("url(data:font/woff2;base64,") == 1


@pytest.mark.parametrize("colour", ["red;}*{background:url(//x)", "</style><script>", "#12345", "#1234567", ""])
def test_nothing_but_a_colour_comes_into_the_style(colour: str) -> None:
    look = replace(
        LOOK, accent=colour, ink=colour, series=(colour,), heading_font='"}</style>', body_font="x;}</style>"
    )
    page = read(render(report(), look).data)
    assert page.faults == [] and len(page.all("style")) == 1 and not page.all("script")
    assert colour == "" or f"--accent:{colour};" not in render(report(), look).data.decode()


@pytest.mark.parametrize("accent", ["#FFFF00", "#FFFFFF", "#000000", "#808080", "#2B47B8", "#00FF7F"])
def test_every_text_can_be_read_on_light_and_dark_whatever_the_theme(accent: str) -> None:
    look = replace(LOOK, accent=accent, ink=accent, series=(accent,) * 2)
    for one in (palette.light(look), palette.dark(look)):
        for behind in (one.paper, one.panel):
            for text in (one.ink, one.quiet, one.accent, one.warning):
                assert contrast(luminance(text), luminance(behind)) >= 4.5
        for hue, on in zip(one.series, one.on_series, strict=True):
            assert contrast(luminance(hue), luminance(one.paper)) >= 3
            assert contrast(luminance(hue), luminance(on)) >= 4.5


def test_nothing_of_a_hundred_thousand_words_is_lost() -> None:
    told, words = long_report()
    assert tuple(re.findall(r"w\d{6}", read(render(told, LOOK).data).text)) == words


def test_code_keeps_every_space_and_line_end() -> None:
    code = "\n\n  first\n\ttabbed  twice\n\n"
    assert code in page_of(Section("c", "C", (Code(code),))).texts


def test_each_table_can_be_saved_as_csv_without_a_request() -> None:
    links = {one["download"]: one["href"] or "" for one in page_of().all("a") if "download" in one}
    assert set(links) == {"bars.csv", "columns.csv", "lines.csv", "stacked.csv", "runs.csv"}
    data = base64.b64decode(links["runs.csv"].split(",")[1]).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(data, newline="")))
    assert rows[0] == ["Run", "State", "Duration (min)"] and rows[2][2] == "3.5" and len(rows) == 9


def test_sample_data_is_named_before_anything_else_is_said() -> None:
    page = page_of(sample=True)
    said = "Made of sample data: no figure in it is real."
    assert page.texts.index(said) < page.texts.index("Contents")
    assert said not in page_of().texts


def test_a_language_from_right_to_left_is_set_so() -> None:
    root = read(render(report(language="ar"), LOOK).data).all("html")[0]
    assert root == {"lang": "ar", "dir": "rtl"}
    assert page_of().all("html")[0] == {"lang": "en", "dir": "ltr"}


def test_a_basis_is_said_where_the_label_does_not_say_it() -> None:
    tiles = (Metric("a", "Revenue", "1", basis="proven"), Metric("b", "Proven revenue", "2", basis="proven"))
    page = page_of(Section("m", "M", (Metrics(tiles),)))
    assert page.texts.count("Proven") == 1


def test_pictures_and_logo_are_in_the_page_itself() -> None:
    page = read(render(report(), replace(LOOK, logo=picture(30, 10))).data)
    assert [one["alt"] for one in page.all("img")] == ["Meridian Advisory", "A blue rectangle"]
    assert all((one["src"] or "").startswith("data:image/png;base64,") for one in page.all("img"))


def test_what_no_page_can_hold_is_replaced_and_every_script_stays() -> None:
    page = page_of(Section("x", "X", (paragraph("a\x00b\ud800c\x1b"), paragraph(MIXED))))
    assert "a\ufffdb\ufffdc\ufffd" in page.texts and MIXED in page.texts


def test_a_table_of_ten_thousand_rows_keeps_every_row() -> None:
    data = render(report(Section("t", "T", (table(10_000),))), LOOK).data
    assert read(data).texts.count("Completed") == 6666


def test_what_is_drawn_twice_is_the_same_file() -> None:
    text = " ".join(f"word{at}" for at in range(350))
    blocks = tuple(paragraph(text) for _ in range(25))
    charts = tuple(chart(kind, f"{kind}-{at}", 12, 2) for kind in ChartKind for at in range(3))
    told = report(*every_block(), Section("more", "More", (*blocks, *charts, table(200))))
    assert render(told, LOOK).data == render(told, LOOK).data


def test_the_format_is_found_and_named() -> None:
    assert (FORMAT.name, FORMAT.file_name, FORMAT.media_type) == ("html", "report.html", "text/html")
    assert render(report(), LOOK).data == render(report(), LOOK).data
