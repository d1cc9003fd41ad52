"""Indexes for lists of a million runs.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_LABELS = (
    "ARRAY['w:' || workflow_id, 's:' || state, 'a:' || coalesce(agent_id, ''), 'c:' || coalesce(council_id, ''),"
    " 'm:' || coalesce(market, ''), 'k:' || coalesce(skill_level, '')]"
)
_WORDS = "to_tsvector('simple', coalesce(error, '') || ' ' || end_reason)"
_ENDED = "completed_at IS NOT NULL AND started_at IS NOT NULL"
_SAVING = "state = 'completed' AND calculated_savings IS NOT NULL AND savings_currency IS NOT NULL"


def upgrade() -> None:
    # Triggers note what changed (0013), so nothing reads runs in this order any more.
    op.drop_index("ix_executions_changed_at_id", "executions")
    for column in ("agent_id", "council_id"):
        op.drop_index(f"ix_executions_{column}", "executions")
        op.create_index(f"ix_executions_{column}_created_at", "executions", [column, "created_at"])
    op.create_index(
        "ix_executions_sample_last_activity_at_id", "executions", ["sample", "last_activity_at", "id"]
    )  # fmt: skip
    for name, leading in (("all", "sample"), ("workflow", "workflow_id")):
        op.execute(
            f"CREATE INDEX ix_executions_took_{name} ON executions ({leading}, (completed_at - started_at), id)"
            f" WHERE {_ENDED}"
        )
        op.execute(
            f"CREATE INDEX ix_executions_saves_{name} ON executions"
            f" ({leading}, savings_currency, (- calculated_savings), id) WHERE {_SAVING}"
        )
    for name, value in (("labels", _LABELS), ("words", _WORDS)):
        op.execute(
            f"CREATE INDEX ix_executions_{name} ON executions USING gin (({value})) WITH (gin_pending_list_limit = 256)"
        )
