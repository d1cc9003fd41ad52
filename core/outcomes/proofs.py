"""Checking an uploaded proof: what it really is, and that it is a kind of file a proof may be."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import CountersignError
from core.files.contents import NotThatKind, media_type_of, sha256_of, shown_name
from core.outcomes.rules import MOST_PROOF_BYTES

ACCEPTED = ("png", "jpg", "jpeg", "webp", "gif", "pdf", "txt")
"""File name endings, for the upload field."""


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
    shown = shown_name(name, otherwise="proof")
    if len(data) > MOST_PROOF_BYTES:
        raise ProofTooLarge(name=shown, size=f"{len(data) / 1024 / 1024:.1f} MB")
    try:
        content_type = media_type_of(shown, data, tuple(f".{ending}" for ending in ACCEPTED))
    except NotThatKind as problem:
        raise ProofRefused(name=shown, problem=str(problem)) from problem
    return Upload(shown, content_type, sha256_of(data), data)
