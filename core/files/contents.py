"""What a file really is: read from its content, agreeing with its name; and what to call it."""

from __future__ import annotations

import hashlib
import unicodedata
import warnings
import zipfile
from io import BytesIO
from pathlib import PurePosixPath

import puremagic
from PIL import Image

from core.files.archives import Archive, Unreadable, whole
from core.text import in_sentence

_IMAGES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}
_TEXTS = {
    ".txt": "text/plain", ".csv": "text/csv", ".md": "text/markdown", ".html": "text/html", ".json": "application/json",
}  # fmt: skip
_OFFICE = {
    ".docx": ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".pptx": ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
"""The part that an Office document cannot be without. Those with macros end otherwise and are not taken."""

_ARCHIVE = ".zip"

ENDINGS = (*_IMAGES, ".pdf", *_TEXTS, *_OFFICE, _ARCHIVE)
"""Every file name ending that can be checked."""

_MOST_PIXELS = 50_000_000
"""A picture of 5 MB can unfold to gigabytes; a screenshot never has this many."""

_MOST_UNPACKED = 100_000_000
_MOST_NAME = 200


class NotThatKind(ValueError):
    """Its text ends a sentence that begins with the file's name."""


def media_type_of(name: str, data: bytes, endings: tuple[str, ...] = ENDINGS) -> str:
    """The type that content and name agree on; NotThatKind if they do not, or its ending is none of `endings`."""
    if not data:
        raise NotThatKind("it is empty.")
    ending = PurePosixPath(name).suffix.lower()
    if ending not in endings:
        raise NotThatKind(f"its name ends in {ending or 'nothing that says its type'}.")
    if ending in _IMAGES:
        return _image_type(data, _IMAGES[ending])
    if ending in _TEXTS:
        return _text_type(data, _TEXTS[ending])
    if ending in _OFFICE:
        return _office_type(data, *_OFFICE[ending])
    if ending == _ARCHIVE:
        return _archive_type(data, endings)
    return _pdf_type(data)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def shown_name(name: str, *, otherwise: str = "file") -> str:
    """The last part of a name, without what a screen or a header could trip over; its ending is kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Categories C*: control, invisible and direction-changing characters, halves of pairs.
    clean = "".join(c for c in unicodedata.normalize("NFC", last) if not unicodedata.category(c).startswith("C"))
    clean = " ".join(clean.split()).lstrip(".") or otherwise
    if len(clean) <= _MOST_NAME:
        return clean
    ending = PurePosixPath(clean).suffix[:10]
    return clean[: _MOST_NAME - len(ending)] + ending


def shown_size(size: int) -> str:
    """In the units of people: `12 kB`, `1.4 MB`."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _image_type(data: bytes, wanted: str) -> str:
    mime = f"image/{wanted.lower()}"
    if mime not in _possible_types(data):
        raise NotThatKind(f"its content is not {wanted}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=[wanted]) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise NotThatKind("it has too many pixels.")
                image.verify()
    except NotThatKind:
        raise
    # Pillow's decoders raise whatever a broken file leads them into: the documented errors, and those of struct and zlib.
    except Exception as error:
        raise NotThatKind("the picture is damaged.") from error
    return mime


def _pdf_type(data: bytes) -> str:
    if "application/pdf" not in _possible_types(data) or not data.startswith(b"%PDF-"):
        raise NotThatKind("its content is not PDF.")
    return "application/pdf"


def _text_type(data: bytes, mime: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotThatKind("it is not text in UTF-8.") from None
    if data.startswith(b"%PDF-") or any(c < " " and c not in "\t\n\r\f" for c in text):
        raise NotThatKind("its content is not plain text.")
    return mime


def _office_type(data: bytes, part: str, mime: str) -> str:
    if not data.startswith(b"PK\x03\x04"):  # an archive is read from its end: a program may stand before it
        raise NotThatKind("its content is not an Office document.")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NotThatKind("its content is not an Office document.") from None
    if not {"[Content_Types].xml", part} <= names:
        raise NotThatKind("its content is another kind of document than its name says.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotThatKind("it holds macros.")
    return mime


def _archive_type(data: bytes, endings: tuple[str, ...], *, within: bool = False) -> str:
    """What is in it must be what could be handed in by itself; one archive in another is as deep as it may go."""
    if not data.startswith(b"PK\x03\x04"):
        raise NotThatKind("its content is not a ZIP archive.")
    try:
        archive = Archive(BytesIO(data), most_bytes=_MOST_UNPACKED)
        for name in archive.names:
            inside = whole(archive, name, most=_MOST_UNPACKED)
            if PurePosixPath(name).suffix.lower() == _ARCHIVE and not within:
                _archive_type(inside, endings, within=True)
            else:
                media_type_of(name, inside, tuple(one for one in endings if one != _ARCHIVE))
    except Unreadable as problem:
        raise NotThatKind(in_sentence(str(problem))) from problem
    except NotThatKind as problem:
        raise NotThatKind(f"{name} in it cannot be: {problem}") from problem
    return "application/zip"


def _possible_types(data: bytes) -> set[str]:
    try:
        return {match.mime_type for match in puremagic.magic_string(data)}
    except (puremagic.PureError, ValueError):
        return set()
