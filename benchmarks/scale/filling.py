"""Two years of invented runs, as many as asked for, written by the database itself: a million take a few minutes.

The load skips triggers (`session_replication_role`), so that whoever fills a database rebuilds the rollups afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from core import bootstrap
from core.bootstrap import Application
from core.canonical import canonical_json
from core.decisions.rules import Policy
from core.settings import Settings

DAYS = 730
_WORKFLOWS = (
    "Answer support mail", "Bookkeeping by photo", "Newsletter from notes", "Product photos", "Price watch",
    "Short videos", "Course outline", "Client onboarding", "Reviews and replies",
)  # fmt: skip
_AGENTS = ("Scribe", "Scout", "Ledger", "Courier", "Atlas", "Beacon")
_COUNCILS = ("Finance", "Legal", "Brand", "Data protection", "Operations")
_FIRST = "Ananya Rohan Ishita Devika Arjun Farhan Maya Terrence Camila Wyatt Jasmine Luis Noah Wanjiru Otieno Thandeka"
_LAST = "Raghunath Kulkarne Banerji Nairan Thakore Okafor Ortegon Brannigan Pruitt Marroquin Kamauro Mokoenane Antunes"


@contextmanager
def filled(runs: int, folder: Path | None = None) -> Iterator[Application]:
    """An application on `runs` runs in a server of its own; in `folder` they are kept, and found there the next time."""
    with TemporaryDirectory() as passing:
        settings = Settings(_env_file=None, var_dir=(folder or Path(passing)) / f"runs-{runs}")
        url = bootstrap.database_url(settings)
        bootstrap.migrate(url)
        app = bootstrap.build(settings, url=url)
        try:
            with app.database.reading() as session:
                is_filled = session.scalar(text("SELECT id FROM executions LIMIT 1")) is not None
            if not is_filled:
                fill(app, runs)
            yield app
        finally:
            app.close()


def fill(app: Application, runs: int) -> None:
    """`runs` executions of twelve workflows with five times as many steps and half as many outcomes again."""
    app.catalog.sync(app.settings.workflows_file)
    facts = {
        "runs": runs, "people": max(50, runs // 50), "days": DAYS, "workflows": list(_WORKFLOWS),
        "agents": list(_AGENTS), "councils": list(_COUNCILS), "first": _FIRST.split(), "last": _LAST.split(),
        "policy": canonical_json(Policy(roles=frozenset({"operator"})).to_json()),
    }  # fmt: skip
    with app.database.begin() as uow:
        connection = uow.session.connection()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.execute(text("SELECT setseed(0.42)"))
        facts["now"] = uow.now
        for statement in _STATEMENTS:
            wanted = text(statement)
            connection.execute(wanted, {name: facts[name] for name in wanted.compile().params})
    with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) executions, execution_steps, outcomes, proofs, users, profiles"))


_CATALOG = """
INSERT INTO workflow_revisions
       (digest, workflow_id, kind, title, tier, total_steps, definition, current, source, first_seen_at)
SELECT encode(sha256(convert_to(made.title, 'UTF8')), 'hex'), replace(lower(made.title), ' ', '_'), old.kind, made.title,
       old.tier, old.total_steps, old.definition, true, 'import', old.first_seen_at
FROM unnest(CAST(:workflows AS text[])) AS made (title)
CROSS JOIN (SELECT * FROM workflow_revisions WHERE kind = 'guided' AND current AND total_steps = 5 LIMIT 1) AS old
"""

_CAST = """
INSERT INTO agents (id, name, description, active, sample, created_at)
SELECT lower(name), name, '', true, false, CAST(:now AS timestamptz) - interval '740 days'
FROM unnest(CAST(:agents AS text[])) AS name
"""

_SEATS = """
INSERT INTO councils (id, name, description, domains, policy, criteria, blocked_operations, active, sample,
                      created_at, updated_at, version)
SELECT replace(lower(name), ' ', '_'), name, '', '{}', CAST(:policy AS jsonb), '{}', '{}', true, false, :now, :now, 1
FROM unnest(CAST(:councils AS text[])) AS name
"""

_PEOPLE = """
CREATE TEMP TABLE crowd ON COMMIT DROP AS
SELECT n, uuidv7(interval '-740 days') AS id,
       (CAST(:first AS text[]))[1 + n % 16] || ' ' || (CAST(:last AS text[]))[1 + n / 16 % 13] || ' ' || n AS name,
       (ARRAY['freelancer', 'shop_owner', 'content_creator', 'agency', 'student'])[1 + floor(power(random(), 1.4) * 5)] AS market,
       (ARRAY['beginner', 'intermediate', 'advanced'])[1 + floor(power(random(), 1.3) * 3)] AS level,
       (ARRAY['USD', 'USD', 'USD', 'USD', 'USD', 'INR', 'EUR'])[1 + n % 7] AS currency,
       random() < 0.94 AS has_profile
