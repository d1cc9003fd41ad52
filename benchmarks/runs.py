"""Automated runs: five steps beside plain DBOS, one worker and two, a decision and the step after it, ten thousand parked."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.installation import application
from benchmarks.measure import Figure, percentile, show
from benchmarks.workers.ground import CONCURRENCY, Ground
from benchmarks.workers.parked import park, rest
from benchmarks.workers.sides import Ours, Pace, Plain, Side

ROUNDS, RUNS, SETTLED = 3, 300, 60
"""In each round as many runs of each side; the rate counts those after the first `SETTLED`, when both are warm."""
WAIT, WAITING_RUNS = 0.2, 80
LONG_WAIT, FEW_AT_ONCE, LONG_RUNS = 0.5, 4, 32
DECISIONS = 200
PARKED = 10_000


def measure() -> None:
    with _ground() as ground:
        _beside_plain(ground)
        _two_workers(ground)
        _after_a_decision(ground)
        _beside_parked(ground)


@contextmanager
def _ground() -> Iterator[Ground]:
    with application() as app, Ground(app) as ground:
        yield ground


def _beside_plain(ground: Ground) -> None:
    ours, plain = Ours(ground), Plain(ground)
    at_once = _in_turns([ours, plain], runs=RUNS, settled=SETTLED, outside=None)
    waiting = _in_turns([ours, plain], runs=WAITING_RUNS, settled=CONCURRENCY, outside=WAIT)
    show(
        f"Runs of five productions, one worker, {CONCURRENCY} at once ({ROUNDS} rounds of {RUNS} runs in turns, medians)",
        [
            Figure("ours", at_once[0].rate, "runs/s", 52, at_least=True),
            Figure("plain DBOS, the same steps", at_once[1].rate, "runs/s"),
            Figure("ratio", at_once[0].rate / at_once[1].rate, "×", 0.8, at_least=True),
            Figure("our worker's processor time for a run", at_once[0].worker_ms, "ms"),
            Figure("plain DBOS worker's", at_once[1].worker_ms, "ms"),
            Figure(f"ours, each step waits {WAIT:g} s for another process", waiting[0].rate, "runs/s"),
            Figure("plain DBOS, the same", waiting[1].rate, "runs/s"),
            Figure("ratio", waiting[0].rate / waiting[1].rate, "×", 0.8, at_least=True),
        ],
    )


def _in_turns(sides: list[Side], *, runs: int, settled: int, outside: float | None) -> list[Pace]:
    """The medians of each side."""
    found: list[list[Pace]] = [[] for _ in sides]
    for _ in range(ROUNDS):
        for side, paces in zip(sides, found, strict=True):
            paces.append(side.pace(runs, settled=settled, outside=outside))
            print(f"    {side.name:<12} {paces[-1].rate:6.1f} runs/s  {paces[-1].worker_ms:5.1f} ms", flush=True)
    return [
        Pace(statistics.median(one.rate for one in paces), statistics.median(one.worker_ms for one in paces))
        for paces in found
    ]


def _two_workers(ground: Ground) -> None:
    ours = Ours(ground)
    one, two = [], []
    for _ in range(2):
        one.append(ours.together(LONG_RUNS, workers=1, at_once=FEW_AT_ONCE, outside=LONG_WAIT))
        two.append(ours.together(LONG_RUNS, workers=2, at_once=FEW_AT_ONCE, outside=LONG_WAIT))
    show(
        f"Each of five steps waits {LONG_WAIT:g} s on the outside, {FEW_AT_ONCE} runs at once for each worker, {LONG_RUNS} runs",
        [
            Figure("one worker", statistics.median(one), "runs/s"),
            Figure("two workers", statistics.median(two), "runs/s"),
            Figure("ratio", statistics.median(two) / statistics.median(one), "×", 1.6, at_least=True),
        ],
    )


def _after_a_decision(ground: Ground) -> None:
    times = Ours(ground).after_decisions(DECISIONS)
    show(
        f"From the vote at an acceptance gate until the next step's call begins ({DECISIONS} votes, idle worker)",
        [
            Figure("vote() alone, p50", percentile(times.votes, 0.5), "ms"),
            Figure("next node is marked as begun, p50", percentile(times.begun, 0.5), "ms", 100),
            Figure("next node is marked as begun, p99", percentile(times.begun, 0.99), "ms"),
            Figure("its call begins, p50", percentile(times.asked, 0.5), "ms", 100),
            Figure("its call begins, p99", percentile(times.asked, 0.99), "ms"),
        ],
    )


def _beside_parked(ground: Ground) -> None:
    """Twice without and twice with them, because memory and start differ a little from one start to the next."""
    ours = Ours(ground)
    alone = [rest(ground, ours) for _ in range(2)]
    park(ground, ours, PARKED)
    beside = [rest(ground, ours) for _ in range(2)]
    memory = statistics.mean(one.pss_mib for one in beside) / statistics.mean(one.pss_mib for one in alone)
    show(
        f"A worker beside {PARKED:,} runs parked at gates, and one beside none",
        [
            Figure("threads", max(one.threads for one in beside), "", max(one.threads for one in alone)),
            Figure("threads beside none", max(one.threads for one in alone), ""),
            Figure("memory (PSS)", statistics.mean(one.pss_mib for one in beside), "MiB"),
            Figure("… beside none", statistics.mean(one.pss_mib for one in alone), "MiB"),
            Figure("ratio", memory, "×", 1.1),
            Figure(
                "start of the process to its first work, slowest", max(one.first_work_seconds for one in beside), "s", 5
            ),
            Figure("… beside none", max(one.first_work_seconds for one in alone), "s"),
        ],
    )


if __name__ == "__main__":
    measure()
