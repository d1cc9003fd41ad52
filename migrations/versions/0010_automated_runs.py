"""Automated runs: nodes, documents in versions, entities, gates and model calls; groups of people who accept.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('model_calls',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(length=200), nullable=False),
    sa.Column('prompts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('request', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('response', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Enum('received', 'document', 'questions', 'sent_back', 'failed', name='calloutcome', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('findings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('tokens_in', sa.Integer(), nullable=False),
    sa.Column('tokens_out', sa.Integer(), nullable=False),
    sa.Column('cost', sa.Numeric(precision=20, scale=8), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('latency_ms', sa.Integer(), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_model_calls_execution_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_calls')),
    sa.UniqueConstraint('execution_id', 'path', 'generation', 'number', name=op.f('uq_model_calls_execution_id_path_generation_number'))
    )
    op.create_table('run_documents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('doc_type', sa.String(length=200), nullable=False),
    sa.Column('scope', sa.String(length=200), nullable=False),
    sa.Column('scope_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('made_by', sa.String(length=200), nullable=False),
    sa.Column('made_by_user', sa.Uuid(), nullable=True),
    sa.Column('findings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_run_documents_execution_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run_documents')),
    sa.UniqueConstraint('execution_id', 'doc_type', 'scope_id', 'version', name=op.f('uq_run_documents_execution_id_doc_type_scope_id_version'))
    )
    op.create_table('run_entities',
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('entity_type', sa.String(length=200), nullable=False),
    sa.Column('entity_id', sa.Text(), nullable=False),
    sa.Column('scope_id', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_run_entities_execution_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('execution_id', 'path', name=op.f('pk_run_entities'))
    )
    op.create_table('run_nodes',
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('step_id', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=200), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('scope', sa.String(length=200), nullable=False),
    sa.Column('scope_id', sa.Text(), nullable=False),
    sa.Column('item', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('state', sa.Enum('pending', 'executing', 'clarifying', 'qa_checking', 'remediating', 'waiting', 'completed', 'failed', name='nodestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_run_nodes_execution_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('execution_id', 'path', name=op.f('pk_run_nodes'))
    )
    op.create_table('run_gates',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('start', 'clarification', 'form', 'guide', 'acceptance', 'approval', 'vote', 'action', 'time', name='gatekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('open', 'closed', 'withdrawn', name='gatestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=True),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.Column('action_id', sa.Uuid(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.JSON(), nullable=True),
    sa.Column('answered_by', sa.String(length=200), nullable=True),
    sa.Column('answered_by_user', sa.Uuid(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['action_id'], ['actions.id'], name=op.f('fk_run_gates_action_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_run_gates_decision_id')),
    sa.ForeignKeyConstraint(['document_id'], ['run_documents.id'], name=op.f('fk_run_gates_document_id')),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_run_gates_execution_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run_gates'))
    )
    op.create_index('ix_run_gates_action', 'run_gates', ['action_id'], unique=False, postgresql_where=sa.text('action_id IS NOT NULL'))
    op.create_index(op.f('ix_run_gates_decision_id'), 'run_gates', ['decision_id'], unique=False)
    op.create_index('ix_run_gates_due', 'run_gates', ['due_at'], unique=False, postgresql_where=sa.text("state = 'open' AND due_at IS NOT NULL"))
    op.create_index(op.f('ix_run_gates_execution_id_opened_at'), 'run_gates', ['execution_id', 'opened_at'], unique=False)
    op.create_index('uq_run_gates_open', 'run_gates', ['execution_id', 'path'], unique=True, postgresql_where=sa.text("state = 'open'"))
    op.add_column('actions', sa.Column('origin', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('executions', sa.Column('automated', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('executions', sa.Column('segment', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('executions', sa.Column('parked', sa.Boolean(), server_default=sa.text('true'), nullable=False))
    op.add_column('executions', sa.Column('woken', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('executions', sa.Column('held_by', sa.Uuid(), nullable=True))
    op.add_column('executions', sa.Column('paused', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('users', sa.Column('groups', postgresql.ARRAY(sa.String(length=80)), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('workflow_revisions', sa.Column('kind', sa.Enum('guided', 'automated', name='workflowkind', native_enum=False, create_constraint=True, length=32), server_default='guided', nullable=False))
    op.execute(
        """
        CREATE FUNCTION run_documents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.execution_id, NEW.doc_type, NEW.scope_id, NEW.version, NEW.content::text, NEW.digest)
               IS DISTINCT FROM (OLD.execution_id, OLD.doc_type, OLD.scope_id, OLD.version, OLD.content::text, OLD.digest)
               OR (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at) THEN
                RAISE EXCEPTION 'a version of a document never changes';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER run_documents_stay BEFORE UPDATE ON run_documents "
        "FOR EACH ROW EXECUTE FUNCTION run_documents_stay()"
    )
