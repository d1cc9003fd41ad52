"""Accounts, profiles, browser sessions, API tokens and agents."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Tier
from core.database.base import Base, Id, Ref, Timestamp, closed_set
from core.identity.rules import Goal, Market, SkillLevel


class User(Base):
    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email_lower", text("lower(email)"), unique=True),)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; None for people who only sign in through the organisation's identity provider."""
    oidc_subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    groups: Mapped[list[str]] = mapped_column(ARRAY(String(80)), default=list, server_default=text("'{}'"))
    """Who accepts what, as workflow definitions name it (`accepted_by`): pm, architect."""
    tier: Mapped[Tier] = mapped_column(closed_set(Tier), default=Tier.STARTER)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[Timestamp]


class Profile(Base):
    __tablename__ = "profiles"

    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    goal: Mapped[Goal] = mapped_column(closed_set(Goal))
    market: Mapped[Market] = mapped_column(closed_set(Market))
    skill_level: Mapped[SkillLevel] = mapped_column(closed_set(SkillLevel))
    country: Mapped[str] = mapped_column(String(2))
    """ISO 3166-1 alpha-2."""
    updated_at: Mapped[Timestamp]


class BrowserSession(Base):
    __tablename__ = "browser_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the cookie's value: a stolen database opens no session."""
    user_id: Mapped[Ref] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Timestamp]
    expires_at: Mapped[Timestamp]


class SignInAttempt(Base):
    """Failed sign-ins only, kept for the rate limit."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "email", "at"), Index(None, "address", "at"))

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[Timestamp]


class Agent(Base):
    """A program that proposes; it never decides."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[Timestamp]


class ApiToken(Base):
    __tablename__ = "api_tokens"
    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (agent_id IS NULL)", name="one_owner"),)

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[Ref | None] = mapped_column(Uuid, ForeignKey("users.id", ondelete="CASCADE"))
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    created_at: Mapped[Timestamp]
    expires_at: Mapped[Timestamp | None]
    revoked_at: Mapped[Timestamp | None]
    last_used_at: Mapped[Timestamp | None]
    last_used_from: Mapped[str | None] = mapped_column(String(64))
    """The address it was presented from, to the minute as `last_used_at`."""
