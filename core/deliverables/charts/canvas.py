"""Shapes and words of a drawing as SVG in plain attributes, which every renderer knows; classes let a style sheet differ."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

import regex

from core.deliverables.charts.palette import ACCENT, INK, colour
from core.deliverables.gathering.legible import counted_whole, legible
from core.deliverables.look import Look
from core.deliverables.words import Words
from core.hues import contrast, luminance, mixed, readable

TEXT, SMALL = 8.5, 7.5
"""Sizes of names and figures, and of an axis."""
LINE = 10.5
"""From one line of text to the next."""
_WIDE, _NARROW = frozenset("mwMW@%—₹"), frozenset("iljtfrI.,:;'|!()[]{} ·’-")
_TURNED = {"start": "end", "end": "start", "middle": "middle"}


class Canvas:
    """Left and right are those of the language: a drawing for readers from right to left is its mirror image."""

    def __init__(self, width: float, look: Look, words: Words) -> None:
        self.width, self.look, self.words = width, look, words
        self.whole = True
        """Whether every word was written whole."""
        self._parts: list[str] = []
        self.ink = colour(look.ink, INK)
        self.quiet = readable(mixed(self.ink, "#ffffff", 0.35), "#ffffff")
        self._line = mixed("#ffffff", self.ink, 0.14)
        self._hues = tuple(colour(hue, ACCENT) for hue in look.series) or (ACCENT,)

    def hue(self, series: int) -> str:
        return self._hues[series % len(self._hues)]

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", size: float = TEXT, room: float = 0.0, css: str = "ink"
    ) -> None:  # fmt: skip
        """One line with its foot at `y`, shortened to `room` where that is given; `css` o1 to o6 stands on a series."""
        shown = shortened(text, room, size) if room else text
        self.whole = self.whole and shown == text
        more = "" if shown == text else f"<title>{_safe(text)}</title>"
        fill = {"ink": self.ink, "quiet": self.quiet}.get(css) or _on(self.hue(int(css[1:]) - 1), self.ink)
        self._parts.append(
            f'<text class="{css}" x="{self._x(x)}" y="{y:.1f}" font-size="{size}" fill="{fill}"'
            f' text-anchor="{self._anchor(anchor)}">{_safe(shown)}{more}</text>'
        )

    def bar(
        self, x: float, y: float, width: float, height: float, series: int, title: str = "", cut: bool = False
    ) -> None:
        """`cut` keeps it apart from the bar beside it by a line of the paper's colour."""
        edge = ' stroke="#ffffff" stroke-width="1"' if cut else ""
        left = self.width - x - width if self.words.right_to_left else x
        self._parts.append(
            f'<rect class="s{series + 1}{" cut" if cut else ""}" x="{left:.1f}" y="{y:.1f}" width="{max(width, 0.1):.1f}"'
            f' height="{max(height, 0.1):.1f}" fill="{self.hue(series)}"{edge}>{_title(title)}</rect>'
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, css: str = "line") -> None:
        hue, width = {
            "line": (self._line, 0.6), "axis": (self.quiet, 0.8), "whisker": (self.ink, 1.0), "cut": ("#ffffff", 2.6)
        }[css]  # fmt: skip
        self._parts.append(
            f'<line class="{css}" x1="{self._x(x)}" y1="{y:.1f}" x2="{self._x(to_x)}" y2="{to_y:.1f}"'
            f' stroke="{hue}" stroke-width="{width}"/>'
        )

    def lines(
        self, x: float, y: float, text: str, *, room: float, most: int, anchor: str, css: str = "ink", hanging: bool = False
    ) -> None:  # fmt: skip
        """Several lines around `y`, or from it downwards."""
        shown = lines_of(text, room, most, TEXT)
        whole = "".join(shown).replace(" ", "") == "".join(_words(text))
        self.whole = self.whole and whole
        top = y if hanging else y + 3 - (len(shown) - 1) / 2 * LINE
        more = "" if whole else _title(text)
        fill = self.quiet if css == "quiet" else self.ink
        self._parts.append(
            f'<text class="{css}" font-size="{TEXT}" fill="{fill}" text-anchor="{self._anchor(anchor)}">{more}'
            + " ".join(
                f'<tspan x="{self._x(x)}" y="{top + LINE * at:.1f}">{_safe(one)}</tspan>'
                for at, one in enumerate(shown)
            )
            + "</text>"
        )

    def height_of(self, text: str, room: float, most: int) -> int:
        """In lines."""
        return max(1, len(lines_of(text, room, most, TEXT)))

    def path(self, points: Sequence[tuple[float, float]], series: int, *, thin: bool = False) -> None:
        self._parts.append(
            f'<polyline class="l{series + 1}" points="{self._points(points)}" fill="none" stroke="{self.hue(series)}"'
            f' stroke-width="{0.7 if thin else 2}" stroke-linejoin="round" stroke-linecap="round"/>'
        )

    def band(self, points: Iterable[tuple[float, float]], series: int) -> None:
        self._parts.append(
            f'<polygon class="s{series + 1}" points="{self._points(points)}" fill="{self.hue(series)}" fill-opacity="0.15"/>'
        )

    def dot(self, x: float, y: float, series: int, title: str = "", radius: float = 2.4) -> None:
        self._parts.append(
            f'<circle class="s{series + 1} cut" cx="{self._x(x)}" cy="{y:.1f}" r="{radius}" fill="{self.hue(series)}"'
            f' stroke="#ffffff" stroke-width="1">{_title(title)}</circle>'
        )

    def svg(self, height: float, title: str, description: str) -> str:
        fonts = _safe(f"'{self.look.body_font}', FiraGO, 'Noto Sans CJK SC', 'DejaVu Sans', sans-serif")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{self.width:g}" height="{height:.0f}"'
            f' viewBox="0 0 {self.width:g} {height:.0f}" font-family="{fonts}" direction="ltr"><title>{_safe(title)}</title>'
            f"<desc>{_safe(description)}</desc>{''.join(self._parts)}</svg>"
        )

    def _x(self, x: float) -> str:
        return f"{self.width - x if self.words.right_to_left else x:.1f}"

    def _anchor(self, anchor: str) -> str:
        return _TURNED[anchor] if self.words.right_to_left else anchor

    def _points(self, points: Iterable[tuple[float, float]]) -> str:
        return " ".join(f"{self._x(x)},{y:.1f}" for x, y in points)


