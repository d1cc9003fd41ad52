"""Councils, decisions on a subject with its digest, the ballots cast on them, and seats given away for a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database.base import Amount, Base, Id, Json, JsonList, Ref, Timestamp, closed_set
from core.decisions.policy import RiskLevel
from core.decisions.rules import DecisionState, Vote


def _as_created(context: Any) -> datetime:
    created: datetime = context.get_current_parameters()["created_at"]
    return created


class Council(Base):
    __tablename__ = "councils"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500), default="")
    domains: Mapped[list[str]] = mapped_column(ARRAY(String(80)), default=list)
    policy: Mapped[Json]
    criteria: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """What a member looks at, in order: the checklist on the ballot."""
    weekly_savings_threshold: Mapped[Amount | None]
    threshold_currency: Mapped[str | None] = mapped_column(String(3))
    risk_from: Mapped[RiskLevel | None] = mapped_column(closed_set(RiskLevel))
    blocked_operations: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[Timestamp]
    updated_at: Mapped[Timestamp] = mapped_column(default=_as_created)
    version: Mapped[int] = mapped_column(Integer, default=1)


class CouncilMember(Base):
    __tablename__ = "council_members"

    council_id: Mapped[str] = mapped_column(ForeignKey("councils.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class Decision(Base):
    __tablename__ = "decisions"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "state", "deadline"),
        Index(
            "ix_decisions_open_audience", "audience", postgresql_using="gin", postgresql_where=text("state = 'open'")
        ),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    subject_digest: Mapped[str] = mapped_column(String(64))
    """What exactly is decided on; a ballot for another digest does not count."""
    proposer_id: Mapped[str] = mapped_column(String(80))
    authors: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    """The proposer and whoever edited the version that is decided on."""
    panels: Mapped[JsonList]
    """One policy for each group that must approve."""
    audience: Mapped[list[str]] = mapped_column(ARRAY(String(120)))
    """Whom the policies name (`Policy.audience`), so that "waits for me" is one look at an index."""
    voted: Mapped[list[str]] = mapped_column(ARRAY(String(80)), default=list)
    """Whose seats have voted, and who voted for them: `waits_for` asks this of thousands of rows at once."""
    state: Mapped[DecisionState] = mapped_column(closed_set(DecisionState))
    opened_at: Mapped[Timestamp]
    deadline: Mapped[Timestamp | None]
    decided_at: Mapped[Timestamp | None]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """How it closed: {by, panels: [{policy, seats, state}], why?}; None while it is open."""


class Ballot(Base):
    __tablename__ = "ballots"
    __table_args__ = (UniqueConstraint("decision_id", "voter_id"), UniqueConstraint("decision_id", "cast_by_id"))

    id: Mapped[Id]
    decision_id: Mapped[Ref] = mapped_column(ForeignKey("decisions.id", ondelete="CASCADE"))
    voter_id: Mapped[Ref] = mapped_column(ForeignKey("users.id"))
    """Whose seat it is."""
    voter_name: Mapped[str] = mapped_column(String(120))
    cast_by_id: Mapped[Ref] = mapped_column(ForeignKey("users.id"))
    """Who clicked: the voter, or whom they gave their seat to. One human, one ballot."""
    cast_by_name: Mapped[str] = mapped_column(String(120))
    vote: Mapped[Vote] = mapped_column(closed_set(Vote))
    reason: Mapped[str] = mapped_column(String(2000), default="")
    checklist: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """{criterion: met | not_met | not_applicable}."""
    cast_at: Mapped[Timestamp]


class Delegation(Base):
    """A seat given to another person until a date."""

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("from_user_id <> to_user_id", name="two_people"),
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        Index(None, "to_user_id", "ends_at"),
        Index(None, "from_user_id", "ends_at"),
    )

    id: Mapped[Id]
    from_user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    to_user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    council_id: Mapped[str | None] = mapped_column(ForeignKey("councils.id", ondelete="CASCADE"))
    """The one council whose seat is given; None: every seat."""
    starts_at: Mapped[Timestamp]
    ends_at: Mapped[Timestamp]
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[Timestamp]
    revoked_at: Mapped[Timestamp | None]
