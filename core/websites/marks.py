"""Pictures a site has by itself, drawn from its brand: the icon in three shapes and the preview others see of a link."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from io import BytesIO

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from core.deliverables.fonts import family_for, font_path

PREVIEW = (1200, 630)
_ELLIPSIS = "…"


def initial_of(name: str) -> str:
    """The letter that stands for a name; empty where no letter of it can be drawn."""
    for letter in unicodedata.normalize("NFC", name):
        upper = letter.upper()
        if letter.isalnum() and len(upper) == 1 and family_for(upper, "Inter"):
            return upper
    return ""


@lru_cache(maxsize=64)
def icon_svg(initial: str, ground: str, ink: str) -> bytes:
    """The letter as an outline, so that it looks the same without any font."""
    mark = (
        f'<path d="{_outline(initial)}" fill="{ink}"/>' if initial else f'<circle cx="32" cy="32" r="14" fill="{ink}"/>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="14" fill="{ground}"/>{mark}</svg>'
    ).encode()


@lru_cache(maxsize=64)
def icon_png(initial: str, ground: str, ink: str, size: int, *, rounded: bool) -> bytes:
    scale = 4
    drawn = Image.new("RGBA", (size * scale, size * scale), (0, 0, 0, 0))
    draw = ImageDraw.Draw(drawn)
    edge = size * scale
    draw.rounded_rectangle((0, 0, edge - 1, edge - 1), radius=edge * 14 // 64 if rounded else 0, fill=ground)
    if initial:
        font = _font(initial, edge * 40 // 64)
        left, top, right, bottom = draw.textbbox((0, 0), initial, font=font)
        draw.text(((edge - left - right) / 2, (edge - top - bottom) / 2), initial, font=font, fill=ink)
    else:
        draw.ellipse((edge * 18 // 64, edge * 18 // 64, edge * 46 // 64, edge * 46 // 64), fill=ink)
    return _png(drawn.resize((size, size), Image.Resampling.LANCZOS))


@lru_cache(maxsize=64)
def preview_png(
    name: str, text: str, *, ground: str, ink: str, muted: str, shapes: tuple[str, ...], rtl: bool
) -> bytes:
    """1200 by 630, as networks show links: the name, a line on it, and shapes of the brand."""
    width, height = PREVIEW
    drawn = Image.new("RGB", PREVIEW, ground)
    draw = ImageDraw.Draw(drawn)
    _shapes(draw, sha256(name.encode()).digest(), shapes, mirrored=rtl)
    margin, room = 84, 700
    for size in (92, 76, 62, 50):
        font = _font(name, size)
        lines = _wrapped(name, font, room, most=4)
        if len(lines) <= (2 if size > 70 else 3):
            break
    lines, lead = lines[:3], round(size * 1.12)
    below = _wrapped(text, small := _font(text, 32), room, most=3) if text else []
    top = (height - len(lines) * lead - (36 + len(below) * 46 if below else 0)) / 2
    side, anchor = (width - margin, "ra") if rtl else (margin, "la")
    for number, line in enumerate(lines):
        draw.text((side, top + number * lead), line, font=font, fill=ink, anchor=anchor)
    for number, line in enumerate(below):
        draw.text((side, top + len(lines) * lead + 36 + number * 46), line, font=small, fill=muted, anchor=anchor)
    return _png(drawn)


def _shapes(draw: ImageDraw.ImageDraw, seed: bytes, colours: Sequence[str], *, mirrored: bool) -> None:
    """A tower of tiles with quarter circles, turned as the seed says."""
    edge, columns = 210, 2
    for cell in range(3 * columns):
        row, column = divmod(cell, columns)
        x = column * edge if mirrored else PREVIEW[0] - (column + 1) * edge
        y = row * edge
        ground, ink = (
            colours[seed[cell] % len(colours)],
            colours[(seed[cell] + 1 + seed[cell + 8] % (len(colours) - 1)) % len(colours)],
        )
        draw.rectangle((x, y, x + edge - 1, y + edge - 1), fill=ground)
        turn = seed[cell + 16] % 5
        if turn == 4:
            draw.ellipse((x + 45, y + 45, x + edge - 45, y + edge - 45), fill=ink)
        else:
            at_x, at_y = x + (turn % 2) * edge, y + (turn // 2) * edge
            start = {0: 0, 1: 90, 2: 270, 3: 180}[turn]
            draw.pieslice((at_x - edge, at_y - edge, at_x + edge, at_y + edge), start, start + 90, fill=ink)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, room: int, *, most: int) -> list[str]:
    """Lines that fit; the last one says that there is more."""
    lines, line = [""], ""
    for word in text.split():
        joined = f"{line} {word}".strip()
        if font.getlength(joined) <= room:
            line = lines[-1] = joined
            continue
        if line:
            lines.append("")
            line = ""
        for letter in word:
            if font.getlength(line + letter) > room:
                lines.append("")
                line = ""
            line = lines[-1] = line + letter
            if len(lines) > most:
                break
        if len(lines) > most:
            break
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip() + _ELLIPSIS]
    return lines


def _font(text: str, size: int) -> ImageFont.FreeTypeFont:
    """One that has the letters of `text`: the first family any of its letters needs beyond Inter."""
    families = (family_for(letter, "Inter") for letter in dict.fromkeys(text[:400]) if letter.isalnum())
    return _loaded(next((one for one in families if one not in ("", "Inter")), "Inter"), size)


@lru_cache(maxsize=64)
def _loaded(family: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path(family, bold=True)), size)


@lru_cache(maxsize=64)
def _outline(letter: str) -> str:
    with TTFont(font_path(family_for(letter, "Inter"), bold=True), lazy=True) as font:
        glyphs, name = font.getGlyphSet(), font.getBestCmap()[ord(letter)]
        bounds = BoundsPen(glyphs)
        glyphs[name].draw(bounds)
        left, low, right, high = bounds.bounds or (0, 0, 1, 1)
        scale = min(36 / max(high - low, 1), 40 / max(right - left, 1))
        pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.2f}".rstrip("0").rstrip("."))
        middle = (32 - scale * (left + right) / 2, 32 + scale * (low + high) / 2)
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, *middle)))
        return str(pen.getCommands())


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()
