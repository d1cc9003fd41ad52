"""The colours of charts in light and dark, and which text can be read on which tile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hues:
    ink: str
    quiet: str
    line: str
    main: str
    second: str
    third: str
    gray: str
    band: str
    paper: str


LIGHT = Hues(
    "#14171F", "#565D6B", "#E1E4EA", "#2B47B8", "#B45309", "#0F766E", "#8A92A0", "rgba(43,71,184,.14)", "#FFFFFF"
)
DARK = Hues(
    "#EDEFF4", "#AAB3C2", "#2B3140", "#8FA5FF", "#F0A24B", "#4CC5B5", "#7C8596", "rgba(143,165,255,.2)", "#101319"
)


def readable_on(tile: str, hues: Hues) -> str:
    """Ink or paper, whichever can be read on the tile (WCAG 2.1: at least 4.5:1); pure black or white in between."""
    behind = luminance(tile)
    texts = (hues.ink, hues.paper, "#000000", "#ffffff")
    return next(text for text in texts if contrast(behind, luminance(text)) >= 4.5)


def mixed(paper: str, hue: str, depth: float) -> str:
    """`hue` laid on `paper`, from 0 (paper) to 1 (hue); colours as #rrggbb."""
    parts = ((int(paper[at : at + 2], 16), int(hue[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (other - one) * depth):02x}" for one, other in parts)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
