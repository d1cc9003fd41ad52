"""The figures of a report as CSV files in one archive: values as programs read them, safe in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from core.deliverables.content import Cell, Report, Table
from core.deliverables.format import Format, Rendered
from core.deliverables.gathering.legible import legible, line
from core.deliverables.look import Look
from core.deliverables.words import Words
from core.spreadsheets import csv_bytes

README = "README.txt"
_UNSAFE = re.compile(r"[^a-z0-9]+")
_LONGEST = 60
_FIXED = (1980, 1, 1, 0, 0, 0)
"""The earliest a ZIP archive knows: the same report is the same bytes."""
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{at}" for port in ("com", "lpt") for at in range(1, 10))})
"""Names that are devices to Windows, whatever follows them."""


def render(report: Report, look: Look) -> Rendered:
    words, tables = Words(report.language, report.zone), list(_named(report.tables()))
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        archive.writestr(_entry(README), _readme(report, look, tables, words).encode("utf-8-sig", "replace"))
        for name, table in tables:
            archive.writestr(_entry(name), csv_of(table))
    return Rendered(held.getvalue(), {"files": len(tables) + 1, "rows": sum(len(table.rows) for _, table in tables)})


FORMAT = Format("data", "Data (CSV)", "data.zip", "application/zip", render, order=40)


def csv_of(table: Table) -> bytes:
    """One table as RFC 4180 has it: numbers and times plain and without their language, everything else as it is read."""
    return csv_bytes(
        [legible(one.title) for one in table.columns], ([_plain(cell) for cell in row] for row in table.rows)
    )


def _plain(cell: Cell) -> object:
    value = cell.text if cell.value is None else cell.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, Decimal) else legible(value)


def _readme(report: Report, look: Look, tables: list[tuple[str, Table]], words: Words) -> str:
    """What each file holds, for whoever opens the archive without the report."""
    said = [
        line(report.title), line(look.name), words.say("As of {moment}", moment=f"{report.read_text} ({report.zone})"),
        words.say("Made of sample data: no figure in it is real.") if report.sample else "", "",
        words.say("Comma-separated values in UTF-8, the first line names the columns (RFC 4180)."),
        words.say("Numbers have a decimal point and no separators; times are UTC (ISO 8601)."),
        words.say("A text that a spreadsheet would take for a formula stands behind an apostrophe."), "",
    ]  # fmt: skip
    for name, table in tables:
        columns = ", ".join(line(one.title) for one in table.columns if one.title)
        said += [name, f"  {line(table.title)}", f"  {words.say('{n} rows', n=len(table.rows))}: {columns}"]
        said += [f"  {line(table.note)}", ""] if table.note else [""]
    return "\r\n".join(said)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _FIXED)
    entry.create_system, entry.external_attr, entry.compress_type = 3, 0o100644 << 16, ZIP_DEFLATED
    return entry


def _named(tables: Iterable[Table]) -> Iterator[tuple[str, Table]]:
    taken: set[str] = set()
    for table in tables:
        stem = _UNSAFE.sub("-", table.key.lower()).strip("-")[:_LONGEST].strip("-") or "table"
        stem = f"{stem}-table" if stem in _RESERVED else stem
        name = next(one for one in (stem, *(f"{stem}-{at}" for at in range(2, len(taken) + 3))) if one not in taken)
        taken.add(name)
        yield f"{name}.csv", table
