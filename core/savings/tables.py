"""Rate cards, calculator profiles and exchange rates; cards and rates stay as written, and can only be withdrawn."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Index, Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Timestamp


class _Inputs:
    """What the calculator asks, exact to the tenth decimal."""

    tasks_per_week: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    minutes_per_task: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    hourly_wage: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    automation_percent: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    """A share, as everywhere: 0.85 is 85 %."""
    error_rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    cost_per_error: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    value_per_accelerated_task: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    implementation_cost: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    currency: Mapped[str] = mapped_column(String(3))


class RateCardRow(_Inputs, Base):
    """A card that an analyst or admin added. A correction is a new one: runs keep what they were started under."""

    __tablename__ = "rate_cards"
    __table_args__ = (
        Index(None, "workflow_id", "effective_from"),
        CheckConstraint("automation_percent BETWEEN 0 AND 1 AND error_rate BETWEEN 0 AND 1", name="shares"),
    )

    id: Mapped[Id]
    workflow_id: Mapped[str] = mapped_column(String(80))
    effective_from: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(500))
    created_by: Mapped[str] = mapped_column(String(200))
    created_by_id: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[Timestamp]
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_at: Mapped[Timestamp | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")


class CalculatorProfile(_Inputs, Base):
    """A named what-if of a workflow; nothing is reckoned from it but what its page shows."""

    __tablename__ = "calculator_profiles"
    __table_args__ = (
        UniqueConstraint("workflow_id", "name"),
        CheckConstraint("automation_percent BETWEEN 0 AND 1 AND error_rate BETWEEN 0 AND 1", name="shares"),
    )

    id: Mapped[Id]
    workflow_id: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(80))
    created_by: Mapped[str] = mapped_column(String(200))
    created_by_id: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[Timestamp]
    updated_at: Mapped[Timestamp]
    version: Mapped[int] = mapped_column(Integer, default=1)


class ExchangeRate(Base):
    """One `base` was worth `rate` of `quote` on `day`, as `source` says."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        Index(None, "base", "quote", "day"),
        CheckConstraint("rate > 0", name="rate_is_above_nought"),
        CheckConstraint("base <> quote", name="two_currencies"),
    )

    id: Mapped[Id]
    base: Mapped[str] = mapped_column(String(3))
    quote: Mapped[str] = mapped_column(String(3))
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    day: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(String(200))
    created_by_id: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[Timestamp]
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_at: Mapped[Timestamp | None]
