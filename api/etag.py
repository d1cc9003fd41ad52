"""Versions as entity tags: what you read says which, and a change can insist that it still is (RFC 9110)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from core.errors import CountersignError, InvalidInput

IfMatch = Annotated[
    str | None,
    Header(description="`ETag` of the answer you started from; refused with 412 if it has changed since."),
]

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


class VersionGone(CountersignError):
    """This is not the version there is now. Read it again and decide anew; nothing was changed."""

    http_status = 412


class VersionNeeded(CountersignError):
    """Send If-Match with the ETag of what you read, so that nobody's change is undone unseen. Nothing was changed."""

    http_status = 428


IfNoneMatch = Annotated[
    str | None,
    Header(description="`ETag` of an answer you have; 304 without a body while it is still the one."),
]


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has this very version already (RFC 9110, 13.1.2: weak comparison, or `*`)."""
    if if_none_match is None:
        return False
    known = {opaque for _, opaque in _TAG.findall(if_none_match)}
    return if_none_match.strip() == "*" or tag.strip('"') in known


def etag(version: int) -> str:
    return f'"{version}"'


def stated_version(if_match: str | None) -> int | None:
    """The version an ETag of ours names; None where nothing is asked for (no header, or `*`: whatever there is).

    A weak tag never matches (RFC 9110, 13.1.1), nor does one that is none of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise InvalidInput(field="If-Match", problem="use the one ETag of an answer before, in its quotes.")
    weak, opaque = found.groups()
    if weak or not opaque.isdecimal() or not opaque.isascii() or len(opaque) > 9:
        raise VersionGone()
    return int(opaque)


def needed_version(if_match: str | None) -> int | None:
    """As `stated_version`, where a change without If-Match is refused (RFC 6585, 428)."""
    if if_match is None:
        raise VersionNeeded()
    return stated_version(if_match)
