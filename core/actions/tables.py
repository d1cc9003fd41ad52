"""Proposed actions, each attempt to execute one, and the installation's guardrails."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, Numeric, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.actions.rules import ActionState, Priority, Risk
from core.actor import ActorKind
from core.connectors.plan import AttemptOutcome
from core.database.base import Base, Id, Json, JsonList, Ref, Timestamp, closed_set


class Action(Base):
    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_waiting", "priority_rank", "expires_at", "id", postgresql_where=text("state = 'pending'")),
        Index(None, "state", "proposed_at"),
        Index(None, "sample"),
        Index(
            "uq_actions_undo",
            "undo_of",
            unique=True,
            postgresql_where=text("state NOT IN ('rejected', 'expired', 'failed')"),
        ),
    )

    id: Mapped[Id]
    operation: Mapped[str] = mapped_column(String(64))
    params: Mapped[Json]
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    priority: Mapped[Priority] = mapped_column(closed_set(Priority))
    priority_rank: Mapped[int] = mapped_column(Integer)
    """0 is the most urgent; kept so that the inbox sorts by an index."""
    risk: Mapped[Risk] = mapped_column(closed_set(Risk))
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    rationale: Mapped[str] = mapped_column(Text, default="")
    sources: Mapped[JsonList]
    """[{label, url?}]: where the rationale comes from."""
    impact: Mapped[Json]
    """{revenue_change: {value, currency}, weekly_savings: {value, currency}, time_saved_hours, cash_runway_change_days,
    risk_reduction_score}, all optional."""
    domains: Mapped[JsonList] = mapped_column(default=list)
    """What it is about, as the proposer says; councils oversee domains."""
    recommended_steps: Mapped[JsonList]
    plan: Mapped[Json]
    plan_digest: Mapped[str] = mapped_column(String(64))
    leaves_machine: Mapped[bool] = mapped_column(Boolean)
    previous_plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The plan that was decided on before an edit or a drift."""
    drift: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    """[{field, label, before, after}]: what had moved when it came back from execution; None otherwise."""
    state: Mapped[ActionState] = mapped_column(closed_set(ActionState))
    decision_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("decisions.id"))
    council_id: Mapped[str | None] = mapped_column(ForeignKey("councils.id", ondelete="SET NULL"))
    """The council that the proposer asked for; others may have to review it too."""
    undo_of: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("actions.id", ondelete="CASCADE"))
    automatic: Mapped[bool] = mapped_column(Boolean, default=False)
    """Approved by the guardrails instead of a person."""
    proposer_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    proposer_id: Mapped[str] = mapped_column(String(80))
    proposer_name: Mapped[str] = mapped_column(String(200))
    proposed_at: Mapped[Timestamp]
    expires_at: Mapped[Timestamp]
    snoozed_until: Mapped[Timestamp | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[Timestamp | None]
    decision_reason: Mapped[str] = mapped_column(String(2000), default="")
    error: Mapped[str | None] = mapped_column(Text)
    """Why the last attempt did not end as executed, in a person's words; None while all is well."""
    reference: Mapped[str | None] = mapped_column(String(500))
    """The outside system's own name for what was done."""
    executed_at: Mapped[Timestamp | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    queue: Mapped[str] = mapped_column(String(32), default="actions", server_default="actions")
    """The queue on which its attempts wait."""
    origin: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """{kind: "run", id, path} of the run whose step proposed it: it is told how the action ended."""
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Attempt(Base):
    """One try to execute an approved plan: the intent is written before the call, the receipt after it."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("action_id", "number"),
        Index(None, "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )

    id: Mapped[Id]
    action_id: Mapped[Ref] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(120))
    """The idempotency key given to the outside system: the same for every attempt on the same plan."""
    plan_digest: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[Timestamp]
    request_id: Mapped[str | None] = mapped_column(String(64))
    """The click or request that had it begun, as in the logs and the audit."""
    called_at: Mapped[Timestamp | None]
    """Set, in a transaction of its own, just before the call: found set again, the call may have happened."""
    held: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    """No worker has it: it waits until whoever holds it hands it over again."""
    finished_at: Mapped[Timestamp | None]
    outcome: Mapped[AttemptOutcome | None] = mapped_column(closed_set(AttemptOutcome))
    reference: Mapped[str | None] = mapped_column(String(500))
    message: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
