"""The guardrails of the installation, the record of every evaluation, and the ledger that rates are counted in."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import ActorKind
from core.database.base import Base, Id, Json, JsonList, Timestamp, closed_set
from core.guardrails.rules import ExecutionMode, Judgement, Stage


class Guardrails(Base):
    """One row: what the installation allows at present, by whom and since when."""

    __tablename__ = "guardrails"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    mode: Mapped[ExecutionMode] = mapped_column(closed_set(ExecutionMode))
    mode_by: Mapped[str] = mapped_column(String(200))
    mode_at: Mapped[Timestamp]
    policy: Mapped[Json]
    """As `Limits.to_json` writes it; what cannot be read back stops everything."""
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[Timestamp]
    version: Mapped[int] = mapped_column(Integer)


class GuardrailRecord(Base):
    """One evaluation: what every rule saw and said, under which revision, when and for whom."""

    __tablename__ = "guardrail_records"
    __table_args__ = (
        Index(None, "subject", "at"),
        Index(None, "at"),
        Index("ix_guardrail_records_refused", "at", postgresql_where=text("outcome = 'stop'")),
    )

    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(120))
    stage: Mapped[Stage] = mapped_column(closed_set(Stage))
    at: Mapped[Timestamp]
    revision: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[Judgement] = mapped_column(closed_set(Judgement))
    verdicts: Mapped[JsonList]
    """[{rule, input, judgement, words, until, stops}] in the order of the rules."""
    actor_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    actor_id: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(200))


class LedgerEntry(Base):
    """Work that was done or is under way: one row for the work, without recipient, and one for each recipient.

    Each question of the rates is one short walk along a partial index, however long the ledger.
    """

    __tablename__ = "guardrail_ledger"
    __table_args__ = (
        Index(None, "holder"),
        Index(None, "at"),
        Index("ix_guardrail_ledger_channel", "channel", "at", postgresql_where=text("recipient IS NULL")),
        Index("ix_guardrail_ledger_same", "same_as", "at", postgresql_where=text("recipient IS NULL")),
        Index(
            "ix_guardrail_ledger_recipient", "channel", "recipient", "at",
            postgresql_where=text("recipient IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    holder: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(64))
    recipient: Mapped[str | None] = mapped_column(String(400))
    same_as: Mapped[str] = mapped_column(String(64))
    at: Mapped[Timestamp]
