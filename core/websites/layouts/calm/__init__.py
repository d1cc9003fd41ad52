"""Calm: an editorial page of serif titles, hairlines and much air, for work that rests on trust."""

from __future__ import annotations

from pathlib import Path

from core.websites.layout import Layout
from core.websites.layouts.calm.rings import draw

LAYOUT = Layout(
    "calm", "Calm",
    ("professional", "formal", "trustworthy", "calm", "serious", "elegant", "informative", "authoritative", "luxurious"),
    Path(__file__).parent, heading_font="Old style serif", body_font="Inter", draw=draw,
)  # fmt: skip
