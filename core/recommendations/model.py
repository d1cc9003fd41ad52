"""What the results of all segments let one believe of each: a hierarchical model, integrated over its strengths.

On the scale η (the logit of a chance, the logarithm of a value) a cell is the sum of what its workflow, its market, its
skill level and the cell alone deviate from a first guess, each normal around zero. How far each kind of deviation
reaches is not known either: the model is solved for every combination of a small grid and the solutions are weighed by
how well they explain all workflows together (docs/RECOMMENDATIONS.md has the formulas and where they come from).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Segment = tuple[str, str]
"""(market, skill level) as the performance figures spell them."""

WORKFLOW_SD = 1.0
"""How far a workflow may be from the guess its definition allows, in logits."""

CHANCE_STRENGTHS = tuple(product((0.1, 0.35, 0.9), (0.1, 0.35, 0.9), (0.1, 0.3, 0.6, 1.1)))
"""Standard deviations of market, skill level and cell, in logits: from hardly any difference to worlds apart."""

VALUE_WORKFLOW_SD = 1.5
VALUE_STRENGTHS = tuple(product((0.1, 0.5), (0.1, 0.4, 0.9), (0.4, 0.8, 1.5, 3.0)))
"""Of values, on the logarithm: market and level alike, the cell, and the spread of single values over their mean."""

CREDIBLE = 0.90
USUAL = 0.7
"""How far each kind of deviation usually reaches: strengths are half-normal of this scale before anything is seen."""

_EXPECTED_CHANCES = -0.5 * np.sum(np.square(CHANCE_STRENGTHS), axis=1) / USUAL**2
_EXPECTED_VALUES = -0.5 * np.sum(np.square(VALUE_STRENGTHS)[:, :2], axis=1) / USUAL**2
_MOST_ROUNDS = 60
_CLOSE = 1e-9
_QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 31) for i in range(31)])
_FAR = 30.0


@dataclass(frozen=True)
class Belief:
    """A posterior distribution as sorted points with weights that sum to 1."""

    points: Array
    weights: Array

    @property
    def mean(self) -> float:
        return float(self.points @ self.weights)

    def quantile(self, share: float) -> float:
        return float(np.interp(share, self._reached, self.points))

    def interval(self, share: float = CREDIBLE) -> tuple[float, float]:
        """The middle `share` of what is believed."""
        return self.quantile((1 - share) / 2), self.quantile((1 + share) / 2)

    def times(self, factor: float) -> Belief:
        """The same in another unit."""
        return Belief(self.points * factor, self.weights)

    def spread(self, shares: Array) -> Array:
        return np.interp(shares, self._reached, self.points)

    @cached_property
    def _reached(self) -> Array:
        return np.asarray(np.cumsum(self.weights) - self.weights / 2)


@dataclass(frozen=True)
class Solved:
    """One workflow under each combination of strengths: its evidence, and η of each segment as mean and variance."""

    evidence: Array
    before: Array
    """How likely each combination is before anything is seen."""
    mean: Array
    variance: Array


@dataclass(frozen=True)
class Fit:
    """All workflows under one posterior of the strengths."""

    segments: tuple[Segment, ...]
    weights: Array
    solved: Mapping[str, Solved]

    def eta(self, name: str, segment: Segment) -> Belief:
        """η of one cell: a mixture of one normal distribution for each combination of strengths."""
        one, place = self.solved[name], self.segments.index(segment)
        kept = self.weights > 1e-4
        mean, sd = one.mean[kept, place], np.sqrt(one.variance[kept, place])
        points = (mean[:, None] + sd[:, None] * _QUANTILES).ravel()
        weights = np.repeat(self.weights[kept], len(_QUANTILES))
        order = np.argsort(points, kind="stable")
        return Belief(points[order], weights[order] / weights.sum())

    def chance(self, name: str, segment: Segment) -> Belief:
        belief = self.eta(name, segment)
        return Belief(_sigmoid(belief.points), belief.weights)

    def value(self, name: str, segment: Segment) -> Belief:
        belief = self.eta(name, segment)
        return Belief(np.exp(np.clip(belief.points, -_FAR, _FAR)), belief.weights)


def solve_chances(segments: Sequence[Segment], successes: Array, n: Array, guess: Array) -> Solved:
    """Binomial counts of one workflow by segment; `guess` is the chance without any run.

    Laplace's approximation at the mode (Rasmussen and Williams 2006, algorithms 3.1 and 3.2), for all strengths at once.
    """
    prior = _logit(guess)
    covariance = _covariance(tuple(segments), WORKFLOW_SD, CHANCE_STRENGTHS)
    start = _logit(np.clip((successes + 2 * guess) / (n + 2), 1e-6, 1 - 1e-6))
    eta = np.broadcast_to(start, covariance.shape[:2]).copy()
    for _ in range(_MOST_ROUNDS):
        before = eta
        chance = _sigmoid(eta)
        weight = n * chance * (1 - chance)
        pull = weight * (eta - prior) + successes - n * chance
        _, inner, root = _factor(covariance, weight)
        eta = prior + _pulled(covariance, inner, root, pull)
        if np.max(np.abs(eta - before)) < _CLOSE:
            break
        eta = before + np.clip(eta - before, -3.0, 3.0)
    chance = _sigmoid(eta)
    weight = n * chance * (1 - chance)
    logdet, inner, root = _factor(covariance, weight)
    gradient = successes - n * chance
    likelihood = np.sum(successes * eta - n * np.logaddexp(0.0, eta), axis=-1)
    evidence = likelihood - 0.5 * np.sum(gradient * (eta - prior), axis=-1) - 0.5 * logdet
    return Solved(evidence, _EXPECTED_CHANCES, eta, _variance(covariance, inner, root))


def solve_values(segments: Sequence[Segment], averages: Array, n: Array, guess: float) -> Solved:
    """Average values of one workflow by segment, each of `n` values in ONE unit; `guess` is a value to begin from.

    The logarithm of an average of n values with coefficient of variation v has about the variance log(1 + v²/n), and
    lies half of that below the logarithm of the true mean, as of a lognormal.
    """
    strengths = tuple((group, group, cell) for group, cell, _ in VALUE_STRENGTHS)
    covariance = _covariance(tuple(segments), VALUE_WORKFLOW_SD, strengths)
    spread = np.array([v for _, _, v in VALUE_STRENGTHS])
    seen = n > 0
    prior = np.full(len(averages), np.log(guess))
    noise = np.log1p(spread[:, None] ** 2 / np.maximum(n, 1))
    target = np.where(seen, np.log(np.where(seen, averages, 1.0)) + noise / 2 - prior, 0.0)
    precision = np.where(seen, 1 / noise, 0.0)
    logdet, inner, root = _factor(covariance, precision)
    shift = _pulled(covariance, inner, root, precision * target)
    fit = np.sum(precision * target * (target - shift), axis=-1)
    evidence = -0.5 * fit - 0.5 * logdet - 0.5 * np.sum(np.where(seen, np.log(noise), 0.0), axis=-1)
    return Solved(evidence, _EXPECTED_VALUES, prior + shift, _variance(covariance, inner, root))


def together(segments: Sequence[Segment], solved: Mapping[str, Solved]) -> Fit:
    """How much segments differ is learnt from all workflows at once: with few runs no single one could say."""
    evidence = np.sum([one.evidence for one in solved.values()], axis=0) + next(iter(solved.values())).before
    weights = np.exp(evidence - np.max(evidence))
    return Fit(tuple(segments), weights / weights.sum(), solved)


def _factor(covariance: Array, weight: Array) -> tuple[Array, Array, Array]:
    """log|B|, B⁻¹ and W½ of B = I + W½ K W½, which stays well conditioned where a cell has no runs."""
    root = np.sqrt(weight)
    inside = root[:, :, None] * covariance * root[:, None, :] + np.eye(covariance.shape[-1])
    size = np.asarray(np.linalg.slogdet(inside).logabsdet, dtype=np.float64)
    inner = np.asarray(np.linalg.inv(inside), dtype=np.float64)
    return size, inner, root


def _pulled(covariance: Array, inner: Array, root: Array, vector: Array) -> Array:
    """(K⁻¹ + W)⁻¹ b = K (b − W½ B⁻¹ W½ K b)."""
    reached = root * _product(covariance, vector)
    return _product(covariance, vector - root * _product(inner, reached))


def _product(matrices: Array, vectors: Array) -> Array:
    columns: Array = np.matmul(matrices, np.broadcast_to(vectors, matrices.shape[:2])[:, :, None])
    return columns[:, :, 0]


def _variance(covariance: Array, inner: Array, root: Array) -> Array:
    half = root[:, :, None] * covariance
    taken: Array = np.einsum("gij,gij->gj", half, np.matmul(inner, half))
    alone: Array = np.einsum("gii->gi", covariance)
    return np.maximum(alone - taken, 1e-12)


@lru_cache(maxsize=64)
def _covariance(
    segments: tuple[Segment, ...], workflow: float, strengths: tuple[tuple[float, float, float], ...]
) -> Array:
    markets, levels = (np.array([segment[part] for segment in segments]) for part in (0, 1))
    market, level = markets[:, None] == markets, levels[:, None] == levels
    found = [
        workflow**2 + one**2 * market + two**2 * level + three**2 * np.eye(len(segments))
        for one, two, three in strengths
    ]
    return np.array(found)


def _sigmoid(eta: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(eta, -_FAR, _FAR)))


def _logit(chance: Array) -> Array:
    return np.log(chance) - np.log1p(-chance)
