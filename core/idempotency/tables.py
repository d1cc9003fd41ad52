"""The keys that programs sent, and what each of them stands for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, LargeBinary, SmallInteger, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Ref, Timestamp, closed_set
from core.idempotency.rules import Changed


class IdempotencyKey(Base):
    """`resource_id` is given out before anything is made: whoever repeats the request makes that one or finds it."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "expires_at"),)

    actor: Mapped[str] = mapped_column(String(120), primary_key=True)
    """`kind:id`: a key means something to its sender only."""
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    resource_id: Mapped[Ref]
    held_until: Mapped[Timestamp]
    """Somebody is at it until then; a process that died lets go by that alone."""
    holder: Mapped[Ref | None] = mapped_column(Uuid)
    """Which request is, or was last, at it: one that was overtaken commits nothing more."""
    changed: Mapped[Changed | None] = mapped_column(closed_set(Changed))
    """Written in the transaction of the change itself, so that it is true whenever the process ends."""
    status: Mapped[int | None] = mapped_column(SmallInteger)
    """Of the answer; none: it has not been given."""
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None beside a status: too long to keep, or it holds a secret."""
    expires_at: Mapped[Timestamp]
