"""What changed on a card: the plan before, what drifted, what undoes what, and its domains."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actions", sa.Column("domains", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("actions", "domains", server_default=None)
    op.add_column("actions", sa.Column("automatic", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("actions", "automatic", server_default=None)
    op.add_column("actions", sa.Column("previous_plan", JSONB(none_as_null=True), nullable=True))
    op.add_column("actions", sa.Column("drift", JSONB(none_as_null=True), nullable=True))
    op.add_column("actions", sa.Column("undo_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_actions_undo_of", "actions", "actions", ["undo_of"], ["id"], ondelete="CASCADE"
    )
    op.create_index(
        "uq_actions_undo", "actions", ["undo_of"], unique=True,
        postgresql_where=sa.text("state NOT IN ('rejected', 'expired', 'failed')"),
    )
