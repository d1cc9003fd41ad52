"""The brain's rules as an admin set them, what it noticed, and the tasks that were given to people."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Role
from core.brain.rules import FindingState, LookState, RuleMode, TaskState
from core.database.base import Base, Id, Json, JsonList, Ref, Timestamp, closed_set


class BrainRule(Base):
    """How one rule is set, and how its last look went."""

    __tablename__ = "brain_rules"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    mode: Mapped[RuleMode] = mapped_column(closed_set(RuleMode))
    thresholds: Mapped[Json]
    per_look: Mapped[int] = mapped_column(Integer)
    per_day: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[Timestamp | None]
    version: Mapped[int] = mapped_column(Integer, default=1)
    looked_at: Mapped[Timestamp | None]
    """When it last tried to look."""
    seen_at: Mapped[Timestamp | None]
    """When it last saw its source."""
    look_state: Mapped[LookState | None] = mapped_column(closed_set(LookState))
    look_words: Mapped[str] = mapped_column(Text, default="", server_default="")
    found: Mapped[int | None] = mapped_column(Integer)
    """None: not known, because it did not see."""
    proposed: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    remaining: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))


class BrainFinding(Base):
    """One thing noticed in one round: proposed at most once, under an id that is held before the card is made."""

    __tablename__ = "brain_findings"
    __table_args__ = (
        UniqueConstraint("rule", "key", "round"),
        Index("uq_brain_findings_action", "action_id", unique=True, postgresql_where=text("action_id IS NOT NULL")),
        Index(None, "rule", "subject"),
        Index(None, "rule", "claimed_at"),
        Index(None, "last_seen_at"),
    )

    id: Mapped[Id]
    rule: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(300))
    round: Mapped[int] = mapped_column(Integer)
    """From 1; another one once its window has passed."""
    subject: Mapped[str] = mapped_column(String(300))
    scope: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[FindingState] = mapped_column(closed_set(FindingState))
    held: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why it was not proposed, in a sentence."""
    operation: Mapped[str] = mapped_column(String(64))
    weight: Mapped[Decimal] = mapped_column(Numeric(24, 6))
    confidence: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    impact: Mapped[Json]
    evidence: Mapped[JsonList]
    """[{fact, source, as_of, url}]."""
    action_id: Mapped[Ref | None] = mapped_column(Uuid)
    """Of its card; no foreign key, because it is held before there is one."""
    worded_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The language model; empty: a template."""
    first_seen_at: Mapped[Timestamp]
    last_seen_at: Mapped[Timestamp]
    claimed_at: Mapped[Timestamp | None]
    proposed_at: Mapped[Timestamp | None]
    withdrawn_at: Mapped[Timestamp | None]
    """When the brain took its card back, because its facts had moved."""
    gone_at: Mapped[Timestamp | None]
    """When it was first not seen any more: paid, moved on, decided."""


class TeamTask(Base):
    """Something a person of this installation is asked to do."""

    __tablename__ = "team_tasks"
    __table_args__ = (
        CheckConstraint("(for_role IS NULL) <> (for_user IS NULL)", name="one_addressee"),
        Index("ix_team_tasks_role", "for_role", postgresql_where=text("state = 'open'")),
        Index("ix_team_tasks_user", "for_user", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """The idempotency key of the action that gave it."""
    title: Mapped[str] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(300))
    """A page of ours, beginning with a slash; or empty."""
    for_role: Mapped[Role | None] = mapped_column(closed_set(Role))
    for_user: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[TaskState] = mapped_column(closed_set(TaskState))
    given_at: Mapped[Timestamp]
    closed_by: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[Timestamp | None]
