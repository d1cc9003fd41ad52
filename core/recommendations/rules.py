"""Whose results may be shown, what is aimed at, which guess stands where no run is, and in which order workflows come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from core.analytics.rules import UNKNOWN, Total
from core.identity.rules import Goal, SkillLevel
from core.outcomes.rules import MetricType

LEAST_PEOPLE = 5
"""Fewer could be recognised, and say little about others."""

GOAL_STRENGTH = 10.0
"""How many outcomes the definition's own word on its goals is worth."""

GOAL_METRICS = {
    Goal.EARN_MONEY: MetricType.REVENUE,
    Goal.SAVE_TIME: MetricType.TIME_SAVED,
    Goal.SCALE_BUSINESS: MetricType.CUSTOMERS,
}

Segment = tuple[str, str]
"""(market, skill level) as the performance figures spell them."""

NOBODY: Segment = (UNKNOWN, UNKNOWN)
"""The segment of people who have not said who they are."""


class Level(StrEnum):
    """Whose results may be shown beside an expectation."""

    CELL = "cell"
    MARKET = "market"
    GLOBAL = "global"
    FEW = "few"
    """There are results, of too few people to show them."""
    NONE = "none"


@dataclass(frozen=True)
class Counts:
    successes: int = 0
    n: int = 0
    people: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Sums; who changed market or level is one of the people of both."""
        return Counts(self.successes + other.successes, self.n + other.n, self.people + other.people)


@dataclass(frozen=True)
class Objective:
    """What a list is ordered by: the chance of a result, or the expected value in ONE metric and unit."""

    metric: MetricType | None = None
    unit: str | None = None

    @property
    def is_value(self) -> bool:
        return self.metric is not None

    @property
    def key(self) -> str:
        """`success`, or `revenue:USD`; `from_key` reads it."""
        return f"{self.metric}:{self.unit}" if self.is_value else "success"

    @classmethod
    def from_key(cls, key: str) -> Objective | None:
        """None for what is no objective."""
        if key == "success":
            return SUCCESS
        metric, _, unit = key.partition(":")
        return cls(MetricType(metric), unit) if unit and metric in list(MetricType) else None


SUCCESS = Objective()


def may_be_shown(cells: Mapping[Segment, Counts], market: str | None, skill_level: str | None) -> tuple[Level, Counts]:
    """The narrowest results that may be shown to one segment, so that nobody can work out those of fewer than five people.

    A wider sum less the narrower ones that others are shown must not leave few people either: a market is shown only
    if its small cells are five people together, and everybody only if what is shown nowhere else is.
    """
    everyone = sum(cells.values(), Counts())
    if not everyone.n:
        return Level.NONE, Counts()
    mine = cells.get((market or "", skill_level or ""), Counts())
    if market is not None and skill_level is not None and mine.people >= LEAST_PEOPLE:
        return Level.CELL, mine
    hidden = Counts()
    for name in {one for one, _ in cells}:
        small = _sum(cells, name, small=True)
        if name != UNKNOWN and _enough(small) and (whole := _sum(cells, name)).people >= LEAST_PEOPLE:
            if name == market:
                return Level.MARKET, whole
        else:
            hidden += small
    if _enough(hidden) and everyone.people >= LEAST_PEOPLE:
        return Level.GLOBAL, everyone
    return Level.FEW, Counts()


def _sum(cells: Mapping[Segment, Counts], market: str, *, small: bool = False) -> Counts:
    found = (counts for (name, _), counts in cells.items() if name == market)
    return sum((one for one in found if not small or one.people < LEAST_PEOPLE), Counts())


def _enough(hidden: Counts) -> bool:
    return hidden.n == 0 or hidden.people >= LEAST_PEOPLE


def averages_to_show(averages: Iterable[Total]) -> tuple[Total, ...]:
    """Those that everybody may see: fewer than five values could be one person's, and a unit of their own name them."""
    return tuple(one for one in averages if one.n >= LEAST_PEOPLE and one.metric != MetricType.CUSTOM)


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


def luck(person: UUID, day: date, what: str) -> float:
    """A number from 0 to 1 that is the same all day for this person, and tells nothing about another one."""
    seed = sha256(f"{person}|{day.isoformat()}|{what}".encode()).digest()
    return (int.from_bytes(seed[:7]) + 0.5) / 2**56


@dataclass(frozen=True)
class Candidate:
    """`benefit` is the expected one, `drawn` one that is as likely as the doubt allows; None: not known in this unit."""

    workflow_id: str
    benefit: float | None
    drawn: float
    chance: float
    allowed: bool
    just_completed: bool


Key = Callable[[Candidate], tuple[float, ...]]


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """By expected benefit; what the person may run comes first, what has no value in the unit after what has.

    What they completed last is never at the very top.
    """
    return _ordered(candidates, lambda one: (one.benefit is None, -(one.benefit or 0.0), -one.chance))


def explored(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same by what was drawn: a workflow comes first as often as it may be the best one (Thompson 1933)."""
    return _ordered(candidates, lambda one: (-one.drawn,))


def moved_up(pure: Sequence[Candidate], shown: Sequence[Candidate]) -> frozenset[str]:
    """Which of `shown` stand higher than expected benefit alone would put them."""
    before = {one.workflow_id: rank for rank, one in enumerate(pure)}
    return frozenset(one.workflow_id for rank, one in enumerate(shown) if rank < before[one.workflow_id])


def _ordered(candidates: Sequence[Candidate], key: Key) -> list[Candidate]:
    order = sorted(candidates, key=lambda one: (not one.allowed, *key(one), one.workflow_id))
    if len(order) > 1 and order[0].just_completed and order[1].allowed:
        order[0], order[1] = order[1], order[0]
    return order
