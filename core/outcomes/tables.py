"""Logged outcomes and the proofs uploaded for them; the files themselves are stored by digest outside the database."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Ref, Timestamp, closed_set
from core.outcomes.rules import MetricType, ProofType, ReviewState


class Outcome(Base):
    __tablename__ = "outcomes"
    __table_args__ = (
        CheckConstraint("(metric_type = 'revenue') = (unit ~ '^[A-Z]{3}$')", name="currency_is_for_revenue"),
        Index(None, "sample", "logged_at"),
    )

    id: Mapped[Id]
    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("users.id", ondelete="SET NULL"), index=True)
    metric_type: Mapped[MetricType] = mapped_column(closed_set(MetricType))
    value: Mapped[Decimal] = mapped_column(Numeric(20, 4))
    unit: Mapped[str] = mapped_column(String(40))
    """Revenue: an ISO 4217 code. Time saved: minutes, hours or days. Customers: customers. Custom: its own word."""
    note: Mapped[str] = mapped_column(String(2000), default="")
    proof_type: Mapped[ProofType] = mapped_column(closed_set(ProofType))
    review_state: Mapped[ReviewState] = mapped_column(closed_set(ReviewState))
    reviewed_by: Mapped[str | None] = mapped_column(String(200))
    reviewed_at: Mapped[Timestamp | None]
    review_reason: Mapped[str] = mapped_column(String(2000), default="")
    logged_at: Mapped[Timestamp]
    sample: Mapped[bool] = mapped_column(Boolean, default=False)


class Proof(Base):
    __tablename__ = "proofs"

    id: Mapped[Id]
    outcome_id: Mapped[Ref] = mapped_column(ForeignKey("outcomes.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    """Shown to people, never used as a path."""
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    uploaded_by: Mapped[str] = mapped_column(String(200))
    uploaded_at: Mapped[Timestamp]
