"""Records of the AT Protocol as Bluesky shows them: keys that come from ours, facets by byte, cards and pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.connectors.transports.social.counting import HASHTAG, WEB_LINK
from core.connectors.transports.social.posts import Post

_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_YEAR_2023 = 1_672_531_200_000
_YEAR_OF_MS = 31_536_000_000


def record_key(key: str) -> str:
    """A TID (https://atproto.com/specs/tid) that is the same for every attempt with this key.

    Its time is that of the proposal, which our keys begin with (UUIDv7); its last bits are the key's own.
    """
    digest = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    milliseconds = _time_of(key)
    if milliseconds is None:
        milliseconds = _YEAR_2023 + (digest >> 20) % _YEAR_OF_MS
    value = (milliseconds * 1000 + digest % 1000) << 10 | (digest // 1000) % 1024
    return "".join(_LETTERS[value >> shift & 31] for shift in range(60, -1, -5))


def record_of(post: Post, picture: Mapping[str, Any] | None, at: datetime) -> dict[str, Any]:
    """app.bsky.feed.post; `picture` is the blob that was uploaded."""
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "text": post.text,
        "createdAt": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    facets = facets_of(post.text)
    if facets:
        record["facets"] = facets
    if post.card is not None:
        external = {"uri": post.card.url, "title": post.card.title, "description": post.card.description}
        record["embed"] = {"$type": "app.bsky.embed.external", "external": external}
    if post.picture is not None and picture is not None:
        image = {
            "alt": post.picture.alt or "",
            "image": dict(picture),
            "aspectRatio": {"width": post.picture.width, "height": post.picture.height},
        }
        record["embed"] = {"$type": "app.bsky.embed.images", "images": [image]}
    return record


def facets_of(text: str) -> list[dict[str, Any]]:
    """Links and hashtags, so that they can be followed. Places are counted in bytes of UTF-8."""
    found: list[dict[str, Any]] = []
    taken: list[tuple[int, int]] = []
    for link in WEB_LINK.finditer(text):
        taken.append(link.span())
        found.append(_facet(text, *link.span(), {"$type": "app.bsky.richtext.facet#link", "uri": link.group()}))
    for tag in HASHTAG.finditer(text):
        inside = any(first <= tag.start() < last for first, last in taken)
        if not inside and len(tag[1]) <= 64:
            found.append(_facet(text, *tag.span(), {"$type": "app.bsky.richtext.facet#tag", "tag": tag[1]}))
    return sorted(found, key=lambda facet: int(facet["index"]["byteStart"]))


def _facet(text: str, start: int, end: int, feature: Mapping[str, str]) -> dict[str, Any]:
    first = len(text[:start].encode())
    index = {"byteStart": first, "byteEnd": first + len(text[start:end].encode())}
    return {"index": index, "features": [dict(feature)]}


def _time_of(key: str) -> int | None:
    try:
        name = UUID(key.partition(":")[0])
    except ValueError:
        return None
    return name.int >> 80 if name.version == 7 else None
