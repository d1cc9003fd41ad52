"""Ornaments of the warm layout: soft pebbles, a sun and leaves, each set out by the seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import cos, pi, sin

from markupsafe import Markup

_HUES = ("fp", "fa", "fs")
_VESSELS = (
    "M130 290v-70a62 62 0 0 1 124 0v70z",
    "M112 196h168a84 84 0 0 1-52 78v16h-64v-16a84 84 0 0 1-52-78z",
    "M164 132h64v34q46 22 46 70 0 36-26 54h-104q-26-18-26-54 0-48 46-70z",
    "M138 176h112v86a28 28 0 0 1-28 28h-56a28 28 0 0 1-28-28z",
    "M122 290a74 74 0 0 1 148 0z",
)
"""An arch, a bowl on its foot, a jar, a beaker, a dome; all stand at 290."""


def draw(seed: bytes) -> Mapping[str, Markup]:
    return {
        "hero": _svg(640, 600, "".join(_garden(seed))),
        "call": _svg(640, 600, "".join(_pebbles(seed))),
        "tile": _svg(480, 360, "".join(_still(seed))),
        "wave": _wave(seed[20]),
        "stroke": _stroke(),
        **{f"pip{number}": _svg(64, 64, _pip(seed, number)) for number in range(6)},
    }


def _garden(seed: bytes) -> Iterator[str]:
    """A large pebble, an arch with a sun behind it, a stem with leaves, and what rolls about."""
    yield _pebble(seed[0:8], 320, 310, 262, "ft")
    sun = 118 + seed[8] % 30
    yield f'<circle class="fa" cx="{400 + seed[9] % 50}" cy="{190 + seed[10] % 30}" r="{sun}"/>'
    left = 120 + seed[11] % 30
    yield f'<path class="fp" d="M{left} 520v-170a115 115 0 0 1 230 0v170z"/>'
    yield f'<path class="fpa" d="M{left + 48} 520v-160a67 67 0 0 1 134 0v160z"/>'
    yield f'<path class="fta" d="M{left + 48} 520v-70q67 -60 134 0v70z"/>'
    stem = 450 + seed[12] % 24
    yield f'<path class="la" stroke-width="5" stroke-linecap="round" d="M{stem} 520q-6 -110 8 -210"/>'
    for number in range(4):
        y, side = 476 - number * 46, 1 if number % 2 else -1
        yield _leaf(stem - 2 + number, y, side, 62 - number * 6, "fp" if number % 2 else "fs")
    yield f'<circle class="fs" cx="{540 + seed[13] % 30}" cy="{490}" r="30"/>'
    yield f'<circle class="fa" cx="{88 + seed[14] % 24}" cy="{150 + seed[15] % 60}" r="20"/>'
    yield f'<circle class="fp" cx="{556 + seed[16] % 30}" cy="{330 + seed[17] % 40}" r="13"/>'
    yield '<path class="fs" d="M70 514h500a6 6 0 0 1 0 12h-500a6 6 0 0 1 0-12z"/>'


def _pebbles(seed: bytes) -> Iterator[str]:
    yield _pebble(seed[3:11], 470, 300, 210, "fbs")
    yield _pebble(seed[9:17], 250, 420, 130, "fbl")
    yield f'<circle class="fa" cx="{300 + seed[18] % 60}" cy="150" r="46"/>'


def _still(seed: bytes) -> Iterator[str]:
    """A still life that differs from its neighbours in a row: the vessel, its colour and where the sun stands."""
    ways = len(_VESSELS) * 4
    vessel, sun = divmod(int.from_bytes(seed[:2]) % ways, 4)
    hue, other = (("fp", "fs"), ("fs", "fp"))[seed[4] % 2]
    x, y, radius = ((312, 132, 54), (168, 116, 40), (300, 172, 66), (150, 140, 52))[sun]
    yield _pebble(seed[5:13], 240, 180, 130, "fta")
    yield f'<circle class="fa" cx="{x}" cy="{y}" r="{radius}"/>'
    yield f'<path class="{hue}" d="{_VESSELS[vessel]}"/>'
    yield _leaf(336, 290, 1, 44 + seed[13] % 30, other) + _leaf(336, 290, -1, 40 + seed[14] % 20, hue)


def _pip(seed: bytes, number: int) -> str:
    """A small sign for a card: two shapes of the family."""
    first, second = _HUES[number % 3], _HUES[(number + 1) % 3]
    turn = seed[21 + number % 6] % 4 * 90
    shapes = (
        f'<circle class="{first}" cx="26" cy="32" r="20"/><circle class="{second}" cx="46" cy="40" r="12"/>',
        f'<path class="{first}" d="M10 56v-22a22 22 0 0 1 44 0v22z"/><circle class="{second}" cx="32" cy="36" r="9"/>',
        f'<g transform="rotate({turn} 32 32)"><path class="{first}" d="M8 8h22a26 26 0 0 1 26 26v22h-22a26 26 0 0 1-26-26z"/>'
        f'</g><circle class="{second}" cx="46" cy="16" r="8"/>',
        _leaf(32, 58, 1, 40, first) + _leaf(32, 58, -1, 40, second),
        f'<path class="{first}" d="M6 38a26 26 0 0 1 52 0z"/>'
        f'<path class="{second}" d="M14 44h36a6 6 0 0 1 0 12h-36a6 6 0 0 1 0-12z"/>',
        _pebble(seed[2:10], 30, 34, 22, first) + f'<circle class="{second}" cx="48" cy="18" r="9"/>',
    )
    return shapes[number]


def _leaf(x: float, y: float, side: int, length: float, hue: str) -> str:
    end_x, end_y = x + side * length, y - length * 0.62
    return (
        f'<path class="{hue}" d="M{x:.0f} {y:.0f}Q{x + side * length * 0.08:.0f} {end_y:.0f} {end_x:.0f} {end_y:.0f}'
        f'Q{end_x - side * length * 0.04:.0f} {y:.0f} {x:.0f} {y:.0f}z"/>'
    )


def _pebble(seed: bytes, x: float, y: float, radius: float, hue: str) -> str:
    """A closed smooth line through points on a circle that the seed pulls in and out (Catmull-Rom)."""
    points = [
        (
            x + cos(2 * pi * at / len(seed)) * radius * (0.82 + pull / 256 * 0.2),
            y + sin(2 * pi * at / len(seed)) * radius * (0.82 + pull / 256 * 0.2),
        )
        for at, pull in enumerate(seed)
    ]
    return f'<path class="{hue}" d="{_smooth(points)}"/>'


def _smooth(points: Sequence[tuple[float, float]]) -> str:
    count = len(points)
    drawn = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for at in range(count):
        before, here, after, beyond = (points[(at + step) % count] for step in (-1, 0, 1, 2))
        first = (here[0] + (after[0] - before[0]) / 6, here[1] + (after[1] - before[1]) / 6)
        second = (after[0] - (beyond[0] - here[0]) / 6, after[1] - (beyond[1] - here[1]) / 6)
        drawn.append(f"C{first[0]:.1f} {first[1]:.1f} {second[0]:.1f} {second[1]:.1f} {after[0]:.1f} {after[1]:.1f}")
    return "".join(drawn) + "z"


def _wave(seed: int) -> Markup:
    crest = 20 + seed % 30
    return Markup(  # noqa: S704 - numbers
        '<svg class="wave" viewBox="0 0 1440 90" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<path d="M0 {90 - crest}C240 {crest - 20} 480 {crest - 10} 760 52S1240 {90 - crest / 2:.0f} 1440 {crest}V91H0z"/></svg>'
    )


def _stroke() -> Markup:
    return Markup(
        '<svg class="stroke" viewBox="0 0 320 22" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path class="la" stroke-width="7" stroke-linecap="round" d="M5 15C70 4 120 6 168 11s104 4 147-5"/></svg>'
    )


def _svg(width: int, height: int, inside: str) -> Markup:
    return Markup(  # noqa: S704 - numbers and our own words
        f'<svg viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">{inside}</svg>'
    )
