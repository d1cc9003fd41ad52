"""Rate cards, scenarios, exchange rates and evidence, as bodies and answers of the API."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.models import Answer, Body, Day, Key
from core.analytics.evidence import EvidencePage, EvidenceRow
from core.catalog.savings import RateCard, Rating, Savings
from core.executions.rules import ExecutionState
from core.outcomes.rules import ReviewState
from core.savings.queries import CardLine, ProfileLine, RateLine
from core.savings.rules import INPUTS

Amount = Annotated[Decimal, Field(ge=0, le=10**9, max_digits=20, decimal_places=10)]
Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=11, decimal_places=10)]
Currency = Annotated[str, Field(min_length=3, max_length=3, description="ISO 4217.", examples=["USD"])]
Line = Annotated[str, StringConstraints(max_length=500)]


class Inputs(Body):
    """What the calculator asks; decimals as text stay exact."""

    tasks_per_week: Amount
    minutes_per_task: Amount
    hourly_wage: Amount
    automation_percent: Share = Field(description="A share: 0.85 is 85 %.")
    error_rate: Share = Decimal(0)
    cost_per_error: Amount = Decimal(0)
    value_per_accelerated_task: Amount = Decimal(0)
    implementation_cost: Amount | None = None
    currency: Currency = "USD"

    def card(self, effective_from: date = date.min) -> RateCard:
        named = {name: getattr(self, name) for name in INPUTS}
        return RateCard(**named, currency=self.currency.upper(), effective_from=effective_from)


class RateCardBody(Inputs):
    workflow_id: Key
    effective_from: Day = Field(description="Runs started on this day or later are estimated by it.")
    note: Line = ""


class WithdrawalBody(Body):
    reason: Line


class ScenarioBody(Inputs):
    workflow_id: Key
    name: Annotated[str, StringConstraints(max_length=80)]


class ExchangeRateBody(Body):
    base: Currency
    quote: Currency
    rate: Annotated[Decimal, Field(gt=0, le=10**9, max_digits=20, decimal_places=10)] = Field(
        description="What one of base is worth in quote.", examples=["0.8612"]
    )
    day: Day
    source: Annotated[str, StringConstraints(max_length=200)]


class SavingsAnswer(Answer):
    currency: str
    hours_per_week: Decimal
    labour: Decimal
    errors: Decimal
    scaling: Decimal
    weekly: Decimal
    monthly: Decimal
    yearly: Decimal
    roi: Decimal | None = Field(description="(yearly − cost) ÷ cost, of the first year.")
    payback_weeks: Decimal | None
    rating: Rating
    rating_period: str = Field(description="What the rating is read from.")
    break_even_automation: Decimal | None = Field(description="The share of automation that pays back within a year.")


class RateCardAnswer(Answer):
    id: UUID | None = Field(description="None for a card that stands in the workflow's definition.")
    effective_from: date
    inputs: dict[str, Any]
    weekly: Decimal
    currency: str
    note: str
    created_by: str
    created_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    in_force: bool = Field(description="Today, in UTC.")


class RateCardList(Answer):
    rate_cards: list[RateCardAnswer]
    total: int
    next_cursor: str | None


class ScenarioAnswer(Answer):
    id: UUID
    workflow_id: str
    name: str
    inputs: dict[str, Any]
    savings: SavingsAnswer
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


class ScenarioList(Answer):
    scenarios: list[ScenarioAnswer]
    total: int
    next_cursor: str | None


class RateAnswer(Answer):
    id: UUID
    base: str
    quote: str
    rate: Decimal
    day: date
    source: str
    created_by: str
    created_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None


class RateList(Answer):
    exchange_rates: list[RateAnswer]
    total: int
    next_cursor: str | None


class EvidenceProofAnswer(Answer):
    id: UUID
    name: str
    sha256: str
    content_type: str
    size: int


class EvidenceAnswer(Answer):
    run_id: UUID
    title: str
    workflow_id: str
    state: ExecutionState
    at: datetime
    value: Decimal
    person: str | None
    rate_card: dict[str, Any] | None
    outcome_id: UUID | None
    logged_by: str | None
    note: str
    review: ReviewState | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    proofs: list[EvidenceProofAnswer] = Field(description="Download one at /api/proof/{id} where may_download is true.")
    may_download: bool


class EvidencePageAnswer(Answer):
    rows: list[EvidenceAnswer]
    total_value: Decimal = Field(description="The whole figure, not this page's.")
    n: int
    next_cursor: str | None


def savings_answer(worth: Savings, break_even: Decimal | None) -> SavingsAnswer:
    found = {name: getattr(worth, name) for name in SavingsAnswer.model_fields if name != "break_even_automation"}
    return SavingsAnswer(**found, break_even_automation=break_even)


def card_answer(line: CardLine) -> RateCardAnswer:
    return RateCardAnswer(
        id=line.id, effective_from=line.card.effective_from, inputs=_inputs(line.card), weekly=line.worth.weekly,
        currency=line.card.currency, note=line.note, created_by=line.created_by, created_at=line.created_at,
        withdrawn_by=line.withdrawn_by, withdrawn_at=line.withdrawn_at, withdrawn_reason=line.withdrawn_reason,
        in_force=line.in_force,
    )  # fmt: skip


def scenario_answer(line: ProfileLine) -> ScenarioAnswer:
    return ScenarioAnswer(
        id=line.id, workflow_id=line.workflow_id, name=line.name, inputs=_inputs(line.card),
        savings=savings_answer(line.worth, line.break_even), created_by=line.created_by, created_at=line.created_at,
        updated_at=line.updated_at, version=line.version,
    )  # fmt: skip


def rate_answer(line: RateLine) -> RateAnswer:
    dated = line.dated
    return RateAnswer(
        id=line.id, base=dated.base, quote=dated.quote, rate=dated.rate, day=dated.day, source=dated.source,
        created_by=line.created_by, created_at=line.created_at, withdrawn_by=line.withdrawn_by,
        withdrawn_at=line.withdrawn_at,
    )  # fmt: skip


def evidence_answer(page: EvidencePage) -> EvidencePageAnswer:
    rows = [_evidence_row(row) for row in page.rows]
    return EvidencePageAnswer(rows=rows, total_value=page.total_value, n=page.n, next_cursor=page.next_cursor)


def _evidence_row(row: EvidenceRow) -> EvidenceAnswer:
    card = dict(row.rate_card) if row.rate_card is not None else None
    proofs = [EvidenceProofAnswer.model_validate(proof) for proof in row.proofs]
    named = {name: getattr(row, name) for name in EvidenceAnswer.model_fields if name not in {"rate_card", "proofs"}}
    return EvidenceAnswer(**named, rate_card=card, proofs=proofs)


def _inputs(card: RateCard) -> dict[str, Any]:
    facts = card.facts()
    facts.pop("effective_from")
    return facts
