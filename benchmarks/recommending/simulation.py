"""People arrive one by one, are shown a list, take something of it and succeed or not; each method learns from its own people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.recommending.methods import Method, Ours, methods
from benchmarks.recommending.worlds import SEGMENTS, Kind, World
from core.recommendations.model import CREDIBLE

CHECKPOINTS = (100, 1_000, 10_000)
_LOOKS = 40
"""How many lists of each segment are looked at where lists are drawn."""


@dataclass(frozen=True)
class Standing:
    """One method in one world after `seen` people; shares are of people."""

    method: str
    seen: int
    regret: float
    """Results missed so far, against the oracle's lists, given the same choosing."""
    top_1: float
    top_3: float
    reached: float
    """What first places bring now, as a share of what the best ones would."""
    held: float | None
    """Share of cells whose interval holds the truth; of our model only."""
    held_small: float | None
    """The same of cells with fewer than 5 runs."""


def run(kind: Kind, seed: int, *, checkpoints: Sequence[int] = CHECKPOINTS, library: bool = True) -> list[Standing]:
    """All methods in copies of one world."""
    count = len(methods(World(kind, seed), seed, library=library))
    found: list[list[Standing]] = []
    ideal: dict[int, float] = {}
    for place in range(count):
        world = World(kind, seed)
        method = methods(world, seed, library=library)[place]
        found.append(_live(world, method, checkpoints, ideal))
    return [one for standings in found for one in standings]


def _live(world: World, method: Method, checkpoints: Sequence[int], ideal: dict[int, float]) -> list[Standing]:
    """`ideal` is what the oracle reached by then; the first method is the oracle and fills it."""
    seen, expected, found = 0, 0.0, []
    if world.kind.logged:
        people, taken = world.people(world.kind.logged), world.fame(world.kind.logged)
        success = world.luck(world.kind.logged) < world.chance[taken, people]
        method.learn(people, taken, success.astype(np.int64))
    while seen < checkpoints[-1]:
        many = min(max(1, seen // 10), *(one - seen for one in checkpoints if one > seen))
        people = world.people(many)
        places, fame = world.places(many), world.fame(many)
        shown = method.lists(people)
        taken = np.where(places < 0, fame, shown[np.arange(many), np.maximum(places, 0)])
        chance = world.chance[taken, people]
        method.learn(people, taken, (world.luck(many) < chance).astype(np.int64))
        world.wander(many)
        seen, expected = seen + many, expected + float(chance.sum())
        if seen in checkpoints:
            best = ideal.setdefault(seen, expected)
            found.append(_standing(world, method, seen, best - expected))
    return found


def _standing(world: World, method: Method, seen: int, regret: float) -> Standing:
    people = np.repeat(np.arange(len(SEGMENTS)), _LOOKS)
    shown = method.lists(people)
    chance, weight = world.chance, world.shares[people] / _LOOKS
    best = np.argmax(chance, axis=0)[people]
    first = shown[:, 0]
    held, small = _calibration(world, method) if isinstance(method, Ours) else (None, None)
    return Standing(
        method.name, seen, regret,
        top_1=float(weight @ (first == best)), top_3=float(weight @ (shown == best[:, None]).any(axis=1)),
        reached=float(weight @ chance[first, people] / (weight @ chance[best, people])), held=held, held_small=small,
    )  # fmt: skip


def _calibration(world: World, method: Ours) -> tuple[float, float | None]:
    held, small = [], []
    for workflow in range(world.kind.workflows):
        for segment in range(len(SEGMENTS)):
            low, high = method.belief(workflow, segment).interval(CREDIBLE)
            inside = bool(low <= world.chance[workflow, segment] <= high)
            held.append(inside)
            if method.n[workflow, segment] < 5:
                small.append(inside)
    return float(np.mean(held)), float(np.mean(small)) if small else None
