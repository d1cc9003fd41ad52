"""The ledger of work done and under way, which rates and the duplicate window are counted in."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, delete, insert, select, text
from sqlalchemy.orm import Session

from core.database.unit_of_work import UnitOfWork
from core.guardrails.limits import Limits
from core.guardrails.rules import Facts, Usage
from core.guardrails.tables import LedgerEntry
from core.identifiers import new_id

_LEDGER_LOCK = 0x47726C  # the first half of the lock's key; no other lock of ours has two halves
_PURGE = 10_000


def lock(uow: UnitOfWork, facts: Facts) -> None:
    """Until this transaction ends, nobody else counts and reserves on this channel.

    Limits never span channels, so work on one channel does not wait for work on another.
    """
    half = int.from_bytes(hashlib.sha256(facts.channel.encode()).digest()[:4], signed=True)
    uow.session.execute(text("SELECT pg_advisory_xact_lock(:room, :half)"), {"room": _LEDGER_LOCK, "half": half})


def usage(session: Session, limits: Limits, facts: Facts, *, subject: str) -> Usage:
    """What counts against `facts`; what `subject` itself reserved does not."""
    if facts.only_reads:
        return Usage()
    channel, recipients = limits.channel_rates.get(facts.channel), limits.recipient_rates.get(facts.channel)
    work = LedgerEntry.recipient.is_(None)
    on_channel = LedgerEntry.channel == facts.channel
    found: dict[str, datetime] = {}
    if recipients is not None:
        for one in facts.mailboxes:
            at = _latest(session, subject, recipients.count, on_channel, LedgerEntry.recipient == one)
            if at is not None:
                found[one] = at
    return Usage(
        channel=_latest(session, subject, channel.count, work, on_channel) if channel else None,
        recipients=found,
        same=_latest(session, subject, 1, work, LedgerEntry.same_as == facts.same_as)
        if limits.duplicate_hours
        else None,
    )


def reserve(uow: UnitOfWork, facts: Facts, *, holder: str) -> None:
    """Enters the work right before its call, in the transaction that judged it with `hold=True`.

    Again for the same holder replaces what was there: an attempt repeated is the same work. What only reads is free.
    """
    if facts.only_reads:
        return
    lock(uow, facts)
    release(uow, holder=holder)
    rows = [
        {"id": new_id(), "holder": holder, "channel": facts.channel, "recipient": one, "same_as": facts.same_as,
         "at": facts.now}
        for one in (None, *facts.mailboxes)
    ]  # fmt: skip
    uow.session.execute(insert(LedgerEntry), rows)


def release(uow: UnitOfWork, *, holder: str) -> None:
    """Takes it out again, when an attempt certainly did nothing."""
    uow.session.execute(
        delete(LedgerEntry).where(LedgerEntry.holder == holder).execution_options(synchronize_session=False)
    )


def purge(uow: UnitOfWork, *, before: datetime) -> int:
    """Removes a part of what is too old to count; answers how much, 0 when nothing is left."""
    old = select(LedgerEntry.id).where(LedgerEntry.at < before).limit(_PURGE)
    removed = uow.session.execute(
        delete(LedgerEntry).where(LedgerEntry.id.in_(old)).execution_options(synchronize_session=False)
    )
    assert isinstance(removed, CursorResult)
    return removed.rowcount


def _latest(session: Session, subject: str, back: int, *conditions: ColumnElement[bool]) -> datetime | None:
    """When the work was done that is `back` from the end; None if there is less."""
    others = [*conditions, LedgerEntry.holder != subject]
    query = select(LedgerEntry.at).where(*others).order_by(LedgerEntry.at.desc()).offset(back - 1).limit(1)
    return session.scalar(query)
