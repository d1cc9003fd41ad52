"""Every revision of every workflow definition the installation has seen, by the digest of its content."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import JSON, Boolean, Dialect, Index, Integer, String, TypeDecorator, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Tier
from core.database.base import Base, Timestamp, closed_set


class AsWritten(TypeDecorator[dict[str, Any]]):
    """JSON in the order of its keys; everywhere else they are sorted, so that the same is spelled the same."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        return partial(json.dumps, ensure_ascii=False, allow_nan=False)


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
