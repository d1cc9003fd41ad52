"""What people made of the prompts: every version of every edit, never changed afterwards."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Timestamp, closed_set


class PromptKind(StrEnum):
    ROLE = "role"
    TASK = "task"


class PromptVersionRow(Base):
    __tablename__ = "prompt_versions"
    __table_args__ = (UniqueConstraint("kind", "name", "version"),)

    id: Mapped[Id]
    kind: Mapped[PromptKind] = mapped_column(closed_set(PromptKind))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 …; the last one counts."""
    text: Mapped[str | None] = mapped_column(Text)
    """None: the edits end here, the file or the default counts again."""
    saved_by: Mapped[str] = mapped_column(String(200))
    saved_by_id: Mapped[str] = mapped_column(String(80))
    saved_at: Mapped[Timestamp]
