"""The colours of charts in light and dark, and which text can be read on which tile."""

from __future__ import annotations

from dataclasses import dataclass

from core.hues import contrast, luminance


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
