"""Themes of deliverables.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_LOGO = "logo IS NULL OR (logo_width > 0 AND logo_height > 0 AND logo_alt <> '')"


def upgrade() -> None:
    op.create_table(
        "themes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("house", sa.String(length=80), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("ink", sa.String(length=7), nullable=False),
        sa.Column("heading_font", sa.String(length=80), nullable=False),
        sa.Column("body_font", sa.String(length=80), nullable=False),
        sa.Column("footer", sa.String(length=120), nullable=False),
        sa.Column(
            "paper",
            sa.Enum("a4", "us-letter", name="paper", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_width", sa.Integer(), nullable=True),
        sa.Column("logo_height", sa.Integer(), nullable=True),
        sa.Column("logo_alt", sa.String(length=200), server_default="", nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_LOGO, name=op.f("ck_themes_whole_logo")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
    )
    op.create_index("uq_themes_title", "themes", [sa.text("lower(title)")], unique=True)
    op.create_index(
        "uq_themes_is_default", "themes", ["is_default"], unique=True, postgresql_where=sa.text("is_default")
    )
