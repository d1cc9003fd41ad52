"""How one audit entry is bound to the one before it, and how a broken chain is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.canonical import digest

GENESIS = "0" * 64
"""The hash before the first entry."""


@dataclass(frozen=True)
class Link:
    """What an entry says, without its place in the chain."""

    sequence: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    event: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request: str | None = None
    """The request it was part of; entries from before this was kept have none, and their hashes hold."""


def link_hash(link: Link, previous_hash: str) -> str:
    """SHA-256 over the entry's content and the hash of the entry before it."""
    return digest(
        {
            "sequence": link.sequence,
            "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": [link.actor_kind, link.actor_id, link.actor_name],
            "event": link.event,
            "subject": link.subject,
            "before": link.before,
            "after": link.after,
            "previous": previous_hash,
            **({"request": link.request} if link.request is not None else {}),
        }
    )


@dataclass(frozen=True)
class ChainFault:
    sequence: int
    problem: str


def find_fault(chain: Iterable[tuple[Link, str, str]]) -> ChainFault | None:
    """The first entry, in order of sequence, that was changed, removed or inserted; `chain` holds (link, previous, hash)."""
    expected, previous = 1, GENESIS
    for link, claimed_previous, claimed_hash in chain:
        if link.sequence != expected:
            return ChainFault(expected, f"entry {expected} is missing")
        if claimed_previous != previous:
            return ChainFault(link.sequence, f"entry {link.sequence} does not follow entry {link.sequence - 1}")
        if link_hash(link, previous) != claimed_hash:
            return ChainFault(link.sequence, f"entry {link.sequence} was changed after it was written")
        expected, previous = expected + 1, claimed_hash
    return None
