"""What stands on a slide: boxes with text, tables, charts and pictures, at places in points, before they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.deliverables.content import Chart, Picture
from core.deliverables.slides.text import Para

WIDTH, HEIGHT = 960.0, 540.0
"""Of a slide in points: 13.33 by 7.5 inches."""
EDGE = 48.0
"""What is left free on each side; everything begins or ends here."""
GAP = 24.0
"""Between things beside or below each other."""


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    def mirrored(self) -> Box:
        """On the other side, for languages read from right to left."""
        return Box(WIDTH - self.x - self.width, self.y, self.width, self.height)


EYEBROW = Box(EDGE, 27, WIDTH - 2 * EDGE, 16)
TITLE = Box(EDGE, 44, WIDTH - 2 * EDGE, 66)
BODY = Box(EDGE, 128, WIDTH - 2 * EDGE, 364)
FOOT = Box(EDGE, 508, WIDTH - 2 * EDGE, 16)
COLUMN = (BODY.width - 1.5 * GAP) / 2
LEFT = Box(EDGE, BODY.y, COLUMN, BODY.height)
RIGHT = Box(WIDTH - EDGE - COLUMN, BODY.y, COLUMN, BODY.height)

COVER_TITLE = Box(EDGE, 150, 760, 116)
COVER_SUBTITLE = Box(EDGE, 278, 760, 60)
COVER_FACTS = Box(EDGE, 372, 864, 112)
COVER_NAME = Box(EDGE, 44, 864, 20)
LOGO = Box(EDGE, 44, 168, 56)
SECTION_NUMBER = Box(EDGE, 128, 200, 66)
SECTION_TITLE = Box(EDGE, 200, 760, 96)
SECTION_LEAD = Box(EDGE, 312, 760, 150)
CLOSING_TEXT = Box(EDGE, 144, 800, 340)


class Layout(StrEnum):
    """The layouts of the deck, by the order they have in its master."""

    COVER = "Title"
    SECTION = "Section"
    CONTENT = "Title and content"
    COLUMNS = "Two columns"
    BESIDE = "Text and picture"
    BOARD = "Title and figures"
    CLOSING = "Closing"


@dataclass(frozen=True)
class Text:
    """A box of text; with a `place` it fills that placeholder of its layout, whose box it keeps."""

    box: Box
    paras: tuple[Para, ...]
    name: str = "Text"
    place: int = 0
    fill: str = ""
    """A place of the theme; empty for none."""
    inset: float = 0
    """From the edge of the box to the text on all sides."""
    middle: bool = False


@dataclass(frozen=True)
class GridCell:
    text: str
    bold: bool = False
    number: bool = False


@dataclass(frozen=True)
class Grid:
    """A native table; its rows are as high as they were measured."""

    box: Box
    title: str
    widths: tuple[float, ...]
    head: tuple[GridCell, ...]
    rows: tuple[tuple[GridCell, ...], ...]
    heights: tuple[float, ...]
    """Of the head and of each row."""
    size: float
    above: float = 5
    """From the edge of a cell to its text, above and below."""


@dataclass(frozen=True)
class Plot:
    """A native chart of some categories of a chart, on the scale of all of it."""

    box: Box
    chart: Chart
    first: int
    last: int
    whole: bool = True


@dataclass(frozen=True)
class Image:
    box: Box
    picture: Picture


@dataclass(frozen=True)
class Mark:
    """Something to look at and not to read: a line or a dot."""

    box: Box
    fill: str
    round: bool = False


Shape = Text | Grid | Plot | Image | Mark


@dataclass(frozen=True)
class Slide:
    layout: Layout
    title: str
    shapes: tuple[Shape, ...] = ()
    notes: tuple[str, ...] = ()
    """Paragraphs below the slide: what it sums up, and what did not fit its title."""
    eyebrow: str = ""
    """The section it belongs to, above the title."""
    group: str = ""
    """The section in the list of slides; slides of one group stand together."""
    title_size: float = 0
    """In points, where it is not the layout's own."""
