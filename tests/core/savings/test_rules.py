"""Which card is in force, what breaks even, and money in another currency, as pure rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.savings import RateCard, exact_yearly
from core.errors import InvalidInput
from core.savings.rules import (
    DatedRate,
    DifferentThings,
    break_even,
    card_among,
    checked_decimals,
    checked_rate,
    convert,
    rate_used,
)

TODAY = date(2026, 11, 21)
KNOWN = frozenset({"USD", "EUR", "INR", "JPY"})


@dataclass(frozen=True)
class Money:
    value: Decimal
    unit: str
    metric: str = "revenue"


def card(wage: int, since: date, **more: Decimal) -> RateCard:
    return RateCard(Decimal(10), Decimal(60), Decimal(wage), Decimal("0.5"), effective_from=since, **more)  # type: ignore[arg-type]


def rate(base: str, quote: str, worth: str, day: date = TODAY) -> DatedRate:
    return DatedRate(base, quote, Decimal(worth), day, "European Central Bank")


def test_latest_of_both_holds_and_one_that_was_added_wins_its_day() -> None:
    january, june = date(2026, 1, 1), date(2026, 6, 1)
    written = [card(10, january), card(20, june)]

    assert card_among(written, [], TODAY) == written[1]
    assert card_among(written, [card(30, january)], TODAY) == written[1]
    assert card_among(written, [card(30, june)], TODAY) == card(30, june)
    assert card_among(written, [card(30, june), card(40, june)], TODAY) == card(40, june)
    assert card_among(written, [card(30, june + timedelta(days=1))], june) == written[1]
    assert card_among([], [card(30, june)], january) is None


days = st.dates(date(2026, 1, 1), date(2026, 1, 8))


@given(st.lists(days, max_size=4), st.lists(days, max_size=4), days)
def test_no_card_in_force_has_a_later_one_that_had_begun(written: list[date], added: list[date], day: date) -> None:
    ours = [card(1_000 + place, since) for place, since in enumerate(added)]
    found = card_among([card(place, since) for place, since in enumerate(written)], ours, day)
    begun = [since for since in (*written, *added) if since <= day]

    assert (found.effective_from if found else None) == max(begun, default=None)
    last = next((one for one in reversed(ours) if begun and one.effective_from == max(begun)), None)
    assert last is None or found == last


@given(st.integers(1, 10_000), st.integers(1, 500), st.integers(1, 100_000))
def test_with_the_break_even_share_a_year_pays_back_and_with_less_it_does_not(tasks: int, wage: int, cost: int) -> None:
    one = RateCard(Decimal(tasks), Decimal(7), Decimal(wage), Decimal(1), implementation_cost=Decimal(cost))
    share = break_even(one)
    if share is None:
        assert exact_yearly(one) < cost
        return
    assert exact_yearly(replace(one, automation_percent=share)) >= cost
    less = share - Decimal("0.0001")
    assert less < 0 or exact_yearly(replace(one, automation_percent=less)) < cost


def test_without_a_cost_there_is_nothing_to_break_even() -> None:
    assert break_even(card(10, TODAY)) is None
    assert break_even(card(10, TODAY, implementation_cost=Decimal(0))) is None


def test_a_rate_after_the_day_is_never_used() -> None:
    rates = [rate("USD", "EUR", "0.9", TODAY + timedelta(days=1)), rate("USD", "EUR", "0.8", TODAY - timedelta(days=9))]

    used = rate_used(rates, "USD", "EUR", TODAY)

    assert used and used.dated == rates[1]
    assert rate_used(rates, "USD", "EUR", TODAY - timedelta(days=10)) is None


def test_direct_rate_comes_first_then_the_inverse_and_never_a_chain() -> None:
    direct, turned = rate("USD", "EUR", "0.8"), rate("EUR", "USD", "1.25")

    assert rate_used([turned, direct], "USD", "EUR", TODAY) == rate_used([direct], "USD", "EUR", TODAY)
    inverse = rate_used([turned], "USD", "EUR", TODAY)
    assert inverse and inverse.inverse and inverse.apply(Decimal(100)) == Decimal(80)
    assert rate_used([rate("INR", "USD", "0.012"), direct], "INR", "EUR", TODAY) is None


def test_of_one_day_the_first_given_counts() -> None:
    used = rate_used([rate("USD", "EUR", "0.8"), rate("USD", "EUR", "0.7")], "USD", "EUR", TODAY)

    assert used and used.dated.rate == Decimal("0.8")


def converted(amounts: list[Money], to: str, rates: list[DatedRate], digits: int = 2):  # type: ignore[no-untyped-def]
    return convert(amounts, to, TODAY, rates, digits=digits, currencies=KNOWN)


def test_each_part_names_its_rate_and_the_parts_add_up() -> None:
    amounts = [Money(Decimal("100.10"), "USD"), Money(Decimal("5000"), "INR"), Money(Decimal("3"), "EUR")]
    rates = [rate("USD", "EUR", "0.8612"), rate("EUR", "INR", "99.7")]

    found = converted(amounts, "EUR", rates)

    assert [part.converted for part in found.parts] == [Decimal("86.21"), Decimal("50.15"), Decimal("3.00")]
    assert [part.rate.dated if part.rate else None for part in found.parts] == [rates[0], rates[1], None]
    assert found.sum == Decimal("139.36") and not found.missing


def test_without_a_rate_there_is_no_sum_and_a_sentence_says_what_to_add() -> None:
    found = converted([Money(Decimal(100), "USD"), Money(Decimal(50), "EUR")], "EUR", [])

    assert found.sum is None
    assert [part.converted for part in found.parts] == [Decimal("50.00")]
    assert found.missing[0].sentence == (
        "There is no rate between USD and EUR of 21 Nov 2026 or before. Add one with its source."
    )


def test_hours_have_no_value_in_money() -> None:
    found = converted([Money(Decimal(8), "hours")], "EUR", [])

    assert found.sum is None and "Hours are no currency" in found.missing[0].sentence


def test_revenue_and_estimates_are_never_one_sum() -> None:
    with pytest.raises(DifferentThings, match="never added together"):
        converted([Money(Decimal(1), "EUR"), Money(Decimal(1), "EUR", "weekly_savings")], "EUR", [])


def test_a_currency_without_cents_is_rounded_to_whole_units() -> None:
    found = converted([Money(Decimal("10.50"), "USD")], "JPY", [rate("USD", "JPY", "150.05")], digits=0)

    assert found.sum == Decimal(1576)


@pytest.mark.parametrize("wrong", ["0", "-1", "NaN", "Infinity", "1e10", "0.00000000001"])
def test_a_rate_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="above 0"):
        checked_rate(Decimal(wrong))


def test_a_number_with_more_decimals_than_are_kept_is_refused_instead_of_rounded() -> None:
    with pytest.raises(InvalidInput, match="Hourly wage: use at most 10 decimals"):
        checked_decimals(replace(card(10, TODAY), hourly_wage=Decimal("0.12345678901")))
    assert checked_decimals(replace(card(10, TODAY), hourly_wage=Decimal("1.50000000000000")))
