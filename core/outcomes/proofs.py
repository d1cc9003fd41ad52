"""Looking into an uploaded proof: what it really is, whether that agrees with its name, and what to call it."""

from __future__ import annotations

import hashlib
import unicodedata
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

import puremagic
from PIL import Image

from core.errors import CountersignError
from core.outcomes.rules import MOST_PROOF_BYTES

_IMAGES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}
_MOST_PIXELS = 50_000_000
"""A picture of 5 MB can unfold to gigabytes; a screenshot never has this many."""

ACCEPTED = ("png", "jpg", "jpeg", "webp", "gif", "pdf", "txt")
"""File name endings, for the upload field."""

_MOST_NAME = 200


class ProofTooLarge(CountersignError):
    """{name} has {size}, and a proof may have 5 MB. Make it smaller, or take a picture of the part that matters; nothing was saved."""  # noqa: E501

    http_status = 413


class ProofRefused(CountersignError):
    """{name} cannot be a proof: {problem} Images (PNG, JPEG, WebP, GIF), PDF and plain text can; nothing was saved."""

    http_status = 422


@dataclass(frozen=True)
class Upload:
    """A checked file. `name` is shown to people and never used as a path; `sha256` is where its bytes are kept."""

    name: str
    content_type: str
    sha256: str
    data: bytes


def checked_upload(name: str, data: bytes) -> Upload:
    """The file, if its content is what its name says; its size, type and readability are checked here, on the server."""
    shown = shown_name(name)
    if len(data) > MOST_PROOF_BYTES:
        raise ProofTooLarge(name=shown, size=f"{len(data) / 1024 / 1024:.1f} MB")
    if not data:
        raise ProofRefused(name=shown, problem="it is empty.")
    ending = PurePosixPath(shown).suffix.lower()
    if ending in _IMAGES:
        content_type = _image_type(shown, data, _IMAGES[ending])
    elif ending == ".pdf":
        content_type = _pdf_type(shown, data)
    elif ending == ".txt":
        content_type = _text_type(shown, data)
    else:
        raise ProofRefused(name=shown, problem=f"its name ends in {ending or 'nothing that says its type'}.")
    return Upload(shown, content_type, hashlib.sha256(data).hexdigest(), data)


def shown_name(name: str) -> str:
    """The last part of a name, without what a screen or a header could trip over; its ending is kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Categories C*: control, invisible and direction-changing characters, halves of pairs.
    clean = "".join(c for c in unicodedata.normalize("NFC", last) if not unicodedata.category(c).startswith("C"))
    clean = " ".join(clean.split()).lstrip(".") or "proof"
    if len(clean) <= _MOST_NAME:
        return clean
    ending = PurePosixPath(clean).suffix[:10]
    return clean[: _MOST_NAME - len(ending)] + ending


def _image_type(name: str, data: bytes, wanted: str) -> str:
    mime = f"image/{wanted.lower()}"
    if mime not in _possible_types(data):
        raise ProofRefused(name=name, problem=f"its content is not {wanted}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=[wanted]) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise ProofRefused(name=name, problem="it has too many pixels.")
                image.verify()
    except ProofRefused:
        raise
    # Pillow's decoders raise whatever a broken file leads them into: the documented errors, and those of struct and zlib.
    except Exception as error:
        raise ProofRefused(name=name, problem="the picture is damaged.") from error
    return mime


def _pdf_type(name: str, data: bytes) -> str:
    if "application/pdf" not in _possible_types(data) or not data.startswith(b"%PDF-"):
        raise ProofRefused(name=name, problem="its content is not PDF.")
    return "application/pdf"


def _text_type(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProofRefused(name=name, problem="it is not text in UTF-8.") from None
    if data.startswith(b"%PDF-") or any(c < " " and c not in "\t\n\r\f" for c in text):
        raise ProofRefused(name=name, problem="its content is not plain text.")
    return "text/plain"


def _possible_types(data: bytes) -> set[str]:
    try:
        return {match.mime_type for match in puremagic.magic_string(data)}
    except (puremagic.PureError, ValueError):
        return set()
