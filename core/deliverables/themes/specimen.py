"""A small picture of a look, drawn with its own fonts, colours and logo, so that an admin sees it before anything is made."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from core.deliverables.fonts import family_for, font_path
from core.deliverables.look import Look

WIDTH, HEIGHT = 900, 520
_EDGE = 48
_QUIET, _RULE = "#565D6B", "#D7DBE3"
_BARS = (1.0, 0.82, 0.7, 0.58, 0.44, 0.31)
_TITLE, _TEXT = "What was achieved", "Success rose to 61 %, n = 412. Proven revenue: € 48,200."


def specimen(look: Look) -> bytes:
    """As PNG."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    right = WIDTH - _EDGE
    _logo(picture, look, right)
    _write(draw, (_EDGE, 44), look.name, look.body_font, 24, look.ink, most=right - _EDGE - 240, bold=True)
    draw.rectangle((_EDGE, 112, right, 117), fill=look.accent)
    _write(draw, (_EDGE, 146), _TITLE, look.heading_font, 44, look.ink, most=right - _EDGE, bold=True)
    _write(draw, (_EDGE, 212), _TEXT, look.body_font, 24, look.ink, most=right - _EDGE)
    for number, (share, hue) in enumerate(zip(_BARS, look.series, strict=False)):
        top = 272 + number * 26
        draw.rectangle((_EDGE, top, _EDGE + int((right - _EDGE) * share), top + 18), fill=hue)
    draw.line((_EDGE, 452, right, 452), fill=_RULE, width=2)
    _write(draw, (_EDGE, 468), look.footer, look.body_font, 20, _QUIET, most=right - _EDGE - 60)
    draw.text((right, 468), "1", fill=_QUIET, font=ImageFont.truetype(str(font_path(look.body_font)), 20), anchor="ra")
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def _logo(picture: Image.Image, look: Look, right: int) -> None:
    if look.logo is None:
        return
    with Image.open(BytesIO(look.logo.data)) as logo:
        small = logo.convert("RGBA")
    small.thumbnail((220, 64))
    picture.paste(small, (right - small.width, 28 + (64 - small.height) // 2), small)


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    family: str,
    size: int,
    fill: str,
    *,
    most: int,
    bold: bool = False,
) -> None:
    """One line, made smaller until it fits."""
    if not text:
        return
    path = str(font_path(_family(text, family), bold=bold))
    width = ImageFont.truetype(path, size).getlength(text)
    fits = size if width <= most else max(9, int(size * most / width))
    draw.text((at[0], at[1] + (size - fits) // 2), text, fill=fill, font=ImageFont.truetype(path, fits))


def _family(text: str, family: str) -> str:
    """The family that the first letter needs which this one lacks: a line of a picture is set in one."""
    others = (family_for(letter, family) for letter in text)
    return next((one for one in others if one not in ("", family)), family)
