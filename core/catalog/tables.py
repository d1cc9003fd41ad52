"""Every revision of every workflow definition the installation has seen, by the digest of its content."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Tier
from core.database.base import AsWritten, Base, Timestamp, closed_set


class RevisionSource(StrEnum):
    """Where a revision came from; the file never takes away what was imported."""

    FILE = "file"
    IMPORT = "import"


class WorkflowKind(StrEnum):
    GUIDED = "guided"
    """People do the steps."""
    AUTOMATED = "automated"
    """The machine does, and stops for people."""


class WorkflowRevision(Base):
    __tablename__ = "workflow_revisions"
    __table_args__ = (
        Index("uq_workflow_revisions_current", "workflow_id", unique=True, postgresql_where=text("current")),
    )

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    workflow_id: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[WorkflowKind] = mapped_column(
        closed_set(WorkflowKind), default=WorkflowKind.GUIDED, server_default=WorkflowKind.GUIDED.value
    )
    title: Mapped[str] = mapped_column(String(200))
    tier: Mapped[Tier] = mapped_column(closed_set(Tier))
    total_steps: Mapped[int] = mapped_column(Integer)
    definition: Mapped[dict[str, Any]] = mapped_column(AsWritten)
    """As it was written: a form shows the inputs in the order of the file."""
    current: Mapped[bool] = mapped_column(Boolean)
    """The revision new executions start with; older ones stay for those that began with them."""
    source: Mapped[RevisionSource] = mapped_column(closed_set(RevisionSource), default=RevisionSource.FILE)
    first_seen_at: Mapped[Timestamp]
