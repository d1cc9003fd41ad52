"""What the calculator reckons, in words with the numbers put in; cards, rates and ratings as people read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date

from core.catalog.savings import RateCard, Rating, Savings
from core.savings.rules import RateUsed
from pages.components.words import LOCALE, money, number, price, span

RATINGS = {
    Rating.STELLAR: "20,000 or more", Rating.EXCELLENT: "10,000 or more", Rating.STRONG: "5,000 or more",
    Rating.VIABLE: "1,000 or more", Rating.MARGINAL: "less than 1,000",
}  # fmt: skip


def share(value: Decimal) -> str:
    return f"{number(value * 100, 2)}\u00a0%"


def day_words(day: date) -> str:
    return "the beginning" if day == date.min else format_date(day, "d MMM y", locale=LOCALE)


def rating_words(worth: Savings) -> str:
    """`Excellent, by savings of a year`: the word and what it is read from."""
    return f"{worth.rating.value.capitalize()}, by savings of a {worth.rating_period}"


def rating_help(worth: Savings) -> str:
    return f"Read from a {worth.rating_period}'s savings: {RATINGS[worth.rating]}, in {worth.currency}."


def roi_words(worth: Savings) -> str:
    return "–" if worth.roi is None else f"{number(worth.roi * 100, 0)}\u00a0%"


def payback_words(worth: Savings) -> str:
    if worth.payback_weeks is None:
        return "–"
    weeks = worth.payback_weeks
    return f"{number(weeks, 1)} weeks" if weeks < 104 else f"{number(weeks / 52, 1)} years"


def break_even_words(card: RateCard, found: Decimal | None) -> str:
    """The share of the work that must be automated to pay back in a year, for a cell of a table."""
    if not card.implementation_cost:
        return "–"
    return "not within a year" if found is None else share(found)


def pays_back_words(found: Decimal | None) -> str:
    """As `break_even_words`, as a sentence."""
    if found is None:
        return "It does not pay back within a year, however much is automated."
    return f"It pays back within a year where {share(found)} or more is automated."


def formula(card: RateCard, worth: Savings) -> list[str]:
    """One line a step: the formula with this card's numbers in it."""
    tasks, part, code = number(card.tasks_per_week, 2), share(card.automation_percent), card.currency
    hours = f"{tasks} tasks × {number(card.minutes_per_task, 2)} min ÷ 60 × {part} = {number(worth.hours_per_week, 2)} hours"
    lines = [f"{hours}, × {price(card.hourly_wage, code)} = {money(worth.labour, code)} of labour"]
    if worth.errors:
        lines.append(
            f"{tasks} tasks × {share(card.error_rate)} errors × {price(card.cost_per_error, code)} × {part} "
            f"= {money(worth.errors, code)} of errors avoided"
        )
    if worth.scaling:
        lines.append(
            f"{tasks} tasks × {part} × {price(card.value_per_accelerated_task, code)} "
            f"= {money(worth.scaling, code)} of faster tasks"
        )
    lines.append(
        f"Together {money(worth.weekly, code)} a week; × 52 = {money(worth.yearly, code)} a year; "
        f"÷ 12 = {money(worth.monthly, code)} a month"
    )
    if card.implementation_cost and worth.roi is not None:
        cost = money(card.implementation_cost, code)
        lines.append(f"({money(worth.yearly, code)} − {cost}) ÷ {cost} = {roi_words(worth)} return in the first year")
    return lines


def card_words(card: RateCard) -> str:
    """The inputs of a card in one line."""
    said = (
        f"{number(card.tasks_per_week, 2)} tasks a week, {span(float(card.minutes_per_task) * 60_000)} each, "
        f"{share(card.automation_percent)} automated, {price(card.hourly_wage, card.currency)} an hour"
    )
    if card.error_rate and card.cost_per_error:
        said += f"; {share(card.error_rate)} errors at {price(card.cost_per_error, card.currency)}"
    if card.value_per_accelerated_task:
        said += f"; {price(card.value_per_accelerated_task, card.currency)} a faster task"
    if card.implementation_cost:
        said += f"; {money(card.implementation_cost, card.currency)} to set up"
    return said


def rate_words(used: RateUsed) -> str:
    """`at 0.8612 USD→EUR of 1 Nov 2026, source …`"""
    dated = used.dated
    turned = "1 ÷ " if used.inverse else ""
    worth = f"{dated.rate.normalize():f}"
    return f"at {turned}{worth} {dated.base}→{dated.quote} of {day_words(dated.day)}, source: {dated.source}"
