"""Text as slides hold it: runs in paragraphs, free of what XML cannot carry, each with the direction it is read in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.deliverables.content import Spans

LINE = 1.3
"""Height of a line in font sizes. Lines are set to exactly this, so that heights are the same in whatever font."""

_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """`text` as XML can carry it: line ends alike, and a visible sign for each character that is none."""
    return _CONTROLS.sub(_sign, _ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """For names and titles, which have no line ends."""
    return " ".join(clean(text).split())


def leads_right_to_left(text: str, otherwise: bool = False) -> bool:
    """Whether its first letter with a direction is read from right to left (UAX #9, P2); `otherwise` where none has."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("R", "AL", "L"):
            return direction != "L"
    return otherwise


@dataclass(frozen=True)
class Run:
    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    struck: bool = False
    link: str = ""
    colour: str = ""
    """A place of the theme: "accent1", "muted", "bg1"; empty as the paragraph's place has it."""
    size: float = 0
    """In points; 0 as the paragraph has it."""


@dataclass(frozen=True)
class Para:
    runs: tuple[Run, ...]
    size: float = 14
    indent: float = 0
    """From the left edge to the text, in points."""
    bullet: str = ""
    """A sign before it, or "#7" for a number that is counted."""
    before: float = 0
    """Space above, in points; none at the top of a box."""
    keep: bool = False
    """Stays with the paragraph that follows."""
    align: str = "start"
    """start, end or centre."""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def line(self) -> float:
        """Height of one line in points."""
        return round(max((self.size, *(run.size for run in self.runs))) * LINE, 1)

    def cut(self, offset: int) -> tuple[Para, Para]:
        """What stands before `offset` and what follows; the second half goes on without a bullet.

        A line end between them is where they part, and in neither.
        """
        head: list[Run] = []
        tail: list[Run] = []
        at = 0
        for run in self.runs:
            middle = min(max(offset - at, 0), len(run.text))
            if middle:
                head.append(replace(run, text=run.text[:middle]))
            if middle < len(run.text):
                tail.append(replace(run, text=run.text[middle:]))
            at += len(run.text)
        if head and head[-1].text.endswith("\n"):
            head[-1] = replace(head[-1], text=head[-1].text[:-1])
        return replace(self, runs=tuple(head)), replace(self, runs=tuple(tail), bullet="", before=0)


def para(text: str, size: float = 14, *, bold: bool = False, colour: str = "", **more: object) -> Para:
    """One paragraph in one manner."""
    return replace(Para((Run(clean(text), bold=bold, colour=colour),), size), **more)  # type: ignore[arg-type]


def runs_of(spans: Spans, *, bold: bool = False, colour: str = "") -> tuple[Run, ...]:
    return tuple(
        Run(clean(one.text), one.bold or bold, one.italic, one.code, one.struck, clean(one.link), colour)
        for one in spans
        if one.text
    )


def whole(paras: Sequence[Para]) -> str:
    return "\n".join(one.text for one in paras)


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code == 0x7F:
        return "\u2421"
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
