"""Packages, their files and the pictures of their first pages; the bytes of files lie outside, by their digest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import ActorKind
from core.database.base import Base, Id, Json, Ref, Timestamp, closed_set
from core.deliverables.rules import FormatState, PackageState


class Package(Base):
    """Once it is done, a trigger keeps it and its files as they are; a draft may go."""

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("subject", "number"), Index(None, "created_at", "id"),
        Index(None, "requested_by_id", "created_at"),
    )  # fmt: skip

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(40))
    params: Mapped[Json]
    subject: Mapped[str] = mapped_column(String(300))
    label: Mapped[str] = mapped_column(String(300))
    """What the source was called when it was requested."""
    number: Mapped[int | None] = mapped_column(Integer)
    """1, 2, … of the same subject; drafts have none."""
    draft: Mapped[bool] = mapped_column(Boolean, default=False)
    theme_name: Mapped[str] = mapped_column(String(200))
    look: Mapped[Json]
    """The theme as it was then."""
    language: Mapped[str] = mapped_column(String(40))
    zone: Mapped[str] = mapped_column(String(60))
    requested_by_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    requested_by_id: Mapped[str] = mapped_column(String(80))
    requested_by_name: Mapped[str] = mapped_column(String(200))
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(String(20)))
    """Of the token it was requested with; it is read with no more than these."""
    execution_id: Mapped[Ref | None] = mapped_column(Uuid, index=True)
    """The run whose step made it."""
    state: Mapped[PackageState] = mapped_column(closed_set(PackageState))
    tries: Mapped[int] = mapped_column(Integer, default=1)
    """Counts how often it was handed to the workers."""
    readings: Mapped[int] = mapped_column(Integer, default=0)
    """Counts how often its source was begun to be read."""
    error: Mapped[str] = mapped_column(Text, default="")
    report_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the report as canonical JSON, which lies among the files."""
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[Timestamp]
    ended_at: Mapped[Timestamp | None]
    version: Mapped[int] = mapped_column(Integer, default=1)


class PackageFile(Base):
    __tablename__ = "package_files"

    package_id: Mapped[Ref] = mapped_column(ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True)
    format: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    state: Mapped[FormatState] = mapped_column(closed_set(FormatState))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """Counts how often it was begun."""
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[Json]
    remarks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    error: Mapped[str] = mapped_column(Text, default="")


class PackagePicture(Base):
    """One of the first pages as PNG, for a preview."""

    __tablename__ = "package_pictures"

    package_id: Mapped[Ref] = mapped_column(ForeignKey("packages.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)
