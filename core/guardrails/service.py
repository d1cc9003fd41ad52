"""The one row of guardrails: what it says now, and changing it so that queued work obeys at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actor import Actor
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.errors import Conflict, InvalidInput
from core.guardrails.rules import ExecutionMode, Limits
from core.guardrails.tables import Guardrails
from core.settings import Settings

_ROW = 1


def initial_mode(settings: Settings) -> ExecutionMode:
    """Preview, until whoever installed it has said in the environment that execution is meant."""
    live = settings.execution_enabled and not settings.execution_dry_run
    return ExecutionMode.ON if live else ExecutionMode.PREVIEW


def initial_limits(settings: Settings, now: datetime) -> Limits:
    """What a new installation allows, before anybody changed it."""
    return Limits(
        mode=initial_mode(settings), channels=settings.execution_channels, max_recipients=10, expiry_hours=24,
        changed_by="the installation", changed_at=now, version=1,
    )  # fmt: skip


def ensure_row(uow: UnitOfWork, settings: Settings) -> None:
    """Writes the guardrails of a new installation; afterwards the row alone counts."""
    start = initial_limits(settings, uow.now)
    uow.session.execute(
        insert(Guardrails)
        .values(
            id=_ROW, mode=start.mode, channels=sorted(start.channels), max_recipients=start.max_recipients,
            expiry_hours=start.expiry_hours, changed_by=start.changed_by, changed_at=start.changed_at, version=1,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def current(uow: UnitOfWork, settings: Settings, *, hold: bool = False) -> Limits:
    """The guardrails now. With `hold` nobody changes them until this transaction ends."""
    query = select(Guardrails).where(Guardrails.id == _ROW).execution_options(populate_existing=True)
    if hold:
        query = query.with_for_update(read=True)
    row = uow.session.scalar(query)
    if row is None:
        ensure_row(uow, settings)
        row = uow.session.scalars(query).one()
    return limits_of(row)


def stored(session: Session) -> Limits | None:
    row = session.get(Guardrails, _ROW)
    return limits_of(row) if row else None


def change(
    uow: UnitOfWork,
    settings: Settings,
    actor: Actor,
    *,
    mode: ExecutionMode | None = None,
    channels: frozenset[str] | None = None,
    max_recipients: int | None = None,
    expiry_hours: int | None = None,
    expected_version: int | None = None,
) -> Limits:
    """Changes what is given. Work that is queued reads the row under the same lock right before its call."""
    ensure_row(uow, settings)
    row = uow.session.get_one(Guardrails, _ROW, with_for_update=True, populate_existing=True)
    if expected_version is not None and row.version != expected_version:
        raise Conflict(what="The guardrails")
    before = _facts(row)
    if max_recipients is not None and not 1 <= max_recipients <= 100:
        raise InvalidInput(field="Recipients per message", problem="use 1 to 100.")
    if expiry_hours is not None and not 1 <= expiry_hours <= 24 * 90:
        raise InvalidInput(field="Hours until a proposal expires", problem="use 1 to 2,160.")
    row.mode = row.mode if mode is None else mode
    row.channels = row.channels if channels is None else sorted(channels)
    row.max_recipients = max_recipients or row.max_recipients
    row.expiry_hours = expiry_hours or row.expiry_hours
    if _facts(row) != before:
        row.changed_by, row.changed_at, row.version = actor.name, uow.now, row.version + 1
        audit.record(uow, actor, "guardrails.changed", "guardrails:1", before=before, after=_facts(row))
    return limits_of(row)


def limits_of(row: Guardrails) -> Limits:
    return Limits(
        mode=row.mode, channels=frozenset(row.channels), max_recipients=row.max_recipients,
        expiry_hours=row.expiry_hours, changed_by=row.changed_by, changed_at=row.changed_at, version=row.version,
    )  # fmt: skip


def _facts(row: Guardrails) -> dict[str, object]:
    return {
        "mode": row.mode.value, "channels": row.channels,
        "max_recipients": row.max_recipients, "expiry_hours": row.expiry_hours,
    }  # fmt: skip
