"""How likely a workflow ends with a logged result for a person like this one, and in which order to show workflows.

A segment of few runs borrows from the next wider one: cell → market → all → what the definition alone suggests
(docs/RECOMMENDATIONS.md). Each step is the mean of a beta-binomial model whose prior is the wider level's mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from core.analytics.rules import wilson_interval
from core.identity.rules import Goal, Market, SkillLevel

LEAST_PEOPLE = 5
"""Fewer could be recognised, and say little about others."""

COLD_STRENGTH = 8.0
"""How many runs the guess from the definition alone is worth."""

GOAL_STRENGTH = 10.0
"""How many outcomes the definition's own word on its goals is worth."""

WEAKEST, STRONGEST, UNKNOWN_STRENGTH = 2.0, 200.0, 20.0

OPTIMISM = 0.5
"""How many standard deviations of doubt count in favour of a workflow, so that new ones get tried."""

GOAL_METRICS = {
    Goal.EARN_MONEY: "revenue",
    Goal.SAVE_TIME: "time_saved",
    Goal.SCALE_BUSINESS: "customers",
}

Segment = tuple[str, str]
"""(market, skill level) as the performance table spells them."""


class Level(StrEnum):
    """Whose results an answer rests on."""

    CELL = "cell"
    MARKET = "market"
    GLOBAL = "global"
    NONE = "none"


@dataclass(frozen=True)
class Counts:
    successes: int = 0
    n: int = 0
    people: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Sums; people of two cells are at most the sum, and a person has one segment at a time, so mostly just that."""
        return Counts(self.successes + other.successes, self.n + other.n, self.people + other.people)


@dataclass(frozen=True)
class Estimate:
    """`chance` is the shrunken rate and `doubt` its standard deviation; `counts` is what was observed at `level`."""

    chance: float
    doubt: float
    level: Level
    counts: Counts

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval (Wilson) of the observed rate at `level`, before any borrowing."""
        return wilson_interval(self.counts.successes, self.counts.n)


def prior_strength(groups: Sequence[Counts]) -> float:
    """How many runs the wider level is worth to a group: (1 − ρ) / ρ, with ρ the correlation of runs in one group.

    ρ by the analysis-of-variance estimator for binary data (Ridout, Demétrio and Firth, Biometrics 55, 1999, p. 137).
    Groups that differ no more than chance lets them lean on the wider level as much as they may.
    """
    groups = [group for group in groups if group.n > 0]
    k, total = len(groups), sum(group.n for group in groups)
    if k < 2 or total <= k:
        return UNKNOWN_STRENGTH
    mean = sum(group.successes for group in groups) / total
    shares = [group.successes / group.n for group in groups]
    between = sum(group.n * (share - mean) ** 2 for group, share in zip(groups, shares, strict=True)) / (k - 1)
    within = sum(group.n * share * (1 - share) for group, share in zip(groups, shares, strict=True)) / (total - k)
    size = (total - sum(group.n**2 for group in groups) / total) / (k - 1)
    if between <= within:
        return STRONGEST
    if within == 0:
        return WEAKEST
    correlation = (between - within) / (between + (size - 1) * within)
    return min(max((1 - correlation) / correlation, WEAKEST), STRONGEST)


def shrink(counts: Counts, mean: float, strength: float) -> tuple[float, float]:
    """Mean and standard deviation of Beta(s + m·μ, n − s + m·(1 − μ))."""
    a, b = counts.successes + strength * mean, counts.n - counts.successes + strength * (1 - mean)
    return a / (a + b), sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))


def estimate(cells: Mapping[Segment, Counts], cold: float, market: str | None, skill_level: str | None) -> Estimate:
    """The chance for one segment, from the counts of all segments of one workflow; without a profile, for anybody."""
    everyone = sum(cells.values(), Counts())
    markets: dict[str, Counts] = {}
    for (name, _), counts in cells.items():
        markets[name] = markets.get(name, Counts()) + counts
    chance, doubt = shrink(everyone, cold, COLD_STRENGTH)
    level, shown = (Level.GLOBAL, everyone) if everyone.n else (Level.NONE, Counts())
    mine = markets.get(market or "", Counts())
    if mine.n:
        chance, doubt = shrink(mine, chance, prior_strength(list(markets.values())))
        if mine.people >= LEAST_PEOPLE:
            level, shown = Level.MARKET, mine
    cell = cells.get((market or "", skill_level or ""), Counts())
    if cell.n:
        neighbours = [counts for (name, _), counts in cells.items() if name == market]
        chance, doubt = shrink(cell, chance, prior_strength(neighbours))
        if cell.people >= LEAST_PEOPLE:
            level, shown = Level.CELL, cell
    return Estimate(chance, doubt, level, shown)


def cold_start(difficulty: SkillLevel, skill_level: SkillLevel | None, *, suits_market: bool | None) -> float:
    """A guess without any run: even chances where level and difficulty meet, less above one's level, more below it."""
    order = list(SkillLevel)
    gap = order.index(skill_level or SkillLevel.BEGINNER) - order.index(difficulty)
    guess = 0.5 + 0.12 * gap + (0 if suits_market is None else 0.08 if suits_market else -0.08)
    return min(max(guess, 0.05), 0.95)


def goal_share(goal: Goal | None, stated: bool, outcomes: Mapping[str, int]) -> float:
    """How much of what people logged is of the kind the goal asks for; `outcomes` counts them by metric."""
    if goal is None:
        return 1.0
    hits, n = outcomes.get(GOAL_METRICS[goal], 0), sum(outcomes.values())
    return (hits + GOAL_STRENGTH * (0.7 if stated else 0.3)) / (n + GOAL_STRENGTH)


def score(found: Estimate, share: float) -> float:
    """The chance of a result of the wanted kind, with half a standard deviation for what is not known yet; 0 to 1."""
    return min(1.0, found.chance + OPTIMISM * found.doubt) * share


@dataclass(frozen=True)
class Candidate:
    workflow_id: str
    score: float
    allowed: bool
    just_completed: bool


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """What the person may run comes first, each part by score; what they completed last is never at the very top."""
    order = sorted(candidates, key=lambda one: (not one.allowed, -one.score, one.workflow_id))
    if len(order) > 1 and order[0].just_completed:
        order[0], order[1] = order[1], order[0]
    return order


def reason(
    found: Estimate, market: Market | None, skill_level: SkillLevel | None, goal: Goal | None, *, suits_goal: bool
) -> str:
    """Why, in words, with n and interval."""
    if found.level is Level.NONE:
        fits = f" It is made for people who want to {words(goal)}." if goal is not None and suits_goal else ""
        return f"Nobody has finished it here yet, so this is a guess from its difficulty.{fits}"
    low, high = found.interval
    share = 100 * found.counts.successes / found.counts.n
    runs = f"{share:.0f} % of {found.counts.n:,} run{'s' if found.counts.n != 1 else ''}"
    interval = f"(interval {100 * low:.0f}–{100 * high:.0f} %)"
    if found.level is Level.CELL and market is not None and skill_level is not None:
        who = f"{found.counts.people} people like you ({words(market)}, {words(skill_level)})"
        return f"{runs} by {who} ended with a logged result {interval}."
    if found.level is Level.MARKET and market is not None:
        return f"{runs} by {_many(market)} of every level ended with a logged result {interval}."
    return f"{runs} by all people ended with a logged result {interval}."


def words(value: StrEnum) -> str:
    return value.value.replace("_", " ")


def _many(market: Market) -> str:
    return "agencies" if market is Market.AGENCY else f"{words(market)}s"
