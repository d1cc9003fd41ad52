"""PowerPoint: a talk with native charts and tables, and an appendix in which every word of the report stands."""

from __future__ import annotations

from core.deliverables.content import Report
from core.deliverables.format import Format, Rendered
from core.deliverables.look import Look
from core.deliverables.slides.flow import slides_of
from core.deliverables.slides.writing import write


def render(report: Report, look: Look) -> Rendered:
    slides = slides_of(report, look)
    return Rendered(write(slides, report, look), {"slides": len(slides)})


FORMAT = Format(
    "pptx",
    "PowerPoint",
    "deck.pptx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    render,
    20,
)