FROM generate_series(1, :people) AS n;
CREATE UNIQUE INDEX ON crowd (n);
ANALYZE crowd;
INSERT INTO users (id, email, name, roles, tier, active, sample, created_at)
SELECT id, 'person' || n || '@example.com', name, '{user}', 'scale', true, false,
       CAST(:now AS timestamptz) - interval '740 days'
FROM crowd;
INSERT INTO profiles (user_id, goal, market, skill_level, country, updated_at)
SELECT id, 'earn_money', market, level, 'US', CAST(:now AS timestamptz) - interval '740 days' FROM crowd WHERE has_profile
"""

_OFFERED = """
CREATE TEMP TABLE offered ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY workflow_id) AS n, workflow_id, digest, total_steps,
       row_number() OVER (ORDER BY digest) AS likes
FROM workflow_revisions WHERE current AND kind = 'guided'
"""

_RUNS = """
CREATE TEMP TABLE drawn ON COMMIT DROP AS
SELECT i, CAST(:now AS timestamptz) - interval '1 minute'
          - make_interval(secs => (1 - power(CAST(i AS float) / :runs, 0.8)) * :days * 86400.0) AS born,
       1 + floor(power(random(), 1.25) * (SELECT count(*) FROM offered)) AS offer,
       1 + floor(power(random(), 1.6) * :people) AS who,
       random() AS fate, random() AS by_agent, random() AS alone, random() AS council, random() AS how_far,
       random() AS which_agent, random() AS which_council, random_normal() AS pace, random_normal() AS worth
FROM generate_series(1, :runs) AS i;
INSERT INTO executions
       (id, workflow_id, revision, user_id, agent_id, council_id, market, skill_level, state, total_steps, current_step,
        steps_completed, inputs, outputs, calculated_savings, savings_currency, rate_card, timer_kind, timer_since, work_ms,
        wait_ms, ai_ms, created_at, started_at, last_activity_at, completed_at, end_reason, error, changed_at, sample, version)
SELECT uuidv7(born - clock_timestamp()), workflow_id, digest,
       CASE WHEN agent IS NULL OR alone < 0.7 THEN person END, agent,
       CASE WHEN council < 0.35
            THEN replace(lower((CAST(:councils AS text[]))[1 + floor(which_council * 5)]), ' ', '_') END,
       CASE WHEN has_profile AND (agent IS NULL OR alone < 0.7) THEN market END,
       CASE WHEN has_profile AND (agent IS NULL OR alone < 0.7) THEN level END,
       state, total_steps, LEAST(total_steps, done + 1), done, '{"topic": "Spring"}', '{}', savings, currency,
       jsonb_build_object('hourly_wage', '75', 'tasks_per_week', '9', 'minutes_per_task', '20', 'automation_percent', '0.8'),
       CASE WHEN state IN ('started', 'in_progress') THEN 'work' END,
       CASE WHEN state IN ('started', 'in_progress') THEN born END,
       CAST(took * 600 AS bigint), CAST(took * 350 AS bigint), CAST(CASE WHEN agent IS NULL THEN 0 ELSE took * 50 END AS bigint),
       born, CASE WHEN state <> 'pending' THEN born END, ended, CASE WHEN is_over THEN ended END,
       CASE WHEN state = 'abandoned' THEN 'No time left' ELSE '' END,
       CASE WHEN state = 'failed'
            THEN (ARRAY['The key was refused.', 'The mailbox is full.', 'No answer in 30 seconds.'])[1 + i % 3] END,
       ended, false, 1 + done
