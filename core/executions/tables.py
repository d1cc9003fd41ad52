"""Runs of workflows and their steps, with work, wait and AI time kept apart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, Numeric, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Json, Ref, Timestamp, closed_set
from core.executions.rules import ExecutionState, StepState, TimerKind
from core.identity.rules import Market, SkillLevel

# Bracketed as PostgreSQL writes it back, so that tables and schema can be compared.
WORDS = "to_tsvector('simple', (coalesce(executions.error, '') || ' ') || executions.end_reason)"
"""What a search looks through: SQL, as an index holds it."""

LABELS = (
    "ARRAY['w:' || executions.workflow_id, 's:' || executions.state, 'a:' || coalesce(executions.agent_id, ''),"
    " 'c:' || coalesce(executions.council_id, ''), 'm:' || coalesce(executions.market, ''),"
    " 'k:' || coalesce(executions.skill_level, '')]"
)
"""What a run can be listed by, as one value: an inverted index finds any of these together."""
_LISTS = (("all", "sample"), ("workflow", "workflow_id"))
"""Lists of a workflow have orders of their own: how long it takes and what it saves is its own, too."""
_ENDED = text("completed_at IS NOT NULL AND started_at IS NOT NULL")
_SAVING = text("state = 'completed' AND calculated_savings IS NOT NULL AND savings_currency IS NOT NULL")


class Execution(Base):
    __tablename__ = "executions"
    __table_args__ = (
        Index(None, "sample", "created_at", "id"),
        Index(None, "user_id", "created_at"),
        Index(None, "workflow_id", "created_at"),
        Index(None, "agent_id", "created_at"),
        Index(None, "council_id", "created_at"),
        Index(None, "sample", "last_activity_at", "id"),
        *(
            Index(f"ix_executions_took_{name}", leading, text("(completed_at - started_at)"), "id", postgresql_where=_ENDED)
            for name, leading in _LISTS
        ),
        *(
            Index(
                f"ix_executions_saves_{name}", leading, "savings_currency", text("(- calculated_savings)"), "id",
                postgresql_where=_SAVING,
            )
            for name, leading in _LISTS
        ),
        *(
            Index(
                f"ix_executions_{name}", text(value), postgresql_using="gin",
                # Each search reads the list of what is pending as well.
                postgresql_with={"gin_pending_list_limit": 256},
            )
            for name, value in (("labels", LABELS), ("words", WORDS))
        ),
        Index(
            "ix_executions_open", "user_id", "last_activity_at",
            postgresql_where=text("state IN ('started', 'in_progress')"),
        ),
        Index("ix_executions_decision_id", "decision_id", postgresql_where=text("decision_id IS NOT NULL")),
        Index(
            "ix_executions_left_alone", "last_activity_at",
            postgresql_where=text("state IN ('started', 'in_progress') AND NOT stale"),
        ),
        Index("ix_executions_even_sample", "sample", text("get_byte(uuid_send(id), 15)"), "workflow_id", "created_at"),
    )  # fmt: skip

    id: Mapped[Id]
    workflow_id: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str] = mapped_column(ForeignKey("workflow_revisions.digest"))
    user_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("users.id", ondelete="SET NULL"))
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    council_id: Mapped[str | None] = mapped_column(ForeignKey("councils.id", ondelete="SET NULL"))
    decision_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("decisions.id", ondelete="SET NULL"))
    market: Mapped[Market | None] = mapped_column(closed_set(Market))
    skill_level: Mapped[SkillLevel | None] = mapped_column(closed_set(SkillLevel))
    """The segment as it was when the run started; a later change of profile does not move old runs."""
    state: Mapped[ExecutionState] = mapped_column(closed_set(ExecutionState))
    total_steps: Mapped[int] = mapped_column(Integer)
    current_step: Mapped[int] = mapped_column(Integer)
    """The step on screen, 1-based; going back to read lowers this and nothing else."""
    steps_completed: Mapped[int] = mapped_column(Integer, default=0)
    inputs: Mapped[Json]
    outputs: Mapped[Json]
    calculated_savings: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    """Estimated weekly savings when the run completes, in `savings_currency`, at the rate card of its day."""
    savings_currency: Mapped[str | None] = mapped_column(String(3))
    rate_card: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The inputs of the estimate as they were on that day."""
    timer_kind: Mapped[TimerKind | None] = mapped_column(closed_set(TimerKind))
    """What the clock counts since `timer_since`; None once the run has ended."""
    timer_since: Mapped[Timestamp | None]
    work_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    wait_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    ai_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[Timestamp]
    started_at: Mapped[Timestamp | None]
    last_activity_at: Mapped[Timestamp]
    completed_at: Mapped[Timestamp | None]
    """When the run ended, however it ended."""
    end_reason: Mapped[str] = mapped_column(String(2000), default="")
    error: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[Timestamp]
    """Moves with every change that aggregation must see, late outcomes included."""
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    automated: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    segment: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    """The number of the piece of work between two gates that was handed to the workers last."""
    parked: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
    """No worker has it, and none is about to."""
    woken: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    """Something it waits for came while a worker had it: that worker looks again before it parks."""
    held_by: Mapped[Ref | None] = mapped_column(Uuid)
    """The worker that took it last, under a name of this one time: one that was thought dead can write no more."""
    paused: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    stale: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    """Aggregation found it left alone for too long; a trigger takes that back when somebody goes on."""


class ExecutionStep(Base):
    __tablename__ = "execution_steps"

    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[StepState] = mapped_column(closed_set(StepState))
    notes: Mapped[str] = mapped_column(Text, default="")
    work_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[Timestamp | None]
    completed_at: Mapped[Timestamp | None]
