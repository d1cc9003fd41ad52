"""Nobody can work out the results of fewer than five people, and lists are ordered by what they say they are."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analytics.rules import UNKNOWN
from core.identity.rules import Goal, Market, SkillLevel
from core.outcomes.rules import MetricType
from core.recommendations.rules import (
    LEAST_PEOPLE,
    SUCCESS,
    Candidate,
    Counts,
    Level,
    Objective,
    Segment,
    cold_start,
    explored,
    goal_share,
    luck,
    may_be_shown,
    moved_up,
    ranked,
)

ME = ("freelancer", "beginner")
MARKETS, LEVELS = ("freelancer", "student", "agency", UNKNOWN), ("beginner", "advanced", UNKNOWN)
cells_of_people = st.dictionaries(
    st.tuples(st.sampled_from(MARKETS), st.sampled_from(LEVELS)),
    st.integers(1, 9).flatmap(lambda people: st.builds(Counts, st.just(people), st.just(3 * people), st.just(people))),
)


@given(cells_of_people)
def test_no_sum_of_what_is_shown_leaves_the_results_of_fewer_than_five_people(cells: dict[Segment, Counts]) -> None:
    """Every reader puts together what all of them are told, adds and subtracts, and still learns of no small group."""
    told: dict[frozenset[Segment], Counts] = {}
    for market, level in product(MARKETS, LEVELS):
        seen, counts = may_be_shown(cells, *((market, level) if UNKNOWN not in (market, level) else (None, None)))
        members = {
            Level.CELL: {(market, level)},
            Level.MARKET: {one for one in cells if one[0] == market},
            Level.GLOBAL: set(cells),
        }.get(seen, set())
        assert counts == sum((cells[one] for one in members), Counts())
        told[frozenset(members)] = counts
    for segment, counts in cells.items():
        if counts.people >= LEAST_PEOPLE:  # the performance figures tell everybody of these
            told[frozenset({segment})] = counts
    told.pop(frozenset(), None)
    for whole in told:
        inside = [part for part in told if part < whole]
        for size in range(min(len(inside), 4) + 1):
            for parts in combinations(inside, size):
                if len(frozenset().union(*parts)) == sum(len(part) for part in parts):
                    rest = whole.difference(*parts)
                    assert not rest or sum(cells[one].people for one in rest) >= LEAST_PEOPLE


def test_cell_of_five_people_is_named_and_of_four_is_not() -> None:
    for people, level in ((5, Level.CELL), (4, Level.FEW)):
        assert may_be_shown({ME: Counts(29, 48, people)}, *ME)[0] is level


def test_a_small_cell_names_its_market_if_the_small_ones_are_five_together() -> None:
    cells = {ME: Counts(3, 3, 2), ("freelancer", "advanced"): Counts(4, 9, 3), ("student", "beginner"): Counts(9, 9, 8)}
    assert may_be_shown(cells, *ME) == (Level.MARKET, Counts(7, 12, 5))
    cells["freelancer", "advanced"] = Counts(4, 9, 2)
    assert may_be_shown(cells, *ME) == (Level.FEW, Counts())


def test_without_a_profile_everybody_counts_and_without_runs_nobody() -> None:
    assert may_be_shown({ME: Counts(30, 50, 9)}, None, None) == (Level.GLOBAL, Counts(30, 50, 9))
    assert may_be_shown({}, *ME) == (Level.NONE, Counts())


@pytest.mark.parametrize("metric", MetricType)
def test_an_objective_is_spelled_so_that_it_can_be_read_again(metric: MetricType) -> None:
    for unit in ("USD", "letters: sent"):
        objective = Objective(metric, unit)
        assert Objective.from_key(objective.key) == objective
    assert Objective.from_key("success") == SUCCESS


@pytest.mark.parametrize("key", ["", "revenue", "revenue:", ":USD", "profit:USD", "Success"])
def test_what_is_no_objective_is_none(key: str) -> None:
    assert Objective.from_key(key) is None


def test_cold_start_prefers_what_matches_the_level_and_the_market() -> None:
    beginner = [cold_start(level, SkillLevel.BEGINNER, suits_market=None) for level in SkillLevel]
    assert beginner == sorted(beginner, reverse=True)
    suits, suits_not = (cold_start(SkillLevel.BEGINNER, None, suits_market=one) for one in (True, False))
    assert suits > suits_not


def test_goal_share_follows_what_people_logged_over_what_the_definition_says() -> None:
    assert goal_share(Goal.EARN_MONEY, True, {}) == pytest.approx(0.7)
    assert goal_share(Goal.EARN_MONEY, True, {"time_saved": 490}) < 0.05
    assert goal_share(Goal.SAVE_TIME, False, {"time_saved": 490}) > 0.95
    assert goal_share(None, False, {"revenue": 3}) == 1


def candidate(name: str, benefit: float | None, *, drawn: float = 0.0, chance: float = 0.5, **more: bool) -> Candidate:
    return Candidate(name, benefit, drawn, chance, more.get("allowed", True), more.get("just_completed", False))


def names(order: list[Candidate]) -> list[str]:
    return [one.workflow_id for one in order]


def test_allowed_comes_first_and_the_one_just_completed_never_leads() -> None:
    some = [
        candidate("locked", 0.9, drawn=0.9, allowed=False),
        candidate("done", 0.8, drawn=0.8, just_completed=True),
        candidate("next", 0.3, drawn=0.3),
    ]
    assert names(ranked(some)) == names(explored(some)) == ["next", "done", "locked"]
    alone = [candidate("done", 0.8, just_completed=True)]
    assert ranked(alone) == alone
    assert names(ranked([alone[0], some[0]])) == ["done", "locked"]


def test_what_has_no_value_in_the_unit_comes_after_what_has_by_its_chance() -> None:
    some = [candidate("b", None, chance=0.9), candidate("a", 0.01), candidate("c", None, chance=0.95)]
    assert names(ranked(some)) == ["a", "c", "b"]


def test_to_learn_the_drawn_one_leads_and_only_what_rose_is_marked() -> None:
    some = [candidate("known", 0.6, drawn=0.6), candidate("new", 0.5, drawn=0.7), candidate("poor", 0.1, drawn=0.1)]
    pure, tried = ranked(some), explored(some)
    assert names(tried) == ["new", "known", "poor"]
    assert moved_up(pure, tried) == {"new"}


@given(st.uuids(), st.dates(max_value=date(2100, 1, 1)))
def test_luck_holds_all_day_for_one_person_and_for_no_other(person: UUID, day: date) -> None:
    assert 0 < luck(person, day, "w") < 1
    assert luck(person, day, "w") == luck(person, day, "w")
    others = {luck(uuid4(), day, "w"), luck(person, day, "v"), luck(person, day + timedelta(days=1), "w")}
    assert luck(person, day, "w") not in others


def test_luck_is_spread_evenly() -> None:
    drawn = sorted(luck(UUID(int=number), date(2026, 1, 5), "w") for number in range(2_000))
    assert max(abs(share - place / 2_000) for place, share in enumerate(drawn)) < 0.04


def test_markets_are_spelled_as_in_the_figures() -> None:
    assert set(Market) > {"freelancer", "student", "agency"}
