"""Rate cards, calculator profiles and exchange rates, each with its date.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SHARES = "automation_percent BETWEEN 0 AND 1 AND error_rate BETWEEN 0 AND 1"


def upgrade() -> None:
    op.create_table(
        "rate_cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.String(length=80), nullable=False),
        *_inputs(),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        *_author(),
        sa.Column("withdrawn_by", sa.String(length=200), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint(_SHARES, name=op.f("ck_rate_cards_shares")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_cards")),
    )
    op.create_index(op.f("ix_rate_cards_workflow_id_effective_from"), "rate_cards", ["workflow_id", "effective_from"])
    op.create_table(
        "calculator_profiles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.String(length=80), nullable=False),
        *_inputs(),
        sa.Column("name", sa.String(length=80), nullable=False),
        *_author(),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_SHARES, name=op.f("ck_calculator_profiles_shares")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calculator_profiles")),
        sa.UniqueConstraint("workflow_id", "name", name=op.f("uq_calculator_profiles_workflow_id_name")),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(20, 10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        *_author(),
        sa.Column("withdrawn_by", sa.String(length=200), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rates_rate_is_above_nought")),
        sa.CheckConstraint("base <> quote", name=op.f("ck_exchange_rates_two_currencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
    )
    op.create_index(op.f("ix_exchange_rates_base_quote_day"), "exchange_rates", ["base", "quote", "day"])
    _keep_as_written()


def _inputs() -> list[sa.Column[Any]]:
    names = (
        "tasks_per_week", "minutes_per_task", "hourly_wage", "automation_percent", "error_rate", "cost_per_error",
        "value_per_accelerated_task",
    )  # fmt: skip
    return [
        *(sa.Column(name, sa.Numeric(20, 10), nullable=False) for name in names),
        sa.Column("implementation_cost", sa.Numeric(20, 10), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
    ]


def _author() -> list[sa.Column[Any]]:
    return [
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_by_id", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _keep_as_written() -> None:
    """Cards and rates are never deleted or rewritten: they are withdrawn, once, and that stays too."""
    op.execute(
        """
        CREATE FUNCTION stays_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            withdrawal CONSTANT text[] := ARRAY['withdrawn_by', 'withdrawn_at', 'withdrawn_reason'];
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL
               AND (to_jsonb(OLD) - withdrawal) = (to_jsonb(NEW) - withdrawal) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '% stay as they were written; withdraw one and add another', TG_TABLE_NAME;
        END $$
        """
    )
    for table in ("rate_cards", "exchange_rates"):
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION stays_as_written()"
        )
