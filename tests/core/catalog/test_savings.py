"""The savings calculator gives the figures of SPEC A1, exactly."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.catalog.savings import RateCard, Rating, calculate, card_on, rate
from core.catalog.workflow import SavingsInputs
from core.errors import InvalidInput


def card_of(*inputs: Any) -> RateCard:
    return RateCard(*inputs)


@pytest.mark.parametrize(
    ("inputs", "weekly", "yearly"),
    [
        (("20", "30", "40", ".85", ".05", "20", "0"), "357.00", "18564.00"),
        (("10", "90", "75", ".8", ".08", "50", "100"), "1732.00", "90064.00"),
        (("10", "45", "50", ".5", ".15", "40", "0"), "217.50", "11310.00"),
        (("200", "10", "25", ".7", ".1", "15", "0"), "793.33", "41253.33"),
        (("1", "180", "75", "1", "0", "0", "0"), "225.00", "11700.00"),
    ],
)
def test_golden_cases(inputs: tuple[str, ...], weekly: str, yearly: str) -> None:
    savings = calculate(card_of(*inputs))

    assert (savings.weekly, savings.yearly) == (Decimal(weekly), Decimal(yearly))


def test_parts_and_month_of_a_week() -> None:
    savings = calculate(card_of("10", "90", "75", "0.8", "0.08", "50", "100"))

    assert [savings.labour, savings.errors, savings.scaling] == [900, 32, 800]
    assert savings.hours_per_week == 12
    assert savings.monthly == Decimal("7505.33")


def test_roi_and_payback_come_from_the_implementation_cost() -> None:
    card = RateCard(Decimal(1), Decimal(180), Decimal(75), Decimal(1), implementation_cost=Decimal(900))
    savings = calculate(card)

    assert (savings.roi, savings.payback_weeks) == (Decimal("12.00"), Decimal("4.00"))


def test_without_cost_or_savings_there_is_no_roi_and_no_payback() -> None:
    free = calculate(RateCard(Decimal(1), Decimal(60), Decimal(10), Decimal(1), implementation_cost=Decimal(0)))
    useless = calculate(RateCard(Decimal(0), Decimal(60), Decimal(10), Decimal(1), implementation_cost=Decimal(100)))

    assert (free.roi, free.payback_weeks) == (None, None)
    assert (useless.roi, useless.payback_weeks) == (Decimal("-1.00"), None)


@pytest.mark.parametrize(
    ("yearly", "rating"),
    [
        ("20000", Rating.STELLAR), ("19999.99", Rating.EXCELLENT), ("10000", Rating.EXCELLENT),
        ("5000", Rating.STRONG), ("1000", Rating.VIABLE), ("999.99", Rating.MARGINAL), ("0", Rating.MARGINAL),
    ],
)  # fmt: skip
def test_rating_is_read_from_the_year(yearly: str, rating: Rating) -> None:
    assert rate(Decimal(yearly)) is rating
    assert calculate(RateCard(Decimal(0), Decimal(0), Decimal(0), Decimal(0))).rating_period == "year"


@pytest.mark.parametrize("wrong", [-1, "NaN", "Infinity", "many", 10**12])
def test_absurd_inputs_are_refused_by_name(wrong: object) -> None:
    with pytest.raises(InvalidInput, match="Minutes per task"):
        RateCard(Decimal(1), wrong, Decimal(1), Decimal(1))  # type: ignore[arg-type]


def test_a_percentage_written_as_a_whole_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="from 0 to 1"):
        RateCard(Decimal(1), Decimal(1), Decimal(1), Decimal(85))


def test_the_card_of_the_day_is_the_latest_that_had_begun() -> None:
    def card(wage: int, since: date) -> RateCard:
        return RateCard(Decimal(1), Decimal(60), Decimal(wage), Decimal(1), effective_from=since)

    cards = [card(30, date(2026, 6, 1)), card(20, date(2026, 1, 1))]

    assert card_on(cards, date(2025, 12, 31)) is None
    assert card_on(cards, date(2026, 5, 31)) == cards[1]
    assert card_on(cards, date(2026, 6, 1)) == cards[0]


amounts = st.decimals(0, 10_000, places=2)
shares = st.decimals(0, 1, places=3)
cards = st.builds(RateCard, amounts, amounts, amounts, shares, shares, amounts, amounts)


@given(cards)
def test_stored_facts_make_the_same_card_again(card: RateCard) -> None:
    assert RateCard(**card.facts()) == card


@given(cards)
def test_every_figure_is_the_exact_one_rounded_once(card: RateCard) -> None:
    """The formulas of A1 again, in fractions."""
    tasks, minutes, wage, share, errors, cost, value = (Fraction(part) for part in astuple(card)[:7])
    hours = tasks * minutes / 60 * share
    weekly = hours * wage + tasks * errors * cost * share + tasks * share * value
    savings = calculate(card)

    assert savings.hours_per_week == to_the_cent(hours)
    assert savings.weekly == to_the_cent(weekly)
    assert savings.monthly == to_the_cent(weekly * 52 / 12)
    assert savings.yearly == to_the_cent(weekly * 52)


@given(cards)
def test_parts_add_up_to_the_week_and_none_is_negative(card: RateCard) -> None:
    savings = calculate(card)

    assert savings.labour + savings.errors + savings.scaling == savings.weekly
    assert min(savings.labour, savings.errors, savings.scaling) >= 0
    assert savings.yearly >= savings.monthly >= savings.weekly >= 0


@given(cards, st.integers(1, 50))
def test_savings_grow_in_step_with_the_tasks(card: RateCard, times: int) -> None:
    once, often = calculate(card), calculate(replace(card, tasks_per_week=card.tasks_per_week * times))

    # Each is off by half a cent at most, and the one of them that many times.
    assert abs(often.weekly - once.weekly * times) <= Decimal("0.005") * (times + 1)


@given(cards)
def test_no_number_is_a_float(card: RateCard) -> None:
    assert not any(isinstance(part, float) for part in (*astuple(card), *astuple(calculate(card))))


def test_half_a_cent_goes_up_however_many_digits_lie_before_it() -> None:
    card = RateCard("123456789.123456", "60", "0.01234567891", "0.5", "0", "0", "0")  # type: ignore[arg-type]
    exact = Fraction(card.tasks_per_week) * Fraction(card.hourly_wage) / 2

    assert calculate(card).weekly == to_the_cent(exact)


def test_a_week_that_could_not_be_kept_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"more than 1,000,000,000,000 a week"):
        RateCard(Decimal(10**9), Decimal(10**9), Decimal(10**9), Decimal(1))


def test_a_definition_that_saves_too_much_is_refused_where_it_stands() -> None:
    huge = {"tasks_per_week": 10**9, "minutes_per_task": 10**9, "hourly_wage": 10**9, "automation_percent": 1}
    with pytest.raises(ValidationError, match="more than 1,000,000,000,000 a week"):
        SavingsInputs.model_validate({**huge, "currency": "USD"})


def to_the_cent(exact: Fraction) -> Decimal:
    return Decimal(floor(exact * 100 + Fraction(1, 2))) / 100
