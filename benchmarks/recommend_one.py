"""What recommending to one person costs in the service, with ten thousand runs behind it and with a million.

`python -m benchmarks.recommend_one --keep PATH` finds the databases that `benchmarks.million --keep PATH` filled.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from sqlalchemy import select

from benchmarks.measure import Figure, percentile, show
from benchmarks.scale.filling import filled
from core.actor import SYSTEM, Actor
from core.bootstrap import Application
from core.identity.service import actor_of
from core.identity.tables import Profile, User
from core.recommendations.rules import Objective

SIZES = (10_000, 1_000_000)
PEOPLE = 200
ASKED_MS = 10.0


def measure(arguments: Sequence[str] = ()) -> None:
    given = _given(arguments)
    for size in given.sizes:
        with filled(size, given.keep) as app:
            if app.analytics_queries.aggregated_at() is None:
                app.analytics.rebuild(SYSTEM)
            show(f"Recommending with {size:,} runs behind it", _figures(app))


def _figures(app: Application) -> list[Figure]:
    people = _people(app)
    service = app.recommendations
    first = _milliseconds(service.look, people[:1])[0]
    value: Objective = next((one for one in service.look(people[0], 0).objectives if one.is_value), Objective())
    first_value = _milliseconds(lambda actor: service.look(actor, 3, value), people[:1])[0]
    _milliseconds(service.look, people)  # each segment's beliefs are read once
    worked = time.process_time()
    looked = _milliseconds(service.look, people)
    worked = 1_000 * (time.process_time() - worked) / len(people)
    _milliseconds(lambda actor: service.look(actor, 3, value), people)
    valued = _milliseconds(lambda actor: service.look(actor, 3, value), people)
    kept = _milliseconds(service.recommend, people)
    return [
        Figure("one person's list, p50", percentile(looked, 0.5), "ms"),
        Figure("one person's list, p95", percentile(looked, 0.95), "ms", ASKED_MS),
        Figure("of it this process's own work, mean", worked, "ms"),
        Figure(f"by value ({value.key}), p95", percentile(valued, 0.95), "ms", ASKED_MS),
        Figure("shown and kept, p50", percentile(kept, 0.5), "ms"),
        Figure("shown and kept, p95", percentile(kept, 0.95), "ms", ASKED_MS),
        Figure("the first list of a minute, which solves the model", first, "ms"),
        Figure("the first one in a unit", first_value, "ms"),
    ]


def _people(app: Application) -> list[Actor]:
    with app.database.reading() as session:
        found = session.scalars(select(User).join(Profile, Profile.user_id == User.id).limit(PEOPLE * 5)).all()
    return [actor_of(user) for user in Random(1).sample(list(found), min(PEOPLE, len(found)))]


def _milliseconds(act: Callable[[Actor], object], people: Sequence[Actor]) -> list[float]:
    found = []
    for actor in people:
        began = time.perf_counter()
        act(actor)
        found.append(1_000 * (time.perf_counter() - began))
    return found


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommend_one")
    parser.add_argument("--keep", type=Path, help="a folder for the filled databases; without it they are made anew")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    return parser.parse_args(list(arguments))


if __name__ == "__main__":
    import sys

    measure(sys.argv[1:])
