"""How good recommendations are, offline (`make evaluate`): in invented populations with known truth, and on logged runs.

Populations: people arrive one by one, are shown a list, choose, succeed or not; each method learns from its own people.
Logged runs: the last two months of the sample history foretold from the months before.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from random import Random
from statistics import fmean

from benchmarks.recommending.simulation import CHECKPOINTS, Standing, run
from benchmarks.recommending.worlds import KINDS, Kind
from core.analytics.rules import Result, result_of
from core.catalog.queries import Definition
from core.catalog.service import revision_digest
from core.catalog.tables import RevisionSource
from core.catalog.validation import check_file
from core.outcomes.rules import ReviewState
from core.recommendations.evaluation import Quality, SeenRun, evaluate
from core.sample.history import beginning, invent_history
from core.sample.people import invent_people, members_of
from core.settings import ROOT

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
HELD_OUT = timedelta(days=60)


def invented_runs(seed: int) -> list[SeenRun]:
    """Half a year of counted runs."""
    checked = check_file((ROOT / "workflows.json").read_bytes())
    definitions = [
        Definition(
            name, revision_digest(name, checked.sources[name]), workflow.title, workflow.tier, len(workflow.steps),
            checked.sources[name], RevisionSource.FILE, True, NOW,
        )
        for name, workflow in checked.workflows.items()
    ]  # fmt: skip
    rng = Random(seed)
    people = invent_people(rng, beginning(NOW))
    history = invent_history(rng, NOW, definitions, people, members_of(people))
    kept = [row["execution_id"] for row in history.outcomes if row["review_state"] is not ReviewState.REJECTED]
    logged = set(kept)
    found = []
    for row in history.executions:
        result = result_of(
            row["state"], outcomes=row["id"] in logged, last_activity_at=row["last_activity_at"], now=NOW
        )
        if result is not Result.NOT_COUNTED:
            segment = (row["market"].value, row["skill_level"].value)
            success = result is Result.SUCCESS
            found.append(SeenRun(row["created_at"], row["workflow_id"], segment, str(row["user_id"]), success))
    return found


def measure(populations: int = 8, histories: int = 20) -> None:
    measure_populations(populations)
    print()
    measure_history(histories)


def measure_populations(populations: int) -> None:
    """Prints a table for each kind of population, means over `populations` of them, and one over all kinds."""
    everything: list[Standing] = []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for kind in KINDS:
            found = [one for some in pool.map(_one, ((kind, seed) for seed in range(populations))) for one in some]
            print(f"{kind.name.capitalize()}: {kind.workflows} workflows, {populations} populations")
            _print(found)
            everything += found
    print(f"All {len(KINDS)} kinds")
    _print(everything)


def _one(task: tuple[Kind, int]) -> list[Standing]:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return run(*task)


def _print(found: Iterable[Standing]) -> None:
    groups: dict[str, dict[int, list[Standing]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        groups[one.method][one.seen].append(one)
    print(f"{'':<28}{'seen':>7}{'regret':>9}{'each':>8}{'top 1':>8}{'top 3':>8}{'of best':>9}{'held':>8}{'small':>8}")
    for method, seen in groups.items():
        for n in CHECKPOINTS:
            some = seen[n]
            regret, top_1, top_3, reached = (
                fmean(getattr(one, name) for one in some) for name in ("regret", "top_1", "top_3", "reached")
            )
            row = f"{method:<28}{n:>7,}{regret:>9.1f}{regret / n:>8.4f}{top_1:>8.1%}{top_3:>8.1%}{reached:>9.1%}"
            for name in ("held", "held_small"):
                shares = [share for one in some if (share := getattr(one, name)) is not None]
                row += f"{fmean(shares):>8.1%}" if shares else f"{'':>8}"
            print(row.rstrip())
    print(flush=True)


def measure_history(seeds: int) -> None:
    sums: dict[str, list[Quality]] = {}
    for seed in range(seeds):
        for quality in evaluate(invented_runs(seed), NOW - HELD_OUT):
            sums.setdefault(quality.method, []).append(quality)
    print(f"Sample history, the last {HELD_OUT.days} days foretold, {seeds} histories")
    print(f"{'':<28}{'Brier':>9}{'log loss':>10}{'runs':>9}")
    for method, found in sorted(sums.items(), key=lambda item: sum(quality.brier for quality in item[1])):
        n = sum(quality.n for quality in found)
        brier = sum(quality.brier for quality in found) / len(found)
        loss = sum(quality.log_loss for quality in found) / len(found)
        print(f"{method:<28}{brier:>9.4f}{loss:>10.4f}{n:>9,}")


if __name__ == "__main__":
    measure(*(int(number) for number in sys.argv[1:]))
