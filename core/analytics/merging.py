"""The SQL that sums runs into rollups: the same statements for what changed and for everything.

Runs are summed once by day, workflow and segment and once by week, workflow, agent and council; outcomes once for both.
All rows of all lenses and grains are sums of those, so a million runs are read three times and not twenty.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.analytics.lenses import ALL_TIME, COLUMNS, Grain, Lens
from core.executions.rules import ExecutionState

DIMENSIONS = ("workflow_id", "agent_id", "council_id", "market", "skill_level")
KEY = ("sample", "lens", "grain", "day", *DIMENSIONS)

COUNTS = {"runs": "", **{state.value: f"state = '{state.value}'" for state in ExecutionState}} | {
    "stale": "stale", "successes": "success", "timed": "elapsed_ms IS NOT NULL",
}  # fmt: skip
"""What each figure counts, of rows shaped as `run_facts`."""

TIMES = ("elapsed_ms", "work_ms", "wait_ms", "ai_ms")
MEASURES = (*COUNTS, *TIMES)
SAVINGS_METRIC = "weekly_savings"
"""Under which estimates stand beside logged metrics."""

AMOUNTS = ("n", "total", "proven_n", "proven")

COUNTED = "(stale OR state IN ('completed', 'failed', 'abandoned'))"
"""`rules.result_of` in SQL, of a row of `run_facts`; a test holds the two together."""

_WEEK = "date_trunc('week', day::timestamp)::date"


@dataclass(frozen=True)
class Sums:
    """A temporary table of sums: the columns it tells apart, and the lenses and grains that are summed from it."""

    name: str
    columns: tuple[str, ...]
    day: str
    spread: tuple[tuple[Lens, tuple[Grain, ...]], ...]


_OFTEN = (Grain.DAY, Grain.WEEK, Grain.ALL)
_SELDOM = (Grain.WEEK, Grain.ALL)

RUN_SUMS = (
    Sums(
        "sums_by_day", ("workflow_id", "market", "skill_level"), "day",
        ((Lens.TOTAL, _OFTEN), (Lens.WORKFLOW, _OFTEN), (Lens.SEGMENT, _OFTEN), (Lens.WORKFLOW_SEGMENT, _SELDOM)),
    ),
    Sums(
        "sums_by_week", ("workflow_id", "agent_id", "council_id"), _WEEK,
        ((Lens.AGENT, _SELDOM), (Lens.COUNCIL, _SELDOM), (Lens.WORKFLOW_AGENT_COUNCIL, _SELDOM)),
    ),
)  # fmt: skip
OUTCOME_SUMS = (
    Sums(
        "outcomes_by_segment", ("workflow_id", "market", "skill_level"), _WEEK,
        ((Lens.TOTAL, _SELDOM), (Lens.WORKFLOW, _SELDOM), (Lens.SEGMENT, _SELDOM), (Lens.WORKFLOW_SEGMENT, _SELDOM)),
    ),
    Sums(
        "outcomes_by_agent", ("agent_id", "council_id"), _WEEK, ((Lens.AGENT, _SELDOM), (Lens.COUNCIL, _SELDOM)),
    ),
)  # fmt: skip


def summed_runs(sums: Sums, source: str, *, signed: bool) -> str:
    """`source` is shaped as `run_facts`, with a sign where `signed`."""
    one, sign = ("sum(sign)", "sign * ") if signed else ("count(*)", "")
    counts = [f"coalesce({one}{_where(what)}, 0)::int AS {name}" for name, what in COUNTS.items()]
    times = [f"coalesce(sum({sign}{name}), 0)::bigint AS {name}" for name in TIMES]
    savings = [f"coalesce({one}{_where('savings IS NOT NULL')}, 0)::int AS n", f"sum({sign}savings) AS total"]
    return (
        f"CREATE TEMP TABLE {sums.name} ON COMMIT DROP AS SELECT sample, {sums.day} AS day, {', '.join(sums.columns)}, "
        f"currency AS unit, {', '.join(counts + times + savings)} FROM {source} "
        f"GROUP BY sample, {sums.day}, {', '.join(sums.columns)}, currency"
    )


def summed_outcomes(sums: Sums, source: str, *, signed: bool) -> str:
    """`source` is shaped as `run_amounts`, with a sign where `signed`."""
    sign = "sign * " if signed else ""
    return (
        f"CREATE TEMP TABLE {sums.name} ON COMMIT DROP AS SELECT sample, {sums.day} AS day, {', '.join(sums.columns)}, "
        f"metric, unit, {', '.join(f'sum({sign}{name}) AS {name}' for name in AMOUNTS)} FROM {source} "
        f"GROUP BY sample, {sums.day}, {', '.join(sums.columns)}, metric, unit"
    )


def spread_runs(sums: Sums, *, replacing: bool) -> str:
    """Adds the sums to every lens and grain; `replacing` says that there are no rows to add them to."""
    return _spread("rollups", sums, MEASURES, KEY, "", "", replacing=replacing)


def spread_savings(sums: Sums, *, replacing: bool) -> str:
    measures = ("n", "total")
    return _spread(
        "rollup_amounts", sums, measures, (*KEY, "metric", "unit"), f"'{SAVINGS_METRIC}', s.unit",
        "WHERE s.unit IS NOT NULL AND s.total IS NOT NULL",
        replacing=replacing,
    )  # fmt: skip


def spread_outcomes(sums: Sums, *, replacing: bool) -> str:
    return _spread(
        "rollup_amounts", sums, AMOUNTS, (*KEY, "metric", "unit"), "s.metric, s.unit", "", replacing=replacing
    )


def _spread(
    target: str, sums: Sums, measures: tuple[str, ...], key: tuple[str, ...], more: str, where: str, *, replacing: bool
) -> str:
    rows = ", ".join(
        f"('{lens.value}', '{grain.value}', {', '.join(str(name in COLUMNS[lens]).lower() for name in sums.columns)})"
        for lens, grains in sums.spread
        for grain in grains
    )
    day = (
        "CASE l.grain WHEN 'day' THEN s.day WHEN 'week' THEN date_trunc('week', s.day::timestamp)::date "
        f"ELSE '{ALL_TIME.isoformat()}'::date END"
    )
    names = [f"CASE WHEN l.{name} THEN s.{name} ELSE '' END" if name in sums.columns else "''" for name in DIMENSIONS]
    selected = ["s.sample", "l.lens", "l.grain", day, *names, *([more] if more else [])]
    statement = (
        f"INSERT INTO {target} ({', '.join((*key, *measures))}) "
        f"SELECT {', '.join([*selected, *(f'sum(s.{name})' for name in measures)])} FROM {sums.name} s "
        f"CROSS JOIN (VALUES {rows}) l(lens, grain, {', '.join(sums.columns)}) {where} "
        f"GROUP BY {', '.join(str(number) for number in range(1, len(key) + 1))}"
    )
    if replacing:
        return statement
    moved = ", ".join(f"{name} = {target}.{name} + excluded.{name}" for name in measures)
    return f"{statement} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {moved}"


def _where(condition: str) -> str:
    return f" FILTER (WHERE {condition})" if condition else ""


def progressed(source: str, *, signed: bool) -> str:
    runs = "sum(sign)" if signed else "count(*)"
    return (
        "INSERT INTO rollup_progress (sample, workflow_id, day, steps_completed, runs) "
        f"SELECT sample, workflow_id, day, steps_completed, {runs} FROM {source} WHERE {COUNTED} GROUP BY 1, 2, 3, 4 "
        "ON CONFLICT (sample, workflow_id, day, steps_completed) DO UPDATE SET runs = rollup_progress.runs + excluded.runs"
    )


ALL_PEOPLE = f"""
    UPDATE rollups r SET people = p.people
    FROM (
        SELECT sample, workflow_id, market, skill_level, count(*) AS people
        FROM (SELECT DISTINCT sample, workflow_id, market, skill_level, user_id FROM run_facts
            WHERE {COUNTED} AND user_id IS NOT NULL) pairs
        GROUP BY 1, 2, 3, 4
    ) p
    WHERE r.lens = '{Lens.WORKFLOW_SEGMENT}' AND r.grain = '{Grain.ALL}' AND r.sample = p.sample
        AND r.workflow_id = p.workflow_id AND r.market = p.market AND r.skill_level = p.skill_level
