"""How wide the columns of a table are: as wide as what they hold where that fits, else in shares of the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.deliverables.content import Column, Table

_LETTER = 0.56
"""The width of a usual letter, in sizes of the font."""

_LOOKED_AT = 300
"""Rows in which the longest word is looked for."""


def shares(table: Table, width: float, size: float, *, fixed: bool = False) -> list[int]:
    """For each column 0, as wide as its content, or its share of what these leave of `width` points.

    `fixed` are shares for all, the same in each part of a table that is set in parts.
    """
    count = max([len(table.columns), *(len(row) for row in table.rows)])
    letters = int(width / (size * _LETTER))
    room = int(letters / max(1, count))
    longest, usual, word = [4] * count, [4.0] * count, [4] * count
    for at, column in enumerate(table.columns):
        word[at] = longest[at] = max(4, *(_length(one) for one in (column.title or "-").split()))
    for at in range(count):
        texts = [row[at].text for row in table.rows if at < len(row)]
        if texts:
            lengths = [_length(text) for text in texts]
            longest[at] = max(longest[at], *lengths)
            usual[at] = sum(lengths) / len(lengths)
            word[at] = max(word[at], *(_length(one) for text in texts[:_LOOKED_AT] for one in text.split() or [""]))
    if fixed:
        return [min(60, one + 3) for one in longest]
    whole = _whole(longest, letters)
    found = [
        0 if at in whole else max(min(word[at], room) + 2, int(min(usual[at], 5 * room))) for at in range(len(longest))
    ]
    if not any(found):
        found[_stretched(table.columns)] = 1
    return found


def _whole(longest: Sequence[int], letters: int) -> set[int]:
    """The columns that stay as wide as their content: from the narrowest on, as long as the others have more each."""
    found: set[int] = set()
    for at in sorted(range(len(longest)), key=longest.__getitem__):
        if longest[at] + 2 > letters / (len(longest) - len(found)):
            break
        letters -= longest[at] + 2
        found.add(at)
    return found


def text_size(columns: int, small: bool) -> float:
    """In points: the more columns, the smaller."""
    if columns > 6:
        return 6 if columns > 10 else 7.5
    return 7.5 if small else 8.5 if columns > 5 else 9


def _stretched(columns: Sequence[Column]) -> int:
    """The column that takes what is left, so that every table is as wide as the text."""
    wide = [at for at, one in enumerate(columns) if one.wide]
    return wide[0] if wide else 0


def _length(text: str) -> int:
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
