from __future__ import annotations

from core.deliverables.content import Report
from core.deliverables.format import Format, Rendered
from core.deliverables.look import Look


def _render(report: Report, look: Look) -> Rendered:
    data = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n% " + report.title.encode() + b"\n%%EOF\n"
    return Rendered(data, {"pages": 3}, pictures=(b"\x89PNG one", b"\x89PNG two"))


FORMAT = Format("pdf", "PDF", "report.pdf", "application/pdf", _render, order=10)
