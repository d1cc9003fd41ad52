"""What an automated run keeps: a node for each step and item, documents in versions, entities, gates, model calls."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Numeric, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import AsWritten, Base, Id, Json, JsonList, Ref, Timestamp, closed_set
from core.executions.automated.rules import CallOutcome, GateKind, GateState, NodeState


class RunNode(Base):
    """One step of one run, or one item of an iteration.

    `path` says where: `notes[2,1]` is the step `notes` in the first item of an iteration in the second item of
    the one around it. Step ids are unique in a definition, so this is short and no other node's.
    """

    __tablename__ = "run_nodes"

    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    parent: Mapped[str | None] = mapped_column(Text)
    """The path of the iteration of an item, of the item of a step below one; None at the top."""
    position: Mapped[int] = mapped_column(Integer)
    """Its place among its siblings, from 0."""
    step_id: Mapped[str] = mapped_column(String(200))
    """Of an item, that of its iteration."""
    kind: Mapped[str] = mapped_column(String(200))
    """`production`, `iteration`, `item`, or the name of a step kind of ours."""
    title: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(String(200))
    scope_id: Mapped[str] = mapped_column(Text)
    """The ids of the items around it, outermost first, joined by `/`; empty at the root."""
    item: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Of an item: {id, entity_type}."""
    state: Mapped[NodeState] = mapped_column(closed_set(NodeState))
    generation: Mapped[int] = mapped_column(Integer, default=1)
    """How often it was begun anew, by a person who retried it or sent its document back."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    """Outputs of this generation that quality assurance sent back."""
    error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[Timestamp | None]
    ended_at: Mapped[Timestamp | None]


class RunDocument(Base):
    """One version of one document. Content and digest never change; a trigger holds to it."""

    __tablename__ = "run_documents"
    __table_args__ = (UniqueConstraint("execution_id", "doc_type", "scope_id", "version"),)

    id: Mapped[Id]
    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"))
    doc_type: Mapped[str] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(String(200))
    scope_id: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[Any] = mapped_column(AsWritten)
    digest: Mapped[str] = mapped_column(String(64))
    path: Mapped[str | None] = mapped_column(Text)
    """The node that made it; None for what the run was started with."""
    made_by: Mapped[str] = mapped_column(String(200))
    """The model, or the person."""
    made_by_user: Mapped[Ref | None] = mapped_column(Uuid)
    findings: Mapped[JsonList]
    """[{path, message, severity, rule}] that passed as warnings."""
    created_at: Mapped[Timestamp]
    accepted_at: Mapped[Timestamp | None]
    """From then on it is the version that counts, and the last one."""
    accepted_by: Mapped[str | None] = mapped_column(String(200))


class RunEntity(Base):
    """An item that an iteration took out of a document's collection, and the scope that it opens."""

    __tablename__ = "run_entities"

    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    """Of the item's node."""
    entity_type: Mapped[str] = mapped_column(String(200))
    entity_id: Mapped[str] = mapped_column(Text)
    scope_id: Mapped[str] = mapped_column(Text)
    """Of the scope that it opens: the ids of the items around it and its own, joined by `/`."""
    content: Mapped[Any] = mapped_column(AsWritten)
    created_at: Mapped[Timestamp]


class RunGate(Base):
    """Where a run waits: for an answer, a decision, an action's end, or a time. Closed once, and for good."""

    __tablename__ = "run_gates"
    __table_args__ = (
        Index("uq_run_gates_open", "execution_id", "path", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_run_gates_due", "due_at", postgresql_where=text("state = 'open' AND due_at IS NOT NULL")),
        Index("ix_run_gates_action", "action_id", postgresql_where=text("action_id IS NOT NULL")),
        Index(None, "decision_id"),
        Index(None, "execution_id", "opened_at"),
    )

    id: Mapped[Id]
    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(Text)
    generation: Mapped[int] = mapped_column(Integer)
    kind: Mapped[GateKind] = mapped_column(closed_set(GateKind))
    state: Mapped[GateState] = mapped_column(closed_set(GateState))
    title: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(AsWritten)
    """What is asked, by kind: see `gates.GateSpec`."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of what is decided on or answered: a vote or an answer to anything else is refused."""
    document_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("run_documents.id"))
    decision_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("decisions.id"))
    action_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("actions.id"))
    due_at: Mapped[Timestamp | None]
    """When it opens by itself: a wait's end."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(AsWritten(none_as_null=True))
    """{approved: bool, reason} of a decision; what was answered otherwise."""
    answered_by: Mapped[str | None] = mapped_column(String(200))
    answered_by_user: Mapped[Ref | None] = mapped_column(Uuid)
    opened_at: Mapped[Timestamp]
    closed_at: Mapped[Timestamp | None]


class ModelCall(Base):
    """One call of a language model, kept before anything is made of it, so that it is never made again."""

    __tablename__ = "model_calls"
    __table_args__ = (UniqueConstraint("execution_id", "path", "generation", "number"),)

    id: Mapped[Id]
    execution_id: Mapped[Ref] = mapped_column(ForeignKey("executions.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(Text)
    generation: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    """From 1 within the generation."""
    model: Mapped[str] = mapped_column(String(200))
    prompts: Mapped[Json]
    """{role: {name, digest}, task: {name, digest}}."""
    request: Mapped[Json]
    """{system, messages: [{role, text}], schema}."""
    response: Mapped[str] = mapped_column(Text)
    outcome: Mapped[CallOutcome] = mapped_column(closed_set(CallOutcome))
    findings: Mapped[JsonList]
    tokens_in: Mapped[int] = mapped_column(Integer, default=0)
    tokens_out: Mapped[int] = mapped_column(Integer, default=0)
    cost: Mapped[Decimal | None] = mapped_column(Numeric(20, 8))
    currency: Mapped[str | None] = mapped_column(String(3))
    latency_ms: Mapped[int] = mapped_column(Integer, default=0)
    called_at: Mapped[Timestamp]
