"""Packages: what was made of which source, their files and manifests.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('packages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('draft', sa.Boolean(), nullable=False),
    sa.Column('theme_name', sa.String(length=200), nullable=False),
    sa.Column('look', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('language', sa.String(length=40), nullable=False),
    sa.Column('zone', sa.String(length=60), nullable=False),
    sa.Column('requested_by_kind', sa.Enum('person', 'agent', 'job', 'system', name='actorkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('requested_by_id', sa.String(length=80), nullable=False),
    sa.Column('requested_by_name', sa.String(length=200), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.String(length=20)), nullable=True),
    sa.Column('execution_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'reading', 'rendering', 'done', 'failed', name='packagestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('readings', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('report_sha256', sa.String(length=64), nullable=True),
    sa.Column('manifest', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('manifest_sha256', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_packages')),
    sa.UniqueConstraint('subject', 'number', name=op.f('uq_packages_subject_number'))
    )
    op.create_index(op.f('ix_packages_created_at_id'), 'packages', ['created_at', 'id'], unique=False)
    op.create_index(op.f('ix_packages_execution_id'), 'packages', ['execution_id'], unique=False)
    op.create_index(op.f('ix_packages_requested_by_id_created_at'), 'packages', ['requested_by_id', 'created_at'], unique=False)
    op.create_table('package_files',
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('format', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'done', 'failed', name='formatstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('size', sa.BigInteger(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('remarks', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['package_id'], ['packages.id'], name=op.f('fk_package_files_package_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('package_id', 'format', name=op.f('pk_package_files'))
    )
    op.create_index(op.f('ix_package_files_sha256'), 'package_files', ['sha256'], unique=False)
    op.create_table('package_pictures',
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('page', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['package_id'], ['packages.id'], name=op.f('fk_package_pictures_package_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('package_id', 'page', name=op.f('pk_package_pictures'))
    )
    _keep_what_is_done()


def _keep_what_is_done() -> None:
    """What was handed out stays: a package that is done, with its files, unless it was a draft."""
    op.execute(
        """
        CREATE FUNCTION packages_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state = 'done' AND NOT OLD.draft THEN
                RAISE EXCEPTION 'a package that is done stays as it is; make a new one';
            END IF;
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION package_parts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM packages WHERE id IN (OLD.package_id, NEW.package_id) AND state = 'done' AND NOT draft
            ) THEN
                RAISE EXCEPTION 'a package that is done stays as it is; make a new one';
            END IF;
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER packages_stay BEFORE UPDATE OR DELETE ON packages "
        "FOR EACH ROW EXECUTE FUNCTION packages_stay()"
    )
    for table in ("package_files", "package_pictures"):
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION package_parts_stay()"
        )
