"""What is believed of every workflow for every segment, kept in this process until figures move or a minute is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from statistics import NormalDist
from threading import Lock

import numpy as np

from core.actor import Tier
from core.analytics.queries import AnalyticsQueries, PerformanceRow
from core.analytics.rules import UNKNOWN, Dataset
from core.catalog.queries import Definition
from core.clock import Clock
from core.identity.rules import Market, SkillLevel
from core.recommendations.model import Array, Belief, Fit, solve_chances, solve_values, together
from core.recommendations.rules import Counts, Objective, Segment, cold_start

KEPT_FOR = timedelta(seconds=60)
SEGMENTS: tuple[Segment, ...] = tuple(product([*(one.value for one in Market), UNKNOWN], [*SkillLevel, UNKNOWN]))
LEAST_VALUES = 5
"""Of fewer logged values in a unit, no expected amount is said."""

_DIFFICULTY = {Tier.STARTER: SkillLevel.BEGINNER, Tier.PRO: SkillLevel.INTERMEDIATE, Tier.SCALE: SkillLevel.ADVANCED}
_POINTS = 512
_SHARES = (np.arange(_POINTS) + 0.5) / _POINTS
_NORMAL = np.array([NormalDist().inv_cdf((i + 0.5) / 31) for i in range(31)])
_MIXED = tuple(np.random.default_rng(seed).permutation(_POINTS) for seed in (1, 2))
_PLACE = {segment: place for place, segment in enumerate(SEGMENTS)}


@dataclass
class Beliefs:
    """Of one dataset and one set of definitions; solved when first asked for, in one unit at a time."""

    cells: Mapping[str, Mapping[Segment, Counts]]
    outcomes: Mapping[str, Mapping[str, int]]
    """By workflow: how many outcomes were logged in each metric."""
    _values: Mapping[tuple[str, Objective], tuple[Array, Array]]
    """By workflow and unit: sums and numbers of values by segment."""
    _chances: Fit | None
    _fits: dict[Objective, Fit] = field(default_factory=dict)
    _known: dict[tuple[str, Segment, Objective], Belief] = field(default_factory=dict)

    def chance(self, workflow_id: str, segment: Segment) -> Belief:
        key = (workflow_id, segment, Objective())
        if key not in self._known:
            assert self._chances is not None
            self._known[key] = self._chances.chance(workflow_id, segment)
        return self._known[key]

    def value_of_a_run(self, workflow_id: str, segment: Segment, objective: Objective) -> Belief:
        """What a run brings in the objective's unit: chance × how often a success logs in it × the value logged.

        The three are taken as independent; points of their posteriors are combined in a fixed mixed order.
        """
        key = (workflow_id, segment, objective)
        if key not in self._known:
            if objective not in self._fits:
                self._fits[objective] = self._fit_values(objective)
            value = self._fits[objective].value(workflow_id, segment).spread(_SHARES)[_MIXED[0]]
            often = self._frequency(workflow_id, objective).spread(_SHARES)[_MIXED[1]]
            points = np.sort(self.chance(workflow_id, segment).spread(_SHARES) * often * value)
            self._known[key] = Belief(points, np.full(_POINTS, 1 / _POINTS))
        return self._known[key]

    def values(self, workflow_id: str, objective: Objective) -> int:
        """How many values were logged for it in the objective's unit."""
        found = self._values.get((workflow_id, objective))
        return int(found[1].sum()) if found else 0

    def objectives(self) -> dict[Objective, int]:
        """The units there are values in, with how many."""
        found: dict[Objective, int] = {}
        for (_, objective), (_, n) in self._values.items():
            found[objective] = found.get(objective, 0) + int(n.sum())
        return found

    def _fit_values(self, objective: Objective) -> Fit:
        """All workflows in one unit; those without a value in it stand where the others are on average."""
        nothing = np.zeros(len(SEGMENTS)), np.zeros(len(SEGMENTS))
        found = {one: self._values.get((one, objective), nothing) for one in self.cells}
        total = sum(float(sums.sum()) for sums, _ in found.values())
        n = sum(float(many.sum()) for _, many in found.values())
        solved = {
            one: solve_values(SEGMENTS, sums / np.maximum(many, 1), many, total / n if n else 1.0)
            for one, (sums, many) in found.items()
        }
        return together(SEGMENTS, solved)

    def _frequency(self, workflow_id: str, objective: Objective) -> Belief:
        """Values logged in this unit for each success: a gamma posterior (Jeffreys), by its logarithm."""
        n = self.values(workflow_id, objective) + 0.5
        successes = sum(one.successes for one in self.cells[workflow_id].values()) + 0.5
        middle, sd = np.log(n / successes) - 0.5 / n, 1 / np.sqrt(n)
        points = np.exp(middle + sd * _NORMAL)
        return Belief(points, np.full(len(points), 1 / len(points)))


