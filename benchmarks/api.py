"""The API under load: one dashboard process on a million runs, beside an empty FastAPI route in the same run.

`python -m benchmarks.api --keep PATH` finds the database that `python -m benchmarks.million --keep PATH` filled.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import httpx2
import psutil
from sqlalchemy import text

from benchmarks.measure import Figure, percentile, show
from benchmarks.scale.filling import filled
from benchmarks.serving.client import Load, asked
from benchmarks.serving.dashboard import administrator, bearer, dashboard, served
from benchmarks.serving.listening import listen
from core.actor import SYSTEM, Actor
from core.bootstrap import Application

RUNS = 1_000_000
AT_ONCE = 16
WATCHERS, A_TOKEN, CHANGES = 200, 40, 60


def measure(arguments: Sequence[str] = ()) -> None:
    given = _given(arguments)
    with filled(given.runs, given.keep) as app:
        if app.analytics_queries.aggregated_at() is None:
            app.analytics.rebuild(SYSTEM)
        reader = administrator(app)
        headers = {"Authorization": bearer(app, reader)}
        with served("benchmarks.serving.empty:app", "/empty") as empty:
            alone = asked(empty.port, ["/empty"], {}, at_once=AT_ONCE, seconds=given.seconds)
        with dashboard(app) as process:
            _requests(app, process.port, process.pid, headers, alone, given.seconds)
            _streams(app, reader, process.port, process.pid)


def _requests(app: Application, port: int, pid: int, headers: dict[str, str], alone: Load, seconds: float) -> None:
    with app.database.reading() as session:
        query = "SELECT id FROM executions WHERE NOT sample ORDER BY created_at DESC LIMIT 500"
        ids = [str(one) for one in session.scalars(text(query))]
    standing = f"/api/workflows/{ids[0]}/events"
    asks = {
        "list of 100 runs": (["/api/workflows"], {}),
        "list of 20 runs": (["/api/workflows?limit=20"], {}),
        "one run": ([f"/api/workflows/{one}" for one in ids], {}),
        "how a run stands (200)": ([f"/api/workflows/{one}/events" for one in ids], {}),
        "how a run stands, unchanged (304)": ([standing], {"If-None-Match": _tag_of(port, standing, headers)}),
        "the inbox, unchanged (304)": (
            ["/api/decisions/events"], {"If-None-Match": _tag_of(port, "/api/decisions/events", headers)}
        ),
    }  # fmt: skip
    figures = [Figure("an empty FastAPI route", alone.rate, "requests/s"), *_times(alone)]
    for name, (paths, more) in asks.items():
        asked(port, paths, headers | more, at_once=4, seconds=1)
        before = psutil.Process(pid).cpu_times()
        load = asked(port, paths, headers | more, at_once=AT_ONCE, seconds=seconds)
        after = psutil.Process(pid).cpu_times()
        used = after.user + after.system - before.user - before.system
        wanted = 300.0 if name in {"list of 100 runs", "one run"} else None
        figures += [
            Figure(name, load.rate, "requests/s", wanted, at_least=True),
            *_times(load, 100 if wanted else None),
            Figure("  the dashboard's processor time for one", used / len(load.times) * 1000, "ms"),
            Figure("  against the empty route", alone.rate / load.rate, "times"),
        ]
        print(f"    {name}: {dict(load.statuses)}", flush=True)
    show(f"One dashboard process, {RUNS:,} runs, {AT_ONCE} connections", figures)


def _tag_of(port: int, path: str, headers: dict[str, str]) -> str:
    return str(httpx2.get(f"http://127.0.0.1:{port}{path}", headers=headers).headers["etag"])


def _times(load: Load, limit: float | None = None) -> list[Figure]:
    return [
        Figure("  p50", percentile(load.times, 0.5), "ms"),
        Figure("  p99", percentile(load.times, 0.99), "ms", limit),
    ]


def _streams(app: Application, reader: Actor, port: int, pid: int) -> None:
    tokens = [bearer(app, reader) for _ in range(WATCHERS // A_TOKEN)]
    found = listen(app, reader, port, pid, tokens, watchers=WATCHERS, changes=CHANGES)
    show(
        f"{WATCHERS} listeners of one run, {len(tokens)} tokens, {CHANGES} changes",
        [
            Figure("commit to event, p50", percentile(found.delays, 0.5), "ms"),
            Figure("commit to event, p99", percentile(found.delays, 0.99), "ms"),
            Figure("versions told, of all (what comes meanwhile is told as one)", found.share * 100, "%"),
            Figure("memory of a listener (PSS)", found.kib_each, "KiB"),
            Figure("processor while nothing changes", found.idle_share, "% of a core"),
        ],
    )


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api")
    parser.add_argument("--keep", type=Path, help="a folder with the filled database; without it one is made anew")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seconds", type=float, default=8.0)
    return parser.parse_args(list(arguments))


if __name__ == "__main__":
    import sys

    measure(sys.argv[1:])
