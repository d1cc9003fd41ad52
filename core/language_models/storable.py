"""Text that PostgreSQL gives back as it was."""

from __future__ import annotations


def storable(text: str) -> str:
    """`text` with U+FFFD for NUL and for halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