def believe(definitions: Sequence[Definition], rows: Sequence[PerformanceRow]) -> Beliefs:
    """Solves the chances of all `definitions`; amounts are solved when somebody asks for their unit."""
    cells: dict[str, dict[Segment, Counts]] = {one.workflow_id: {} for one in definitions}
    outcomes: dict[str, dict[str, int]] = {one.workflow_id: {} for one in definitions}
    values: dict[tuple[str, Objective], tuple[Array, Array]] = {}
    for row in rows:
        if row.workflow_id not in cells or (row.market, row.skill_level) not in _PLACE:
            continue
        segment = (row.market, row.skill_level)
        cells[row.workflow_id][segment] = Counts(row.rate.successes, row.rate.n, row.people)
        logged = outcomes[row.workflow_id]
        for total in row.averages:
            logged[total.metric] = logged.get(total.metric, 0) + total.n
            objective = Objective.from_key(f"{total.metric}:{total.unit}")
            if objective is not None and total.value > 0:
                blank = np.zeros(len(SEGMENTS)), np.zeros(len(SEGMENTS))
                sums, many = values.setdefault((row.workflow_id, objective), blank)
                sums[_PLACE[segment]] += float(total.value)
                many[_PLACE[segment]] += total.n
    solved = {}
    for one in definitions:
        seen = [cells[one.workflow_id].get(segment, Counts()) for segment in SEGMENTS]
        successes, n = np.array([(c.successes, c.n) for c in seen], dtype=np.float64).T
        solved[one.workflow_id] = solve_chances(SEGMENTS, successes, n, _guess(one))
    return Beliefs(cells, outcomes, values, together(SEGMENTS, solved) if solved else None)


class Believing:
    """The beliefs of this process, made again when the figures moved, the definitions changed, or a minute is over."""

    def __init__(self, analytics: AnalyticsQueries, clock: Clock) -> None:
        self._analytics, self._clock = analytics, clock
        self._lock = Lock()
        self._kept: dict[Dataset, tuple[object, datetime, Beliefs]] = {}

    def now(self, dataset: Dataset, definitions: Sequence[Definition]) -> Beliefs:
        marks = (self._analytics.as_of(), self._analytics.aggregated_at(), tuple(one.digest for one in definitions))
        with self._lock:
            marked, made_at, beliefs = self._kept.get(dataset, (None, None, None))
            now = self._clock.now()
            if beliefs is None or marked != marks or made_at is None or now - made_at >= KEPT_FOR:
                beliefs = believe(definitions, self._analytics.performance(dataset))
                self._kept[dataset] = (marks, now, beliefs)
            return beliefs


def _guess(definition: Definition) -> Array:
    workflow = definition.workflow
    difficulty = workflow.difficulty or _DIFFICULTY[definition.tier]
    return np.array(
        [
            cold_start(
                difficulty,
                None if level == UNKNOWN else SkillLevel(level),
                suits_market=None if market == UNKNOWN or not workflow.markets else market in workflow.markets,
            )
            for market, level in SEGMENTS
        ]
    )
