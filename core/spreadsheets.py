"""Rows as CSV that is safe to open in a spreadsheet: nothing that somebody wrote becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO, TextIOWrapper

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What makes a cell more than text, in the width of East Asian scripts too (OWASP, CSV injection)."""


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a mark that spreadsheets know, lines and quotes as RFC 4180 has them; rows are not kept."""
    buffer = BytesIO()
    text = TextIOWrapper(buffer, encoding="utf-8-sig", newline="", errors="replace")
    writer = csv.writer(text)
    writer.writerow([inert(title) for title in header])
    for row in rows:
        writer.writerow([inert(value) for value in row])
    text.flush()
    return buffer.getvalue()


def inert(value: object) -> object:
    """A text behind an apostrophe where it would begin a formula; numbers stay numbers, negative ones and large ones too."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
