"""Bold: colour from edge to edge, the largest type a screen bears, and tiles, for those who want to be seen."""

from __future__ import annotations

from pathlib import Path

from core.websites.layout import Layout
from core.websites.layouts.bold.tiles import draw

LAYOUT = Layout(
    "bold", "Bold",
    ("bold", "modern", "energetic", "confident", "innovative", "technical", "minimal", "direct", "creative"),
    Path(__file__).parent, heading_font="Inter", body_font="Inter", draw=draw,
)  # fmt: skip
