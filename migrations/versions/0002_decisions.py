"""Decisions by panels, with authors, their audience and their outcome; councils with criteria; seats given away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _councils()
    _decisions()
    _ballots()
    _delegations()


def _councils() -> None:
    for name, kind in (("criteria", sa.Text()), ("blocked_operations", sa.String(64))):
        op.add_column("councils", sa.Column(name, ARRAY(kind), nullable=False, server_default="{}"))
        op.alter_column("councils", name, server_default=None)
    op.add_column("councils", sa.Column("weekly_savings_threshold", sa.Numeric(20, 4), nullable=True))
    op.add_column("councils", sa.Column("threshold_currency", sa.String(3), nullable=True))
    levels = ("low", "medium", "high", "critical")
    op.add_column("councils", sa.Column("risk_from", sa.String(32), nullable=True))
    op.create_check_constraint(op.f("ck_councils_risklevel"), "councils", sa.column("risk_from").in_(levels))
    op.add_column("councils", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("councils", "version", server_default=None)
    op.add_column("councils", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE councils SET updated_at = created_at")
    op.alter_column("councils", "updated_at", nullable=False)


def _decisions() -> None:
    for name, kind in (("panels", JSONB()), ("authors", ARRAY(sa.String(80))), ("audience", ARRAY(sa.String(120)))):
        op.add_column("decisions", sa.Column(name, kind, nullable=True))
    op.add_column("decisions", sa.Column("outcome", JSONB(), nullable=True))
    op.execute(
        """
        UPDATE decisions SET
            panels = jsonb_build_array(policy),
            authors = ARRAY[proposer_id],
            audience = ARRAY(
                SELECT prefix || word FROM (
                    SELECT 'role:' || jsonb_array_elements_text(policy -> 'roles')
                    UNION SELECT 'user:' || jsonb_array_elements_text(policy -> 'users')
                    UNION SELECT 'council:' || (policy ->> 'council') WHERE policy ->> 'council' IS NOT NULL
                ) AS named (word)
                CROSS JOIN (
                    SELECT '' UNION SELECT 'author/' WHERE NOT coalesce((policy ->> 'recusal')::boolean, true)
                ) AS prefixes (prefix)
                ORDER BY 1
            )
        """
    )
    for name in ("panels", "authors", "audience"):
        op.alter_column("decisions", name, nullable=False)
    op.drop_column("decisions", "policy")
    op.add_column("decisions", sa.Column("voted", ARRAY(sa.String(80)), nullable=False, server_default="{}"))
    op.alter_column("decisions", "voted", server_default=None)
    op.execute(
        """
        UPDATE decisions SET voted = found.voters FROM (
            SELECT decision_id, array_agg(voter_id::text ORDER BY voter_id::text) AS voters FROM ballots GROUP BY 1
        ) AS found
        WHERE found.decision_id = decisions.id AND decisions.state = 'open'
        """
    )
    op.create_index(
        "ix_decisions_open_audience", "decisions", ["audience"],
        postgresql_using="gin", postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip


def _ballots() -> None:
    op.add_column("ballots", sa.Column("cast_by_id", sa.Uuid(), nullable=True))
    op.add_column("ballots", sa.Column("cast_by_name", sa.String(120), nullable=True))
    op.add_column("ballots", sa.Column("checklist", JSONB(), nullable=True))
    op.execute("UPDATE ballots SET cast_by_id = voter_id, cast_by_name = voter_name")
    op.alter_column("ballots", "cast_by_id", nullable=False)
    op.alter_column("ballots", "cast_by_name", nullable=False)
    op.create_foreign_key(op.f("fk_ballots_cast_by_id"), "ballots", "users", ["cast_by_id"], ["id"])
    op.create_unique_constraint(op.f("uq_ballots_decision_id_cast_by_id"), "ballots", ["decision_id", "cast_by_id"])


def _delegations() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_user_id", sa.Uuid(), nullable=False),
        sa.Column("to_user_id", sa.Uuid(), nullable=False),
        sa.Column("council_id", sa.String(64), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("from_user_id <> to_user_id", name=op.f("ck_delegations_two_people")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_delegations_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
        *(
            sa.ForeignKeyConstraint([here], [there], name=op.f(f"fk_delegations_{here}"), ondelete="CASCADE")
            for here, there in (
                ("from_user_id", "users.id"), ("to_user_id", "users.id"),
                ("created_by", "users.id"), ("council_id", "councils.id"),
            )
        ),
    )  # fmt: skip
    for side in ("to_user_id", "from_user_id"):
        op.create_index(op.f(f"ix_delegations_{side}_ends_at"), "delegations", [side, "ends_at"])
