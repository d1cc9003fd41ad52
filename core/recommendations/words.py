"""Why a workflow is shown, and what the list aims at, in sentences that never claim more than the data holds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.analytics.rules import SMALL_N
from core.identity.rules import Goal, Market, SkillLevel
from core.outcomes.rules import MetricType
from core.recommendations.rules import LEAST_PEOPLE, Counts, Level, Objective


@dataclass(frozen=True)
class Expected:
    """What is expected of a run: the middle of what is believed, and its 90 % interval.

    Rounded (chances to whole percents, amounts to two digits): no more is known, and nothing finer may be worked back
    to the results of a few people.
    """

    middle: float
    low: float
    high: float


def rounded_chance(middle: float, low: float, high: float) -> Expected:
    return Expected(round(middle, 2), round(low, 2), round(high, 2))


def rounded_amount(middle: float, low: float, high: float) -> Expected:
    return Expected(_two_digits(middle), _two_digits(low), _two_digits(high))


def reason(
    level: Level,
    counts: Counts,
    chance: Expected,
    *,
    market: Market | None,
    skill_level: SkillLevel | None,
    goal: Goal | None,
    suits_goal: bool,
) -> str:
    """Whose results, how many, and what they let one expect of a run by this person."""
    expected = (
        f"Expected for you: {chance.middle * 100:.0f} % "
        f"(90 % interval {chance.low * 100:.0f}–{chance.high * 100:.0f} %)."
    )
    if level is Level.NONE:
        fits = f" It is made for people who want to {words(goal)}." if goal is not None and suits_goal else ""
        return f"Nobody has finished it here yet, so this is a guess from its difficulty.{fits} {expected}"
    if level is Level.FEW:
        few = f"Fewer than {LEAST_PEOPLE} people, or groups that small, stand behind its results, so they stay private."
        return f"{few} {expected}"
    share = 100 * counts.successes / counts.n
    runs = f"{share:.0f} % of {counts.n:,} run{'s' if counts.n != 1 else ''}"
    return f"{runs} by {_who(level, counts, market, skill_level)} ended with a logged result. {expected}"


def objective_words(objective: Objective) -> str:
    """What the list is ordered by, to follow “Ordered by”."""
    match objective.metric:
        case None:
            return "chance of a result"
        case MetricType.REVENUE:
            return f"expected revenue in {objective.unit}"
        case MetricType.TIME_SAVED:
            return f"expected time saved in {objective.unit}"
        case MetricType.CUSTOMERS:
            return "expected customers"
        case MetricType.CUSTOM:
            return f"expected {objective.unit}"


def explored_words(counts: Counts) -> str:
    """Why this one stands higher than what is known of it would put it."""
    if counts.n < SMALL_N:
        return "Tried by few: shown to learn more"
    return "Close to the best: shown to learn which is better"


def no_value_words(objective: Objective) -> str:
    """Why a workflow has no expected value in the unit that the list is ordered by."""
    return (
        f"Too few have logged {_thing(objective)} for it to say how much to expect, "
        "so it is ranked by its chance alone, after those with a value."
    )


PRIVATE_VALUE = "Its results are those of too few people to say an amount."


def words(value: StrEnum) -> str:
    return value.value.replace("_", " ")


def _thing(objective: Objective) -> str:
    match objective.metric:
        case MetricType.REVENUE:
            return f"revenue in {objective.unit}"
        case MetricType.TIME_SAVED:
            return f"time saved in {objective.unit}"
        case _:
            return str(objective.unit)


def _who(level: Level, counts: Counts, market: Market | None, skill_level: SkillLevel | None) -> str:
    if level is Level.CELL and market is not None and skill_level is not None:
        return f"{counts.people} people like you ({words(market)}, {words(skill_level)})"
    if level is Level.MARKET and market is not None:
        return f"{counts.people} {_many(market)} of every level"
    return "all people"


def _many(market: Market) -> str:
    return "agencies" if market is Market.AGENCY else f"{words(market)}s"


def _two_digits(value: float) -> float:
    if value <= 0:
        return 0.0
    exact = Decimal(value)
    return float(round(exact, 1 - exact.adjusted()))
