"""What a workflow saves in a week, a month and a year, from a dated rate card (SPEC A1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from enum import StrEnum
from typing import Any

from core.canonical import jsonable
from core.errors import InvalidInput

_CENT = Decimal("0.01")
_WEEKS_PER_YEAR = 52
_MOST = Decimal(10) ** 9
"""No single input above this: a slip of the keyboard is refused instead of stored."""
MOST_WEEKLY = Decimal(10) ** 12
"""Nor a week's savings: it could not be kept with a run."""
_EXACT = Context(prec=100)
"""Four inputs multiplied have more digits than the usual 28; half a cent must be seen as half a cent."""

Number = Decimal | int | float | str


class Rating(StrEnum):
    STELLAR = "STELLAR"
    EXCELLENT = "EXCELLENT"
    STRONG = "STRONG"
    VIABLE = "VIABLE"
    MARGINAL = "MARGINAL"


RATING_PERIOD = "year"
"""Ratings are read from yearly savings; a year evens out what a week does by chance."""

_THRESHOLDS = (
    (Decimal(20_000), Rating.STELLAR),
    (Decimal(10_000), Rating.EXCELLENT),
    (Decimal(5_000), Rating.STRONG),
    (Decimal(1_000), Rating.VIABLE),
)


@dataclass(frozen=True)
class RateCard:
    """The inputs of one estimate, as they hold from `effective_from` on. Shares are 0 to 1, money is in `currency`."""

    tasks_per_week: Decimal
    minutes_per_task: Decimal
    hourly_wage: Decimal
    automation_percent: Decimal
    """The share of the work that the workflow takes over: 0.85 is 85 %."""
    error_rate: Decimal = Decimal(0)
    """The share of tasks that go wrong when done by hand."""
    cost_per_error: Decimal = Decimal(0)
    value_per_accelerated_task: Decimal = Decimal(0)
    implementation_cost: Decimal | None = None
    currency: str = "USD"
    effective_from: date = date.min

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.name not in {"currency", "effective_from"}):
            value = getattr(self, name)
            if name != "implementation_cost" or value is not None:
                most = Decimal(1) if name in {"automation_percent", "error_rate"} else _MOST
                object.__setattr__(self, name, _number(name, value, most))
        if isinstance(self.effective_from, str):
            object.__setattr__(self, "effective_from", date.fromisoformat(self.effective_from))
        if sum(_parts(self)) > MOST_WEEKLY:
            raise InvalidInput(field="Savings", problem=f"these inputs come to more than {MOST_WEEKLY:,} a week.")

    def facts(self) -> dict[str, Any]:
        """The card as JSON-able values, exact; `RateCard(**facts)` makes it again."""
        return {key: jsonable(value) for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Savings:
    """What the card is worth; amounts are rounded to a hundredth only here, at the end, and the parts add up to the week."""

    currency: str
    hours_per_week: Decimal
    labour: Decimal
    errors: Decimal
    scaling: Decimal
    weekly: Decimal
    monthly: Decimal
    yearly: Decimal
    roi: Decimal | None
    """(yearly − implementation cost) ÷ implementation cost, for the first year; None without a cost."""
    payback_weeks: Decimal | None
    """Weeks until the implementation cost is earned back; None without a cost or without savings."""
    rating: Rating
    """Of a year's savings, in the card's currency."""
    rating_period: str = RATING_PERIOD


def calculate(card: RateCard) -> Savings:
    """weekly = labour + avoided errors + value of faster tasks; month = week × 52 ÷ 12; year = week × 52."""
    with localcontext(_EXACT):
        parts = _parts(card)
        weekly = sum(parts, Decimal(0))
        yearly = weekly * _WEEKS_PER_YEAR
        cost = card.implementation_cost
        labour, errors, scaling = _adding_up(parts, _rounded(weekly))
        return Savings(
            currency=card.currency,
            hours_per_week=_rounded(card.tasks_per_week * card.automation_percent * card.minutes_per_task / 60),
            labour=labour,
            errors=errors,
            scaling=scaling,
            weekly=_rounded(weekly),
            monthly=_rounded(yearly / 12),
            yearly=_rounded(yearly),
            roi=_rounded((yearly - cost) / cost) if cost else None,
            payback_weeks=_rounded(cost / weekly) if cost and weekly else None,
            rating=rate(yearly),
        )


def exact_yearly(card: RateCard) -> Decimal:
    """A year's savings before they are rounded, for those who reckon on with them."""
    with localcontext(_EXACT):
        return sum(_parts(card), Decimal(0)) * _WEEKS_PER_YEAR


def rate(yearly: Decimal) -> Rating:
    """The word for a year's savings."""
    return next((rating for least, rating in _THRESHOLDS if yearly >= least), Rating.MARGINAL)


def card_on(cards: Iterable[RateCard], day: date) -> RateCard | None:
    """The card in force on `day`: the latest that had begun; None before the first."""
    begun = [card for card in cards if card.effective_from <= day]
    return max(begun, key=lambda card: card.effective_from, default=None)


def _parts(card: RateCard) -> tuple[Decimal, Decimal, Decimal]:
    """Labour, avoided errors and faster tasks of a week, unrounded."""
    with localcontext(_EXACT):
        automated = card.tasks_per_week * card.automation_percent
        # Multiplied before divided, so that thirds of an hour lose nothing on the way.
        return (
            automated * card.minutes_per_task * card.hourly_wage / 60,
            automated * card.error_rate * card.cost_per_error,
            automated * card.value_per_accelerated_task,
        )


def _adding_up(parts: tuple[Decimal, Decimal, Decimal], whole: Decimal) -> list[Decimal]:
    """The parts rounded; the cent that rounding each by itself may leave over goes to the largest."""
    rounded = [_rounded(part) for part in parts]
    rounded[parts.index(max(parts))] += whole - sum(rounded)
    return rounded


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def _number(name: str, value: Number, most: Decimal) -> Decimal:
    field = name.replace("_", " ").capitalize()
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise InvalidInput(field=field, problem=f"{value!r} is not a number.") from None
    if not number.is_finite() or not 0 <= number <= most:
        raise InvalidInput(field=field, problem=f"use a number from 0 to {most:,}.")
    return number
