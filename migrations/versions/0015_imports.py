"""Imports of past runs and the rows they refused.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('imports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('uploaded', 'reading', 'ready', 'writing', 'done', 'failed', 'taking_back', 'taken_back', name='importstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('layout', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('found', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('mapping', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('goes_on', sa.Boolean(), nullable=False),
    sa.Column('rows_read', sa.BigInteger(), nullable=False),
    sa.Column('staged', sa.Boolean(), nullable=False),
    sa.Column('outline', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('counts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('revision', sa.String(length=64), nullable=True),
    sa.Column('last_case', sa.String(length=200), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('by_kind', sa.Enum('person', 'agent', 'job', 'system', name='actorkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by_id', sa.String(length=80), nullable=False),
    sa.Column('by_name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_back_by', sa.String(length=200), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['revision'], ['workflow_revisions.digest'], name=op.f('fk_imports_revision')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    op.create_index(op.f('ix_imports_created_at_id'), 'imports', ['created_at', 'id'], unique=False)
    op.create_index(op.f('ix_imports_sha256'), 'imports', ['sha256'], unique=False)
    op.create_table('import_events',
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('case_key', sa.String(length=200, collation='C'), nullable=False),
    sa.Column('refused', sa.Boolean(), nullable=False),
    sa.Column('activity', sa.String(length=200), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('transition', sa.String(length=40), nullable=True),
    sa.Column('person', sa.String(length=200), nullable=True),
    sa.Column('market', sa.String(length=40), nullable=True),
    sa.Column('skill_level', sa.String(length=40), nullable=True),
    sa.Column('value', sa.Numeric(), nullable=True),
    sa.Column('unit', sa.String(length=40), nullable=True),
    sa.Column('cost', sa.Numeric(), nullable=True),
    sa.Column('currency', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_import_events_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'seq', name=op.f('pk_import_events'))
    )
    op.create_index('ix_import_events_case', 'import_events', ['import_id', 'case_key', 'at', 'seq'], unique=False)
    op.create_table('import_refusals',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Enum('broken_row', 'too_long', 'cells', 'controls', 'no_case', 'no_activity', 'no_time', 'bad_time', 'no_such_time', 'future', 'ends_early', 'bad_number', 'broken_case', 'no_step', 'not_over', 'bad_value', 'mixed_units', 'too_many_events', 'already_here', name='reason', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('detail', sa.String(length=300), nullable=False),
    sa.Column('case_key', sa.String(length=200), nullable=False),
    sa.Column('cells', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_import_refusals_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_refusals'))
    )
    op.create_index(op.f('ix_import_refusals_import_id_line'), 'import_refusals', ['import_id', 'line'], unique=False)
    op.create_table('imported_runs',
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('case_key', sa.String(length=200), nullable=False),
    sa.Column('person', sa.String(length=200), server_default=sa.text("''"), nullable=False),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_imported_runs_execution_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_imported_runs_import_id')),
    sa.PrimaryKeyConstraint('execution_id', name=op.f('pk_imported_runs')),
    sa.UniqueConstraint('source', 'case_key', name=op.f('uq_imported_runs_source_case_key'))
    )
    op.create_index(op.f('ix_imported_runs_import_id'), 'imported_runs', ['import_id'], unique=False)
