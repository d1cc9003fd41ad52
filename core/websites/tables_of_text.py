"""Tables that people paste or upload as text: CSV with a heading, every bad line named."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence

from core.text import has_controls, turns

MOST_CHARACTERS, MOST_ROWS, MOST_TOLD = 100_000, 500, 10


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
    first = said.split("\n", 1)[0]
    parted = max(",;\t", key=first.count)
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
