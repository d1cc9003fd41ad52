"""The jobs this installation has, and one row for each run of one, from its scheduled slot to its result."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Timestamp, closed_set
from core.schedule.rules import JobRunState


class JobEntry(Base):
    """What `jobs/` holds, as its processes tell it, for pages that may not import jobs."""

    __tablename__ = "jobs"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(500))
    schedule: Mapped[str] = mapped_column(String(120))
    """In words; empty for a job that runs only when somebody asks."""
    introduced_at: Mapped[Timestamp]
    """Slots before this were never missed: the job did not exist."""
    next_run_at: Mapped[Timestamp | None]
    scheduler_seen_at: Mapped[Timestamp | None]
    """When a scheduler last said that it keeps this schedule."""


class JobRun(Base):
    __tablename__ = "job_runs"
    __table_args__ = (Index(None, "job", "enqueued_at"), Index(None, "enqueued_at"))

    id: Mapped[str] = mapped_column(String(160), primary_key=True)
    """`{job}:{slot}`: the same slot fired by several schedulers is the same run."""
    job: Mapped[str] = mapped_column(String(64))
    slot: Mapped[Timestamp]
    requested_by: Mapped[str] = mapped_column(String(200))
    state: Mapped[JobRunState] = mapped_column(closed_set(JobRunState))
    enqueued_at: Mapped[Timestamp]
    started_at: Mapped[Timestamp | None]
    starts: Mapped[int] = mapped_column(Integer, default=0)
    """How often a worker began it; more than once means that a worker died."""
    finished_at: Mapped[Timestamp | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None] = mapped_column(String(2000))
