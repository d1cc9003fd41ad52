"""What is known of the files that are kept; their bytes lie outside the database, by their digest."""

from __future__ import annotations

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Timestamp


class KeptFileRow(Base):
    __tablename__ = "files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    """As it was called when it was handed in first; shown to people, never used as a path."""
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    kept_by: Mapped[str] = mapped_column(String(200))
    """The name of whoever handed it in first."""
    kept_by_id: Mapped[str] = mapped_column(String(80))
    kept_at: Mapped[Timestamp]
