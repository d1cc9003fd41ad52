"""Projects: plans with many items, their run, and the queue on which an action's attempts wait.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('actions', sa.Column('queue', sa.String(length=32), server_default='actions', nullable=False))
    op.add_column('attempts', sa.Column('held', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_table('projects',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('created_by_kind', sa.Enum('person', 'agent', 'job', 'system', name='actorkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_by_id', sa.String(length=80), nullable=False),
    sa.Column('created_by_name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('authors', postgresql.ARRAY(sa.String(length=80)), nullable=False),
    sa.Column('card_id', sa.Uuid(), nullable=True),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['card_id'], ['actions.id'], name=op.f('fk_projects_card_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_projects'))
    )
    op.create_index(op.f('ix_projects_created_at_id'), 'projects', ['created_at', 'id'], unique=False)
    op.create_index(op.f('ix_projects_created_by_id'), 'projects', ['created_by_id'], unique=False)
    op.create_table('project_items',
    sa.Column('project_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('operation', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('plan', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('plan_digest', sa.String(length=64), nullable=True),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('left_out', sa.Boolean(), nullable=False),
    sa.Column('skipped', sa.Text(), nullable=True),
    sa.Column('generation', sa.Integer(), nullable=True),
    sa.Column('action_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['action_id'], ['actions.id'], name=op.f('fk_project_items_action_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_project_items_project_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'position', name=op.f('pk_project_items')),
    sa.UniqueConstraint('action_id', name=op.f('uq_project_items_action_id')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_project_items_project_id_key'))
    )
    op.create_index('ix_project_items_waiting', 'project_items', ['project_id', 'kind'], unique=False, postgresql_where=sa.text('action_id IS NULL AND skipped IS NULL AND NOT left_out'))
    op.create_table('project_runs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('project_id', sa.Uuid(), nullable=False),
    sa.Column('card_action_id', sa.Uuid(), nullable=False),
    sa.Column('plan_digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('running', 'paused', 'cancelled', 'completed', name='runstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state_by', sa.String(length=200), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('told', postgresql.ARRAY(sa.String(length=40)), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['card_action_id'], ['actions.id'], name=op.f('fk_project_runs_card_action_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_project_runs_project_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_runs')),
    sa.UniqueConstraint('card_action_id', name=op.f('uq_project_runs_card_action_id')),
    sa.UniqueConstraint('project_id', name=op.f('uq_project_runs_project_id'))
    )
