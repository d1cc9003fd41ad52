"""The keys that programs sent, and what each of them stands for."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Ref, Timestamp


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
    expires_at: Mapped[Timestamp]
