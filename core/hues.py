"""Arithmetic of colours as #RRGGBB: mixing two, and how well one can be read on another (WCAG 2.1)."""

from __future__ import annotations


def mixed(paper: str, hue: str, depth: float) -> str:
    """`hue` laid on `paper`, from 0 (paper) to 1 (hue)."""
    parts = ((int(paper[at : at + 2], 16), int(hue[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (other - one) * depth):02x}" for one, other in parts)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """Of two luminances, from 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def readable(hue: str, paper: str, ratio: float = 4.5) -> str:
    """`hue`, or as little darker or lighter as it must be to stand `ratio` : 1 on `paper`."""
    behind = luminance(paper)
    end = "#000000" if contrast(behind, 0.0) >= contrast(behind, 1.0) else "#ffffff"
    steps = (mixed(hue, end, step / 50) for step in range(51))
    return next((one for one in steps if contrast(behind, luminance(one)) >= ratio), end)
