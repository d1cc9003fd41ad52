from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from core.deliverables.content import Picture
from core.deliverables.fonts import families
from core.deliverables.look import Look
from core.deliverables.themes.specimen import HEIGHT, WIDTH, specimen


def drawn(look: Look) -> Image.Image:
    with Image.open(BytesIO(specimen(look))) as picture:
        return picture.convert("RGB")


@pytest.mark.parametrize("family", families())
@pytest.mark.parametrize("name", ["Meridian Advisory", "株式会社", "شركة", "ग्राहक", "W" * 80, "<b>#let x</b>", ""])
def test_any_name_is_drawn_in_any_font(family: str, name: str) -> None:
    assert drawn(Look(name, heading_font=family, body_font=family, footer=name)).size == (WIDTH, HEIGHT)


def test_it_shows_accent_and_every_hue_of_charts() -> None:
    look = Look("x", accent="#0F766E", series=("#0F766E", "#B45309", "#2B47B8", "#9D174D", "#5B21B6", "#4B5563"))
    colours = {f"#{r:02X}{g:02X}{b:02X}" for _, (r, g, b) in drawn(look).getcolors(1_000_000)}  # type: ignore[misc,union-attr]
    assert set(look.series) <= colours


def test_it_shows_the_logo_however_long_or_high_it_is() -> None:
    for size in ((1200, 20), (20, 600), (64, 64)):
        made = BytesIO()
        Image.new("RGB", size, "#FF00FF").save(made, "PNG")
        look = replace(Look("x"), logo=Picture(made.getvalue(), "image/png", *size, "Logo"))
        colours = {colour for _, colour in drawn(look).getcolors(1_000_000)}  # type: ignore[union-attr]
        assert (255, 0, 255) in colours
