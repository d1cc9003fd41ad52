"""Reading CSV as a stream: how it is written is found, rows come one by one, and a bad one never stops the rest."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO

from core.imports.refusals import Reason, Refused
from core.imports.row import Columns, Row
from core.imports.rules import MOST_CELL, MOST_COLUMNS, MOST_LINE, Layout
from core.imports.values import dates_in

DELIMITERS = ",;\t|"
_CHUNK = 1 << 20
_LOOK = 64 * 1024
_SHOWN = 60


def csv_layout(file: BinaryIO) -> Layout:
    """How the file is written: its encoding from all of it, the rest from its first lines."""
    encoding = _encoding(file)
    file.seek(0)
    head = codecs.getincrementaldecoder(encoding)("replace").decode(file.read(_LOOK))
    delimiter = _delimiter(head)
    return Layout("csv", encoding, delimiter, _has_header(head, delimiter))


class CsvLog:
    """`file` is read from its beginning; the first row names the columns where `layout.header` says so."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        file.seek(0)
        # Replacing: a broken character in one row of a million must not keep the others out.
        self._text = TextIOWrapper(file, encoding=layout.encoding, errors="replace", newline="")
        self._layout = layout
        self._line = 0
        self._too_long: list[int] = []
        self.columns = Columns()

    def rows(self) -> Iterator[Row | Refused]:
        names: list[str] | None = None
        for begins, cells in self._cells():
            if isinstance(cells, Refused):
                yield cells
                continue
            if names is None:
                names = _names(cells) if self._layout.header else _names([""] * len(cells))
                for name in names:
                    self.columns.add(name)
                if self._layout.header:
                    continue
            if refused := _refusal(begins, cells, len(names)):
                yield refused
            elif any(cells):
                given = zip(names, map(str.strip, cells), strict=False)
                yield Row(begins, {name: cell for name, cell in given if cell})

    def close(self) -> None:
        """Leaves the file open: it is the caller's."""
        self._text.detach()

    def _cells(self) -> Iterator[tuple[int, list[str] | Refused]]:
        """(line on which the row begins, its cells)."""
        csv.field_size_limit(MOST_CELL)
        reader = csv.reader(self._lines(), delimiter=self._layout.delimiter)
        while True:
            begins = self._line + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as problem:
                # An open quote takes the lines that follow with it, up to the longest cell there may be.
                ends = f" to {self._line}" if self._line > begins else ""
                yield begins, Refused(begins, Reason.BROKEN_ROW, f"lines {begins}{ends}: {problem}")
                continue
            for line in self._too_long:
                yield line, Refused(line, Reason.TOO_LONG, f"line {line} has more than {MOST_LINE:,} characters")
            if self._too_long:
                begins = max(begins, self._too_long[-1] + 1)
                self._too_long.clear()
            yield begins, cells
        for line in self._too_long:
            yield line, Refused(line, Reason.TOO_LONG, f"line {line} has more than {MOST_LINE:,} characters")

    def _lines(self) -> Iterator[str]:
        """The lines; of one that is too long nothing is kept but its number."""
        while line := self._text.readline(MOST_LINE + 1):
            self._line += 1
            if len(line) <= MOST_LINE or line.endswith(("\n", "\r")):
                yield line
                continue
            self._too_long.append(self._line)
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline(MOST_LINE)


def _refusal(line: int, cells: list[str], width: int) -> Refused | None:
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return Refused(line, Reason.CELLS, f"{len(cells)} cells, {width} columns", cells=_kept(cells))
    if any("\0" in cell for cell in cells):
        return Refused(line, Reason.CONTROLS, "a NUL character", cells=_kept(cells))
    return None


def _kept(cells: list[str]) -> tuple[str, ...]:
    return tuple(cell.replace("\0", "\ufffd")[:2_000] for cell in cells[:MOST_COLUMNS])


def _names(first: list[str]) -> list[str]:
    """A name for each column: those without one are numbered, those that come twice told apart."""
    found: dict[str, None] = {}
    for number, cell in enumerate(first[:MOST_COLUMNS], start=1):
        name = " ".join(cell.replace("\0", "").split())[:_SHOWN] or f"Column {number}"
        wanted, again = name, 2
        while wanted in found:
            wanted, again = f"{name} ({again})", again + 1
        found[wanted] = None
    return list(found)


def _encoding(file: BinaryIO) -> str:
    """UTF-8, UTF-16 by its mark or its zeros, else what Windows and the West wrote before."""
    file.seek(0)
    head = file.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(head) > 8 and (side := _zeros(head)):
        return side
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252" if _fits(file, "cp1252") else "latin-1"
    return "utf-8-sig"


def _zeros(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of most texts is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.6 and odd < half * 0.1 else None


def _fits(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(head: str) -> str:
    """The one that parts the first rows into most cells, alike in each."""
    best, most = ",", 0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in _some_rows(head, delimiter)]
        if not widths:
            continue
        width, often = Counter(widths).most_common(1)[0]
        score = (width - 1) * often * often // len(widths)
        if score > most:
            best, most = delimiter, score
    return best


def _has_header(head: str, delimiter: str) -> bool:
    """Whether the first row names things: it has no time and no number, and its cells differ."""
    rows = _some_rows(head, delimiter)
    if not rows:
        return True
    first = [cell.strip() for cell in rows[0] if cell.strip()]
    figures = any(cell.replace(".", "").replace(",", "").isdecimal() or dates_in([cell]) for cell in first)
    return bool(first) and not figures


def _some_rows(head: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(MOST_CELL)
    found: list[list[str]] = []
    try:
        for row in csv.reader(head.splitlines(keepends=True), delimiter=delimiter):
            if row:
                found.append(row)
            if len(found) == 50:
                break
    except csv.Error:
        pass
    return found[:-1] if len(found) > 2 else found  # the last may be cut in the middle
