"""The audit chain's only table; the database itself refuses UPDATE and DELETE on it (see the first migration)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import ActorKind
from core.database.base import Base, Timestamp, closed_set


class AuditEntry(Base):
    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "subject", "sequence"),
        Index(None, "actor_id", "sequence"),
        Index(None, "request_id", postgresql_where=text("request_id IS NOT NULL")),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[Timestamp]
    actor_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    actor_id: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(200))
    event: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    request_id: Mapped[str | None] = mapped_column(String(64))
    """The click, request or piece of work in which it was written; the same as in the logs."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
