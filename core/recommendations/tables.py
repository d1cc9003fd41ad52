"""What was recommended to whom, at which rank, and what came of it."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Integer, Numeric, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Json, Ref, Timestamp


class Recommendation(Base):
    __tablename__ = "recommendations"
    __table_args__ = (Index(None, "user_id", "shown_at"),)

    id: Mapped[Id]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    workflow_id: Mapped[str] = mapped_column(String(80))
    rank: Mapped[int] = mapped_column(Integer)
    score: Mapped[Decimal] = mapped_column(Numeric(8, 6))
    evidence: Mapped[Json]
    """{level: cell|market|global|none, n, people, low, high, reason}."""
    shown_at: Mapped[Timestamp]
    clicked_at: Mapped[Timestamp | None]
    execution_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("executions.id", ondelete="SET NULL"))
