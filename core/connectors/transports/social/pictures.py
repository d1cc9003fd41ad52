"""A stored picture, read: which kind it is, how large, and whether it says where it was taken."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from core.connectors.transports.social.posts import JPEG, PNG, Picture
from core.errors import InvalidInput
from core.files.storage import FileStore

_GPS = 0x8825
_KINDS = {"JPEG": JPEG, "PNG": PNG}
_MOST_PIXELS = 36_000_000
"""What LinkedIn takes; more than any screen shows."""


def stored_picture(files: FileStore, sha256: str, alt: str | None) -> Picture:
    """The picture with its bytes, or InvalidInput; raises what the file store raises."""
    data = files.get(sha256)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(_KINDS)) as image:  # reads the header only
                kind, (width, height) = _KINDS[image.format or ""], image.size
                shows_place = bool(image.getexif().get_ifd(_GPS))
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, KeyError):
        raise InvalidInput(field="Picture", problem="use a whole JPEG or PNG file.") from None
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for a broken one
        raise InvalidInput(field="Picture", problem="use a whole JPEG or PNG file.") from None
    if width * height > _MOST_PIXELS:
        raise InvalidInput(field="Picture", problem=f"it has {width:,} × {height:,} pixels; make it smaller.")
    return Picture(alt, sha256, None, kind, width, height, shows_place, data)
