"""Small segments borrow, large ones speak for themselves, and words never claim more than the data holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identity.rules import Goal, Market, SkillLevel
from core.recommendations.rules import (
    STRONGEST,
    UNKNOWN_STRENGTH,
    WEAKEST,
    Candidate,
    Counts,
    Estimate,
    Level,
    cold_start,
    estimate,
    goal_share,
    prior_strength,
    ranked,
    reason,
    shrink,
)

ME = ("freelancer", "beginner")
counts = st.integers(0, 80).flatmap(lambda n: st.builds(Counts, st.integers(0, n), st.just(n), st.integers(0, 20)))


def test_shrinking_is_the_mean_of_the_beta_posterior() -> None:
    chance, doubt = shrink(Counts(29, 48), 0.5, 20)
    assert chance == pytest.approx(39 / 68)
    assert doubt == pytest.approx((39 * 29 / 68**2 / 69) ** 0.5)


@given(counts, st.floats(0.05, 0.95), st.floats(2, 200))
def test_a_shrunken_rate_lies_between_the_observed_one_and_the_prior(
    seen: Counts, mean: float, strength: float
) -> None:
    chance, _ = shrink(seen, mean, strength)
    observed = seen.successes / seen.n if seen.n else mean
    assert min(observed, mean) - 1e-9 <= chance <= max(observed, mean) + 1e-9


def test_groups_that_differ_by_chance_lean_most_and_different_ones_least() -> None:
    alike = [Counts(50, 100), Counts(51, 100), Counts(49, 100)]
    apart = [Counts(0, 100), Counts(100, 100)]
    between = [Counts(60, 100), Counts(40, 100), Counts(50, 100)]
    assert prior_strength(alike) == STRONGEST
    assert prior_strength(apart) == WEAKEST
    assert WEAKEST < prior_strength(between) < STRONGEST
    assert prior_strength([Counts(5, 10)]) == prior_strength([]) == UNKNOWN_STRENGTH


@given(st.lists(counts, max_size=6))
def test_strength_stays_in_its_bounds(groups: list[Counts]) -> None:
    assert WEAKEST <= prior_strength(groups) <= STRONGEST


def test_small_cell_borrows_from_its_market_and_names_the_wider_level() -> None:
    cells = {
        ME: Counts(3, 3, 2),
        ("freelancer", "advanced"): Counts(40, 100, 9),
        ("student", "beginner"): Counts(9, 90, 8),
    }
    found = estimate(cells, 0.5, *ME)
    assert 0.2 < found.chance < 0.9
    assert (found.level, found.counts.n) == (Level.MARKET, 103)


def test_cell_of_five_people_is_named_and_of_four_is_not() -> None:
    for people, level in ((5, Level.CELL), (4, Level.GLOBAL)):
        assert estimate({ME: Counts(29, 48, people)}, 0.5, *ME).level is level


def test_without_runs_the_definition_decides() -> None:
    found = estimate({}, 0.62, *ME)
    assert found.chance == pytest.approx(0.62)
    assert (found.level, found.counts.n) == (Level.NONE, 0)


def test_without_a_profile_everybody_counts() -> None:
    found = estimate({ME: Counts(30, 50, 9)}, 0.5, None, None)
    assert found.level is Level.GLOBAL


def test_cold_start_prefers_what_matches_the_level_and_the_market() -> None:
    beginner = [cold_start(level, SkillLevel.BEGINNER, suits_market=None) for level in SkillLevel]
    assert beginner == sorted(beginner, reverse=True)
    assert cold_start(SkillLevel.BEGINNER, None, suits_market=True) > cold_start(
        SkillLevel.BEGINNER, None, suits_market=False
    )


def test_goal_share_follows_what_people_logged_over_what_the_definition_says() -> None:
    assert goal_share(Goal.EARN_MONEY, True, {}) == pytest.approx(0.7)
    assert goal_share(Goal.EARN_MONEY, True, {"time_saved": 490}) < 0.05
    assert goal_share(Goal.SAVE_TIME, False, {"time_saved": 490}) > 0.95
    assert goal_share(None, False, {"revenue": 3}) == 1


def test_allowed_comes_first_and_the_one_just_completed_never_leads() -> None:
    order = ranked(
        [
            Candidate("locked", 0.9, allowed=False, just_completed=False),
            Candidate("done", 0.8, allowed=True, just_completed=True),
            Candidate("next", 0.3, allowed=True, just_completed=False),
        ]
    )
    assert [one.workflow_id for one in order] == ["next", "done", "locked"]
    alone = [Candidate("done", 0.8, allowed=True, just_completed=True)]
    assert ranked(alone) == alone


def words_for(level: Level, seen: Counts, skill: SkillLevel | None = SkillLevel.BEGINNER) -> str:
    found = Estimate(0.6, 0.1, level, seen)
    return reason(found, Market.FREELANCER, skill, Goal.EARN_MONEY, suits_goal=True)


def test_reason_carries_share_n_people_and_interval() -> None:
    assert words_for(Level.CELL, Counts(29, 48, 9)) == (
        "60 % of 48 runs by 9 people like you (freelancer, beginner) ended with a logged result (interval 46–73 %)."
    )
    assert "by freelancers of every level" in words_for(Level.MARKET, Counts(29, 48, 9))
    assert words_for(Level.GLOBAL, Counts(1, 1, 1)) == (
        "100 % of 1 run by all people ended with a logged result (interval 21–100 %)."
    )
    assert words_for(Level.NONE, Counts()) == (
        "Nobody has finished it here yet, so this is a guess from its difficulty. "
        "It is made for people who want to earn money."
    )
