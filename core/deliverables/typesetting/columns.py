"""How wide the columns of a table are: as wide as what they hold where that fits, else in shares of the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.deliverables.content import Column, Table

_LETTER = 0.56
"""The width of a usual letter, in sizes of the font."""


def shares(table: Table, width: float, size: float, *, fixed: bool = False) -> list[int]:
    """For each column 0, as wide as its content, or its share of what these leave of `width` points.

    `fixed` are shares for all, the same in each part of a table that is set in parts.
    """
    count = max([len(table.columns), *(len(row) for row in table.rows)])
    longest, usual = [4] * count, [4.0] * count
    for at, column in enumerate(table.columns):
        longest[at] = max(4, *(_length(word) for word in (column.title or "-").split()))
    for at in range(count):
        lengths = [_length(row[at].text) for row in table.rows if at < len(row)]
        if lengths:
            longest[at] = max(longest[at], *lengths)
            usual[at] = sum(lengths) / len(lengths)
    room = width / (size * _LETTER) / max(1, count)
    found = [0 if one + 2 <= room else int(min(60, max(10, usual[at]))) for at, one in enumerate(longest)]
    if fixed:
        return [min(60, one + 3) for one in longest]
    if not any(found):
        found[_stretched(table.columns)] = 1
    return found


def _stretched(columns: Sequence[Column]) -> int:
    """The column that takes what is left, so that every table is as wide as the text."""
    wide = [at for at, one in enumerate(columns) if one.wide]
    return wide[0] if wide else 0


def _length(text: str) -> int:
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
