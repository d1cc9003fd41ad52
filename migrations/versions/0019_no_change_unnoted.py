"""A run that changed while a pass took in the change before is noted anew.

Who waited for a run saw no note of it before, and found one afterwards that a pass had locked: the pass forgot that
note, and the change was in no sum until everything was summed again. So whoever finds the note gone tries once more.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_NOTE = """
    CREATE OR REPLACE FUNCTION note_run_change(run uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        LOOP
            PERFORM FROM run_changes WHERE execution_id = run FOR KEY SHARE;
            IF FOUND THEN RETURN; END IF;
            PERFORM FROM executions WHERE id = run FOR NO KEY UPDATE;
            IF NOT FOUND THEN RETURN; END IF;
            INSERT INTO run_changes (execution_id, noted_at, facts, amounts)
            SELECT run, clock_timestamp(), to_jsonb(f), coalesce((
                SELECT jsonb_agg(jsonb_build_object('metric', a.metric, 'unit', a.unit, 'n', a.n, 'total', a.total,
                    'proven_n', a.proven_n, 'proven', a.proven))
                FROM run_amounts a WHERE a.execution_id = run), '[]')
            FROM run_facts f WHERE f.execution_id = run
            ON CONFLICT (execution_id) DO NOTHING;
            IF FOUND THEN RETURN; END IF;
        END LOOP;
    END $$
"""


def upgrade() -> None:
    op.execute(_NOTE)
