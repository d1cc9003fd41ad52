"""Reading the audit chain: by page, by subject, and whole to verify it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.audit.rules import ChainFault, Link, find_fault
from core.audit.tables import AuditEntry as AuditEntry
from core.database.unit_of_work import Database


@dataclass(frozen=True)
class ChainReport:
    entries: int
    fault: ChainFault | None


class AuditQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(
        self, *, text: str = "", event: str = "", subject: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[AuditEntry]:
        """Newest first; `before` is the sequence of the last entry of the page before."""
        query = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditEntry.sequence < before)
        if event:
            query = query.where(AuditEntry.event == event)
        if subject:
            query = query.where(AuditEntry.subject == subject)
        if text:
            query = query.where(
                or_(
                    AuditEntry.actor_name.icontains(text, autoescape=True),
                    AuditEntry.event.icontains(text, autoescape=True),
                    AuditEntry.subject.icontains(text, autoescape=True),
                    AuditEntry.request_id == text,
                )
            )
        with self._database.reading() as session:
            return session.scalars(query).all()

    def of_subjects(self, subjects: Collection[str], *, limit: int) -> tuple[Sequence[AuditEntry], int]:
        """The latest `limit` entries of these, oldest first, and how many there are of them in all."""
        wanted = AuditEntry.subject.in_(sorted(set(subjects)))
        query = select(AuditEntry).where(wanted).order_by(AuditEntry.sequence.desc()).limit(limit)
        with self._database.reading() as session:
            found = session.scalars(query).all() if subjects else []
            total = session.scalar(select(func.count()).select_from(AuditEntry).where(wanted)) if subjects else 0
        return found[::-1], total or 0

    def count(self) -> int:
        with self._database.reading() as session:
            return session.scalar(select(func.coalesce(func.max(AuditEntry.sequence), 0))) or 0

    def events(self) -> list[str]:
        """Every kind of event that has happened, for a filter."""
        with self._database.reading() as session:
            return list(session.scalars(select(AuditEntry.event).distinct().order_by(AuditEntry.event)))

    def verify(self) -> ChainReport:
        """Reads the whole chain in order and recomputes every hash; memory stays flat."""
        with self._database.reading() as session:
            counted = 0

            def links() -> Iterator[tuple[Link, str, str]]:
                nonlocal counted
                for entry in _stream(session):
                    counted += 1
                    yield link_of(entry), entry.previous_hash, entry.hash

            fault = find_fault(links())
        return ChainReport(counted, fault)


def _stream(session: Session) -> Iterator[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.sequence).execution_options(yield_per=1000)
    yield from session.scalars(query)


def link_of(entry: AuditEntry) -> Link:
    """What the entry says, which is what its hash is of."""
    return Link(
        entry.sequence, entry.at, entry.actor_kind.value, entry.actor_id, entry.actor_name,
        entry.event, entry.subject, entry.before, entry.after, entry.request_id,
    )  # fmt: skip
