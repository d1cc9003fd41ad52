"""Words carry share, n, people and interval, and never claim more than the data holds."""

from __future__ import annotations

import pytest

from core.identity.rules import Goal, Market, SkillLevel
from core.outcomes.rules import MetricType
from core.recommendations.rules import SUCCESS, Counts, Level, Objective
from core.recommendations.words import (
    Expected,
    explored_words,
    no_value_words,
    objective_words,
    reason,
    rounded_amount,
    rounded_chance,
)


def words_for(level: Level, seen: Counts) -> str:
    return reason(
        level, seen, Expected(0.6, 0.46, 0.73), market=Market.FREELANCER, skill_level=SkillLevel.BEGINNER,
        goal=Goal.EARN_MONEY, suits_goal=True,
    )  # fmt: skip


def test_reason_carries_share_n_people_and_interval() -> None:
    assert words_for(Level.CELL, Counts(29, 48, 9)) == (
        "60 % of 48 runs by 9 people like you (freelancer, beginner) ended with a logged result. "
        "Expected for you: 60 % (90 % interval 46–73 %)."
    )
    assert "by 12 freelancers of every level ended" in words_for(Level.MARKET, Counts(29, 48, 12))
    assert "100 % of 1 run by all people ended" in words_for(Level.GLOBAL, Counts(1, 1, 5))


def test_reason_of_few_or_none_holds_no_count() -> None:
    assert words_for(Level.FEW, Counts()) == (
        "Fewer than 5 people, or groups that small, stand behind its results, so they stay private. "
        "Expected for you: 60 % (90 % interval 46–73 %)."
    )
    assert words_for(Level.NONE, Counts()) == (
        "Nobody has finished it here yet, so this is a guess from its difficulty. "
        "It is made for people who want to earn money. Expected for you: 60 % (90 % interval 46–73 %)."
    )


def test_chances_are_whole_percents_and_amounts_two_digits() -> None:
    assert rounded_chance(0.61734, 0.4512, 0.7399) == Expected(0.62, 0.45, 0.74)
    assert rounded_amount(1234.5, 0.0456, 98_765) == Expected(1200, 0.046, 99_000)
    assert rounded_amount(0, 0, 7) == Expected(0, 0, 7)


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (SUCCESS, "chance of a result"),
        (Objective(MetricType.REVENUE, "USD"), "expected revenue in USD"),
        (Objective(MetricType.TIME_SAVED, "hours"), "expected time saved in hours"),
        (Objective(MetricType.CUSTOMERS, "customers"), "expected customers"),
        (Objective(MetricType.CUSTOM, "letters"), "expected letters"),
    ],
)
def test_objective_is_said_with_its_unit(objective: Objective, words: str) -> None:
    assert objective_words(objective) == words
    if objective.is_value:
        assert str(objective.unit) in no_value_words(objective)


def test_what_is_shown_to_learn_says_which_kind_of_learning() -> None:
    assert explored_words(Counts(2, 3, 2)).startswith("Tried by few")
    assert explored_words(Counts(200, 300, 20)).startswith("Close to the best")