def width_of(text: str, size: float = TEXT) -> float:
    """About as wide as `text` is in a sans serif: rather more than less, for fonts differ between readers."""
    return sum(map(_advance, text)) * size


def shortened(text: str, room: float, size: float = TEXT) -> str:
    """`text`, or as much of its beginning as fits into `room`, with an ellipsis."""
    if width_of(text, size) <= room:
        return text
    kept, left = "", room - width_of("…", size)
    for letter in regex.findall(r"\X", text):
        left -= width_of(letter, size)
        if left < 0:
            break
        kept += letter
    return f"{kept.rstrip()}…"


def lines_of(text: str, room: float, most: int, size: float = TEXT) -> tuple[str, ...]:
    """`text` in up to `most` lines, broken between words; the last is shortened where that does not do."""
    lines: list[str] = []
    rest = _words(text)
    while rest and len(lines) < most - 1:
        line = rest.pop(0)
        while rest and width_of(f"{line} {rest[0]}", size) <= room:
            line += f" {rest.pop(0)}"
        if width_of(line, size) > room:
            cut = shortened(line, room + width_of("…", size), size).removesuffix("…") or line[:1]
            rest.insert(0, line[len(cut) :])
            line = cut
        lines.append(line)
    return tuple([*lines, shortened(" ".join(rest), room, size)] if rest else lines)


def _words(text: str) -> list[str]:
    """Between plain spaces and line ends; what a no-break space holds together stays so, and "n = 412"."""
    return [word for word in regex.split(r"[ \t\r\n]+", counted_whole(text)) if word]


@cache
def _advance(letter: str) -> float:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.02
    if letter in _NARROW:
        return 0.34
    return 0.95 if letter in _WIDE else 0.7 if letter.isupper() else 0.62 if letter.isdigit() else 0.58


@cache
def _on(hue: str, ink: str) -> str:
    """White or ink, whichever is read better on a bar of `hue`."""
    behind = luminance(hue)
    return max("#ffffff", ink, "#000000", key=lambda text: min(contrast(behind, luminance(text)), 4.5))


def _title(text: str) -> str:
    return f"<title>{_safe(text)}</title>" if text else ""


def _safe(text: str) -> str:
    """Without what XML cannot hold, which would end the drawing. A date of a right-to-left language stays in its order."""
    shown = escape(legible(text))
    return f"\u2067{shown}\u2069" if "\u200f" in text else shown
