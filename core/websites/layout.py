"""What a layout is, and every layout there is, found by its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

from core.places import found_in
from core.websites import layouts


@dataclass(frozen=True)
class Layout:
    name: str
    """Stable, lower case."""
    title: str
    """As people choose it."""
    tones: tuple[str, ...]
    """Tones of voice it suits: "professional", "friendly", "bold" …"""
    folder: Path
    """Its templates, which stand before the shared ones, and its `layout.css`, which follows the shared one."""
    heading_font: str = "Inter"
    body_font: str = "Inter"
    """Families of `core.websites.typefaces`, where the brand names none."""
    draw: Callable[[bytes], Mapping[str, Markup]] = lambda seed: {}
    """Ornaments by name as inline SVG, drawn from a seed that is the site's own; colours come from classes."""

    def style(self) -> str:
        """The shared style sheet with this layout's after it."""
        return _shared_style() + (self.folder / "layout.css").read_text("utf-8")


@cache
def _shared_style() -> str:
    return (Path(__file__).parent / "templates" / "site.css").read_text("utf-8")


@cache
def find_layouts() -> Mapping[str, Layout]:
    """The `LAYOUT` of each package of `core.websites.layouts`, by name."""
    found: dict[str, Layout] = found_in(layouts, "LAYOUT")
    return MappingProxyType(dict(sorted(found.items())))


def layout_for(tone: str) -> Layout:
    """The layout that suits a tone of voice best; the first one where none does."""
    known = find_layouts()
    wanted = tone.strip().lower()
    return next((one for one in known.values() if wanted in one.tones), next(iter(known.values())))
