"""Webhooks and their deliveries; how often each person is told what waits, and each digest that was made."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Json, Ref, Timestamp, closed_set
from core.notifications.rules import DeliveryState
from core.notifications.slots import DigestState, Every


class Webhook(Base):
    __tablename__ = "webhooks"

    id: Mapped[Id]
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200))
    events: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    salt: Mapped[str] = mapped_column(String(64))
    """The secret follows from this and the installation's key (see `signing`)."""
    secret_fingerprint: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(Boolean)
    inactive_because: Mapped[str] = mapped_column(String(500), default="")
    """Who switched it off, or what happened, in words."""
    cursor: Mapped[int] = mapped_column(BigInteger)
    """The last entry of the audit chain that was looked at for this webhook."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """Tries in a row that did not get through."""
    last_success_at: Mapped[Timestamp | None]
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Timestamp]


class WebhookDelivery(Base):
    """One event on its way to one webhook."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_due", "next_try_at", postgresql_where=text("state = 'waiting'")),
        Index(None, "webhook_id", "created_at"),
        Index(None, "finished_at"),
    )

    id: Mapped[Id]
    webhook_id: Mapped[Ref] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(String(64))
    """The sequence of its audit entry; a test has a name of its own."""
    event: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Json]
    state: Mapped[DeliveryState] = mapped_column(closed_set(DeliveryState))
    created_at: Mapped[Timestamp]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    """Counted before the call: a worker that dies in it leaves a try that is made again at its time."""
    last_try_at: Mapped[Timestamp | None]
    next_try_at: Mapped[Timestamp]
    finished_at: Mapped[Timestamp | None]
    status: Mapped[int | None] = mapped_column(Integer)
    """The last answer's HTTP status; None if there was no answer."""
    answer: Mapped[str] = mapped_column(String(500), default="")
    error: Mapped[str] = mapped_column(String(500), default="")
    """Why the last try did not get through, in words."""


class DigestPreference(Base):
    __tablename__ = "digest_preferences"

    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    every: Mapped[Every] = mapped_column(closed_set(Every))
    hour: Mapped[int] = mapped_column(Integer)
    """0 to 23 in the person's zone; for a daily digest."""
    zone: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[Timestamp]


class Digest(Base):
    """One person's digest for one slot: the row is written before the message is sent."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("user_id", "slot"), Index(None, "made_at"))

    id: Mapped[Id]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    slot: Mapped[Timestamp]
    made_at: Mapped[Timestamp]
    """When it was looked what waits: what came later is news for the next one."""
    state: Mapped[DigestState] = mapped_column(closed_set(DigestState))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    items: Mapped[int] = mapped_column(Integer, default=0)
    road: Mapped[str] = mapped_column(String(300), default="")
    words: Mapped[str] = mapped_column(String(1000), default="")
    """What the mail server answered, or why nothing was sent."""
    reference: Mapped[str | None] = mapped_column(String(500))
