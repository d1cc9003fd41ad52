"""Populations with known chances: who comes, how likely each workflow is to succeed for them, and what they take."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from core.identity.rules import Market, SkillLevel
from core.recommendations.model import Array, Segment

SEGMENTS: tuple[Segment, ...] = tuple(product((one.value for one in Market), (one.value for one in SkillLevel)))
TAKEN = (0.7, 0.2, 0.1)
"""How often people take the first, the second and the third of what they are shown."""

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Kind:
    """How a population is made; deviations are normal, in logits."""

    name: str
    workflows: int = 6
    workflow: float = 0.7
    market: float = 0.5
    level: float = 0.4
    cell: float = 0.4
    skew: float = 1.0
    """How uneven segments are: 0 for all alike, 2 for a few that hold nearly everybody."""
    drift: float = 0.0
    """How far each chance wanders for every 1,000 people."""
    logged: int = 0
    """Runs from before anybody was recommended anything, of what was popular then."""
    taste: float = 0.0
    """Share of people who take what is popular, whatever they are shown."""


KINDS = (
    Kind("segments differ strongly", market=0.9, level=0.6, cell=0.6),
    Kind("segments differ little", market=0.15, level=0.15, cell=0.1),
    Kind("sparse markets", workflows=12, market=0.7, level=0.5, cell=0.5, skew=2.0),
    Kind("chances drift", market=0.6, level=0.4, cell=0.4, drift=0.2),
    Kind("popular because easy", market=0.8, level=0.5, cell=0.5, logged=300, taste=0.2),
)


class World:
    """One population of a kind; the same seed brings the same people, whoever recommends to them."""

    def __init__(self, kind: Kind, seed: int) -> None:
        self.kind = kind
        self._rng = np.random.default_rng([seed, len(kind.name)])
        rng = self._rng
        markets = [name for name, _ in SEGMENTS]
        levels = [name for _, name in SEGMENTS]
        self.eta = np.array([_chances(rng, kind, markets, levels) for _ in range(kind.workflows)])
        weights = rng.permutation(np.arange(1, len(SEGMENTS) + 1) ** -kind.skew)
        self.shares: Array = weights / weights.sum()
        # What is easy for the segment that most people are in is what everybody has heard of.
        easy = self.eta[:, int(np.argmax(self.shares))]
        self.popular: Array = np.exp(1.5 * easy) / np.exp(1.5 * easy).sum()

    @property
    def chance(self) -> Array:
        """By workflow and segment, at present."""
        return np.asarray(1 / (1 + np.exp(-self.eta)))

    def people(self, many: int) -> Whole:
        return self._rng.choice(len(SEGMENTS), size=many, p=self.shares)

    def places(self, many: int) -> Whole:
        """Which place of the list each takes; −1 for what is popular."""
        found = self._rng.choice(len(TAKEN), size=many, p=TAKEN)
        return np.where(self._rng.random(many) < self.kind.taste, -1, found)

    def fame(self, many: int) -> Whole:
        return self._rng.choice(self.kind.workflows, size=many, p=self.popular)

    def luck(self, many: int) -> Array:
        return self._rng.random(many)

    def wander(self, many: int) -> None:
        """Moves the truth on by what `many` people take."""
        if self.kind.drift:
            self.eta = self.eta + self._rng.normal(0, self.kind.drift * np.sqrt(many / 1_000), self.eta.shape)


def _chances(rng: np.random.Generator, kind: Kind, markets: list[str], levels: list[str]) -> Array:
    market = {name: rng.normal(0, kind.market) for name in sorted(set(markets))}
    level = {name: rng.normal(0, kind.level) for name in sorted(set(levels))}
    whole, own = rng.normal(0, kind.workflow), rng.normal(0, kind.cell, len(markets))
    return whole + np.array([market[a] + level[b] for a, b in zip(markets, levels, strict=True)]) + own
