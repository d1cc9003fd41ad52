"""Rollups: what happened, per workflow, segment and day, kept up to date by the aggregation job."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Index, Integer, Numeric, String, Uuid
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


class CountedRun(Base):
    """What one run adds to its cell at present; when the run changes, the cell moves by the difference."""

    __tablename__ = "counted_runs"
    __table_args__ = (Index("ix_counted_runs_cell", "sample", "workflow_id", "market", "skill_level", "user_id"),)

    execution_id: Mapped[Ref] = mapped_column(primary_key=True)
    sample: Mapped[bool] = mapped_column(Boolean)
    workflow_id: Mapped[str] = mapped_column(String(80))
    market: Mapped[str] = mapped_column(String(32))
    skill_level: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[Ref | None] = mapped_column(Uuid)
    success: Mapped[bool] = mapped_column(Boolean)
    completed: Mapped[bool] = mapped_column(Boolean)
    work_ms: Mapped[int] = mapped_column(BigInteger)
    values: Mapped[Json]
    """As in `Performance.values`, of this run alone."""


class AggregationCursor(Base):
    """How far aggregation has read; the next one continues there."""

    __tablename__ = "aggregation_cursors"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    changed_at: Mapped[Timestamp]
    last_id: Mapped[Ref | None] = mapped_column(Uuid)
    aggregated_at: Mapped[Timestamp]
    rows_seen: Mapped[Decimal] = mapped_column(Numeric(20, 0))
