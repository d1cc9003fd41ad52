"""Pictures of a site in the sizes that screens need, without what a camera noted in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import CountersignError
from core.files.contents import sha256_of

WIDTHS = (480, 960, 1600)
MOST_PIXELS = 40_000_000
"""More would take the memory of a worker; a camera of today makes 24 million."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Size:
    width: int
    height: int
    data: bytes = field(repr=False)


_MOST_KEPT = 64
_kept: dict[str, tuple[Size, ...]] = {}
"""What was made lately, by the digest of what it was made from: sites are built again after each edit."""


class _Unreadable(Exception):
    """It is no picture, or too large a one."""


def sizes_of(sha256: str, read: Read | None) -> tuple[Size, ...]:
    """WebP in up to three widths, smallest first; nothing where the file is missing, is another, or no picture."""
    if read is None:
        return ()
    try:
        data = read(sha256)
    except (CountersignError, LookupError, OSError, ValueError):
        return ()
    if sha256_of(data) != sha256:
        return ()
    if sha256 not in _kept:
        try:
            sizes = _sizes(data)
        except _Unreadable:
            return ()
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[sha256] = sizes
    return _kept.get(sha256, ())


def _sizes(data: bytes) -> tuple[Size, ...]:
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _Unreadable
            picture = ImageOps.exif_transpose(opened)
            picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
        OverflowError,
    ) as error:
        raise _Unreadable from error
    widths = [width for width in WIDTHS if width < picture.width] + [min(picture.width, WIDTHS[-1])]
    return tuple(_at(picture, width) for width in dict.fromkeys(widths))


def _at(picture: Image.Image, width: int) -> Size:
    height = max(1, round(picture.height * width / picture.width))
    small = picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "WEBP", quality=80, method=3)
    return Size(small.width, small.height, out.getvalue())
