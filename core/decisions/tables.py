"""Councils, decisions on a subject with its digest, and the ballots cast on them."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Base, Id, Json, Ref, Timestamp, closed_set
from core.decisions.rules import DecisionState, Vote


class Council(Base):
    __tablename__ = "councils"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500), default="")
    domains: Mapped[list[str]] = mapped_column(ARRAY(String(80)), default=list)
    policy: Mapped[Json]
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[Timestamp]


class CouncilMember(Base):
    __tablename__ = "council_members"

    council_id: Mapped[str] = mapped_column(ForeignKey("councils.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class Decision(Base):
    __tablename__ = "decisions"
    __table_args__ = (Index(None, "subject_kind", "subject_id"), Index(None, "state", "deadline"))

    id: Mapped[Id]
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    subject_digest: Mapped[str] = mapped_column(String(64))
    """What exactly is decided on; a ballot for another digest does not count."""
    proposer_id: Mapped[str] = mapped_column(String(80))
    policy: Mapped[Json]
    state: Mapped[DecisionState] = mapped_column(closed_set(DecisionState))
    opened_at: Mapped[Timestamp]
    deadline: Mapped[Timestamp | None]
    decided_at: Mapped[Timestamp | None]


class Ballot(Base):
    __tablename__ = "ballots"
    __table_args__ = (UniqueConstraint("decision_id", "voter_id"),)

    id: Mapped[Id]
    decision_id: Mapped[Ref] = mapped_column(ForeignKey("decisions.id", ondelete="CASCADE"))
    voter_id: Mapped[Ref] = mapped_column(ForeignKey("users.id"))
    voter_name: Mapped[str] = mapped_column(String(120))
    vote: Mapped[Vote] = mapped_column(closed_set(Vote))
    reason: Mapped[str] = mapped_column(String(2000), default="")
    cast_at: Mapped[Timestamp]
