"""Versions as entity tags: what you read says which, and a change can insist that it still is (RFC 9110)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from core.errors import InvalidInput

IfMatch = Annotated[
    str | None,
    Header(description="`ETag` of the answer you started from; refused with 409 if it has changed since."),
]


def etag(version: int) -> str:
    return f'"{version}"'


def stated_version(if_match: str | None) -> int | None:
    """The version an ETag of ours names; `*` asks for nothing."""
    if if_match is None or if_match.strip() == "*":
        return None
    stated = if_match.strip().removeprefix("W/").strip('"')
    if not stated.isdecimal() or len(stated) > 9:
        raise InvalidInput(field="If-Match", problem="use the ETag of an answer before.")
    return int(stated)
