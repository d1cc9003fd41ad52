"""One row for each run of a job, from its scheduled slot to its result."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Timestamp, closed_set
from core.schedule.rules import JobRunState


class JobRun(Base):
    __tablename__ = "job_runs"
    __table_args__ = (Index(None, "job", "enqueued_at"),)

    id: Mapped[str] = mapped_column(String(160), primary_key=True)
    """`{job}:{slot}`: the same slot fired by several schedulers is the same run."""
    job: Mapped[str] = mapped_column(String(64))
    slot: Mapped[Timestamp]
    requested_by: Mapped[str] = mapped_column(String(200))
    state: Mapped[JobRunState] = mapped_column(closed_set(JobRunState))
    enqueued_at: Mapped[Timestamp]
    started_at: Mapped[Timestamp | None]
    finished_at: Mapped[Timestamp | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None] = mapped_column(String(2000))
