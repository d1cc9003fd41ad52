"""PDF for people: tagged (PDF/UA-1), with contents, bookmarks and page numbers, set by typst."""

from __future__ import annotations

from datetime import UTC

from core.deliverables.content import Report
from core.deliverables.format import Format, Rendered
from core.deliverables.look import Look
from core.deliverables.typesetting.report import Manuscript, manuscript
from core.deliverables.typesetting.typst_compiler import NoGlyph, PagesNotSet, forget, pages_of

PICTURES = 3
_PIXELS_WIDE = 1000
_INCHES_WIDE = {"a4": 8.27, "us-letter": 8.5}
_TRIES = 12
"""For texts whose characters all have a glyph, but in no one font together: each is found only when it is set."""


def render(report: Report, look: Look) -> Rendered:
    refused: list[str] = []
    for _ in range(_TRIES):
        written = manuscript(report, look, refused=refused)
        try:
            return _rendered(report, look, written)
        except NoGlyph as fault:
            refused.append(fault.text)
        finally:
            forget()
    raise PagesNotSet(problem=f"{len(refused)} texts hold characters that no font can draw")


def _rendered(report: Report, look: Look, written: Manuscript) -> Rendered:
    with pages_of(written) as pages:
        data = pages.pdf(report.read_at.astimezone(UTC))
        counted = pages.counted()
    with pages_of(written.beginning(counted["pages"], counted["headings"])) as pages:
        pictures = pages.pictures(_PIXELS_WIDE / _INCHES_WIDE[look.paper])
    return Rendered(data, {"pages": counted["pages"]}, written.remarks, tuple(pictures[:PICTURES]))


FORMAT = Format("pdf", "PDF", "report.pdf", "application/pdf", render, order=10)
