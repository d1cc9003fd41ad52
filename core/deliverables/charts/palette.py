"""A theme's colours on light and on dark paper, moved as little as they must be so that all of them can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.deliverables.look import Look
from core.hues import contrast, luminance, mixed, readable

_HUE = re.compile(r"#[0-9A-Fa-f]{6}")
INK, ACCENT = "#14171F", "#2B47B8"
_WARNING = "#B45309"
_LEAST_SERIES = 6


@dataclass(frozen=True)
class Palette:
    paper: str
    panel: str
    """Behind tiles, code and notes."""
    ink: str
    quiet: str
    line: str
    accent: str
    warning: str
    series: tuple[str, ...]
    on_series: tuple[str, ...]
    """What is written on a bar of each."""

    def css(self) -> str:
        """Custom properties of a style sheet: --paper, …, --s1, --o1, …"""
        named = {name: getattr(self, name) for name in ("paper", "panel", "ink", "quiet", "line", "accent", "warning")}
        named |= {f"s{at}": hue for at, hue in enumerate(self.series, 1)}
        named |= {f"o{at}": hue for at, hue in enumerate(self.on_series, 1)}
        return "".join(f"--{name}:{hue};" for name, hue in named.items())


def colour(hue: str, otherwise: str) -> str:
    """`hue` where it is one: it goes into style sheets and drawings, so nothing else may pass for a colour."""
    return hue if _HUE.fullmatch(hue) else otherwise


def light(look: Look) -> Palette:
    return _palette(look, "#ffffff", colour(look.ink, INK))


def dark(look: Look) -> Palette:
    return _palette(look, "#101319", "#EDEFF4")


def _palette(look: Look, paper: str, ink: str) -> Palette:
    panel = mixed(paper, ink, 0.045)
    ink = readable(ink, panel, 7)
    accent = colour(look.accent, ACCENT)
    hues = tuple(colour(hue, accent) for hue in look.series) or (accent,)
    series = tuple(readable(hues[at % len(hues)], paper, 3) for at in range(max(_LEAST_SERIES, len(hues))))
    return Palette(
        paper, panel, ink, readable(mixed(ink, paper, 0.32), panel), mixed(paper, ink, 0.16),
        readable(accent, panel), readable(_WARNING, panel), series,
        tuple(_on(hue, ink, paper) for hue in series),
    )  # fmt: skip


def _on(hue: str, ink: str, paper: str) -> str:
    """Ink or paper where one of them can be read, else the better of black and white."""
    behind = luminance(hue)
    return max(paper, ink, "#000000", "#ffffff", key=lambda text: min(contrast(behind, luminance(text)), 4.5))
