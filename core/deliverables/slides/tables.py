"""Cuts tables into pieces that fit a slide: columns as wide as their content, rows measured, the head on each piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.deliverables.content import Column, Table
from core.deliverables.slides.drawing import BESIDE
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.shapes import Box, Grid, GridCell
from core.deliverables.slides.text import LINE, Para, Run, clean

HEAD_LINES = 4
NARROWEST = 54.0
"""Points of a column; with more columns than that, the others follow on further slides."""
_LOOKED_AT = 60
"""So many of a column's longest texts say how wide it is."""


@dataclass(frozen=True)
class Cut:
    grids: tuple[Grid, ...]
    shortened: tuple[str, ...]
    """Titles of columns that had to be, whole."""


def cut(table: Table, fitting: Fitting, box: Box, size: float) -> Cut:
    """The table in pieces, each at the top of `box`."""
    grids: list[Grid] = []
    shortened: list[str] = []
    for chosen in _across(len(table.columns), box.width):
        one = _Cutting(table, chosen, fitting, box, size)
        grids.extend(one.grids())
        shortened.extend(one.shortened())
    return Cut(tuple(grids), tuple(dict.fromkeys(shortened)))


def _across(columns: int, width: float) -> Iterator[tuple[int, ...]]:
    """Which columns stand together; the first, which names the row, stands in each."""
    most = max(int(width / NARROWEST), 2)
    if columns <= most:
        yield tuple(range(columns))
        return
    for first in range(1, columns, most - 1):
        yield (0, *range(first, min(first + most - 1, columns)))


class _Cutting:
    def __init__(self, table: Table, chosen: tuple[int, ...], fitting: Fitting, box: Box, size: float) -> None:
        self._fitting, self._box, self._size = fitting, box, size
        self._title = clean(table.title)
        self._columns = [table.columns[at] for at in chosen]
        self._rows = [tuple(clean(row[at].text) if at < len(row) else "" for at in chosen) for row in table.rows]
        self._line = round(size * LINE, 2)
        self._above = round(size * 0.4, 1)
        self._widths = self._measure()
        self._head = tuple(
            GridCell(self._headed(one, width), bold=True, number=one.number)
            for one, width in zip(self._columns, self._widths, strict=True)
        )

    def shortened(self) -> list[str]:
        told = zip(self._columns, self._head, strict=True)
        return [clean(one.title) for one, head in told if head.text != clean(one.title)]

    def grids(self) -> Iterator[Grid]:
        """Rows shared out evenly, so that no slide is left with one."""
        head = self._height(
            self._lines_of(cell.text, width, bold=True) for cell, width in zip(self._head, self._widths, strict=True)
        )
        most = self._box.height - head
        pieces = [piece for row in self._rows for piece in self._pieces(row, most)]
        total = sum(height for _, height in pieces)
        slides = max(len(self._share(pieces, most)), 1)
        fair = total / slides + max((height for _, height in pieces), default=0)
        shared = self._share(pieces, min(most, fair))
        if len(shared) > slides:
            shared = self._share(pieces, most)
        for group in shared or [[]]:
            rows, heights = tuple(row for row, _ in group), (head, *(height for _, height in group))
            box = Box(self._box.x, self._box.y, sum(self._widths), sum(heights))
            yield Grid(box, self._title, tuple(self._widths), self._head, rows, heights, self._size, self._above)

    def _share(
        self, pieces: Sequence[tuple[tuple[GridCell, ...], float]], most: float
    ) -> list[list[tuple[tuple[GridCell, ...], float]]]:
        shared: list[list[tuple[tuple[GridCell, ...], float]]] = []
        used = most + 1
        for piece in pieces:
            if used + piece[1] > most + 0.01:
                shared.append([])
                used = 0.0
            shared[-1].append(piece)
            used += piece[1]
        return shared

    def _pieces(self, row: tuple[str, ...], most: float) -> Iterator[tuple[tuple[GridCell, ...], float]]:
        """The row, or as many below each other as it needs to show the whole of its longest cell."""
        room = max(int((most - 2 * self._above) / self._line), 1)
        starts = [self._starts(text, width) for text, width in zip(row, self._widths, strict=True)]
        longest = max((len(one) for one in starts), default=1)
        for first in range(0, longest, room):
            cells, lines = [], 1
            for text, begun, column in zip(row, starts, self._columns, strict=True):
                held = begun[first : first + room]
                if held:
                    end = begun[first + room] if first + room < len(begun) else len(text)
                    text = text[held[0] : end] if longest > room else text
                    lines = max(lines, len(held))
                else:
                    text = ""
                cells.append(GridCell(text.removesuffix("\n"), number=column.number))
            yield tuple(cells), lines * self._line + 2 * self._above

    def _starts(self, text: str, width: float, *, bold: bool = False) -> list[int]:
        room = width - 2 * BESIDE
        if "\n" not in text and self._fitting.width(text, self._size, bold=bold) <= room:
            return [0]
        return self._fitting.breaks(Para((Run(text, bold=bold),), self._size), room)

    def _lines_of(self, text: str, width: float, *, bold: bool = False) -> int:
        return len(self._starts(text, width, bold=bold))

    def _height(self, lines: Iterator[int]) -> float:
        return max(lines, default=1) * self._line + 2 * self._above

    def _headed(self, column: Column, width: float) -> str:
        return self._fitting.shortened(clean(column.title), self._size, width - 2 * BESIDE, HEAD_LINES, bold=True)

    def _measure(self) -> list[float]:
        """As wide as their content, as far as there is room; what sentences need is shared out among those with them."""
        natural, least = [], []
        for at, column in enumerate(self._columns):
            wide = long = 0.0
            longest = sorted({row[at] for row in self._rows}, key=len, reverse=True)[:_LOOKED_AT]
            texts = [(text, False) for text in longest]
            for text, bold in (*texts, (clean(column.title), True)):
                for line in text.split("\n"):
                    wide = max(wide, self._fitting.width(line, self._size, bold=bold))
                    words = [self._fitting.width(word, self._size, bold=bold) for word in line.split()]
                    long = max((long, *words))
            natural.append(wide + 2 * BESIDE + 1)
            least.append(min(long, 150.0) + 2 * BESIDE + 1)
        room = self._box.width
        if sum(natural) <= room:
            wide_ones = [at for at, column in enumerate(self._columns) if column.wide] or list(range(len(natural)))
            spare = (
                min(room - sum(natural), 0.6 * sum(natural)) if len(wide_ones) == len(natural) else room - sum(natural)
            )
            return [one + (spare / len(wide_ones) if at in wide_ones else 0) for at, one in enumerate(natural)]
        if sum(least) >= room:
            return [room * one / sum(least) for one in least]
        over = [max(one - short, 0) for one, short in zip(natural, least, strict=True)]
        # Short columns come first: a date on two lines costs more than one line more of a sentence.
        widths = list(least)
        spare = room - sum(least)
        for at in sorted(range(len(over)), key=over.__getitem__):
            left = sum(1 for one in range(len(over)) if widths[one] == least[one] and over[one] > 0)
            given = min(over[at], spare / max(left, 1)) if over[at] else 0
            widths[at] += given
            spare -= given
        return widths
