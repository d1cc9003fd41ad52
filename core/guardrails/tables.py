"""The guardrails of the installation."""

from __future__ import annotations

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, JsonList, Timestamp, closed_set
from core.guardrails.rules import ExecutionMode


class Guardrails(Base):
    """One row: what the installation allows at present, by whom and since when."""

    __tablename__ = "guardrails"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    mode: Mapped[ExecutionMode] = mapped_column(closed_set(ExecutionMode))
    channels: Mapped[JsonList]
    max_recipients: Mapped[int] = mapped_column(Integer)
    expiry_hours: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[Timestamp]
    version: Mapped[int] = mapped_column(Integer)
