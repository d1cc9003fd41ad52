"""Connections: one row for each account of an outside system."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Json, Timestamp


class ConnectionRow(Base):
    __tablename__ = "connections"
    __table_args__ = (Index("uq_connections_usual", "family", unique=True, postgresql_where=text("usual")),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    """What plans and people call it; it never changes, because approvals name it."""
    system: Mapped[str] = mapped_column(String(40))
    family: Mapped[str] = mapped_column(String(40))
    values: Mapped[Json]
    """What the form holds beside the secrets."""
    secrets: Mapped[Json]
    """{field: encrypted text}"""
    usual: Mapped[bool] = mapped_column(Boolean)
    """Used where no connection is named; at most one of a family."""
    enabled: Mapped[bool] = mapped_column(Boolean)
    disabled_because: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Timestamp]
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[Timestamp]
    tested_at: Mapped[Timestamp | None]
    test_passed: Mapped[bool | None] = mapped_column(Boolean)
    test_words: Mapped[str] = mapped_column(String(1000), default="")
    used_at: Mapped[Timestamp | None]
    use_passed: Mapped[bool | None] = mapped_column(Boolean)
    use_words: Mapped[str] = mapped_column(String(1000), default="")
    """What the last attempt through it came to."""
