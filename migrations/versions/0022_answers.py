"""Answers kept for repeated requests.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idempotency_keys", sa.Column("holder", sa.Uuid(), nullable=True))
    op.add_column("idempotency_keys", sa.Column("changed", sa.String(length=32), nullable=True))
    op.add_column("idempotency_keys", sa.Column("status", sa.SmallInteger(), nullable=True))
    op.add_column("idempotency_keys", sa.Column("headers", postgresql.JSONB(), nullable=True))
    op.add_column("idempotency_keys", sa.Column("answer", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_idempotency_keys_changed"), "idempotency_keys", "changed IN ('resumable', 'final')"
    )
