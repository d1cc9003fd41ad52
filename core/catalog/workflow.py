"""What every workflow definition says, whoever does its steps: title, tier, whom it suits, what it saves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.actor import Tier
from core.catalog.currencies import currencies
from core.catalog.savings import RateCard
from core.catalog.times import NOTHING, Span, UnreadableTime, read_time
from core.errors import InvalidInput
from core.identity.rules import Goal, Market, SkillLevel


def filled(value: str) -> str:
    text = value.strip()
    if not text:
        raise PydanticCustomError("EMPTY_TEXT", "is empty", {"remedy": "Write the text, or remove the field."})
    return text


def lowered(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def listed(value: Any) -> Any:
    """One text or a list of them; a text of several lines is a tip a line."""
    if value is None:
        return []
    if isinstance(value, str):
        return [line.strip().lstrip("-•* ") for line in value.splitlines() if line.strip()]
    return value


def time_of(value: Any) -> Any:
    if value is None or isinstance(value, Span):
        return value
    try:
        return read_time(value)
    except UnreadableTime:
        raise PydanticCustomError(
            "UNREADABLE_TIME",
            "is not a time: {value}",
            {
                "value": repr(value)[:80],
                "remedy": 'Use whole minutes, or text like "15 minutes", "1–2 hours", "2 days".',
            },
        ) from None


def _currency(value: str) -> str:
    if value not in currencies():
        raise PydanticCustomError(
            "UNKNOWN_CURRENCY",
            "is not a currency: {value}",
            {"value": repr(value)[:20], "remedy": "Use an ISO 4217 code, for example USD or INR."},
        )
    return value


def _cards(value: Any) -> Any:
    return [] if value is None else [value] if isinstance(value, dict) else value


Title = Annotated[StrictStr, Field(max_length=200), AfterValidator(filled)]
Prose = Annotated[StrictStr, Field(max_length=5_000), AfterValidator(filled)]
Tip = Annotated[StrictStr, Field(max_length=1_000), AfterValidator(filled)]
Time = Annotated[
    Span | None,
    BeforeValidator(time_of),
    WithJsonSchema({"type": ["string", "number", "null"], "examples": ["15 minutes", "1–2 hours", 20]}),
]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Positive = Annotated[Decimal, Field(ge=0, le=10**9)]


class Part(BaseModel):
    """Frozen; a field we do not know is kept, not refused."""

    model_config = ConfigDict(frozen=True, extra="allow", arbitrary_types_allowed=True)


class SavingsInputs(Part):
    """A dated rate card as it stands in a definition; the calculator's form is `RateCard`."""

    tasks_per_week: Positive
    minutes_per_task: Positive
    hourly_wage: Positive
    automation_percent: Share
    error_rate: Share = Decimal(0)
    cost_per_error: Positive = Decimal(0)
    value_per_accelerated_task: Positive = Decimal(0)
    implementation_cost: Positive | None = None
    currency: Annotated[str, AfterValidator(_currency)]
    effective_from: date = date.min

    @model_validator(mode="after")
    def _can_be_kept(self) -> SavingsInputs:
        try:
            self.card  # noqa: B018 (made once, to see whether it can be)
        except InvalidInput as refusal:
            raise PydanticCustomError(
                "SAVINGS_TOO_HIGH",
                "cannot be: {why}",
                {"why": str(refusal.facts["problem"]), "remedy": "Look for a number with too many noughts."},
            ) from None
        return self

    @property
    def card(self) -> RateCard:
        return RateCard(**{name: getattr(self, name) for name in SavingsInputs.model_fields})


class Workflow(Part):
    """A guided or an automated workflow; which of the two, and with which steps, say its subclasses.

    Both have a `title`: an automated definition calls it `name`.
    """

    title: Title
    description: Annotated[StrictStr, Field(max_length=20_000)] = ""
    tier: Annotated[Tier, BeforeValidator(lowered)]
    goals: tuple[Goal, ...] = ()
    markets: tuple[Market, ...] = ()
    difficulty: SkillLevel | None = None
    savings: Annotated[tuple[SavingsInputs, ...], BeforeValidator(_cards)] = ()
    """One rate card, or several with different dates."""

    @property
    def hands_on(self) -> Span:
        """How long people work on it, as far as the definition says."""
        return NOTHING

    @property
    def waiting(self) -> Span:
        return NOTHING

    @property
    def rate_cards(self) -> tuple[RateCard, ...]:
        return tuple(inputs.card for inputs in self.savings)
