"""Projects, their items with the plan of each, and the run that an approved card started."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import ActorKind
from core.database.base import Base, Id, Json, Ref, Timestamp, closed_set
from core.projects.rules import RunState


class Project(Base):
    __tablename__ = "projects"
    __table_args__ = (Index(None, "created_at", "id"), Index(None, "created_by_id"))

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    created_by_kind: Mapped[ActorKind] = mapped_column(closed_set(ActorKind))
    created_by_id: Mapped[str] = mapped_column(String(80))
    created_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Timestamp]
    authors: Mapped[list[str]] = mapped_column(ARRAY(String(80)), default=list)
    """Ids of everybody who wrote or edited an item: under four eyes they do not decide on it."""
    card_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("actions.id"))
    """The card by which it was proposed last."""
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)


class ProjectItem(Base):
    """One operation. What became of it is read from its action; without one, from what is said here."""

    __tablename__ = "project_items"
    __table_args__ = (
        UniqueConstraint("project_id", "key"),
        UniqueConstraint("action_id"),
        Index(
            "ix_project_items_waiting", "project_id", "kind",
            postgresql_where=text("action_id IS NULL AND skipped IS NULL AND NOT left_out"),
        ),
    )  # fmt: skip

    project_id: Mapped[Ref] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(120))
    """Whoever brought it calls it this."""
    operation: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    """Which of the channels' queues it goes through."""
    params: Mapped[Json]
    summary: Mapped[str] = mapped_column(Text, default="")
    """The plan's; kept beside it, because lists would otherwise unpack thousands of plans."""
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    plan_digest: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(Text)
    """Why it cannot be planned; None while it can."""
    left_out: Mapped[bool] = mapped_column(Boolean, default=False)
    """A person chose to go without it."""
    skipped: Mapped[str | None] = mapped_column(Text)
    """Why the run did not begin it, in a person's words."""
    generation: Mapped[int | None] = mapped_column(Integer)
    """Which handing-over took it up: no other may go on with it."""
    action_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("actions.id"))


class ProjectRun(Base):
    __tablename__ = "project_runs"
    __table_args__ = (UniqueConstraint("project_id"), UniqueConstraint("card_action_id"))

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    card_action_id: Mapped[Ref] = mapped_column(ForeignKey("actions.id"))
    plan_digest: Mapped[str] = mapped_column(String(64))
    """The version of the card that was approved."""
    state: Mapped[RunState] = mapped_column(closed_set(RunState))
    state_by: Mapped[str] = mapped_column(String(200), default="")
    """Who paused, resumed or cancelled it last."""
    generation: Mapped[int] = mapped_column(Integer, default=1)
    """Counts how often its waiting items were handed to the workers."""
    told: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list)
    """The events that the audit has already, each once."""
    started_at: Mapped[Timestamp]
    finished_at: Mapped[Timestamp | None]
