"""Imports of past runs, what their files hold while they are read, what was refused, and which runs came of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import ActorKind
from core.database.base import Base, Id, Json, Ref, Timestamp, closed_set
from core.imports.refusals import Reason
from core.imports.rules import ImportState


class Import(Base):
    __tablename__ = "imports"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    """As the file was called; shown to people, never used as a path."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[ImportState] = mapped_column(closed_set(ImportState))
    layout: Mapped[Json]
    found: Mapped[Json]
    """What a first look found: rows, columns, cases, period."""
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """As `wire.py` spells it."""
    source: Mapped[str] = mapped_column(String(120), default="")
    goes_on: Mapped[bool] = mapped_column(Boolean, default=False)
    """It is written as soon as it is read; nobody looks at the preview first."""
    rows_read: Mapped[int] = mapped_column(BigInteger, default=0)
    """How far the file lies in `import_events`; reading continues there."""
    staged: Mapped[bool] = mapped_column(Boolean, default=False)
    """The whole file does."""
    outline: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The activities and ways that were read, and the steps they become."""
    counts: Mapped[Json]
    """What came of it, or would: runs by state, steps, outcomes, refusals by reason."""
    revision: Mapped[str | None] = mapped_column(ForeignKey("workflow_revisions.digest"))
    last_case: Mapped[str | None] = mapped_column(String(200))
    """The case that was written last; writing continues behind it."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    by_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    by_id: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Timestamp]
    changed_at: Mapped[Timestamp]
    started_at: Mapped[Timestamp | None]
    """When a person let it be written."""
    ended_at: Mapped[Timestamp | None]
    taken_back_by: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer, default=1)


class ImportEvent(Base):
    """A row of the file, until its case is written."""

    __tablename__ = "import_events"
    __table_args__ = (Index("ix_import_events_case", "import_id", "case_key", "at", "seq"),)

    import_id: Mapped[Ref] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(BigInteger)
    case_key: Mapped[str] = mapped_column(String(200, collation="C"))
    refused: Mapped[bool] = mapped_column(Boolean)
    """The row was refused, and its case with it."""
    activity: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[Timestamp | None]
    until: Mapped[Timestamp | None]
    transition: Mapped[str | None] = mapped_column(String(40))
    person: Mapped[str | None] = mapped_column(String(200))
    market: Mapped[str | None] = mapped_column(String(40))
    skill_level: Mapped[str | None] = mapped_column(String(40))
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    unit: Mapped[str | None] = mapped_column(String(40))
    cost: Mapped[Decimal | None] = mapped_column(Numeric)
    currency: Mapped[str | None] = mapped_column(String(40))


class ImportRefusal(Base):
    __tablename__ = "import_refusals"
    __table_args__ = (Index(None, "import_id", "line"),)

    id: Mapped[Id]
    import_id: Mapped[Ref] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    line: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[Reason] = mapped_column(closed_set(Reason))
    detail: Mapped[str] = mapped_column(String(300), default="")
    case_key: Mapped[str] = mapped_column(String(200), default="")
    cells: Mapped[list[str]] = mapped_column(ARRAY(Text))


class ImportedRun(Base):
    """Which run came of which case; a case of a source comes in once."""

    __tablename__ = "imported_runs"
    __table_args__ = (UniqueConstraint("source", "case_key"),)

    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    import_id: Mapped[Ref] = mapped_column(ForeignKey("imports.id"), index=True)
    source: Mapped[str] = mapped_column(String(120))
    case_key: Mapped[str] = mapped_column(String(200))
    person: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    """As the file names who did it; a user of that e-mail owns the run."""
