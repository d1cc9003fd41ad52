"""Ornaments of the bold layout: a wall of tiles with quarters, halves, dots and bars, laid by the seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from markupsafe import Markup

_GROUNDS = ("fbs", "fd", "fbl", "fbs", "fob", "fbs")
_INKS: Mapping[str, tuple[str, ...]] = {
    "fbs": ("fob", "fba", "fd"), "fd": ("fba", "fob", "fbl"), "fbl": ("fob", "fd", "fba"), "fob": ("fb", "fd", "fb"),
}  # fmt: skip
"""What shows on what: pairs that stay apart for every brand."""
_EDGE = 160


def draw(seed: bytes) -> Mapping[str, Markup]:
    stream = seed * 4
    return {
        "hero": _wall(stream, 4, 4),
        "call": _wall(stream[7:], 6, 1),
        "tile": _wall(stream[11:], 2, 2),
    }


def _wall(stream: bytes, columns: int, rows: int) -> Markup:
    tiles = "".join(_tiles(stream, columns, rows))
    return Markup(  # noqa: S704 - numbers and our own words
        f'<svg viewBox="0 0 {columns * _EDGE} {rows * _EDGE}" preserveAspectRatio="xMinYMid slice" aria-hidden="true" '
        f'focusable="false">{tiles}</svg>'
    )


def _tiles(stream: bytes, columns: int, rows: int) -> Iterator[str]:
    last = ""
    for cell in range(columns * rows):
        row, column = divmod(cell, columns)
        one, other = stream[2 * cell], stream[2 * cell + 1]
        ground = _GROUNDS[one % len(_GROUNDS)]
        inks = _INKS[ground]
        shapes = [name for name in _SHAPES if name != last]
        last = shapes[other % len(shapes)]
        turn = 90 * (one // 8 % 4)
        yield (
            f'<g transform="translate({column * _EDGE} {row * _EDGE})"><path class="{ground}" d="M0 0h160v160h-160z"/>'
            f'<g class="{inks[other // 8 % 3]}" transform="rotate({turn} 80 80)">{_SHAPES[last]}</g></g>'
        )


_SHAPES: Mapping[str, str] = {
    "quarter": '<path d="M0 0h160a160 160 0 0 1-160 160z"/>',
    "half": '<path d="M0 0a80 80 0 0 0 160 0z"/>',
    "disc": '<circle cx="80" cy="80" r="52"/>',
    "leaf": '<path d="M0 0h80a80 80 0 0 1 80 80v80h-80a80 80 0 0 1-80-80z"/>',
    "wedge": '<path d="M0 0h160l-160 160z"/>',
    "bars": '<path d="M0 0h160v20h-160zM0 46.7h160v20h-160zM0 93.3h160v20h-160zM0 140h160v20h-160z"/>',
    "arches": '<path d="M0 160a80 80 0 0 1 160 0h-34a46 46 0 0 0-92 0zM62 160a18 18 0 0 1 36 0z"/>',
    "pair": '<path d="M0 80a80 80 0 0 1 80-80v80zM80 160a80 80 0 0 0 80-80h-80z"/>',
}
