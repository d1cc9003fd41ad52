"""Refused rows as CSV, safe to open in a spreadsheet: nothing of somebody's file becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable

from core.imports.queries import RefusalRow
from core.imports.refusals import WORDS
from core.spreadsheets import csv_bytes

_HEADER = ("line", "reason", "detail", "case", "row")


def refused_csv(rows: Iterable[RefusalRow]) -> bytes:
    return csv_bytes(
        _HEADER, ((row.line, WORDS[row.reason], row.detail, row.case_key, " | ".join(row.cells)) for row in rows)
    )