"""

CHANGED_PEOPLE = f"""
    WITH moves AS (
        SELECT sample, workflow_id, market, skill_level, user_id, sum(sign) AS moved FROM taken_runs
        WHERE {COUNTED} AND user_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0
    ), unmerged AS MATERIALIZED (
        SELECT sample, workflow_id, market, skill_level, user_id, sum(sign) AS moved FROM unmerged_runs
        WHERE {COUNTED} AND user_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5
    ), now AS (
        SELECT m.*, (
            SELECT count(*) FROM run_facts f WHERE f.user_id = m.user_id AND f.sample = m.sample
                AND f.workflow_id = m.workflow_id AND f.market = m.market AND f.skill_level = m.skill_level AND {COUNTED}
        ) - coalesce(u.moved, 0) AS runs
        FROM moves m LEFT JOIN unmerged u USING (sample, workflow_id, market, skill_level, user_id)
    )
    UPDATE rollups r SET people = r.people + p.people
    FROM (
        SELECT sample, workflow_id, market, skill_level, sum((runs > 0)::int - (runs - moved > 0)::int) AS people
        FROM now GROUP BY 1, 2, 3, 4
    ) p
    WHERE r.lens = '{Lens.WORKFLOW_SEGMENT}' AND r.grain = '{Grain.ALL}' AND r.sample = p.sample
        AND r.workflow_id = p.workflow_id AND r.market = p.market AND r.skill_level = p.skill_level
"""
"""By how many people each cell grew: whoever has a run now and had none before the runs that were taken in.

What is not merged yet must not count; it is read after the changes that were taken are gone from there.
"""

TAKE = (
    "CREATE TEMP TABLE taken_runs ON COMMIT DROP AS SELECT * FROM unmerged_runs WHERE execution_id = ANY(:ids)",
    "CREATE TEMP TABLE taken_amounts ON COMMIT DROP AS SELECT * FROM unmerged_amounts WHERE execution_id = ANY(:ids)",
    "DELETE FROM run_changes WHERE execution_id = ANY(:ids)",
)
FORGET = ("DELETE FROM rollups", "DELETE FROM rollup_amounts", "DELETE FROM rollup_progress", "DELETE FROM run_changes")

NOTHING_LEFT = (
    "DELETE FROM rollups WHERE runs = 0",
    "DELETE FROM rollup_amounts WHERE n = 0",
    "DELETE FROM rollup_progress WHERE runs = 0",
)
"""Rows of which everything was taken back: a rebuild would not make them."""
