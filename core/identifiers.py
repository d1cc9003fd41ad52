"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()


def parse_id(text: object) -> UUID | None:
    """The id that `text` spells, or None: what comes from a URL is a guess until it is found."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
