"""Warm: round shapes, soft grounds and a garden of blobs, for people who want to be met."""

from __future__ import annotations

from pathlib import Path

from core.websites.layout import Layout
from core.websites.layouts.warm.garden import draw

LAYOUT = Layout(
    "warm", "Warm",
    ("friendly", "personal", "playful", "warm", "casual", "welcoming", "caring", "inspirational", "conversational"),
    Path(__file__).parent, heading_font="FiraGO", body_font="FiraGO", draw=draw,
)  # fmt: skip
