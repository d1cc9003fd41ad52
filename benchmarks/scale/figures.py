"""What the metrics endpoint and the overview of Analytics read, and what keeping the rollups up to date takes."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import text

from benchmarks.measure import percentile
from core.actor import SYSTEM
from core.analytics.breakdowns import Dimension
from core.analytics.filters import Filters
from core.analytics.rules import Dataset
from core.bootstrap import Application

_TIMES = 40
_NEW_RUNS = 1_000

_PLAIN_SCAN = """
SELECT e.sample, CAST(e.created_at AT TIME ZONE 'UTC' AS date), e.workflow_id, e.agent_id, e.council_id, e.market,
       e.skill_level, e.state, e.savings_currency, o.metric_type, o.unit, o.review_state, count(*),
       count(DISTINCT e.id), sum(e.work_ms), sum(e.wait_ms), sum(e.calculated_savings), sum(o.value)
FROM executions e LEFT JOIN outcomes o ON o.execution_id = e.id AND o.review_state <> 'rejected'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
"""

_COPIES = """
INSERT INTO executions SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'changed_at', now()))).*
FROM executions e WHERE state = 'completed' LIMIT :runs
"""


def reading_times(app: Application) -> Mapping[str, list[float]]:
    """Milliseconds of each call, over all time and over half a year in turn."""
    queries = app.analytics_queries
    midnight = app.clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    views = (Filters(Dataset.REAL), half_year(midnight))

    def overview(filters: Filters) -> None:
        with app.database.reading():
            queries.savings(filters)
            queries.summary(filters)
            queries.states(filters)
            queries.trend(filters)
            for dimension in (Dimension.WORKFLOW, Dimension.AGENT, Dimension.COUNCIL):
                queries.groups(filters, dimension)

    calls: Mapping[str, Callable[[Filters], object]] = {
        "metrics endpoint": queries.metrics,
        "analytics overview": overview,
    }
    found: dict[str, list[float]] = {name: [] for name in calls}
    for view in views:
        for call in calls.values():
            call(view)
    gc.collect()
    gc.freeze()  # as the dashboard does after its imports
    for n in range(_TIMES):
        for name, call in calls.items():
            found[name].append(_ms(partial(call, views[n % 2])))
    return found


def half_year(midnight: datetime) -> Filters:
    return Filters(Dataset.REAL, since=midnight - timedelta(days=181), until=midnight + timedelta(days=1))


def rolling_up_times(app: Application) -> Mapping[str, list[float]]:
    """Milliseconds of a rebuild, of one plain GROUP BY over the same rows, and of taking in 1,000 new runs."""
    app.analytics.rebuild(SYSTEM)  # marks what became stale, which is done once
    found: dict[str, list[float]] = {"rebuild": [], "plain": [], "incremental": []}
    for _ in range(3):
        found["plain"].append(_ms(lambda: _plain_scan(app)))
        found["rebuild"].append(_ms(lambda: app.analytics.rebuild(SYSTEM)))
    for _ in range(5):
        with app.database.begin() as uow:
            uow.session.execute(text(_COPIES), {"runs": _NEW_RUNS})
        found["incremental"].append(_ms(lambda: app.analytics.aggregate(SYSTEM)))
    return {name: sorted(times) for name, times in found.items()}


def _plain_scan(app: Application) -> None:
    with app.database.reading() as session:
        session.execute(text(f"SELECT count(*) FROM ({_PLAIN_SCAN}) AS grouped")).scalar_one()


def median(values: list[float]) -> float:
    return percentile(values, 0.5)


def _ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
