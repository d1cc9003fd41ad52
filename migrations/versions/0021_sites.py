"""Sites: their versions, where they were published, what was measured of them, and what visitors wrote.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sites',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('contact_email', sa.String(length=254), nullable=True),
    sa.Column('live_version_id', sa.Uuid(), nullable=True),
    sa.Column('live_target', sa.String(length=80), nullable=True),
    sa.Column('address', sa.String(length=2000), nullable=True),
    sa.Column('made_by_kind', sa.Enum('person', 'agent', 'job', 'system', name='actorkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('made_by_id', sa.String(length=80), nullable=False),
    sa.Column('made_by_name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['executions.id'], name=op.f('fk_sites_run_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sites')),
    sa.UniqueConstraint('run_id', name=op.f('uq_sites_run_id')),
    sa.UniqueConstraint('slug', name=op.f('uq_sites_slug'))
    )
    op.create_table('site_versions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('tree', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('notes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_site_versions_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_versions')),
    sa.UniqueConstraint('site_id', 'digest', name=op.f('uq_site_versions_site_id_digest')),
    sa.UniqueConstraint('site_id', 'number', name=op.f('uq_site_versions_site_id_number'))
    )
    op.create_table('site_deployments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('deploy', 'rollback', 'redeploy', name='deploymentkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('target', sa.String(length=80), nullable=False),
    sa.Column('state', sa.Enum('running', 'live', 'unanswered', 'failed', 'overtaken', name='deploymentstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=2000), nullable=False),
    sa.Column('reference', sa.String(length=500), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by_kind', sa.Enum('person', 'agent', 'job', 'system', name='actorkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by_id', sa.String(length=80), nullable=False),
    sa.Column('by_name', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_site_deployments_site_id')),
    sa.ForeignKeyConstraint(['version_id'], ['site_versions.id'], name=op.f('fk_site_deployments_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_deployments')),
    sa.UniqueConstraint('key', name=op.f('uq_site_deployments_key')),
    sa.UniqueConstraint('site_id', 'number', name=op.f('uq_site_deployments_site_id_number'))
    )
    op.create_index(op.f('ix_site_deployments_version_id'), 'site_deployments', ['version_id'], unique=False)
    op.create_table('site_reports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('deployment_id', sa.Uuid(), nullable=True),
    sa.Column('check_name', sa.String(length=80), nullable=False),
    sa.Column('state', sa.Enum('pass', 'fail', 'not_checked', name='checkstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('findings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('picture', sa.LargeBinary(), nullable=True),
    sa.Column('measured_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['deployment_id'], ['site_deployments.id'], name=op.f('fk_site_reports_deployment_id')),
    sa.ForeignKeyConstraint(['version_id'], ['site_versions.id'], name=op.f('fk_site_reports_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_reports'))
    )
    op.create_index('ix_site_reports_one', 'site_reports', ['version_id', 'deployment_id', 'check_name'], unique=True, postgresql_nulls_not_distinct=True)
    op.create_table('site_messages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('visitor', sa.String(length=64), nullable=False),
    sa.Column('is_test', sa.Boolean(), nullable=False),
    sa.Column('mark', sa.String(length=80), nullable=True),
    sa.Column('stamp', sa.String(length=64), nullable=True),
    sa.Column('state', sa.Enum('kept', 'waiting', 'sending', 'sent', 'failed', 'unknown', name='messagestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sends', sa.Integer(), nullable=False),
    sa.Column('road', sa.String(length=300), nullable=False),
    sa.Column('words', sa.String(length=1000), nullable=False),
    sa.Column('reference', sa.String(length=500), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('is_test OR mark IS NULL', name=op.f('ck_site_messages_only_tests_are_marked')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_site_messages_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_messages')),
    sa.UniqueConstraint('stamp', name=op.f('uq_site_messages_stamp'))
    )
    op.create_index('ix_site_messages_mark', 'site_messages', ['mark'], unique=False, postgresql_where=sa.text('mark IS NOT NULL'))
    op.create_index(op.f('ix_site_messages_site_id_received_at'), 'site_messages', ['site_id', 'received_at'], unique=False)
    op.create_index(op.f('ix_site_messages_site_id_visitor_received_at'), 'site_messages', ['site_id', 'visitor', 'received_at'], unique=False)
    op.create_index(op.f('ix_site_messages_visitor_received_at'), 'site_messages', ['visitor', 'received_at'], unique=False)
    op.create_foreign_key('fk_sites_live_version_id', 'sites', 'site_versions', ['live_version_id'], ['id'])
    _keep_versions()


def _keep_versions() -> None:
    """A version is what was reviewed, deployed and measured: it never changes, and never goes."""
    op.execute(
        """
        CREATE FUNCTION site_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a version of a site stays as it is; keep a new one';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER site_versions_stay BEFORE UPDATE OR DELETE ON site_versions "
        "FOR EACH ROW EXECUTE FUNCTION site_versions_stay()"
    )
