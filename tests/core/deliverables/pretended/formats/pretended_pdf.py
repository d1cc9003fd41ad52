from __future__ import annotations

from io import BytesIO

from PIL import Image

from core.deliverables.content import Report
from core.deliverables.format import Format, Rendered
from core.deliverables.look import Look


def _page(colour: str) -> bytes:
    held = BytesIO()
    Image.new("RGB", (21, 30), colour).save(held, "PNG")
    return held.getvalue()


def _render(report: Report, look: Look) -> Rendered:
    data = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n% " + report.title.encode() + b"\n%%EOF\n"
    return Rendered(data, {"pages": 3}, pictures=(_page("white"), _page("gray")))


FORMAT = Format("pdf", "PDF", "report.pdf", "application/pdf", _render, order=10)
