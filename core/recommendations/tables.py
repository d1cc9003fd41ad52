"""What was recommended to whom, at which rank and to what end, what came of it, and what an admin and a person chose."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Index, Integer, Numeric, String, Uuid, false
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Json, Ref, Timestamp


class Recommendation(Base):
    __tablename__ = "recommendations"
    __table_args__ = (Index(None, "user_id", "shown_at"),)

    id: Mapped[Id]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    workflow_id: Mapped[str] = mapped_column(String(80))
    rank: Mapped[int] = mapped_column(Integer)
    score: Mapped[Decimal] = mapped_column(Numeric(24, 6))
    """Expected benefit in the objective's unit; the chance alone where nothing is known in it."""
    objective: Mapped[str] = mapped_column(String(80), server_default="success")
    """`success`, or `metric:unit`."""
    explored: Mapped[bool] = mapped_column(Boolean, server_default=false())
    propensity: Mapped[float | None] = mapped_column(Float)
    """The chance that it was put first, under the policy of that moment; None before it was kept."""
    evidence: Mapped[Json]
    """{level, n, people, chance, low, high, benefit: {expected, low, high} | null, reason}: as it was shown."""
    shown_at: Mapped[Timestamp]
    clicked_at: Mapped[Timestamp | None]
    execution_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("executions.id", ondelete="SET NULL"))


class RecommendationPolicy(Base):
    """One row: what recommendations aim at unless a person chooses, and whether they explore."""

    __tablename__ = "recommendation_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("explore_share >= 0 AND explore_share <= 1", name="share"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    objective: Mapped[str] = mapped_column(String(80))
    explore: Mapped[bool] = mapped_column(Boolean)
    explore_share: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[Timestamp]
    version: Mapped[int] = mapped_column(Integer)


class ChosenObjective(Base):
    """What one person wants their list ordered by; without a row, as the policy says."""

    __tablename__ = "chosen_objectives"

    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    objective: Mapped[str] = mapped_column(String(80))
    chosen_at: Mapped[Timestamp]
