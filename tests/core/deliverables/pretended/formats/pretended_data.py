from __future__ import annotations

from core.deliverables.content import Report
from core.deliverables.format import Format, Rendered
from core.deliverables.look import Look
from core.files.archives import packed
from tests.core.deliverables.packages import csv_of


def _render(report: Report, look: Look) -> Rendered:
    files = [(f"{one.key}.csv", csv_of(one.columns, one.rows)) for one in report.tables()]
    return Rendered(packed(files), {"files": len(files)})


FORMAT = Format("data", "CSV", "data.zip", "application/zip", _render, order=40)
