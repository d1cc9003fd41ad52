"""How a deliverable looks: the theme with its logo, colours and fonts, as renderers need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.deliverables.content import Picture


@dataclass(frozen=True)
class Look:
    """A theme, resolved: nothing in it is looked up anywhere any more."""

    name: str
    """Of the house that hands it over: "Meridian Advisory"; stands in headers and on the cover."""
    accent: str = "#2B47B8"
    """#RRGGBB; at least 4.5 : 1 on white, which whoever makes a Look sees to."""
    ink: str = "#14171F"
    series: tuple[str, ...] = ("#2B47B8", "#B45309", "#0F766E", "#9D174D", "#5B21B6", "#4B5563")
    """Of charts, at least 3 : 1 on white; the first is the accent."""
    heading_font: str = "Inter"
    body_font: str = "Inter"
    """Families that `core.deliverables.fonts` knows."""
    logo: Picture | None = None
    footer: str = ""
    """One line at the foot of each page: "Confidential"."""
    paper: Literal["a4", "us-letter"] = "a4"
