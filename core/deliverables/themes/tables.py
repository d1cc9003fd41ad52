"""Themes, each with its logo as it was written anew."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Timestamp, closed_set
from core.deliverables.themes.rules import Paper


class Theme(Base):
    __tablename__ = "themes"
    __table_args__ = (
        Index("uq_themes_title", text("lower(title)"), unique=True),
        Index("uq_themes_is_default", "is_default", unique=True, postgresql_where=text("is_default")),
        CheckConstraint("logo IS NULL OR (logo_width > 0 AND logo_height > 0 AND logo_alt <> '')", name="whole_logo"),
    )

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(80))
    """What people choose it by; unique, whatever its capitals."""
    house: Mapped[str] = mapped_column(String(80))
    """Who hands it over."""
    accent: Mapped[str] = mapped_column(String(7))
    ink: Mapped[str] = mapped_column(String(7))
    heading_font: Mapped[str] = mapped_column(String(80))
    body_font: Mapped[str] = mapped_column(String(80))
    footer: Mapped[str] = mapped_column(String(120))
    paper: Mapped[Paper] = mapped_column(closed_set(Paper))
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    """PNG."""
    logo_width: Mapped[int | None] = mapped_column(Integer)
    logo_height: Mapped[int | None] = mapped_column(Integer)
    logo_alt: Mapped[str] = mapped_column(String(200), default="", server_default="")
    is_default: Mapped[bool]
    """At most one is; without one, the look that comes with Countersign."""
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Timestamp]
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[Timestamp]
    version: Mapped[int] = mapped_column(Integer, default=1)
