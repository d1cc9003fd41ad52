"""Pictures that documents show: given in the document itself or kept as files, decoded and written anew within limits."""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from collections.abc import Callable, Collection
from io import BytesIO

from PIL import Image, ImageOps

from core.deliverables.content import Picture
from core.errors import CountersignError

MOST_BYTES = 10_000_000
MOST_PIXELS = 25_000_000
"""A picture of some kilobytes can unfold to gigabytes."""
MOST_SIDE = 1_600
"""Larger ones are made smaller: a page has no more points than that."""
MOST_PICTURES = 200
MOST_PIXELS_IN_ALL = 500_000_000
"""Of one report: each is decoded in turn, and somebody waits for it."""

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,([A-Za-z0-9+/\s]+={0,2})\s*", re.IGNORECASE)
_KEPT = re.compile(r"sha256:([0-9a-f]{64})")

Kept = Callable[[str], bytes]
"""The bytes of a kept file by its SHA-256, on behalf of the reader; CountersignError where they may not have it."""


class PictureReader:
    """Reads the pictures of one report. Opens no path and no address: only data in the document, and files it may name."""

    def __init__(self, kept: Kept | None = None, named: Collection[str] = ()) -> None:
        """`named`: the digests of the kept files that the thing itself names; all others stay closed."""
        self._kept, self._named = kept, frozenset(named)
        self._pictures, self._pixels = MOST_PICTURES, MOST_PIXELS_IN_ALL

    def read(self, address: str, alt: str, caption: str = "") -> Picture | None:
        """The picture, with its first frame alone; None for whatever is none, is too large, or is not for us to open."""
        data = self._bytes(address)
        if data is None or not 0 < len(data) <= MOST_BYTES or self._pictures <= 0:
            return None
        self._pictures -= 1
        try:
            return self._anew(data, alt, caption)
        # Pillow's decoders raise whatever a broken file leads them into: the documented errors, those of struct and zlib.
        except Exception:
            return None

    def _bytes(self, address: str) -> bytes | None:
        if found := _DATA.fullmatch(address):
            if len(found[1]) > MOST_BYTES * 4 // 3 + 4:
                return None
            try:
                return base64.b64decode("".join(found[1].split()), validate=True)
            except (binascii.Error, ValueError):
                return None
        kept = _KEPT.fullmatch(address)
        if kept is None or kept[1] not in self._named or self._kept is None:
            return None
        try:
            return self._kept(kept[1])
        except CountersignError:
            return None

    def _anew(self, data: bytes, alt: str, caption: str) -> Picture | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is far lower
            with Image.open(BytesIO(data), formats=_FORMATS) as opened:
                pixels = opened.width * opened.height
                if not 0 < pixels <= min(MOST_PIXELS, self._pixels):
                    return None
                self._pixels -= pixels
                lossy = opened.format == "JPEG"
                opened.draft("RGB", (MOST_SIDE, MOST_SIDE))
                opened.load()
                turned = ImageOps.exif_transpose(opened)
        turned.thumbnail((MOST_SIDE, MOST_SIDE))
        mode = "RGB" if lossy or not turned.has_transparency_data else "RGBA"
        clean = Image.new(mode, turned.size)
        clean.paste(turned.convert(mode))  # pixels alone: what a camera or a program wrote beside them stays behind
        held = BytesIO()
        if lossy:
            clean.save(held, "JPEG", quality=85)
        else:
            clean.save(held, "PNG")
        media_type = "image/jpeg" if lossy else "image/png"
        return Picture(held.getvalue(), media_type, clean.width, clean.height, alt, caption)  # type: ignore[arg-type]
