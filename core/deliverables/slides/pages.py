"""Makes slides of one thing each: a chart, a picture, a table, or rows of what is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.deliverables.content import Chart, Picture, Table
from core.deliverables.slides import boards, tables
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.framing import Framing
from core.deliverables.slides.prose import Prose
from core.deliverables.slides.shapes import BODY, GAP, LEFT, RIGHT, Box, Layout, Shape, Slide, Text
from core.deliverables.slides.text import Para, clean, para

TALK_SIZES = (18.0, 16.0)
TALK_TABLE = (14.0, 12.0)
FINE = 10.0
"""Of tables in the appendix."""


class Pages:
    def __init__(self, frame: Framing, fit: Fitting) -> None:
        self._frame, self._fit = frame, fit

    def chart(self, chart: Chart, eyebrow: str, room: Box) -> list[Slide]:
        under: tuple[Para, ...] = ()
        if chart.note:
            note = self._fit.shortened(clean(chart.note), 11, BODY.width, 2)
            under = (para(note, 11, colour="muted"),)
        high = self._fit.height(under, BODY.width)
        box = replace(room, height=room.height - high - (GAP / 2 if under else 0))
        drawn = boards.plots(chart, box)
        table = chart.as_table()
        slides = []
        for number, plot in enumerate(drawn, start=1):
            shapes: tuple[Shape, ...] = (plot,)
            if under:
                shapes += (Text(Box(room.x, plot.box.y + plot.box.height + GAP / 2, room.width, high), under, "Note"),)
            heads = [clean(one.title) for one in table.columns[1:]]
            figures = [
                f"{clean(row[0].text)}: "
                + "; ".join(f"{head} {clean(cell.text) or '–'}" for head, cell in zip(heads, row[1:], strict=True))
                for row in table.rows[plot.first : plot.last]
            ]
            notes = tuple(text for text in (clean(chart.note), clean(chart.heading), *figures) if text)
            slides.append(self._frame.titled(Layout.BOARD, chart.title, shapes, notes, eyebrow, number, len(drawn)))
        return slides

    def beside(self, prose: Prose, picture: Picture, title: str, eyebrow: str) -> Slide | None:
        """Text with the picture it leads to at its side, where it has room there."""
        paras = prose.at(TALK_SIZES[-1])
        if self._fit.height(paras, LEFT.width) > LEFT.height:
            return None
        image, under = self._captioned(picture, RIGHT)
        places = Text(LEFT, paras, "Text", place=11)
        return self._frame.titled(
            Layout.BESIDE, title, (places, image, *under), (clean(picture.alt), clean(picture.caption)), eyebrow
        )

    def _captioned(self, picture: Picture, room: Box) -> tuple[Shape, tuple[Shape, ...]]:
        """The picture with its caption below it."""
        if not picture.caption:
            return boards.image(picture, room), ()
        under = (
            para(self._fit.shortened(clean(picture.caption), 12, room.width, 2), 12, colour="muted", align="centre"),
        )
        high = self._fit.height(under, room.width)
        image = boards.image(picture, replace(room, height=room.height - high - GAP / 2))
        below = Box(room.x, image.box.y + image.box.height + GAP / 2, room.width, high)
        return image, (Text(below, under, "Caption"),)

    def picture(self, picture: Picture, title: str, eyebrow: str, room: Box) -> Slide:
        image, under = self._captioned(picture, room)
        told = (clean(picture.alt), clean(picture.caption))
        return self._frame.titled(Layout.BOARD, title, (image, *under), told, eyebrow)

    def table(
        self,
        table: Table,
        eyebrow: str,
        *,
        fine: bool = False,
        room: Box = BODY,
        notes: tuple[str, ...] = (),
    ) -> list[Slide]:
        under: tuple[Para, ...] = ()
        if table.note:
            under = (para(self._fit.shortened(clean(table.note), 11, room.width, 2), 11, colour="muted"),)
        high = self._fit.height(under, room.width)
        box = replace(room, height=room.height - high - (GAP / 2 if under else 0))
        cut = tables.cut(table, self._fit, box, FINE if fine else TALK_TABLE[0])
        if not fine and len(cut.grids) > 1:
            cut = tables.cut(table, self._fit, box, TALK_TABLE[-1])
        told = tuple(text for text in (clean(table.note), *cut.shortened, *notes) if text)
        slides = []
        for number, grid in enumerate(cut.grids, start=1):
            shapes: tuple[Shape, ...] = (grid,)
            if under:
                shapes += (Text(Box(room.x, grid.box.y + grid.box.height + GAP / 2, room.width, high), under, "Note"),)
            said = told if number == 1 else ()
            slides.append(self._frame.titled(Layout.BOARD, table.title, shapes, said, eyebrow, number, len(cut.grids)))
        return slides

    def rows(
        self,
        rows: Sequence[boards.Row],
        title: str,
        eyebrow: str,
        room: Box,
        *,
        gap: float = 0,
        notes: tuple[str, ...] = (),
    ) -> list[Slide]:
        """Rows below each other, shared out evenly over the slides they need."""
        most = room.height
        count = len(_packed(rows, most, gap))
        if count > 1:
            fair = sum(row.height + gap for row in rows) / count + max(row.height for row in rows)
            if len(_packed(rows, min(most, fair), gap)) == count:
                most = min(most, fair)
        packed = _packed(rows, most, gap)
        slides = []
        for number, group in enumerate(packed, start=1):
            shapes: list[Shape] = []
            down = room.y
            for row in group:
                shapes += [boards.moved(one, down) for one in row.shapes]
                down += row.height + gap
            told = notes if number == 1 else ()
            slides.append(self._frame.titled(Layout.BOARD, title, tuple(shapes), told, eyebrow, number, len(packed)))
        return slides


def _packed(rows: Sequence[boards.Row], most: float, gap: float) -> list[list[boards.Row]]:
    packed: list[list[boards.Row]] = []
    used = 0.0
    for row in rows:
        if not packed or used + gap + row.height > most + 0.01:
            packed.append([row])
            used = row.height
        else:
            packed[-1].append(row)
            used += gap + row.height
    return packed
