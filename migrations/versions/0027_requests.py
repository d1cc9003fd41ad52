"""The request that an attempt and an audit entry belong to, and attempts by the time of their receipt.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # without a default: both are changes of the catalog alone, whatever the tables' size
    op.add_column("attempts", sa.Column("request_id", sa.String(length=64), nullable=True))
    op.add_column("audit_entries", sa.Column("request_id", sa.String(length=64), nullable=True))
    op.create_index(
        op.f("ix_attempts_finished_at"),
        "attempts",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_audit_entries_request_id"),
        "audit_entries",
        ["request_id"],
        unique=False,
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )
