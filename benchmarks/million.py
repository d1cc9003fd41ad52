"""A million runs: what figures, rollups and lists cost, beside the same at ten thousand, in one run.

`python -m benchmarks.million --keep PATH` fills a database of each size in PATH (a minute or two) and finds them there
the next time; `--parts figures lists rollups` measures only some; `python -m benchmarks million` all, on passing ones.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import text

from benchmarks.measure import Figure, percentile, show
from benchmarks.scale.figures import median, reading_times, rolling_up_times
from benchmarks.scale.filling import filled
from benchmarks.scale.lists import measure_lists
from core.actor import SYSTEM
from core.bootstrap import Application

SMALL, LARGE = 10_000, 1_000_000
PARTS = ("filling", "figures", "rollups", "lists")


def measure(arguments: Sequence[str] = ()) -> None:
    given = _given(arguments)
    read: dict[int, Mapping[str, list[float]]] = {}
    for size in given.sizes:
        began = time.perf_counter()
        with filled(size, given.keep) as app:
            if "filling" in given.parts:
                _tell_sizes(app, size, time.perf_counter() - began)
            if app.analytics_queries.aggregated_at() is None:
                app.analytics.rebuild(SYSTEM)
            if "figures" in given.parts:
                read[size] = reading_times(app)
            if "lists" in given.parts and size == max(given.sizes):
                measure_lists(app, tell=given.tell)
            if "rollups" in given.parts and size == max(given.sizes):
                _show_rollups(rolling_up_times(app))
    _show_reading(read)


def _tell_sizes(app: Application, size: int, seconds: float) -> None:
    with app.database.reading() as session:
        counted = [
            Figure(table, session.scalar(text(f"SELECT count(*) FROM {table}")) or 0, "rows")
            for table in ("executions", "execution_steps", "outcomes", "proofs")
        ]
    show(f"{size:,} runs", [*counted, Figure("made or found in", seconds, "s")])


def _show_reading(read: Mapping[int, Mapping[str, list[float]]]) -> None:
    figures = []
    for size, found in read.items():
        for name, times in found.items():
            limit = 30 if size == max(read) else None
            figures.append(Figure(f"{name} at {size:,}: p50", percentile(times, 0.5), "ms"))
            figures.append(Figure(f"{name} at {size:,}: p95", percentile(times, 0.95), "ms", limit))
    if len(read) > 1:
        small, large = read[min(read)], read[max(read)]
        figures += [
            Figure(f"{name}: p50 against {min(read):,}", median(large[name]) / median(small[name]), "times", 1.5)
            for name in large
        ]
    if figures:
        show("Figures from rollups, in the service", figures)


def _show_rollups(found: Mapping[str, list[float]]) -> None:
    full, plain, incremental = (median(list(found[name])) for name in ("rebuild", "plain", "incremental"))
    show(
        "Rollups of all runs",
        [
            Figure("one plain GROUP BY", plain, "ms"),
            Figure("rebuild", full, "ms"),
            Figure("rebuild against the plain GROUP BY", full / plain, "times", 1.5),
            Figure("taking in 1,000 new runs", incremental, "ms"),
            Figure("taking in 1,000 against the rebuild", incremental / full * 100, "%", 1),
        ],
    )


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million")
    parser.add_argument("--keep", type=Path, help="a folder for the filled databases; without it they are made anew")
    parser.add_argument("--sizes", type=int, nargs="*", default=[SMALL, LARGE])
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--tell", type=int, default=10, help="how many of the slowest pages to name")
    return parser.parse_args(list(arguments))


if __name__ == "__main__":
    import sys

    measure(sys.argv[1:])
