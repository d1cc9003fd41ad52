"""Proposed actions: propose one, read its plan and receipt, approve or reject what it will do (SPEC R3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, HttpUrl

from api.auth import App, Decider, Proposer, Reader
from api.models import Answer, Body, Key, Line, LongText, Note
from core.actions.cards import Card, InboxRow
from core.actions.queries import InboxFilter, Sort
from core.actions.rules import ActionState, Priority, Risk
from core.connectors.plan import AttemptOutcome
from core.decisions.rules import DecisionState, Vote

router = APIRouter(prefix="/actions", tags=["Actions"])


class Source(Body):
    label: Line
    url: HttpUrl | None = None


class RevenueChange(Body):
    value: Decimal = Field(max_digits=16, decimal_places=4)
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])


class Impact(Body):
    """What the proposer expects; every part is optional."""

    revenue_change: RevenueChange | None = None
    time_saved_hours: Decimal | None = Field(default=None, ge=0, max_digits=10, decimal_places=2)
    cash_runway_change_days: Decimal | None = Field(default=None, max_digits=10, decimal_places=2)
    risk_reduction_score: Decimal | None = Field(default=None, ge=0, le=100, decimal_places=2)


class ProposeBody(Body):
    operation: Key = Field(examples=["email_send"])
    params: dict[str, Any] = Field(
        examples=[{"to": ["accounts@meridian.example"], "subject": "Invoice 1042", "body": "It is due on Friday."}]
    )
    title: Line = Field(
        description="A sentence with a verb and an object.", examples=["Send reminder 2 to Meridian Ltd"]
    )
    body: LongText = ""
    priority: Priority = Priority.INFO
    risk: Risk = Risk.LOW
    confidence: Decimal | None = Field(default=None, ge=0, le=1, decimal_places=3)
    rationale: LongText = ""
    sources: list[Source] = Field(default_factory=list, max_length=20)
    impact: Impact = Field(default_factory=Impact)
    recommended_steps: list[Line] = Field(default_factory=list, max_length=20)
    expires_in_hours: int | None = Field(default=None, ge=1, le=24 * 90, description="Default: as the guardrails say.")
    council_id: Key | None = Field(default=None, description="Who decides; without one, any operator or admin.")


class ApproveBody(Body):
    plan_digest: str = Field(pattern="^[0-9a-f]{64}$", description="`plan_digest` of the plan you read.")
    reason: Note = ""


class RejectBody(Body):
    reason: Note = Field(min_length=1)


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
    status: ActionState = Field(validation_alias="state")
    plan_digest: str = Field(description="Approval binds to it: what was approved is what runs.")
    leaves_machine: bool
    reversible: bool
    proposer_name: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    error: str | None
    reference: str | None = Field(description="The outside system's own name for what was done.")
    executed_at: datetime | None
    attempts: int
    council_id: str | None
    version: int
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


class ActionDecision(Answer):
    id: UUID
    state: DecisionState
    deadline: datetime | None
    decided_at: datetime | None
    ballots: list[CastBallot]


class Guardrail(Answer):
    rule: str
    stops: bool
    words: str


class AttemptAnswer(Answer):
    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: AttemptOutcome | None
    reference: str | None
    message: str
    receipt: dict[str, Any] | None


class ActionDetail(ActionSummary):
    params: dict[str, Any]
    plan: dict[str, Any] = Field(description="Exactly what will happen: changes, message, preconditions, warnings.")
    rationale: str
    sources: list[dict[str, Any]]
    recommended_steps: list[str]
    decision_reason: str
    decision: ActionDecision | None
    guardrails: list[Guardrail] = Field(description="What the guardrails say now.")
    attempt_history: list[AttemptAnswer]


@router.get("", summary="List proposed actions")
def list_actions(
    app: App,
    actor: Reader,
    status: Annotated[list[ActionState] | None, Query(description="Any of these; default: all.", max_length=8)] = None,
    priority: Annotated[list[Priority] | None, Query(max_length=4)] = None,
    operation: Annotated[Key | None, Query()] = None,
    text: Annotated[str, Query(max_length=200, description="Part of title, text, summary or proposer.")] = "",
    sort: Sort = Sort.NEWEST,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> ActionPage:
    """Operators, council members and admins see all, everybody else what they proposed."""
    wanted = InboxFilter(
        text=text, states=frozenset(status or ()), priorities=frozenset(priority or ()),
        operations=frozenset({operation} if operation else ()),
    )  # fmt: skip
    page = app.actions_queries.inbox(actor, wanted, sort=sort, offset=offset, limit=limit)
    return ActionPage(
        actions=[ActionSummary.model_validate(row) for row in page.rows], total=page.total, limit=limit, offset=offset
    )


@router.get("/{action_id}", summary="Read an action: plan, decision, guardrails, receipts")
def read_action(app: App, actor: Reader, action_id: UUID) -> ActionDetail:
    return detail(app.actions_queries.card(actor, action_id))


@router.post("", status_code=201, summary="Propose an action")
def propose_action(app: App, actor: Proposer, body: ProposeBody, response: Response) -> ActionDetail:
    """Plans the operation, changes nothing outside, and puts the plan before the people who decide."""
    action_id = app.actions.propose(
        actor, body.operation, body.params, title=body.title, body=body.body, priority=body.priority, risk=body.risk,
        confidence=body.confidence, rationale=body.rationale,
        sources=[source.model_dump(mode="json", exclude_none=True) for source in body.sources],
        impact=body.impact.model_dump(exclude_none=True), recommended_steps=body.recommended_steps,
        expires_in=timedelta(hours=body.expires_in_hours) if body.expires_in_hours else None,
        council_id=body.council_id,
    )  # fmt: skip
    response.headers["Location"] = f"/api/actions/{action_id}"
    return detail(app.actions_queries.card(actor, action_id))


@router.post("/{action_id}/approve", status_code=202, summary="Approve the plan you read")
def approve_plan(app: App, actor: Decider, action_id: UUID, body: ApproveBody) -> ActionDetail:
    """Answers at once; a worker executes. Refused with 409 if the plan is no longer the one you read."""
    app.actions_queries.card(actor, action_id)
    app.actions.approve(actor, action_id, body.plan_digest, body.reason)
    return detail(app.actions_queries.card(actor, action_id))


@router.post("/{action_id}/reject", summary="Reject an action")
def reject_action(app: App, actor: Decider, action_id: UUID, body: RejectBody) -> ActionDetail:
    app.actions_queries.card(actor, action_id)
    app.actions.reject(actor, action_id, body.reason)
    return detail(app.actions_queries.card(actor, action_id))


def detail(card: Card) -> ActionDetail:
    return ActionDetail.model_validate(
        {
            **_row(card.row), "params": dict(card.params), "plan": card.plan.to_json(), "rationale": card.rationale,
            "sources": [dict(source) for source in card.sources], "recommended_steps": list(card.recommended_steps),
            "decision_reason": card.decision_reason, "decision": card.decision, "guardrails": list(card.verdicts),
            "attempt_history": list(card.attempts),
        },
        from_attributes=True,
    )  # fmt: skip


def _row(row: InboxRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}
