"""What programs are answered about actions: a row, everything on a card, a preview, the results of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import AliasChoices, Field

from api.etag import etag
from api.models import Answer
from core.actions.cards import Card, InboxRow
from core.actions.proposing import Preview
from core.actions.rules import ActionState, Priority, Risk
from core.connectors.plan import AttemptOutcome, Change
from core.decisions.rules import DecisionState, Vote
from core.guardrails.rules import Judgement


class MoneyAnswer(Answer):
    value: Decimal
    currency: str


class ActionSummary(Answer):
    id: UUID
    title: str
    body: str
    summary: str = Field(description="What will happen, in one sentence.")
    operation: str
    priority: Priority
    risk: Risk
    confidence: Decimal | None
    impact: dict[str, Any]
    amount: MoneyAnswer | None = Field(description="The sum it moves, or else the revenue its proposer expects.")
    status: ActionState = Field(validation_alias=AliasChoices("status", "state"))
    plan_digest: str = Field(description="Approval binds to it: what was approved is what runs.")
    leaves_machine: bool
    reversible: bool
    automatic: bool = Field(description="Approved by a rule instead of a person.")
    proposer_name: str
    proposed_at: datetime
    expires_at: datetime
    snoozed_until: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    error: str | None
    reference: str | None = Field(description="The outside system's own name for what was done.")
    executed_at: datetime | None
    attempts: int
    council_id: str | None = Field(description="The council that the proposer asked for.")
    councils: list[str] = Field(description="Those that must approve; empty: any one operator or admin.")
    undo_of: UUID | None
    version: int = Field(description="The `ETag` of the action; send it as `If-Match` with an edit.")
    why_not_decide: str | None = Field(description="Why you may not decide it; null when you may.")


class ActionPage(Answer):
    actions: list[ActionSummary]
    total: int
    limit: int
    offset: int


class CastBallot(Answer):
    voter: str
    vote: Vote
    reason: str
    cast_at: datetime
    on_behalf_of: str | None


class ActionPanelAnswer(Answer):
    council_id: str | None
    council_name: str | None
    seats: int
    approve: int
    reject: int
    abstain: int
    state: DecisionState
    criteria: list[str]


class ActionDecision(Answer):
    id: UUID
    state: DecisionState
    deadline: datetime | None
    decided_at: datetime | None
    panels: list[ActionPanelAnswer] = Field(description="Each must approve.")
    ballots: list[CastBallot]


class Guardrail(Answer):
    rule: str
    stops: bool
    judgement: Judgement
    words: str
    until: datetime | None


class AttemptAnswer(Answer):
    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: AttemptOutcome | None
    reference: str | None
    message: str
    receipt: dict[str, Any] | None
    request_id: str | None = Field(description="The click or request that had it begun, as in logs and audit.")


class ChangeAnswer(Answer):
    field: str
    label: str
    before: Any
    after: Any


class ActionDetail(ActionSummary):
    params: dict[str, Any]
    plan: dict[str, Any] = Field(description="Exactly what will happen: changes, message, preconditions, warnings.")
    drift: list[ChangeAnswer] = Field(description="What had moved when it came back from execution.")
    differences: list[ChangeAnswer] = Field(description="What the plan does differently from the one before it.")
    rationale: str
    sources: list[dict[str, Any]]
    recommended_steps: list[str]
    decision_reason: str
    decision: ActionDecision | None
    guardrails: list[Guardrail] = Field(description="What the guardrails say now.")
    attempt_history: list[AttemptAnswer]
    can_undo: bool
    undone_by: UUID | None


class PreviewAnswer(Answer):
    plan: dict[str, Any]
    plan_digest: str
    guardrails: list[Guardrail]
    judgement: Judgement
    wait_until: datetime | None = Field(description="When it could run at the earliest, if it has to wait.")
    automatic: bool = Field(description="Whether the guardrails would approve it without a person.")
    reviews: list[str] = Field(description="Councils that would have to approve; empty: any one operator or admin.")


class BatchRow(Answer):
    action_id: UUID
    title: str
    status: ActionState | None
    error: str | None = Field(description="Why this one was not approved; null if your approval counts.")


class BatchAnswer(Answer):
    results: list[BatchRow]
    approved: int
    refused: int


class SecondLookAnswer(Answer):
    outcome: AttemptOutcome | None = Field(description="What the other system says; null if it cannot tell.")
    message: str
    reference: str | None
    url: str | None
    status: ActionState


def summary(row: InboxRow) -> ActionSummary:
    return ActionSummary.model_validate(_row(row), from_attributes=True)


def detail(card: Card, response: Response | None = None) -> ActionDetail:
    """The card, with its version as the answer's ETag."""
    if response is not None:
        response.headers["ETag"] = etag(card.row.version)
    return ActionDetail.model_validate(
        {
            **_row(card.row), "params": dict(card.params), "plan": card.plan.to_json(), "rationale": card.rationale,
            "drift": changes(card.drift), "differences": changes(card.differences),
            "sources": [dict(source) for source in card.sources], "recommended_steps": list(card.recommended_steps),
            "decision_reason": card.decision_reason, "decision": card.decision, "guardrails": list(card.verdicts),
            "attempt_history": list(card.attempts), "can_undo": card.can_undo, "undone_by": card.undone_by,
        },
        from_attributes=True,
    )  # fmt: skip


def preview(found: Preview) -> PreviewAnswer:
    said = found.evaluation
    return PreviewAnswer.model_validate(
        {
            "plan": found.plan.to_json(), "plan_digest": found.plan.digest, "guardrails": list(said.verdicts),
            "judgement": said.judgement, "wait_until": said.wait_until,
            "automatic": said.allows_automatic and not found.reviews, "reviews": list(found.reviews),
        },
        from_attributes=True,
    )  # fmt: skip


def changes(found: Iterable[Change]) -> list[ChangeAnswer]:
    return [ChangeAnswer.model_validate(one) for one in found]


def _row(row: InboxRow) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in row.__dataclass_fields__}
    amount = {"value": row.amount[0], "currency": row.amount[1]} if row.amount else None
    return {**fields, "councils": list(row.councils), "amount": amount}
