"""Ways of recommending: ours, the simple ones it has to beat, the oracle, and Thompson sampling by a library."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from benchmarks.recommending.worlds import SEGMENTS, Whole, World
from core.identity.rules import Market, SkillLevel
from core.recommendations.aims import Policy
from core.recommendations.model import Array, Belief, Fit, solve_chances, together

_SHOWN = 3


class Method(Protocol):
    name: str

    def lists(self, people: Whole) -> Whole:
        """(people, 3): what each is shown, by their segments."""
        ...

    def learn(self, people: Whole, taken: Whole, success: Whole) -> None: ...


class Counted:
    """Counts runs and successes by workflow and segment, and orders by a score; ties by luck."""

    name = ""

    def __init__(self, workflows: int, seed: int) -> None:
        self.n = np.zeros((workflows, len(SEGMENTS)))
        self.successes = np.zeros((workflows, len(SEGMENTS)))
        self.rng = np.random.default_rng([seed, 99])

    def learn(self, people: Whole, taken: Whole, success: Whole) -> None:
        np.add.at(self.n, (taken, people), 1)
        np.add.at(self.successes, (taken, people), success)

    def lists(self, people: Whole) -> Whole:
        scores = self.scores()[:, people].T
        return np.argsort(-scores - 1e-9 * self.rng.random(scores.shape), axis=1)[:, :_SHOWN]

    def scores(self) -> Array:
        raise NotImplementedError


class Chance(Counted):
    name = "random"

    def scores(self) -> Array:
        return self.rng.random(self.n.shape)

    def lists(self, people: Whole) -> Whole:
        return np.argsort(self.rng.random((len(people), len(self.n))), axis=1)[:, :_SHOWN]


class Popularity(Counted):
    name = "most runs (popularity)"

    def scores(self) -> Array:
        return np.repeat(self.n.sum(axis=1, keepdims=True), len(SEGMENTS), axis=1)


class BestOverall(Counted):
    name = "best rate of all people"

    def scores(self) -> Array:
        rate = (self.successes.sum(axis=1, keepdims=True) + 1) / (self.n.sum(axis=1, keepdims=True) + 2)
        return np.repeat(rate, len(SEGMENTS), axis=1)


class RawCell(Counted):
    name = "raw cell means"

    def scores(self) -> Array:
        return np.where(self.n > 0, self.successes / np.maximum(self.n, 1), 0.5)


class Oracle(Counted):
    name = "oracle"

    def __init__(self, workflows: int, seed: int, world: World) -> None:
        super().__init__(workflows, seed)
        self._world = world

    def scores(self) -> Array:
        return self._world.chance


class Ours(Counted):
    """The product's model and order. On `share` of the days a list is drawn (Thompson) to learn."""

    def __init__(self, workflows: int, seed: int, share: float) -> None:
        super().__init__(workflows, seed)
        self.share = share
        self.name = f"ours, trying on {share:.0%}" if share else "ours, trying nothing"
        self._solve()

    def learn(self, people: Whole, taken: Whole, success: Whole) -> None:
        super().learn(people, taken, success)
        self._solve()

    def scores(self) -> Array:
        return self._means

    def lists(self, people: Whole) -> Whole:
        found = super().lists(people)
        for place in np.flatnonzero(self.rng.random(len(people)) < self.share):
            drawn = [self.belief(one, people[place]).quantile(self.rng.random()) for one in range(len(self.n))]
            found[place] = np.argsort(-np.array(drawn))[:_SHOWN]
        return found

    def belief(self, workflow: int, segment: int) -> Belief:
        key = workflow, int(segment)
        if key not in self._beliefs:
            self._beliefs[key] = self._fit.chance(str(workflow), SEGMENTS[segment])
        return self._beliefs[key]

    def _solve(self) -> None:
        guess = np.full(len(SEGMENTS), 0.5)
        solved = {
            str(one): solve_chances(SEGMENTS, self.successes[one], self.n[one], guess) for one in range(len(self.n))
        }
        self._fit: Fit = together(SEGMENTS, solved)
        self._beliefs: dict[tuple[int, int], Belief] = {}
        self._means = np.array(
            [[self.belief(one, segment).mean for segment in range(len(SEGMENTS))] for one in range(len(self.n))]
        )


class Library:
    """Contextual Thompson sampling by `bayesianbandits`: a Bayesian logistic regression for each workflow."""

    name = "Thompson sampling (library)"

    def __init__(self, workflows: int, seed: int) -> None:
        from bayesianbandits import Arm, BayesianGLM, ContextualAgent, ThompsonSampling

        arms: list[Any] = [Arm(one, learner=BayesianGLM(alpha=2.0, link="logit")) for one in range(workflows)]
        self._agent: Any = ContextualAgent(arms, ThompsonSampling(), random_seed=seed)
        self._arms = arms
        self._context = np.array([_context(market, level) for market, level in SEGMENTS])

    def lists(self, people: Whole) -> Whole:
        draws = np.array([arm.sample(self._context[people], size=1).reshape(-1) for arm in self._arms]).T
        return np.argsort(-draws, axis=1)[:, :_SHOWN]

    def learn(self, people: Whole, taken: Whole, success: Whole) -> None:
        for one in np.unique(taken):
            mine = taken == one
            self._agent.select_for_update(int(one)).update(self._context[people[mine]], success[mine].astype(float))


def methods(world: World, seed: int, *, library: bool) -> list[Method]:
    """One of each, all fresh. The oracle comes first."""
    n = world.kind.workflows
    found: list[Method] = [
        Oracle(n, seed, world), Chance(n, seed), Popularity(n, seed), BestOverall(n, seed), RawCell(n, seed),
        Ours(n, seed, 0.0), Ours(n, seed, Policy().explore_share),
    ]  # fmt: skip
    return [*found, Library(n, seed)] if library else found


def _context(market: str, level: str) -> list[float]:
    return [
        1.0, *(float(one == market) for one in Market), *(float(one == level) for one in SkillLevel),
        *(float((a, b) == (market, level)) for a, b in SEGMENTS),
    ]  # fmt: skip
