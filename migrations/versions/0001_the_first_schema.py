"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agents',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agents'))
    )
    op.create_table('aggregation_cursors',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_id', sa.Uuid(), nullable=True),
    sa.Column('aggregated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rows_seen', sa.Numeric(precision=20, scale=0), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_aggregation_cursors'))
    )
    op.create_table('audit_entries',
    sa.Column('sequence', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.Enum('person', 'agent', 'job', 'system', name='actorkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('actor_id', sa.String(length=80), nullable=False),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('event', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('before', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_entries'))
    )
    op.create_index(op.f('ix_audit_entries_actor_id_sequence'), 'audit_entries', ['actor_id', 'sequence'], unique=False)
    op.create_index(op.f('ix_audit_entries_subject_sequence'), 'audit_entries', ['subject', 'sequence'], unique=False)
    op.create_table('councils',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('domains', postgresql.ARRAY(sa.String(length=80)), nullable=False),
    sa.Column('policy', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_councils'))
    )
    op.create_table('counted_runs',
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('workflow_id', sa.String(length=80), nullable=False),
    sa.Column('market', sa.String(length=32), nullable=False),
    sa.Column('skill_level', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('success', sa.Boolean(), nullable=False),
    sa.Column('completed', sa.Boolean(), nullable=False),
    sa.Column('work_ms', sa.BigInteger(), nullable=False),
    sa.Column('values', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('execution_id', name=op.f('pk_counted_runs'))
    )
    op.create_index('ix_counted_runs_cell', 'counted_runs', ['sample', 'workflow_id', 'market', 'skill_level', 'user_id'], unique=False)
    op.create_table('decisions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('subject_kind', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.String(length=80), nullable=False),
    sa.Column('subject_digest', sa.String(length=64), nullable=False),
    sa.Column('proposer_id', sa.String(length=80), nullable=False),
    sa.Column('policy', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('open', 'approved', 'rejected', 'expired', name='decisionstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions'))
    )
    op.create_index(op.f('ix_decisions_state_deadline'), 'decisions', ['state', 'deadline'], unique=False)
    op.create_index(op.f('ix_decisions_subject_kind_subject_id'), 'decisions', ['subject_kind', 'subject_id'], unique=False)
    op.create_table('guardrails',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.Enum('off', 'preview', 'on', name='executionmode', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('channels', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('max_recipients', sa.Integer(), nullable=False),
    sa.Column('expiry_hours', sa.Integer(), nullable=False),
    sa.Column('changed_by', sa.String(length=200), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guardrails'))
    )
    op.create_table('jobs',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('purpose', sa.String(length=500), nullable=False),
    sa.Column('schedule', sa.String(length=120), nullable=False),
    sa.Column('introduced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_run_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('scheduler_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_jobs'))
    )
    op.create_table('job_runs',
    sa.Column('id', sa.String(length=160), nullable=False),
    sa.Column('job', sa.String(length=64), nullable=False),
    sa.Column('slot', sa.DateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'succeeded', 'failed', name='jobrunstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('enqueued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('starts', sa.Integer(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('error', sa.String(length=2000), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_runs'))
    )
    op.create_index(op.f('ix_job_runs_job_enqueued_at'), 'job_runs', ['job', 'enqueued_at'], unique=False)
    op.create_index(op.f('ix_job_runs_enqueued_at'), 'job_runs', ['enqueued_at'], unique=False)
    op.create_table('performance',
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('workflow_id', sa.String(length=80), nullable=False),
    sa.Column('market', sa.String(length=32), nullable=False),
    sa.Column('skill_level', sa.String(length=32), nullable=False),
    sa.Column('ended', sa.Integer(), nullable=False),
    sa.Column('successes', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('completion_ms_total', sa.BigInteger(), nullable=False),
    sa.Column('completed', sa.Integer(), nullable=False),
    sa.Column('values', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('sample', 'workflow_id', 'market', 'skill_level', name=op.f('pk_performance'))
    )
    op.create_table('sign_in_attempts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempts'))
    )
    op.create_index(op.f('ix_sign_in_attempts_address_at'), 'sign_in_attempts', ['address', 'at'], unique=False)
    op.create_index(op.f('ix_sign_in_attempts_email_at'), 'sign_in_attempts', ['email', 'at'], unique=False)
    op.create_table('users',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('oidc_subject', sa.String(length=255), nullable=True),
    sa.Column('roles', postgresql.ARRAY(sa.String(length=20)), nullable=False),
    sa.Column('tier', sa.Enum('starter', 'pro', 'scale', name='tier', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('oidc_subject', name=op.f('uq_users_oidc_subject'))
    )
    op.create_index('uq_users_email_lower', 'users', [sa.literal_column('lower(email)')], unique=True)
    op.create_table('workflow_revisions',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('workflow_id', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('tier', sa.Enum('starter', 'pro', 'scale', name='tier', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('total_steps', sa.Integer(), nullable=False),
    sa.Column('definition', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('source', sa.Enum('file', 'import', name='revisionsource', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('first_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_workflow_revisions'))
    )
    op.create_index(op.f('ix_workflow_revisions_workflow_id'), 'workflow_revisions', ['workflow_id'], unique=False)
    op.create_index('uq_workflow_revisions_current', 'workflow_revisions', ['workflow_id'], unique=True, postgresql_where=sa.text('current'))
    op.create_table('actions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('operation', sa.String(length=64), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('priority', sa.Enum('critical', 'attention', 'info', 'automated', name='priority', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('priority_rank', sa.Integer(), nullable=False),
    sa.Column('risk', sa.Enum('low', 'medium', 'high', 'critical', name='risk', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('confidence', sa.Numeric(precision=4, scale=3), nullable=True),
    sa.Column('rationale', sa.Text(), nullable=False),
    sa.Column('sources', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('impact', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('recommended_steps', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('plan', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('plan_digest', sa.String(length=64), nullable=False),
    sa.Column('leaves_machine', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('pending', 'approved', 'rejected', 'expired', 'executing', 'executed', 'failed', 'unknown', name='actionstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.Column('council_id', sa.String(length=64), nullable=True),
    sa.Column('proposer_kind', sa.Enum('person', 'agent', 'job', 'system', name='actorkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('proposer_id', sa.String(length=80), nullable=False),
    sa.Column('proposer_name', sa.String(length=200), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('snoozed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=200), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision_reason', sa.String(length=2000), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('reference', sa.String(length=500), nullable=True),
    sa.Column('executed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['council_id'], ['councils.id'], name=op.f('fk_actions_council_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_actions_decision_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_actions'))
    )
    op.create_index(op.f('ix_actions_sample'), 'actions', ['sample'], unique=False)
    op.create_index(op.f('ix_actions_state_proposed_at'), 'actions', ['state', 'proposed_at'], unique=False)
    op.create_index('ix_actions_waiting', 'actions', ['priority_rank', 'expires_at', 'id'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_table('api_tokens',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('agent_id', sa.String(length=64), nullable=True),
    sa.Column('scopes', postgresql.ARRAY(sa.String(length=20)), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(user_id IS NULL) <> (agent_id IS NULL)', name=op.f('ck_api_tokens_one_owner')),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_api_tokens_agent_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_api_tokens_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    op.create_table('ballots',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=False),
    sa.Column('voter_id', sa.Uuid(), nullable=False),
    sa.Column('voter_name', sa.String(length=120), nullable=False),
    sa.Column('vote', sa.Enum('approve', 'reject', 'abstain', name='vote', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('cast_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_ballots_decision_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['voter_id'], ['users.id'], name=op.f('fk_ballots_voter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ballots')),
    sa.UniqueConstraint('decision_id', 'voter_id', name=op.f('uq_ballots_decision_id_voter_id'))
    )
    op.create_table('browser_sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_browser_sessions_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_browser_sessions'))
    )
    op.create_index(op.f('ix_browser_sessions_user_id'), 'browser_sessions', ['user_id'], unique=False)
    op.create_table('council_members',
    sa.Column('council_id', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['council_id'], ['councils.id'], name=op.f('fk_council_members_council_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_council_members_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('council_id', 'user_id', name=op.f('pk_council_members'))
    )
    op.create_table('executions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workflow_id', sa.String(length=80), nullable=False),
    sa.Column('revision', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('agent_id', sa.String(length=64), nullable=True),
    sa.Column('council_id', sa.String(length=64), nullable=True),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.Column('market', sa.Enum('freelancer', 'shop_owner', 'content_creator', 'agency', 'student', name='market', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('skill_level', sa.Enum('beginner', 'intermediate', 'advanced', name='skilllevel', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('state', sa.Enum('pending', 'started', 'in_progress', 'waiting_acceptance', 'waiting_clarification', 'completed', 'failed', 'cancelled', 'abandoned', name='executionstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('total_steps', sa.Integer(), nullable=False),
    sa.Column('current_step', sa.Integer(), nullable=False),
    sa.Column('steps_completed', sa.Integer(), nullable=False),
    sa.Column('inputs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('outputs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('calculated_savings', sa.Numeric(precision=20, scale=4), nullable=True),
    sa.Column('savings_currency', sa.String(length=3), nullable=True),
    sa.Column('rate_card', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('timer_kind', sa.Enum('work', 'wait', 'ai', name='timerkind', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('timer_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('work_ms', sa.BigInteger(), nullable=False),
    sa.Column('wait_ms', sa.BigInteger(), nullable=False),
    sa.Column('ai_ms', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_activity_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(length=2000), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_executions_agent_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['council_id'], ['councils.id'], name=op.f('fk_executions_council_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_executions_decision_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['revision'], ['workflow_revisions.digest'], name=op.f('fk_executions_revision')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_executions_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_executions'))
    )
    op.create_index(op.f('ix_executions_agent_id'), 'executions', ['agent_id'], unique=False)
    op.create_index(op.f('ix_executions_changed_at_id'), 'executions', ['changed_at', 'id'], unique=False)
    op.create_index(op.f('ix_executions_council_id'), 'executions', ['council_id'], unique=False)
    op.create_index('ix_executions_open', 'executions', ['user_id', 'last_activity_at'], unique=False, postgresql_where=sa.text("state IN ('started', 'in_progress')"))
    op.create_index(op.f('ix_executions_sample_created_at_id'), 'executions', ['sample', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_executions_user_id_created_at'), 'executions', ['user_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_executions_workflow_id_created_at'), 'executions', ['workflow_id', 'created_at'], unique=False)
    op.create_table('profiles',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('goal', sa.Enum('earn_money', 'save_time', 'scale_business', name='goal', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('market', sa.Enum('freelancer', 'shop_owner', 'content_creator', 'agency', 'student', name='market', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('skill_level', sa.Enum('beginner', 'intermediate', 'advanced', name='skilllevel', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_profiles_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_profiles'))
    )
    op.create_table('attempts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('action_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('plan_digest', sa.String(length=64), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('confirmed', 'rejected', 'deferred', 'unknown', name='attemptoutcome', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('reference', sa.String(length=500), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('receipt', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.ForeignKeyConstraint(['action_id'], ['actions.id'], name=op.f('fk_attempts_action_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts')),
    sa.UniqueConstraint('action_id', 'number', name=op.f('uq_attempts_action_id_number'))
    )
    op.create_table('execution_steps',
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('pending', 'active', 'done', name='stepstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('work_ms', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_execution_steps_execution_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('execution_id', 'number', name=op.f('pk_execution_steps'))
    )
    op.create_table('outcomes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('execution_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('metric_type', sa.Enum('revenue', 'time_saved', 'customers', 'custom', name='metrictype', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('value', sa.Numeric(precision=20, scale=4), nullable=False),
    sa.Column('unit', sa.String(length=40), nullable=False),
    sa.Column('note', sa.String(length=2000), nullable=False),
    sa.Column('proof_type', sa.Enum('screenshot', 'invoice', 'text', 'none', name='prooftype', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('review_state', sa.Enum('pending', 'verified', 'rejected', name='reviewstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reviewed_by', sa.String(length=200), nullable=True),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_reason', sa.String(length=2000), nullable=False),
    sa.Column('logged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sample', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(metric_type = 'revenue') = (unit ~ '^[A-Z]{3}$')", name=op.f('ck_outcomes_currency_is_for_revenue')),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_outcomes_execution_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_outcomes_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcomes'))
    )
    op.create_index(op.f('ix_outcomes_execution_id'), 'outcomes', ['execution_id'], unique=False)
    op.create_index(op.f('ix_outcomes_sample_logged_at'), 'outcomes', ['sample', 'logged_at'], unique=False)
    op.create_index(op.f('ix_outcomes_user_id'), 'outcomes', ['user_id'], unique=False)
    op.create_table('recommendations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('workflow_id', sa.String(length=80), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('score', sa.Numeric(precision=8, scale=6), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('clicked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('execution_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['execution_id'], ['executions.id'], name=op.f('fk_recommendations_execution_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recommendations_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recommendations'))
    )
    op.create_index(op.f('ix_recommendations_user_id_shown_at'), 'recommendations', ['user_id', 'shown_at'], unique=False)
    op.create_table('proofs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('outcome_id', sa.Uuid(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('content_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('uploaded_by', sa.String(length=200), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['outcome_id'], ['outcomes.id'], name=op.f('fk_proofs_outcome_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proofs'))
    )
    op.create_index(op.f('ix_proofs_outcome_id'), 'proofs', ['outcome_id'], unique=False)

    # The audit chain is append-only for everyone, our own code included.
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit chain is append-only';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
