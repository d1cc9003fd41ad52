from __future__ import annotations

from html import escape

from core.deliverables.content import Report
from core.deliverables.format import Format, Rendered
from core.deliverables.look import Look
from core.errors import CountersignError


class NoHtml(CountersignError):
    """The page cannot be drawn."""


def _render(report: Report, look: Look) -> Rendered:
    if report.title == "no html":
        raise NoHtml
    return Rendered(f"<!doctype html><title>{escape(report.title)}</title>".encode(), {"sections": 3})


FORMAT = Format("html", "HTML", "report.html", "text/html", _render, order=30)
