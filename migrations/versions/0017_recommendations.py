"""What recommendations aim at, and whether they explore.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column(
        "recommendations", "score", existing_type=sa.Numeric(8, 6), type_=sa.Numeric(24, 6), existing_nullable=False
    )
    op.add_column("recommendations", sa.Column("objective", sa.String(80), nullable=False, server_default="success"))
    op.add_column("recommendations", sa.Column("explored", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("recommendations", sa.Column("propensity", sa.Float(), nullable=True))
    op.create_table(
        "recommendation_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("objective", sa.String(80), nullable=False),
        sa.Column("explore", sa.Boolean(), nullable=False),
        sa.Column("explore_share", sa.Numeric(4, 3), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_recommendation_policy_one_row")),
        sa.CheckConstraint(
            "explore_share >= 0 AND explore_share <= 1", name=op.f("ck_recommendation_policy_share")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_policy")),
    )
    op.create_table(
        "chosen_objectives",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("objective", sa.String(80), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_chosen_objectives_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_chosen_objectives")),
    )
