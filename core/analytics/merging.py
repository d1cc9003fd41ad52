"""The SQL that sums runs into rollups: the same statements for what changed and for everything.

Runs are summed by day, workflow and segment, and by week, workflow, agent and council; savings and outcomes alike.
All rows of all lenses and grains are sums of those, so a million runs are read a few times and not once for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.analytics.lenses import ALL_TIME, COLUMNS, Grain, Lens
from core.executions.rules import ExecutionState

DIMENSIONS = ("workflow_id", "agent_id", "council_id", "market", "skill_level")
KEY = ("sample", "lens", "grain", "day", *DIMENSIONS)

COUNTS = {"runs": "", **{state.value: f"state = '{state.value}'" for state in ExecutionState}} | {
    "stale": "stale", "successes": "success", "timed": "elapsed_ms IS NOT NULL", "worked": "work_ms > 0",
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
    of: str | None = None
    """Other sums that it is summed from; None: from the runs."""


_BY_DAY = (Grain.DAY,)
_SELDOM = (Grain.WEEK, Grain.ALL)
_OFTEN = (Grain.DAY, Grain.WEEK, Grain.ALL)
_SEGMENTS = ("workflow_id", "market", "skill_level")

RUN_SUMS = (
    Sums(
        "runs_by_day", _SEGMENTS, "day",
        ((Lens.TOTAL, _BY_DAY), (Lens.WORKFLOW, _BY_DAY), (Lens.SEGMENT, _BY_DAY)),
    ),
    Sums(
        "runs_by_segment", _SEGMENTS, _WEEK,
        ((Lens.TOTAL, _SELDOM), (Lens.WORKFLOW, _SELDOM), (Lens.SEGMENT, _SELDOM), (Lens.WORKFLOW_SEGMENT, _SELDOM)),
        of="runs_by_day",
    ),
    Sums("runs_by_agent_and_day", ("agent_id", "council_id"), "day", ((Lens.AGENT, _BY_DAY), (Lens.COUNCIL, _BY_DAY))),
    Sums(
        "runs_by_agent", ("workflow_id", "agent_id", "council_id"), _WEEK,
        (
            (Lens.AGENT, _SELDOM), (Lens.COUNCIL, _SELDOM), (Lens.WORKFLOW_AGENT, _SELDOM),
            (Lens.WORKFLOW_COUNCIL, _SELDOM),
        ),
    ),
)  # fmt: skip

AMOUNT_SETS: dict[str, tuple[tuple[Lens, Grain, tuple[tuple[Lens, tuple[Grain, ...]], ...]], ...]] = {
    "savings": (
        (Lens.WORKFLOW, Grain.DAY, ((Lens.TOTAL, _OFTEN), (Lens.WORKFLOW, _OFTEN))),
        (Lens.SEGMENT, Grain.DAY, ((Lens.SEGMENT, _OFTEN),)),
        (Lens.AGENT, Grain.DAY, ((Lens.AGENT, _OFTEN),)),
        (Lens.COUNCIL, Grain.DAY, ((Lens.COUNCIL, _OFTEN),)),
        (Lens.WORKFLOW_SEGMENT, Grain.WEEK, ((Lens.WORKFLOW_SEGMENT, _SELDOM),)),
        (Lens.WORKFLOW_AGENT, Grain.WEEK, ((Lens.WORKFLOW_AGENT, _SELDOM),)),
        (Lens.WORKFLOW_COUNCIL, Grain.WEEK, ((Lens.WORKFLOW_COUNCIL, _SELDOM),)),
    ),
    "outcomes": (
        (Lens.WORKFLOW, Grain.DAY, ((Lens.TOTAL, _OFTEN), (Lens.WORKFLOW, _SELDOM))),
        (Lens.SEGMENT, Grain.WEEK, ((Lens.SEGMENT, _SELDOM),)),
        (Lens.AGENT, Grain.WEEK, ((Lens.AGENT, _SELDOM),)),
        (Lens.COUNCIL, Grain.WEEK, ((Lens.COUNCIL, _SELDOM),)),
        (Lens.WORKFLOW_SEGMENT, Grain.ALL, ((Lens.WORKFLOW_SEGMENT, (Grain.ALL,)),)),
    ),
}
"""What amounts are summed by in one reading, and the lenses and grains that are summed from each of these."""


def _kept(pairs: Iterable[tuple[Lens, tuple[Grain, ...]]]) -> dict[Lens, frozenset[Grain]]:
    found: dict[Lens, frozenset[Grain]] = {}
    for lens, grains in pairs:
        found[lens] = found.get(lens, frozenset()) | frozenset(grains)
    return found


KEPT = {"runs": _kept(pair for sums in RUN_SUMS for pair in sums.spread)} | {
    kind: _kept(pair for _, _, spread in sets for pair in spread) for kind, sets in AMOUNT_SETS.items()
}
"""The lenses and grains for which there are rows. What there are none for is summed from its runs: of a lens kept by the
week the odd days at the ends of a period, of a lens kept for all time any shorter period."""


def summed_runs(sums: Sums, source: str, *, signed: bool) -> str:
    """`source` is shaped as `run_facts`, with a sign where `signed`."""
    one, sign = ("sum(sign)", "sign * ") if signed else ("count(*)", "")
    if sums.of is not None:
        figures = [f"sum({name})::bigint AS {name}" for name in MEASURES]
    else:
        figures = [f"coalesce({one}{_where(what)}, 0)::int AS {name}" for name, what in COUNTS.items()]
        figures += [f"coalesce(sum({sign}{name}), 0)::bigint AS {name}" for name in TIMES]
    columns = ", ".join(sums.columns)
    return (
        f"CREATE TEMP TABLE {sums.name} ON COMMIT DROP AS SELECT sample, {sums.day} AS day, {columns}, "
        f"{', '.join(figures)} FROM {sums.of or source} GROUP BY sample, {sums.day}, {columns}"
    )


def summed_amounts(kind: str, source: str, *, signed: bool) -> str:
    """`source` is shaped as `run_facts` for savings and as `run_amounts` for outcomes, with a sign where `signed`."""
    one, sign = ("sum(sign)", "sign * ") if signed else ("count(*)", "")
    if kind == "savings":
        inner = f"SELECT *, {_WEEK} AS week FROM {source} WHERE savings IS NOT NULL"
        unit, figures = ["currency"], [f"{one}::int AS n", f"sum({sign}savings) AS total"]
        named = [f"'{SAVINGS_METRIC}'::text AS metric", "currency AS unit"]
        figures += ["0 AS proven_n", "0::numeric AS proven"]
    else:
        inner = f"SELECT *, {_WEEK} AS week FROM {source}"
        unit, named = ["metric", "unit"], ["metric", "unit"]
        figures = [f"sum({sign}{name}) AS {name}" for name in AMOUNTS]
    days = {Grain.DAY: ["day"], Grain.WEEK: ["week"], Grain.ALL: []}
    sets = [", ".join(["sample", *days[grain], *sorted(COLUMNS[lens]), *unit]) for lens, grain, _ in AMOUNT_SETS[kind]]
    dimensions = [f"coalesce({name}, '') AS {name}" for name in DIMENSIONS]
    told = " ".join(
        f"WHEN {' AND '.join(f'GROUPING({name}) = {int(name not in COLUMNS[lens])}' for name in DIMENSIONS)} "
        f"THEN '{lens.value}'"
        for lens, _, _ in AMOUNT_SETS[kind]
    )
    return (
        f"CREATE TEMP TABLE {kind}_sums ON COMMIT DROP AS SELECT CASE {told} END AS base, sample, coalesce(day, week) AS day, "
        f"{', '.join([*dimensions, *named, *figures])} FROM ({inner}) f "
        f"GROUP BY GROUPING SETS ({', '.join(f'({one})' for one in sets)})"
    )


def spread_runs(sums: Sums, *, replacing: bool) -> str:
    """Adds the sums to every lens and grain; `replacing` says that there are no rows to add them to."""
    rows = [("", lens, grain) for lens, grains in sums.spread for grain in grains]
    return _spread("rollups", sums.name, sums.columns, rows, MEASURES, KEY, replacing=replacing)


def spread_amounts(kind: str, *, replacing: bool) -> str:
    rows = [
        (base.value, lens, grain)
        for base, _, spread in AMOUNT_SETS[kind]
        for lens, grains in spread
        for grain in grains
    ]
    key = (*KEY, "metric", "unit")
    return _spread("rollup_amounts", f"{kind}_sums", DIMENSIONS, rows, AMOUNTS, key, replacing=replacing)


def _spread(
    target: str, source: str, columns: Sequence[str], rows: Sequence[tuple[str, Lens, Grain]], measures: Sequence[str],
    key: Sequence[str], *, replacing: bool,
) -> str:  # fmt: skip
    values = ", ".join(
        f"('{base}', '{lens.value}', '{grain.value}', "
        f"{', '.join(str(name in COLUMNS[lens]).lower() for name in columns)})"
        for base, lens, grain in rows
    )
    day = (
        "CASE l.grain WHEN 'day' THEN s.day WHEN 'week' THEN date_trunc('week', s.day::timestamp)::date "
        f"ELSE '{ALL_TIME.isoformat()}'::date END"
    )
    names = [f"CASE WHEN l.{name} THEN s.{name} ELSE '' END" if name in columns else "''" for name in DIMENSIONS]
    selected = ["s.sample", "l.lens", "l.grain", day, *names, *(f"s.{name}" for name in key[len(KEY) :])]
    on = "l.base = s.base" if any(base for base, _, _ in rows) else "true"
    statement = (
        f"INSERT INTO {target} ({', '.join((*key, *measures))}) "
        f"SELECT {', '.join([*selected, *(f'sum(s.{name})' for name in measures)])} FROM {source} s "
        f"JOIN (VALUES {values}) l(base, lens, grain, {', '.join(columns)}) ON {on} "
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


_CELL = "sample, workflow_id, market, skill_level"
_THAT_CELL = (
    f"r.lens = '{Lens.WORKFLOW_SEGMENT}' AND r.grain = '{Grain.ALL}' AND r.sample = p.sample "
    "AND r.workflow_id = p.workflow_id AND r.market = p.market AND r.skill_level = p.skill_level"
)

ALL_PEOPLE = (
    f"INSERT INTO cell_people ({_CELL}, user_id, runs) SELECT {_CELL}, user_id, count(*) FROM run_facts "
    f"WHERE {COUNTED} AND user_id IS NOT NULL GROUP BY {_CELL}, user_id",
    "UPDATE rollups r SET people = p.people FROM "
    f"(SELECT {_CELL}, count(*) AS people FROM cell_people GROUP BY {_CELL}) p WHERE {_THAT_CELL}",
)

_MOVES = (
    f"(SELECT {_CELL}, user_id, sum(sign) AS moved FROM taken_runs WHERE {COUNTED} AND user_id IS NOT NULL "
    f"GROUP BY {_CELL}, user_id HAVING sum(sign) <> 0)"
)

CHANGED_PEOPLE = (
    "UPDATE rollups r SET people = r.people + p.people FROM ("
    f"SELECT {_CELL}, sum((coalesce(c.runs, 0) + m.moved > 0)::int - (coalesce(c.runs, 0) > 0)::int) AS people "
    f"FROM {_MOVES} m LEFT JOIN cell_people c USING ({_CELL}, user_id) GROUP BY {_CELL}) p WHERE {_THAT_CELL}",
    f"INSERT INTO cell_people ({_CELL}, user_id, runs) SELECT {_CELL}, user_id, moved FROM {_MOVES} m "
    f"ON CONFLICT ({_CELL}, user_id) DO UPDATE SET runs = cell_people.runs + excluded.runs",
)
"""By how many people each cell grew: whoever has a run in it now and had none before."""

TAKE = (
    "CREATE TEMP TABLE taken_runs ON COMMIT DROP AS SELECT * FROM unmerged_runs WHERE execution_id = ANY(:ids)",
    "CREATE TEMP TABLE taken_amounts ON COMMIT DROP AS SELECT * FROM unmerged_amounts WHERE execution_id = ANY(:ids)",
    "DELETE FROM run_changes WHERE execution_id = ANY(:ids)",
)
FORGET = tuple(
    f"DELETE FROM {table}" for table in ("rollups", "rollup_amounts", "rollup_progress", "cell_people", "run_changes")
)

NOTHING_LEFT = (
    "DELETE FROM rollups WHERE runs = 0",
    "DELETE FROM rollup_amounts WHERE n = 0",
    "DELETE FROM rollup_progress WHERE runs = 0",
    "DELETE FROM cell_people WHERE runs = 0",
)
"""Rows of which everything was taken back: a rebuild would not make them."""
