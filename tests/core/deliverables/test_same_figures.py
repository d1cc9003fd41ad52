"""Every figure of a report stands in every format as the same text, taken back out of the files themselves."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from pptx import Presentation
from pypdf import PdfReader

from core.actor import SYSTEM
from core.bootstrap import Application
from core.canonical import canonical_json
from core.deliverables.content import Chart, Report, Table, report_as_json, report_from_json
from core.deliverables.format import find_formats
from core.deliverables.look import Look
from tests.core.deliverables.sources.reading import read


def squeezed(text: str) -> str:
    """Without white space, and hyphens inside of words: each format sets both as its lines need them."""
    return re.sub(r"(?<=[^\W\d_])[-‐](?=[^\W\d_])", "", re.sub(r"[\s\u00ad\u200b\u2060]+", "", text))


def pdf_text(data: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))


def pptx_text(data: bytes) -> str:
    """Of slides and notes, and the values behind native charts."""
    found: list[str] = []
    for slide in Presentation(io.BytesIO(data)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                found.append(shape.text_frame.text)
            if shape.has_table:
                found += [cell.text for row in shape.table.rows for cell in row.cells]
        if slide.has_notes_slide:
            found.append(slide.notes_slide.notes_text_frame.text)
    return squeezed("\n".join(found))


def chart_values(data: bytes) -> Counter[Decimal]:
    """What the native charts of a deck would draw again when somebody edits them."""
    found: Counter[Decimal] = Counter()
    for slide in Presentation(io.BytesIO(data)).slides:
        for shape in slide.shapes:
            if shape.has_chart:
                for plot in shape.chart.plots:
                    for series in plot.series:
                        found.update(Decimal(str(value)).normalize() for value in series.values if value is not None)
    return found


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def html_text(data: bytes) -> str:
    parser = _Text()
    parser.feed(data.decode())
    return squeezed("".join(parser.found))


def figures(report: Report) -> list[str]:
    """Every text that is a figure: of tiles, of charts, of cells set as numbers."""
    found = [tile.text for tile in report.figures()]
    for block in report.blocks():
        if isinstance(block, Chart):
            found += [text for series in block.series for text in series.texts]
        elif isinstance(block, Table):
            numbers = [at for at, column in enumerate(block.columns) if column.number]
            found += [row[at].text for row in block.rows for at in numbers]
    return [text for text in dict.fromkeys(found) if text]


@pytest.mark.parametrize("language", ["en", "de"])
def test_figures_are_the_same_in_every_format(app: Application, language: str) -> None:
    app.sample.load(SYSTEM)
    today = app.clock.now().date()
    first = str(today - timedelta(days=182))
    report = read(app, SYSTEM, "period", language=language, first=first, last=str(today), dataset="sample")
    assert report_from_json(json.loads(canonical_json(report_as_json(report)))) == report
    wanted = figures(report)
    assert len(wanted) > 200
    made = {name: one.render(report, Look("Meridian Advisory")) for name, one in find_formats().items()}

    texts = {
        "pdf": pdf_text(made["pdf"].data), "pptx": pptx_text(made["pptx"].data), "html": html_text(made["html"].data),
    }  # fmt: skip
    for name, text in texts.items():
        missing = [figure for figure in wanted if squeezed(figure) not in text]
        assert not missing, (name, missing[:10], len(missing))
    drawn = chart_values(made["pptx"].data)
    for block in report.blocks():
        if isinstance(block, Chart):
            for series in block.series:
                for value in series.values:
                    assert value is None or any(abs(value - one) < Decimal("1e-9") for one in drawn), (
                        block.title,
                        value,
                    )
    with zipfile.ZipFile(io.BytesIO(made["data"].data)) as archive:
        for table in report.tables():
            rows = list(csv.reader(io.StringIO(archive.read(f"{table.key}.csv").decode("utf-8-sig"))))[1:]
            for row, cells in zip(rows, table.rows, strict=True):
                for text, cell in zip(row, cells, strict=True):
                    if isinstance(cell.value, Decimal):
                        assert Decimal(text) == cell.value
