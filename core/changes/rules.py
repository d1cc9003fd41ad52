"""What changed, as PostgreSQL says it: `run 0192… 7`, `action …`, `decision …`, `access`; nothing but names and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CHANNEL = "countersign"


class Kind(StrEnum):
    RUN = "run"
    ACTION = "action"
    DECISION = "decision"
    ACCESS = "access"
    """Who may see and do what: people, tokens, agents, councils, seats given away."""


@dataclass(frozen=True)
class Change:
    """A row that is not as it was; `id` None: any of its kind, `kind` None: anything at all."""

    kind: Kind | None
    id: str | None = None
    version: int | None = None


ANYTHING = Change(None)
"""The connection was lost, or more came than could be held: whoever watches looks again."""


def read_change(payload: str) -> Change:
    """What a notification says; one that says nothing known may mean anything."""
    words = payload.split(" ")
    try:
        kind = Kind(words[0])
    except ValueError:
        return ANYTHING
    version = int(words[2]) if len(words) > 2 and words[2].isdecimal() else None
    return Change(kind, words[1] if len(words) > 1 else None, version)


def concerns(change: Change, watched: Change) -> bool:
    """Whether somebody who watches `watched` is told of `change`; where either names no one id, all of its kind are."""
    if change.kind is None or watched.kind is None:
        return True
    if change.kind is not watched.kind:
        return False
    return change.id is None or watched.id is None or change.id == watched.id


def locks_of(watched: Change) -> tuple[str, ...]:
    """The advisory locks of whoever watches this, as the triggers of migration 0023 look for them."""
    kinds = (watched.kind,) if watched.kind is not None else tuple(Kind)
    found = []
    for kind in kinds:
        found.append(f"{kind} ")
        if kind is not Kind.ACCESS:
            found.append(f"{kind} {watched.id or '*'}")
    return tuple(found)
