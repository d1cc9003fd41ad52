"""Pages of the list of runs: each filter, pairs and threes of them, in every order, the first page and the 1,000th."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from benchmarks.measure import Figure, percentile, show
from core.actor import SYSTEM
from core.analytics.filters import NONE, Filters
from core.analytics.rules import UNKNOWN, Dataset
from core.analytics.run_order import Sort
from core.bootstrap import Application
from core.executions.rules import ApiStatus, ExecutionState, states_of
from core.executions.tables import Execution

A_PAGE = 20
DEPTH = 1_000
MOST_MS = 50.0
_TIMES = 2
_MIXED = 25


@dataclass(frozen=True)
class Timed:
    words: str
    ms: float


def measure_lists(app: Application, *, tell: int = 0) -> None:
    """Every call counts, the first and cold one included; `tell` so many of the slowest by name."""
    rng = Random(6)
    single = list(_singles(app))
    mixed = [_merged(rng.sample(single, size)) for size in (2, 3) for _ in range(_MIXED)]
    pages: dict[str, list[Timed]] = {}
    for kind, questions in (("one filter", single), ("two and three filters", mixed)):
        for words, filters in questions:
            for sort in Sort:
                for depth, found in _timed(app, filters, sort):
                    pages.setdefault(f"{kind}, {depth}", []).append(Timed(f"{sort.value}: {words}: {depth}", found))
    show(
        f"Pages of {A_PAGE} runs, with their total; every order",
        [
            figure
            for name, found in pages.items()
            for figure in (
                Figure(f"{name}: p50 of {len(found)}", percentile([one.ms for one in found], 0.5), "ms"),
                Figure(f"{name}: p95", percentile([one.ms for one in found], 0.95), "ms", MOST_MS),
                Figure(f"{name}: slowest", max(one.ms for one in found), "ms"),
            )
        ],
    )
    for one in sorted((one for found in pages.values() for one in found), key=lambda one: -one.ms)[:tell]:
        print(f"  {one.ms:8.1f} ms  {one.words}")


def _timed(app: Application, filters: Filters, sort: Sort) -> Iterator[tuple[str, float]]:
    queries = app.run_queries
    for _ in range(_TIMES):
        began = time.perf_counter()
        page = queries.page(SYSTEM, filters, sort=sort, limit=A_PAGE)
        yield "first page", (time.perf_counter() - began) * 1000
    wanted = min((DEPTH - 1) * A_PAGE, page.total // 2)
    if page.next_cursor is None:
        return
    after = queries.page(SYSTEM, filters, sort=sort, limit=1, offset=wanted - 1).next_cursor
    for _ in range(_TIMES if after else 0):
        began = time.perf_counter()
        queries.page(SYSTEM, filters, sort=sort, limit=A_PAGE, after=after)
        yield "1,000th page", (time.perf_counter() - began) * 1000


def _singles(app: Application) -> Iterator[tuple[str, Filters]]:
    everything = Filters(Dataset.REAL)

    def one(name: str, value: Any, words: object = None) -> tuple[str, Filters]:
        return f"{name} {words or value}", replace(everything, **{name: value})

    yield "all", everything
    for status in ApiStatus:
        yield one("states", states_of(status), status)
    for state in ExecutionState:
        yield one("states", frozenset({state}), state)
    columns = (
        ("workflow_id", Execution.workflow_id, None), ("agent_id", Execution.agent_id, NONE),
        ("council_id", Execution.council_id, NONE), ("market", Execution.market, UNKNOWN),
        ("skill_level", Execution.skill_level, UNKNOWN),
    )  # fmt: skip
    with app.database.reading() as session:
        for name, column, none in columns:
            for value in session.scalars(select(column).distinct().order_by(column)):
                yield one(name, none if value is None else str(value))
        crowd = select(Execution.user_id).where(Execution.user_id.is_not(None)).group_by(Execution.user_id)
        runs = func.count()
        people = [session.scalars(crowd.order_by(order).limit(1)).one() for order in (runs.desc(), runs)]
        known = session.scalars(select(Execution.id).order_by(Execution.id).offset(5000).limit(1)).one()
    for words, person in zip(("with most runs", "with fewest"), people, strict=True):
        yield one("user_id", person, words)
    yield from _periods(app.clock.now())
    for text in ("bot", "photo", "maya", "Ananya Raghunath", "key was", "mailbox", "time", "e", "nothing", str(known)):
        yield one("text", text)
    yield one("waits_for_people", True)


def _periods(now: datetime) -> Iterator[tuple[str, Filters]]:
    for days in (1, 28, 91, 182):
        yield f"last {days} days", Filters(Dataset.REAL, since=now - timedelta(days=days))
    long_ago = now - timedelta(days=500)
    yield "a quarter long ago", Filters(Dataset.REAL, since=long_ago - timedelta(days=91), until=long_ago)


def _merged(questions: list[tuple[str, Filters]]) -> tuple[str, Filters]:
    merged: dict[str, Any] = {}
    for _, filters in questions:
        merged |= {name: value for name, value in vars(filters).items() if value not in (None, "", False)}
    return " + ".join(words for words, _ in questions), Filters(**merged)
