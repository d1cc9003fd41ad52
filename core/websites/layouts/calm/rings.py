"""Ornaments of the calm layout: rings that wander off from each other, as ripples do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import cos, pi, sin

from markupsafe import Markup


def draw(seed: bytes) -> Mapping[str, Markup]:
    turn = seed[0] / 256 * 2 * pi
    return {
        "hero": _svg(640, "".join(_rings(turn, 34, 320, "lp")) + _sun(turn, seed[1])),
        "call": _svg(640, "".join(_rings(turn + 1, 26, 320, "ldl"))),
        "tile": _svg(480, "".join(_rings(turn + seed[2] / 64, 16, 240, "lp"))),
    }


def _rings(turn: float, count: int, middle: float, hue: str) -> Iterator[str]:
    """Each a little larger than the one before and a little further along a slowly turning way."""
    for ring in range(count):
        part = ring / (count - 1)
        way = turn + part * 1.5
        reach = middle * 0.42 * (1 - part)
        x, y = middle + cos(way) * reach, middle + sin(way) * reach
        radius = middle * (0.05 + 0.92 * part)
        yield f'<circle class="{hue}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" stroke-width="{1.6 - part:.2f}"/>'


def _sun(turn: float, seed: int) -> str:
    x, y = 320 + cos(turn) * 134, 320 + sin(turn) * 134
    return f'<circle class="fa" cx="{x:.1f}" cy="{y:.1f}" r="{16 + seed % 9}"/>'


def _svg(edge: int, inside: str) -> Markup:
    return Markup(f'<svg viewBox="0 0 {edge} {edge}" aria-hidden="true" focusable="false">{inside}</svg>')  # noqa: S704 - numbers