FROM (
    SELECT *, CASE WHEN state = 'completed' THEN total_steps ELSE floor(how_far * total_steps)::int END AS done,
           state NOT IN ('started', 'in_progress', 'pending') AS is_over,
           LEAST(born + make_interval(secs => took), CAST(:now AS timestamptz)) AS ended
    FROM (
        SELECT drawn.*, offered.workflow_id, offered.digest, offered.total_steps, crowd.id AS person, crowd.market, crowd.level,
               crowd.currency, crowd.has_profile,
               round(CAST((40 + 35 * offered.likes) * exp(0.35 * worth) AS numeric), 4) AS savings,
               900 * offered.likes * exp(0.9 * pace) AS took,
               CASE WHEN by_agent < 0.4
                    THEN lower((CAST(:agents AS text[]))[1 + floor(power(which_agent, 1.4) * 6)]) END AS agent,
               CASE WHEN fate < CASE WHEN i > :runs * 0.99 THEN 0.25 ELSE 0.003 END
                    THEN (ARRAY['started', 'in_progress', 'in_progress', 'pending'])[1 + i % 4]
                    WHEN fate < 0.80 THEN 'completed' WHEN fate < 0.86 THEN 'failed'
                    WHEN fate < 0.90 THEN 'cancelled' WHEN fate < 0.98 THEN 'abandoned' ELSE 'completed' END AS state
        FROM drawn JOIN offered ON offered.n = drawn.offer JOIN crowd ON crowd.n = drawn.who
        ORDER BY drawn.i
    ) AS told
) AS lived
"""

_STEPS = """
INSERT INTO execution_steps (execution_id, number, state, notes, work_ms, started_at, completed_at)
SELECT id, number,
       CASE WHEN number <= steps_completed THEN 'done' WHEN number = steps_completed + 1 THEN 'active' ELSE 'pending' END,
       '', CASE WHEN number <= steps_completed THEN work_ms / total_steps ELSE 0 END,
       CASE WHEN number <= steps_completed + 1 THEN created_at + (last_activity_at - created_at) * (number - 1) / total_steps END,
       CASE WHEN number <= steps_completed THEN created_at + (last_activity_at - created_at) * number / total_steps END
FROM executions CROSS JOIN LATERAL generate_series(1, total_steps) AS number
"""

_OUTCOMES = """
INSERT INTO outcomes (id, execution_id, user_id, metric_type, value, unit, note, proof_type, review_state, reviewed_by,
                      reviewed_at, review_reason, logged_at, sample)
SELECT uuidv7(completed_at - clock_timestamp()), id, user_id, metric,
       CASE metric WHEN 'customers' THEN 1 + floor(worth * 9) ELSE round(CAST(exp(3.5 + 2 * worth) AS numeric), 2) END,
       CASE metric WHEN 'revenue' THEN savings_currency WHEN 'customers' THEN 'customers' WHEN 'custom' THEN 'articles'
                   ELSE (ARRAY['minutes', 'hours'])[1 + floor(worth * 2)] END,
       '', CASE WHEN proof < 0.4 THEN 'none' WHEN proof < 0.75 THEN 'screenshot' WHEN proof < 0.9 THEN 'invoice' ELSE 'text' END,
       review, CASE WHEN review <> 'pending' THEN 'Asha' END, CASE WHEN review <> 'pending' THEN completed_at END,
       CASE WHEN review = 'rejected' THEN 'Not legible' ELSE '' END, completed_at, false
FROM (
    SELECT id, user_id, completed_at, savings_currency, worth, proof,
           CASE WHEN kind < 0.5 THEN 'revenue' WHEN kind < 0.85 THEN 'time_saved' WHEN kind < 0.95 THEN 'customers'
                ELSE 'custom' END AS metric,
           CASE WHEN state < 0.4 OR proof < 0.4 THEN 'pending' WHEN state < 0.93 THEN 'verified' ELSE 'rejected' END AS review
    FROM (
        SELECT executions.id, user_id, completed_at, savings_currency, random() AS worth, random() AS proof, random() AS kind,
               random() AS state
        FROM (SELECT *, random() AS luck FROM executions WHERE state = 'completed') AS executions
        CROSS JOIN LATERAL generate_series(
            1, CASE WHEN luck < 0.06 THEN 0 WHEN luck < 0.3 THEN 1 WHEN luck < 0.78 THEN 2 ELSE 3 END)
        LIMIT :runs * 3 / 2
    ) AS drawn
) AS logged
"""

_PROOFS = """
INSERT INTO proofs (id, outcome_id, sha256, name, content_type, size, uploaded_by, uploaded_at)
SELECT uuidv7(logged_at - clock_timestamp()), id, encode(sha256(convert_to(CAST(id AS text), 'UTF8')), 'hex'), 'proof.png',
       'image/png', 48000, 'Asha', logged_at
FROM outcomes WHERE proof_type <> 'none' AND random() < 0.3
"""

_STATEMENTS = (_CATALOG, _CAST, _SEATS, _PEOPLE, _OFFERED, _RUNS, _STEPS, _OUTCOMES, _PROOFS)
