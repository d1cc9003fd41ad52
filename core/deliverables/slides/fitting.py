"""Measures text on real font files, and says where its lines end and what fits.

A viewer may lack the theme's font and take another. So each letter counts as wide as the wider of the theme's face and
DejaVu Sans, which is wider than what offices fall back to (Arial, Calibri, Liberation Sans), and a little on top. Letters
that neither has count by their kind: they are drawn in a font of the viewer that nobody knows here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import ImageFont

from core.deliverables.fonts import font_path, letters_of
from core.deliverables.slides.text import Para, Run

MARGIN = 1.03
MONO = 0.62
"""Width of a letter of code in font sizes: Consolas, Courier New and DejaVu Sans Mono need less."""
_WIDEST = "DejaVu Sans"
_UNIT = 1000
_WORDS = re.compile(
    r"\n|[^\S\n]+|[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
    r"|[^\s\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)


class _Widths(dict[str, float]):
    """Of letters in font sizes, measured when first asked for."""

    def __init__(self, family: str, bold: bool) -> None:
        super().__init__()
        self._faces = [
            (letters_of(name), ImageFont.truetype(font_path(name, bold=bold), _UNIT))
            for name in dict.fromkeys((family, _WIDEST))
        ]

    def __missing__(self, letter: str) -> float:
        if unicodedata.east_asian_width(letter) in "WF":
            width = 1.0
        elif unicodedata.category(letter) in ("Mn", "Me", "Cf"):
            width = 0.0
        else:
            measured = [face.getlength(letter) for letters, face in self._faces if ord(letter) in letters]
            width = max(measured, default=0.9 * _UNIT) / _UNIT
        self[letter] = width * MARGIN
        return self[letter]


@cache
def _widths(family: str, bold: bool) -> _Widths:
    return _Widths(family, bold)


@dataclass(frozen=True)
class Fitting:
    """Measures in one family."""

    family: str

    def width(self, text: str, size: float, *, bold: bool = False, code: bool = False) -> float:
        """In points, on one line."""
        if code:
            return sum(1.1 if unicodedata.east_asian_width(one) in "WF" else MONO for one in text) * size
        return _width(self.family, bold, text) * size

    def breaks(self, one: Para, width: float) -> list[int]:
        """Where in its text each line begins, in a box of this width."""
        room = width - one.indent
        starts = [0]
        used = 0.0
        for at, text, wide in self._words(one):
            if text == "\n":
                starts.append(at + 1)
                used = 0.0
            elif text.isspace():
                used += wide  # blanks at the end of a line hang over
            elif used + wide <= room:
                used += wide
            else:
                if used:
                    starts.append(at)
                used = wide
                if wide > room:
                    used = self._break_word(one, at, text, room, starts)
        return starts

    def lines(self, one: Para, width: float) -> int:
        return len(self.breaks(one, width))

    def height(self, paras: Sequence[Para], width: float) -> float:
        """Of paragraphs below each other, in points."""
        return sum(
            self.lines(one, width) * one.line + (one.before if number else 0) for number, one in enumerate(paras)
        )

    def shortened(self, text: str, size: float, width: float, lines: int, *, bold: bool = False) -> str:
        """`text`, or as much of it as stands in so many lines, with an ellipsis."""
        starts = self.breaks(Para((Run(text, bold=bold),), size), width)
        if len(starts) <= lines:
            return text
        held = text[: starts[lines]].rstrip()
        while held and self.lines(Para((Run(f"{held}…", bold=bold),), size), width) > lines:
            held = held[:-1].rstrip()
        return f"{held}…"

    def _words(self, one: Para) -> list[tuple[int, str, float]]:
        """Words and blanks with their widths; a word of several runs is one."""
        words: list[tuple[int, str, float]] = []
        at = 0
        for run in one.runs:
            for found in _WORDS.finditer(run.text):
                text = found[0]
                wide = self.width(text, run.size or one.size, bold=run.bold, code=run.code)
                glued = words and not found.start() and not text.isspace() and not words[-1][1][-1].isspace()
                if glued:
                    begun, before, width = words.pop()
                    words.append((begun, before + text, width + wide))
                else:
                    words.append((at + found.start(), text, wide))
            at += len(run.text)
        return words

    def _break_word(self, one: Para, at: int, word: str, room: float, starts: list[int]) -> float:
        """Breaks a word longer than a line between letters; answers what its last line uses."""
        used, code = 0.0, any(run.code for run in one.runs)
        bold = any(run.bold for run in one.runs)
        for number, letter in enumerate(word):
            wide = max(self.width(letter, one.size, bold=bold), self.width(letter, one.size, code=True) if code else 0)
            if used + wide > room and used:
                starts.append(at + number)
                used = 0.0
            used += wide
        return used


@lru_cache(maxsize=50_000)
def _width(family: str, bold: bool, text: str) -> float:
    return sum(map(_widths(family, bold).__getitem__, text))
