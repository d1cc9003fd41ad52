"""Tables that people paste or upload as text: CSV with a heading, every bad line named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from core.text import delimiter_of, has_controls, turns

MOST_CHARACTERS, MOST_ROWS, MOST_TOLD = 100_000, 500, 10
PICTURE = "picture"
"""The column that names pictures."""


class Row:
    """One line of the table by column; a column that is not there is empty."""

    def __init__(self, line: int, values: dict[str, str]) -> None:
        self.line, self._values = line, values

    def __getitem__(self, column: str) -> str:
        return self._values.get(column, "")


def rows_of(text: str, *, needed: Collection[str], known: Collection[str]) -> list[Row]:
    """ValueError names what is wrong with the table as a whole; commas, semicolons and tabs part columns."""
    said = text.lstrip("\ufeff").strip()
    if len(said) > MOST_CHARACTERS:
        raise ValueError(f"keep it to {MOST_CHARACTERS:,} characters")
    parted = delimiter_of(said)
    reader = csv.reader(io.StringIO(said, newline=""), delimiter=parted, strict=True)
    try:
        heading = [one.strip().casefold() for one in next(reader, [])]
        lines = [(reader.line_num, one) for one in reader if any(cell.strip() for cell in one)]
    except csv.Error as problem:
        raise ValueError(f"line {reader.line_num} cannot be read: {problem}") from None
    _check_heading(heading, needed, known)
    if not lines:
        raise ValueError("there is no line below the heading")
    if len(lines) > MOST_ROWS:
        raise ValueError(f"keep it to {MOST_ROWS} lines; there are {len(lines):,}")
    long = [line for line, cells in lines if len(cells) > len(heading)]
    if long:
        raise ValueError(
            f"line {long[0]} has more columns than the heading; put quotes around a text with {parted!r} in it"
        )
    return [
        Row(line, {name: cell.strip() for name, cell in zip(heading, cells, strict=False)}) for line, cells in lines
    ]


def _check_heading(heading: Sequence[str], needed: Collection[str], known: Collection[str]) -> None:
    missing = [one for one in needed if one not in heading]
    if missing:
        raise ValueError(f"the heading lacks {', '.join(missing)}; write {','.join(known)} in the first line")
    strange = [one for one in heading if one not in known]
    if strange:
        raise ValueError(f"the heading names {strange[0][:40]!r}, which is no column; use {', '.join(known)}")
    if len(set(heading)) < len(heading):
        raise ValueError("the heading names a column twice")


def all_told(problems: Iterator[tuple[int, str]]) -> None:
    """ValueError with each bad line, so that all can be mended at once."""
    found = list(problems)
    if not found:
        return
    told = "; ".join(f"line {line}: {words}" for line, words in found[:MOST_TOLD])
    more = f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    raise ValueError(told + more)


def unfit(text: str, most: int, *, lines: bool = False) -> str | None:
    """What is wrong with one cell."""
    said = text.replace("\r", "").replace("\n", "") if lines else text
    if has_controls(said) or turns(said):
        return "leave out control characters and those that turn the direction of text"
    return f"keep it to {most} characters" if len(text) > most else None


def cells_of(text: str) -> list[list[str]]:
    """The lines of a table as cells, the heading first. Empty where it cannot be read."""
    try:
        found = csv.reader(io.StringIO(text), delimiter=delimiter_of(text), strict=True)
        return [row for row in found if any(map(str.strip, row))]
    except csv.Error:
        return []


def pictures_named(table: Sequence[Sequence[str]]) -> list[str] | None:
    """What the column of pictures names other than by SHA-256, each once; None without such a column."""
    place = _place_of_pictures(table)
    if place is None:
        return None
    cells = (row[place].strip() for row in table[1:] if len(row) > place)
    return list(dict.fromkeys(cell for cell in cells if cell and not is_kept_picture(cell)))


def with_pictures(text: str, kept: Mapping[str, str]) -> str:
    """The table with the SHA-256 of each picture where its name stands; `kept` has them by name in small letters."""
    table = cells_of(text)
    place = _place_of_pictures(table)
    if place is None or not kept:
        return text
    for row in table[1:]:
        if len(row) > place:
            row[place] = kept.get(row[place].strip().casefold(), row[place])
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter_of(text), lineterminator="\n").writerows(table)
    return written.getvalue()


def is_kept_picture(cell: str) -> bool:
    """Whether the cell is the SHA-256 of a file, as the store names it."""
    return re.fullmatch(r"[0-9a-f]{64}", cell) is not None


def _place_of_pictures(table: Sequence[Sequence[str]]) -> int | None:
    heading = [one.strip().casefold() for one in table[0]] if table else []
    return heading.index(PICTURE) if PICTURE in heading else None
