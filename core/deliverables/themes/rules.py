"""What a theme may be: colours that can be read on white paper, and one line of footer."""

from __future__ import annotations

import math
import re
from enum import StrEnum

from core.actor import Role
from core.errors import CountersignError, InvalidInput

EDITORS = (Role.ADMIN,)
CHOOSERS = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)

TEXT_CONTRAST, CHART_CONTRAST = 4.5, 3.0
"""On white: of letters, and of what is drawn (WCAG 2.1, 1.4.3 and 1.4.11)."""
SERIES = 6
MOST_THEMES = 50
APART = 0.09
"""How far two hues of charts are apart in OKLab at least, so that nobody takes one for the other."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_HUES = (
    "#2B47B8", "#B45309", "#0F766E", "#9D174D", "#5B21B6", "#4B5563", "#15803D", "#0284C7", "#DC2626", "#C026D3",
    "#4D7C0F", "#111827", "#78350F", "#0E7490",
)  # fmt: skip
"""What charts are drawn in beside a theme's accent, the first that are far enough from it and from each other."""


class Paper(StrEnum):
    A4 = "a4"
    US_LETTER = "us-letter"


class ThemeTitleTaken(CountersignError):
    """There is a theme called “{title}” already. Choose another title; nothing was saved."""

    http_status = 409


class TooManyThemes(CountersignError):
    """There are {most} themes already. Remove one that nobody needs; nothing was saved."""

    http_status = 409


class LogoRefused(CountersignError):
    """The logo cannot be used: {problem} Use a PNG, JPEG or WebP of at most 2 MB; nothing was saved."""

    http_status = 422


def checked_colour(field: str, said: str) -> str:
    """As #RRGGBB in capitals."""
    said = said.strip()
    if _COLOUR.fullmatch(said) is None:
        raise InvalidInput(field=field, problem="write it as # and six digits, for example #2B47B8.")
    return said.upper()


def readable(colour: str, least: float = TEXT_CONTRAST) -> str:
    """`colour` itself where it has `least` on white, else the lightest shade of the same hue that has."""
    if contrast_on_white(colour) >= least:
        return colour.upper()
    return next(shade for part in range(254, -1, -1) if contrast_on_white(shade := _darker(colour, part)) >= least)


def series_of(accent: str) -> tuple[str, ...]:
    """The hues of charts: the accent, then five that no eye takes for it or for each other."""
    chosen = [readable(accent)]
    for hue in _HUES:
        if len(chosen) < SERIES and all(distance(hue, one) >= APART for one in chosen):
            chosen.append(hue)
    return tuple(chosen)


def contrast_on_white(colour: str) -> float:
    """From 1 to 21 (WCAG 2.1)."""
    red, green, blue = _linear(colour)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def distance(one: str, other: str) -> float:
    """How different two colours look: their distance in OKLab, where black and white are 1 apart."""
    return math.dist(_oklab(one), _oklab(other))


def _darker(colour: str, part: int) -> str:
    """Each channel at `part` of 255: the hue stays."""
    return "#" + "".join(f"{int(colour[at : at + 2], 16) * part // 255:02X}" for at in (1, 3, 5))


def _linear(colour: str) -> tuple[float, float, float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _oklab(colour: str) -> tuple[float, float, float]:
    """After Björn Ottosson, https://bottosson.github.io/posts/oklab/."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
