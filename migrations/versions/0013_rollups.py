"""Rollups that take in what changed: kept by triggers, read by every chart.

`run_facts` and `run_amounts` say what a run counts for. Before a run changes for the first time since the last pass, a
trigger keeps what it counted for until then in `run_changes`; the pass adds the difference and forgets the change.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = ("sample", "lens", "grain", "day", "workflow_id", "agent_id", "council_id", "market", "skill_level")

_COUNTS = (
    "runs", "pending", "started", "in_progress", "waiting_acceptance", "waiting_clarification", "completed", "failed",
    "cancelled", "abandoned", "stale", "successes", "people", "timed", "worked",
)
_SUMS = ("elapsed_ms", "work_ms", "wait_ms", "ai_ms")

_CELL = """
    e.sample, (e.created_at AT TIME ZONE 'UTC')::date AS day, e.workflow_id,
    coalesce(e.agent_id, 'none') AS agent_id, coalesce(e.council_id, 'none') AS council_id,
    coalesce(e.market, 'unknown') AS market, coalesce(e.skill_level, 'unknown') AS skill_level
"""

def _facts(view: str, success: str, joined: str) -> str:
    return f"""
    CREATE VIEW {view} AS
    SELECT e.id AS execution_id, {_CELL}, e.created_at, e.user_id, e.state,
        e.stale AND e.state IN ('started', 'in_progress') AS stale,
        e.state = 'completed' AND {success} AS success,
        e.steps_completed,
        CASE WHEN e.state = 'completed' AND e.savings_currency IS NOT NULL THEN e.calculated_savings END AS savings,
        e.savings_currency AS currency,
        CASE WHEN e.state = 'completed' AND e.started_at IS NOT NULL AND e.completed_at IS NOT NULL
            THEN round(date_part('epoch', e.completed_at - e.started_at) * 1000)::bigint END AS elapsed_ms,
        CASE WHEN e.state = 'completed' THEN e.work_ms END AS work_ms,
        CASE WHEN e.state = 'completed' THEN e.wait_ms END AS wait_ms,
        CASE WHEN e.state = 'completed' THEN e.ai_ms END AS ai_ms
    FROM executions e {joined}
    """


_VIEWS = (
    _facts(
        "run_facts",
        "EXISTS (SELECT FROM outcomes o WHERE o.execution_id = e.id AND o.review_state <> 'rejected')", "",
    ),
    # The same rows for reading all of them: a join is planned in parallel, a question asked of each row is not.
    _facts(
        "all_run_facts", "logged.execution_id IS NOT NULL",
        "LEFT JOIN (SELECT execution_id FROM outcomes WHERE review_state <> 'rejected' GROUP BY execution_id) logged "
        "ON logged.execution_id = e.id",
    ),
    f"""
    CREATE VIEW run_amounts AS
    SELECT e.id AS execution_id, {_CELL}, e.created_at, o.metric_type::text AS metric, o.unit::text AS unit, 1 AS n, o.value AS total,
        CASE WHEN o.review_state = 'verified' AND o.proof_type <> 'none' THEN 1 ELSE 0 END AS proven_n,
        CASE WHEN o.review_state = 'verified' AND o.proof_type <> 'none' THEN o.value ELSE 0 END AS proven
    FROM outcomes o JOIN executions e ON e.id = o.execution_id
    WHERE e.state NOT IN ('failed', 'cancelled', 'abandoned') AND o.review_state <> 'rejected'
    """,
    """
    CREATE VIEW unmerged_runs AS
    SELECT -1 AS sign, before.*
    FROM run_changes c, jsonb_populate_record(NULL::run_facts, c.facts) before WHERE c.facts IS NOT NULL
    UNION ALL
    SELECT 1, now.* FROM run_changes c JOIN run_facts now ON now.execution_id = c.execution_id
    """,
    """
    CREATE VIEW unmerged_amounts AS
    SELECT -1 AS sign, before.execution_id, before.sample, before.day, before.workflow_id, before.agent_id,
        before.council_id, before.market, before.skill_level, before.created_at, a.metric, a.unit, a.n, a.total, a.proven_n, a.proven
    FROM run_changes c, jsonb_populate_record(NULL::run_facts, c.facts) before,
        jsonb_to_recordset(c.amounts) a(metric text, unit text, n int, total numeric, proven_n int, proven numeric)
    WHERE c.facts IS NOT NULL
    UNION ALL
    SELECT 1, now.* FROM run_changes c JOIN run_amounts now ON now.execution_id = c.execution_id
    """,
)

_TRIGGERS = (
    # A run that was changed before is only held, so that no pass forgets the change while this transaction is open. Who
    # waited for the run may find a note that a pass was just forgetting: whoever finds it gone then tries once more.
    """
    CREATE FUNCTION note_run_change(run uuid) RETURNS void LANGUAGE plpgsql AS $$
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
    """,
    """
    CREATE FUNCTION note_new_runs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO run_changes (execution_id, noted_at) SELECT id, clock_timestamp() FROM new_runs
        ON CONFLICT (execution_id) DO NOTHING;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER executions_are_noted AFTER INSERT ON executions
    REFERENCING NEW TABLE AS new_runs FOR EACH STATEMENT EXECUTE FUNCTION note_new_runs()
    """,
    """
    CREATE FUNCTION note_changed_run() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM note_run_change(OLD.id);
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$
    """,
    # An open run that somebody goes on with is no longer left alone.
    """
    CREATE FUNCTION wake_stale_run() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.stale := false;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER executions_a_wake BEFORE UPDATE ON executions FOR EACH ROW
    WHEN (OLD.stale AND (NEW.last_activity_at > OLD.last_activity_at OR NEW.state NOT IN ('started', 'in_progress')))
    EXECUTE FUNCTION wake_stale_run()
    """,
    """
    CREATE TRIGGER executions_change BEFORE UPDATE ON executions FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.stale <> NEW.stale OR OLD.stale
        OR OLD.state IN ('completed', 'failed', 'abandoned')
        OR OLD.user_id IS DISTINCT FROM NEW.user_id OR OLD.agent_id IS DISTINCT FROM NEW.agent_id
        OR OLD.council_id IS DISTINCT FROM NEW.council_id OR OLD.market IS DISTINCT FROM NEW.market
        OR OLD.skill_level IS DISTINCT FROM NEW.skill_level OR OLD.workflow_id <> NEW.workflow_id
        OR OLD.created_at <> NEW.created_at OR OLD.sample <> NEW.sample)
    EXECUTE FUNCTION note_changed_run()
    """,
    """
    CREATE TRIGGER executions_go BEFORE DELETE ON executions FOR EACH ROW EXECUTE FUNCTION note_changed_run()
    """,
    """
    CREATE FUNCTION note_changed_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN PERFORM note_run_change(OLD.execution_id); END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF TG_OP = 'INSERT' OR NEW.execution_id <> OLD.execution_id THEN
            PERFORM note_run_change(NEW.execution_id);
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER outcomes_come_and_go BEFORE INSERT OR DELETE ON outcomes FOR EACH ROW
    EXECUTE FUNCTION note_changed_outcome()
    """,
    """
    CREATE TRIGGER outcomes_change BEFORE UPDATE ON outcomes FOR EACH ROW
    WHEN (OLD.review_state <> NEW.review_state OR OLD.value <> NEW.value OR OLD.unit <> NEW.unit
        OR OLD.metric_type <> NEW.metric_type OR OLD.proof_type <> NEW.proof_type
        OR OLD.execution_id <> NEW.execution_id)
    EXECUTE FUNCTION note_changed_outcome()
    """,
)


def _key_columns() -> list[sa.Column]:
    return [
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("lens", sa.String(32), nullable=False),
        sa.Column("grain", sa.String(8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("workflow_id", sa.String(80), nullable=False),
        sa.Column("agent_id", sa.String(80), nullable=False),
        sa.Column("council_id", sa.String(80), nullable=False),
        sa.Column("market", sa.String(32), nullable=False),
        sa.Column("skill_level", sa.String(32), nullable=False),
    ]


def upgrade() -> None:
    op.drop_table("performance")
    op.drop_table("counted_runs")
    op.drop_table("aggregation_cursors")
    op.add_column("executions", sa.Column("stale", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "rollups",
        *_key_columns(),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in _COUNTS),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in _SUMS),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_rollups"),
    )
    op.create_table(
        "rollup_amounts",
        *_key_columns(),
        sa.Column("metric", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(28, 4), nullable=False),
        sa.Column("proven_n", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proven", sa.Numeric(28, 4), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, "metric", "unit", name="pk_rollup_amounts"),
    )
    op.create_table(
        "rollup_progress",
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("workflow_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("steps_completed", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sample", "workflow_id", "day", "steps_completed", name="pk_rollup_progress"),
    )
    op.create_table(
        "cell_people",
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("workflow_id", sa.String(80), nullable=False),
        sa.Column("market", sa.String(32), nullable=False),
        sa.Column("skill_level", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sample", "workflow_id", "market", "skill_level", "user_id", name="pk_cell_people"),
    )
    op.create_table(
        "run_changes",
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=True),
        sa.Column("amounts", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("execution_id", name="pk_run_changes"),
    )
    op.create_table(
        "rollup_passes",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("rolled_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rebuilt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("runs_taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rollup_passes"),
    )
    for table, nothing in (("rollups", "runs = 0"), ("rollup_amounts", "n = 0"), ("rollup_progress", "runs = 0"),
                           ("cell_people", "runs = 0")):
        op.create_index(f"ix_{table}_nothing_left", table, ["sample"], postgresql_where=sa.text(nothing))
    op.create_index(
        "ix_executions_decision_id", "executions", ["decision_id"], postgresql_where=sa.text("decision_id IS NOT NULL")
    )
    op.create_index(
        "ix_executions_left_alone", "executions", ["last_activity_at"],
        postgresql_where=sa.text("state IN ('started', 'in_progress') AND NOT stale"),
    )
    op.create_index(
        "ix_executions_even_sample", "executions",
        ["sample", sa.text("get_byte(uuid_send(id), 15)"), "workflow_id", "created_at"],
    )
    for statement in (*_VIEWS, *_TRIGGERS):
        op.execute(statement)
    # What is there already was never counted in these tables.
    op.execute("INSERT INTO run_changes (execution_id, noted_at) SELECT id, clock_timestamp() FROM executions")
