"""Refused rows as CSV, safe to open in a spreadsheet: nothing of somebody's file becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from core.imports.queries import RefusalRow
from core.imports.refusals import WORDS

_HEADER = ("line", "reason", "detail", "case", "row")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def refused_csv(rows: Iterable[RefusalRow]) -> bytes:
    """UTF-8 with a mark that spreadsheets know (OWASP, CSV injection)."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_HEADER)
    for row in rows:
        cells = (WORDS[row.reason], row.detail, row.case_key, " | ".join(row.cells))
        writer.writerow([row.line, *(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)])
    return buffer.getvalue().encode("utf-8-sig")
