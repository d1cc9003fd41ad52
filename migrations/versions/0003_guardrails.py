"""Guardrails as one policy, with a record of every evaluation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What the columns did not say, as it is in a new installation of this version; later versions do not touch it.
_REST = """{
  "operations": null, "models": null,
  "denied_models": ["auth.*", "base.*", "fetchmail.*", "ir.*", "mail.compose.message", "mail.mail", "mail.template", "mailing.*", "marketing.*", "res.config.*", "res.groups", "res.groups.*", "res.users", "res.users.*", "sms.*", "whatsapp.*"],
  "amounts": {}, "allowed_recipients": [], "denied_recipients": [],
  "channel_rates": {}, "recipient_rates": {"email": {"count": 1, "minutes": 240}}, "duplicate_hours": 24,
  "hours": null, "four_eyes": true, "automatic": false, "automatic_operations": []
}"""


def _closed_set(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.add_column("guardrails", sa.Column("policy", JSONB(), nullable=True))
    op.add_column("guardrails", sa.Column("mode_by", sa.String(200), nullable=True))
    op.add_column("guardrails", sa.Column("mode_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        sa.text(
            "UPDATE guardrails SET mode_by = changed_by, mode_at = changed_at, "
            "policy = CAST(:rest AS jsonb) || jsonb_build_object("
            "'channels', channels, 'max_recipients', max_recipients, 'expiry_hours', expiry_hours)"
        ).bindparams(rest=_REST)
    )
    for name in ("policy", "mode_by", "mode_at"):
        op.alter_column("guardrails", name, nullable=False)
    for name in ("channels", "max_recipients", "expiry_hours"):
        op.drop_column("guardrails", name)

    op.create_table(
        "guardrail_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column(
            "stage", _closed_set("proposal", "edit", "approval", "retry", "execution", name="stage"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("outcome", _closed_set("pass", "wait", "stop", name="judgement"), nullable=False),
        sa.Column("verdicts", JSONB(), nullable=False),
        sa.Column("actor_kind", _closed_set("person", "agent", "job", "system", name="actorkind"), nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardrail_records")),
    )
    op.create_index(op.f("ix_guardrail_records_subject_at"), "guardrail_records", ["subject", "at"])
    op.create_index(op.f("ix_guardrail_records_at"), "guardrail_records", ["at"])
    op.create_index(
        "ix_guardrail_records_refused", "guardrail_records", ["at"], postgresql_where=sa.text("outcome = 'stop'")
    )

    op.create_table(
        "guardrail_ledger",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(400), nullable=True),
        sa.Column("same_as", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardrail_ledger")),
    )
    op.create_index(op.f("ix_guardrail_ledger_holder"), "guardrail_ledger", ["holder"])
    op.create_index(op.f("ix_guardrail_ledger_at"), "guardrail_ledger", ["at"])
    for name, columns, which in (
        ("channel", ["channel", "at"], "recipient IS NULL"),
        ("same", ["same_as", "at"], "recipient IS NULL"),
        ("recipient", ["channel", "recipient", "at"], "recipient IS NOT NULL"),
    ):
        op.create_index(f"ix_guardrail_ledger_{name}", "guardrail_ledger", columns, postgresql_where=sa.text(which))
