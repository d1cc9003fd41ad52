"""A million runs: what figures, lists and roll-ups cost, beside the same at ten thousand.

`python -m benchmarks.million --keep PATH` fills a database of each size in PATH (minutes) and finds them there the
next time; `python -m benchmarks million` measures on passing ones.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from benchmarks.measure import Figure, show
from benchmarks.scale.filling import filled

SMALL, LARGE = 10_000, 1_000_000


def measure(arguments: Sequence[str] = ()) -> None:
    given = _given(arguments)
    for size in given.sizes:
        began = time.perf_counter()
        with filled(size, given.keep) as app, app.database.reading() as session:
            counted = [
                Figure(table, session.scalar(text(f"SELECT count(*) FROM {table}")) or 0, "rows")
                for table in ("executions", "execution_steps", "outcomes", "proofs")
            ]
            show(f"{size:,} runs", [*counted, Figure("made or found in", time.perf_counter() - began, "s")])


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million")
    parser.add_argument("--keep", type=Path, help="a folder for the filled databases; without it they are made anew")
    parser.add_argument("--sizes", type=int, nargs="*", default=[SMALL, LARGE])
    return parser.parse_args(list(arguments))


if __name__ == "__main__":
    import sys

    measure(sys.argv[1:])
