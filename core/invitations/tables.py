"""Links that answer a gate; the link itself is kept only as its hash."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Ref, Timestamp


class Invitation(Base):
    __tablename__ = "invitations"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    gate_id: Mapped[Ref] = mapped_column(ForeignKey("run_gates.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    """Of the gate as it was: a link answers what was asked when it was made, and nothing else."""
    label: Mapped[str] = mapped_column(String(120))
    """Who it is for, in the words of whoever made it."""
    made_by: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    """They answer for what comes through it: without their right to answer, it opens nothing."""
    created_at: Mapped[Timestamp]
    expires_at: Mapped[Timestamp]
    revoked_at: Mapped[Timestamp | None]
    used_at: Mapped[Timestamp | None]
