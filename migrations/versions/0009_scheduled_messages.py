"""Messages that Odoo would send later by itself are denied like those it sends at once.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        UPDATE guardrails
        SET policy = jsonb_set(
            policy, '{denied_models}',
            (policy -> 'denied_models') || '["mail.message.schedule", "mail.scheduled.message"]'::jsonb
        )
        WHERE policy -> 'denied_models' @> '["mail.mail"]'::jsonb
          AND NOT policy -> 'denied_models' @> '["mail.scheduled.message"]'::jsonb
        """
    )
