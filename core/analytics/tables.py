"""Rollups: what happened, per workflow, segment and day, kept up to date by the aggregation job."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Integer, Numeric, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Json, Ref, Timestamp


class Performance(Base):
    """One cell: workflow × market × skill level. Success = completed with an outcome; abandoned or stale = not."""

    __tablename__ = "performance"

    sample: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    market: Mapped[str] = mapped_column(String(32), primary_key=True)
    skill_level: Mapped[str] = mapped_column(String(32), primary_key=True)
    ended: Mapped[int] = mapped_column(Integer)
    """Data points: runs that ended; running ones are not counted."""
    successes: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(Integer)
    completion_ms_total: Mapped[int] = mapped_column(BigInteger)
    """Work time summed over the completed runs."""
    completed: Mapped[int] = mapped_column(Integer)
    values: Mapped[Json]
    """{metric_type: {unit: {"n": count, "sum": decimal as text}}}: units are never added together."""
    updated_at: Mapped[Timestamp]


class AggregationCursor(Base):
    """How far aggregation has read; the next one continues there."""

    __tablename__ = "aggregation_cursors"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    changed_at: Mapped[Timestamp]
    last_id: Mapped[Ref | None] = mapped_column(Uuid)
    aggregated_at: Mapped[Timestamp]
    rows_seen: Mapped[Decimal] = mapped_column(Numeric(20, 0))
