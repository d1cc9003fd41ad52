"""A logo as it is kept: decoded once, and written anew, so that nothing but its pixels comes in."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from core.deliverables.content import Picture
from core.deliverables.themes.rules import LogoRefused
from core.files.contents import NotThatKind, media_type_of, shown_size

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
MOST_LOGO_BYTES = 2_000_000
_MOST_WIDTH, _MOST_HEIGHT = 1200, 600
"""More than any page prints of it."""


def checked_logo(name: str, data: bytes, alt: str) -> Picture:
    """As PNG, no larger than pages need it; LogoRefused where it is no picture, too large, or nothing can be seen."""
    if len(data) > MOST_LOGO_BYTES:
        raise LogoRefused(problem=f"it has {shown_size(len(data))}.")
    try:
        media_type_of(name, data, ENDINGS)
        picture = _decoded(data)
    except NotThatKind as problem:
        raise LogoRefused(problem=str(problem)) from problem
    if picture.getchannel("A").getbbox() is None:
        raise LogoRefused(problem="nothing of it can be seen.")
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    return Picture(written.getvalue(), "image/png", picture.width, picture.height, alt)


def _decoded(data: bytes) -> Image.Image:
    """Upright, with its transparency, without whatever else the file carried."""
    try:
        with Image.open(BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except Exception as error:  # Pillow's decoders raise whatever a broken file leads them into
        raise NotThatKind("the picture is damaged.") from error
    picture.thumbnail((_MOST_WIDTH, _MOST_HEIGHT))
    clean = Image.new("RGBA", picture.size)
    clean.paste(picture)
    return clean
