"""What the operator brain noticed and proposed.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "brain_rules",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("mode", _one_of("rulemode", "propose", "watch", "off"), nullable=False),
        sa.Column("thresholds", postgresql.JSONB(), nullable=False),
        sa.Column("per_look", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "look_state", _one_of("lookstate", "looked", "partly", "not_looked", "failed"), nullable=True
        ),
        sa.Column("look_words", sa.Text(), server_default="", nullable=False),
        sa.Column("found", sa.Integer(), nullable=True),
        sa.Column("proposed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("remaining", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_brain_rules")),
    )
    op.create_table(
        "brain_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", _one_of("findingstate", "noticed", "claimed", "proposed"), nullable=False),
        sa.Column("held", sa.Text(), server_default="", nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("weight", sa.Numeric(24, 6), nullable=False),
        sa.Column("confidence", sa.Numeric(4, 3), nullable=False),
        sa.Column("impact", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("worded_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brain_findings")),
        sa.UniqueConstraint("rule", "key", "round", name=op.f("uq_brain_findings_rule_key_round")),
    )
    op.create_index(
        "uq_brain_findings_action", "brain_findings", ["action_id"], unique=True,
        postgresql_where=sa.text("action_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_brain_findings_rule_subject"), "brain_findings", ["rule", "subject"])
    op.create_index(op.f("ix_brain_findings_rule_claimed_at"), "brain_findings", ["rule", "claimed_at"])
    op.create_index(op.f("ix_brain_findings_last_seen_at"), "brain_findings", ["last_seen_at"])
    op.create_table(
        "team_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column(
            "for_role", _one_of("role", "user", "operator", "council", "analyst", "admin"), nullable=True
        ),
        sa.Column("for_user", sa.Uuid(), nullable=True),
        sa.Column("state", _one_of("taskstate", "open", "done", "withdrawn"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(for_role IS NULL) <> (for_user IS NULL)", name=op.f("ck_team_tasks_one_addressee")
        ),
        sa.ForeignKeyConstraint(
            ["for_user"], ["users.id"], name=op.f("fk_team_tasks_for_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_tasks")),
        sa.UniqueConstraint("key", name=op.f("uq_team_tasks_key")),
    )
    op.create_index("ix_team_tasks_role", "team_tasks", ["for_role"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_team_tasks_user", "team_tasks", ["for_user"], postgresql_where=sa.text("state = 'open'"))
