"""Rollups: what runs count for, summed by day and lens; which runs changed since they were summed last."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, Numeric, String, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Ref, Timestamp


class _Key:
    """Which runs a row sums: those of one lens (`lenses.py`), one grain and one day; "" where the lens does not look."""

    sample: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    lens: Mapped[str] = mapped_column(String(32), primary_key=True)
    grain: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """The UTC day on which the runs were created, the Monday of its week, or one fixed day for all time."""
    workflow_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    council_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    market: Mapped[str] = mapped_column(String(32), primary_key=True)
    skill_level: Mapped[str] = mapped_column(String(32), primary_key=True)


class Rollup(_Key, Base):
    """How many runs, in which state, and the time that the completed ones took."""

    __tablename__ = "rollups"
    __table_args__ = (Index("ix_rollups_nothing_left", "sample", postgresql_where=text("runs = 0")),)

    runs: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    pending: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    started: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    in_progress: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    waiting_acceptance: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    waiting_clarification: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    completed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    failed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cancelled: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    abandoned: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    stale: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Open runs that were left alone for too long; they are in `started` and `in_progress` as well."""
    successes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    people: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Only where nothing is summed again: workflow × segment of all time. Elsewhere 0."""
    timed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Completed runs whose start and end are known; `elapsed_ms` is theirs."""
    worked: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Completed runs whose hands-on time is known; `work_ms` is theirs. Of an imported run it may not be."""
    elapsed_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    work_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    wait_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    ai_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class RollupAmount(_Key, Base):
    """Sums of one metric in one unit: logged outcomes (measured, and of these proven), or `weekly_savings` (estimated)."""

    __tablename__ = "rollup_amounts"
    __table_args__ = (Index("ix_rollup_amounts_nothing_left", "sample", postgresql_where=text("n = 0")),)

    metric: Mapped[str] = mapped_column(String(32), primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    total: Mapped[Decimal] = mapped_column(Numeric(28, 4))
    proven_n: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    proven: Mapped[Decimal] = mapped_column(Numeric(28, 4), server_default=text("0"))


class RollupProgress(Base):
    """How many counted runs of a workflow had finished how many of its steps."""

    __tablename__ = "rollup_progress"
    __table_args__ = (Index("ix_rollup_progress_nothing_left", "sample", postgresql_where=text("runs = 0")),)

    sample: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    steps_completed: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    runs: Mapped[int] = mapped_column(Integer)


class CellPerson(Base):
    """How many counted runs a person has in a cell, so that people can be counted as they come and go."""

    __tablename__ = "cell_people"
    __table_args__ = (Index("ix_cell_people_nothing_left", "sample", postgresql_where=text("runs = 0")),)

    sample: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    market: Mapped[str] = mapped_column(String(32), primary_key=True)
    skill_level: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[Ref] = mapped_column(Uuid, primary_key=True)
    runs: Mapped[int] = mapped_column(Integer)


class RunChange(Base):
    """A run that changed since it was summed last, with what the sums hold of it; written by triggers."""

    __tablename__ = "run_changes"

    execution_id: Mapped[Ref] = mapped_column(primary_key=True)
    noted_at: Mapped[Timestamp]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The run's row of `run_facts` at that time; None for a run that is in no sum yet."""
    amounts: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))


class RollupPass(Base):
    """When the sums were last brought up to date, and when they were last made anew."""

    __tablename__ = "rollup_passes"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    rolled_up_at: Mapped[Timestamp | None]
    rebuilt_at: Mapped[Timestamp | None]
    runs_taken: Mapped[int] = mapped_column(BigInteger)
