"""From entries of the audit chain to what a webhook is told: the event, and the thing it happened to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.tables import AuditEntry
from core.identifiers import parse_id
from core.notifications.rules import WebhookEvent

Heard = Sequence[tuple[AuditEntry, WebhookEvent]]


class Teller(ABC):
    """Of one kind of subject. It reads rows for addresses and titles, never contents: those are for who may see them."""

    name: ClassVar[str]

    def heard(self, entries: Sequence[AuditEntry]) -> Heard:
        """Those of `entries`, all of this kind, that mean something outside, with what they mean."""
        return [(entry, event) for entry in entries if (event := self.event_of(entry)) is not None]

    @abstractmethod
    def event_of(self, entry: AuditEntry) -> WebhookEvent | None:
        """What an entry means, or nothing."""

    @abstractmethod
    def about(self, session: Session, heard: Heard, base_url: str) -> Mapping[int, Mapping[str, Any]]:
        """What the event's `data` says of its subject, by the entry's sequence; nobody is told of what has none.

        Sample data has none, and neither has what was removed since.
        """


def id_of(entry: AuditEntry) -> UUID | None:
    return parse_id(entry.subject.partition(":")[2])


def ids_of(heard: Heard) -> set[UUID]:
    return {found for entry, _ in heard if (found := id_of(entry)) is not None}


def by_entry(heard: Heard, facts: Mapping[UUID, Mapping[str, Any]]) -> Iterable[tuple[AuditEntry, Mapping[str, Any]]]:
    """Each entry with the facts of its subject, where there are any."""
    for entry, _ in heard:
        found = id_of(entry)
        if found is not None and found in facts:
            yield entry, facts[found]
