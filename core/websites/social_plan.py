"""A table of posts for social networks, read line by line: where, when, what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core.canonical import digest
from core.websites.rules import checked_address
from core.websites.tables_of_text import Row, all_told, rows_of, unfit

COLUMNS = ("at", "network", "text", "link")
NETWORKS = ("linkedin", "x", "mastodon", "bluesky")
"""Not Instagram: it takes no post without a picture."""
_MOST_POSTS, _MOST_TEXT = 100, 3_000


def posts_of(text: str) -> list[dict[str, Any]]:
    """In the order of their times, each with an id of its own; ValueError names every bad line."""
    rows = rows_of(text, needed=("at", "network", "text"), known=COLUMNS)
    if len(rows) > _MOST_POSTS:
        raise ValueError(f"keep it to {_MOST_POSTS} posts; there are {len(rows)}")
    all_told(_wrong(rows))
    found = [_post(row) for row in rows]
    return sorted(found, key=lambda one: (one["at"], one["network"], one["id"]))


def _post(row: Row) -> dict[str, Any]:
    at = _moment(row["at"])
    assert at is not None
    said = f"{row['text']}\n\n{row['link']}" if row["link"] else row["text"]
    one = {"at": at.isoformat().replace("+00:00", "Z"), "network": row["network"].casefold(), "text": said}
    return {"id": digest(one)[:16], "title": f"{one['network']}: {' '.join(row['text'].split())[:80]}", **one}


def _wrong(rows: list[Row]) -> Iterator[tuple[int, str]]:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        if _moment(row["at"]) is None:
            yield row.line, f"{row['at'][:40]!r} is no time; write it as 2026-12-01T09:00Z"
        if row["network"].casefold() not in NETWORKS:
            yield row.line, f"{row['network'][:40]!r} is no network to post to; use {', '.join(NETWORKS)}"
        if not row["text"]:
            yield row.line, "the text is missing"
        elif wrong := unfit(row["text"], _MOST_TEXT, lines=True):
            yield row.line, f"text: {wrong}"
        if row["link"] and (wrong := _link(row["link"])):
            yield row.line, f"link: {wrong}"
        same = seen.setdefault((row["at"], row["network"].casefold(), row["text"], row["link"]), row.line)
        if same != row.line:
            yield row.line, f"the same post stands in line {same}"


def _link(address: str) -> str | None:
    if not address.startswith(("https://", "http://")):
        return "begin it with https:// or http://"
    try:
        checked_address(address)
    except ValueError as problem:
        return str(problem)
    return None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
