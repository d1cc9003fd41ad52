"""Which card is in force, what a scenario would need, and what money is in another currency on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, localcontext
from typing import Protocol

from core.actor import Role
from core.catalog.savings import RateCard, card_on, exact_yearly
from core.errors import CountersignError, InvalidInput

EDITORS = (Role.ANALYST, Role.ADMIN)
SEES_SAVINGS = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)

MOST_DECIMALS = 10
MOST_RATE = Decimal(10) ** 9
MOST_PROFILES = 50
"""Of one workflow: a comparison of more is none."""

INPUTS = (
    "tasks_per_week", "minutes_per_task", "hourly_wage", "automation_percent", "error_rate", "cost_per_error",
    "value_per_accelerated_task", "implementation_cost",
)  # fmt: skip


class CardAlreadyWithdrawn(CountersignError):
    """{who} has already withdrawn this rate card. Nothing was changed."""

    http_status = 409


class RateAlreadyWithdrawn(CountersignError):
    """{who} has already withdrawn this exchange rate. Nothing was changed."""

    http_status = 409


class ScenarioNameTaken(CountersignError):
    """This workflow has a scenario called “{name}” already. Choose another name; nothing was saved."""

    http_status = 409


class TooManyScenarios(CountersignError):
    """This workflow has {most} scenarios already. Delete one that nobody needs; nothing was saved."""

    http_status = 409


class NotYourScenario(CountersignError):
    """{owner} made this scenario. Save your change under a name of your own; nothing was changed."""

    http_status = 403


class DifferentThings(CountersignError):
    """{one} and {other} are different things: they are never added together."""

    http_status = 422


def card_among(of_definition: Iterable[RateCard], added: Sequence[RateCard], day: date) -> RateCard | None:
    """The latest that had begun by `day`; on the same day one that was `added` wins, the one added last before all."""
    theirs, ours = card_on(of_definition, day), card_on(reversed(added), day)
    if ours is None or (theirs is not None and theirs.effective_from > ours.effective_from):
        return theirs
    return ours


def break_even(card: RateCard) -> Decimal | None:
    """The share of automation with which the cost comes back within a year, rounded up to a hundredth of a percent.

    None without a cost, and where even all of the work would not earn it.
    """
    if not card.implementation_cost:
        return None
    most = exact_yearly(replace(card, automation_percent=Decimal(1)))
    if most < card.implementation_cost:
        return None
    with localcontext(prec=60):
        return (card.implementation_cost / most).quantize(Decimal("0.0001"), rounding=ROUND_CEILING)


def checked_decimals(card: RateCard) -> RateCard:
    """`card`, or InvalidInput where a number has more decimals than are kept."""
    for name in INPUTS:
        value = getattr(card, name)
        if value is not None and _decimals(value) > MOST_DECIMALS:
            problem = f"use at most {MOST_DECIMALS} decimals."
            raise InvalidInput(field=name.replace("_", " ").capitalize(), problem=problem)
    return card


def checked_rate(rate: Decimal) -> Decimal:
    if not rate.is_finite() or not 0 < rate <= MOST_RATE or _decimals(rate) > MOST_DECIMALS:
        problem = f"use a number above 0 and up to {MOST_RATE:,}, with at most {MOST_DECIMALS} decimals."
        raise InvalidInput(field="Rate", problem=problem)
    return rate


class Amount(Protocol):
    """A total, whoever made it."""

    @property
    def metric(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def value(self) -> Decimal: ...


@dataclass(frozen=True)
class DatedRate:
    """One `base` = `rate` `quote` on `day`."""

    base: str
    quote: str
    rate: Decimal
    day: date
    source: str


@dataclass(frozen=True)
class RateUsed:
    """A stored rate, and whether it was turned round: `base` and `quote` are as it was stored."""

    dated: DatedRate
    inverse: bool

    def apply(self, value: Decimal) -> Decimal:
        with localcontext(prec=60):
            return value / self.dated.rate if self.inverse else value * self.dated.rate


@dataclass(frozen=True)
class ConvertedPart:
    """What `value` of `currency` is worth; without a rate where it is of that currency already."""

    value: Decimal
    currency: str
    converted: Decimal
    rate: RateUsed | None


@dataclass(frozen=True)
class Missing:
    """What could not be converted, and the sentence that says what to add."""

    value: Decimal
    unit: str
    sentence: str


@dataclass(frozen=True)
class Converted:
    """`sum` is of all parts, and None as long as one is missing: a part of the money is not the money."""

    to: str
    day: date
    parts: tuple[ConvertedPart, ...]
    sum: Decimal | None
    missing: tuple[Missing, ...]


def rate_used(rates: Iterable[DatedRate], base: str, quote: str, day: date) -> RateUsed | None:
    """The latest stored rate not after `day`: base to quote, else quote to base turned round; never by way of a third."""
    known = [rate for rate in rates if rate.day <= day]
    for inverse, pair in ((False, (base, quote)), (True, (quote, base))):
        fitting = [rate for rate in known if (rate.base, rate.quote) == pair]
        if fitting:
            return RateUsed(max(fitting, key=lambda rate: rate.day), inverse)
    return None


def convert(
    amounts: Sequence[Amount],
    to: str,
    day: date,
    rates: Sequence[DatedRate],
    *,
    digits: int,
    currencies: frozenset[str],
) -> Converted:
    """Each amount in `to` at the rate of `day`, rounded to `digits`, so that what is shown adds up to the sum.

    `rates` are in the order in which they count: of two of the same day, the first.
    """
    metrics = sorted({amount.metric for amount in amounts})
    if len(metrics) > 1:
        raise DifferentThings(one=_words(metrics[0]), other=_words(metrics[1]).lower())
    parts, missing = [], []
    for amount in amounts:
        if amount.unit == to:
            parts.append(ConvertedPart(amount.value, to, _rounded(amount.value, digits), None))
        elif amount.unit not in currencies:
            said = f"{_words(amount.unit)} are no currency, so they have no value in {to}."
            missing.append(Missing(amount.value, amount.unit, said))
        elif used := rate_used(rates, amount.unit, to, day):
            worth = _rounded(used.apply(amount.value), digits)
            parts.append(ConvertedPart(amount.value, amount.unit, worth, used))
        else:
            said = f"There is no rate between {amount.unit} and {to} of {day:%-d %b %Y} or before. Add one with its source."
            missing.append(Missing(amount.value, amount.unit, said))
    total = None if missing else sum((part.converted for part in parts), Decimal(0))
    return Converted(to, day, tuple(parts), total, tuple(missing))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _rounded(value: Decimal, digits: int) -> Decimal:
    with localcontext(prec=60):
        return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _words(key: str) -> str:
    return key.replace("_", " ").capitalize()
