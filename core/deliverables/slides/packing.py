"""Puts short tables of one section below each other on one slide, with the sentence that leads to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.deliverables.slides.boards import moved
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.shapes import BODY, GAP, Box, Grid, Layout, Shape, Slide, Text
from core.deliverables.slides.text import one_line, para

_HEAD = 15.0
_MOST = 0.6
"""Of a slide's body: what is higher has a slide of its own."""
_Part = tuple[tuple[Shape, ...], float]


def packed(slides: Sequence[Slide], section: str, fitting: Fitting) -> list[Slide]:
    """The same slides, neighbours that are nearly empty joined as far as they have room together."""
    found: list[Slide] = []
    open_: list[Slide] = []
    for slide in [*slides, None]:
        if slide is not None and _is_small(slide) and _together([*open_, slide], fitting) is not None:
            open_.append(slide)
            continue
        found += _closed(open_, section, fitting)
        open_ = [slide] if slide is not None and _is_small(slide) else []
        if slide is not None and not open_:
            found.append(slide)
    return found


def _is_small(slide: Slide) -> bool:
    """Whether it is one table with its remark, or only a little text."""
    first, *rest = slide.shapes or (None,)
    if isinstance(first, Grid):
        plain = all(isinstance(one, Text) and one.name == "Note" and not one.fill for one in rest)
        return plain and first.title == slide.title and _bottom(slide) - BODY.y <= BODY.height * _MOST
    return slide.layout is Layout.CONTENT and isinstance(first, Text) and not rest and bool(first.place)


def _bottom(slide: Slide) -> float:
    return max((one.box.y + one.box.height for one in slide.shapes), default=BODY.y)


def _closed(slides: Sequence[Slide], section: str, fitting: Fitting) -> list[Slide]:
    parts = _together(slides, fitting) if len(slides) > 1 else None
    if parts is None or not any(isinstance(one, Grid) for slide in slides for one in slide.shapes):
        return list(slides)
    shapes: list[Shape] = []
    down = 0.0
    for held, height in parts:
        shapes += [moved(one, down) for one in held]
        down += height + GAP
    first = slides[0]
    alone = sum(isinstance(slide.shapes[0], Grid) for slide in slides) == 1
    notes = tuple(dict.fromkeys(text for slide in slides for text in slide.notes))
    if alone:
        table = next(slide for slide in slides if isinstance(slide.shapes[0], Grid))
        return [replace(table, shapes=tuple(shapes), notes=notes)]
    eyebrow = "" if one_line(first.eyebrow) == section else first.eyebrow
    return [Slide(Layout.BOARD, section, tuple(shapes), notes, eyebrow, first.group, first.title_size)]


def _together(slides: Sequence[Slide], fitting: Fitting) -> list[_Part] | None:
    """Each slide's shapes with their height, from the top of the body on; None where they have no room together."""
    tables = sum(isinstance(one.shapes[0], Grid) for one in slides)
    parts = [_part(one, fitting, several=tables > 1) for one in slides]
    high = sum(height for _, height in parts) + GAP * (len(parts) - 1)
    return parts if high <= BODY.height or len(slides) == 1 else None


def _part(slide: Slide, fitting: Fitting, *, several: bool) -> _Part:
    first = slide.shapes[0]
    if isinstance(first, Text):
        high = fitting.height(first.paras, first.box.width)
        return (Text(replace(first.box, height=high), first.paras, "Text"),), high
    shapes = headed(slide, fitting) if several else slide.shapes
    return shapes, max(one.box.y + one.box.height for one in shapes) - BODY.y


def headed(slide: Slide, fitting: Fitting) -> tuple[Shape, ...]:
    """Its shapes below its title, which then is free to say something else."""
    head = (para(slide.title, _HEAD, bold=True),)
    high = fitting.height(head, BODY.width)
    over = Text(Box(BODY.x, BODY.y, BODY.width, high), head, "Heading")
    below = high + GAP / 4
    return (over, *(moved(one, below) for one in slide.shapes))
