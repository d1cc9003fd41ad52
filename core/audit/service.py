"""Writing to the audit chain, inside the transaction of the change it records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, text

from core.actor import Actor
from core.audit.rules import GENESIS, Link, link_hash
from core.audit.tables import AuditEntry
from core.canonical import jsonable
from core.correlation import current_request
from core.database.unit_of_work import UnitOfWork

_CHAIN_LOCK = 0x436F756E74  # any constant that no other lock uses
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:key)")
_END = select(AuditEntry.sequence, AuditEntry.hash).order_by(AuditEntry.sequence.desc()).limit(1)
_APPEND = insert(AuditEntry)


@dataclass(frozen=True)
class _Pending:
    actor: Actor
    event: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def record(
    uow: UnitOfWork,
    actor: Actor,
    event: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Adds an entry when `uow` commits. `event` is `noun.verb-ed`, `subject` is `noun:id`; never pass a secret.

    The chain has one end, so writers take turns; entries are therefore written last, and the turn lasts one commit.
    """
    pending: list[_Pending] = uow.notes.setdefault("audit", [])
    if not pending:
        uow.before_commit(lambda: _append(uow, pending))
    pending.append(_Pending(actor, event, subject, jsonable(before), jsonable(after)))


def _append(uow: UnitOfWork, pending: list[_Pending]) -> None:
    connection = uow.session.connection()
    connection.execute(_TAKE_TURN, {"key": _CHAIN_LOCK})
    end = connection.execute(_END).first()
    sequence, previous = (end.sequence, end.hash) if end else (0, GENESIS)
    request = current_request()
    rows = []
    for entry in pending:
        sequence += 1
        link = Link(
            sequence, uow.now, entry.actor.kind.value, entry.actor.id, entry.actor.name,
            entry.event, entry.subject, entry.before, entry.after, request,
        )  # fmt: skip
        hashed = link_hash(link, previous)
        rows.append(
            {
                "sequence": sequence, "at": uow.now, "actor_kind": entry.actor.kind, "actor_id": entry.actor.id,
                "actor_name": entry.actor.name, "event": entry.event, "subject": entry.subject,
                "before": entry.before, "after": entry.after, "request_id": request,
                "previous_hash": previous, "hash": hashed,
            }
        )  # fmt: skip
        previous = hashed
    connection.execute(_APPEND, rows)
