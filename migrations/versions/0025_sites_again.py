"""Sites: publishing that somebody asks for is a worker's work, and waits its turn.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATES = ("waiting", "running", "live", "unanswered", "failed", "overtaken")


def upgrade() -> None:
    name = op.f("ck_site_deployments_deploymentstate")
    op.drop_constraint(name, "site_deployments", type_="check")
    op.create_check_constraint(name, "site_deployments", sa.column("state").in_(_STATES))
    for column in ("hands", "takes"):
        op.add_column("site_deployments", sa.Column(column, sa.Integer(), server_default="0", nullable=False))
        op.alter_column("site_deployments", column, server_default=None)
