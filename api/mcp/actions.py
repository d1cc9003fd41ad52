"""What an agent is told of a proposed action: the plan, where it stands, the receipt, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from api.action_answers import ChangeAnswer, Guardrail, changes
from api.mcp.tool import Call
from api.models import Answer
from api.once import once
from core.actions.cards import Card
from core.actions.rules import ActionState
from core.connectors.plan import AttemptOutcome, Plan

_NEXT = {
    ActionState.PENDING: "People have not decided yet. Call wait_for_decision.",
    ActionState.APPROVED: "Approved, and waiting to be executed. Call wait_for_decision with until=over.",
    ActionState.EXECUTING: "It is being executed now. Call wait_for_decision with until=over.",
    ActionState.EXECUTED: "It was done; the receipt says how.",
    ActionState.REJECTED: "People decided against it. Read decision_reason; do not propose the same again.",
    ActionState.EXPIRED: "Nobody decided in time, and nothing was done. Propose it again if it is still wanted.",
    ActionState.FAILED: "It was approved and could not be done; `error` says why. People may try it again.",
    ActionState.UNKNOWN: "It may have been done: people are finding out. Do not propose it again.",
}
"""For a model that reads where an action stands."""


class PlanShown(Answer):
    summary: str = Field(description="What will happen, in one sentence.")
    account: str = Field(description="In which system, as whom.")
    changes: list[ChangeAnswer] = Field(description="Every value before and after.")
    message: dict[str, Any] | None = Field(description="A message word for word, as its recipients will read it.")
    warnings: list[str]
    leaves_machine: bool
    reversible: bool
    digest: str = Field(description="What people approve is this plan and no other.")

    @classmethod
    def of(cls, plan: Plan) -> PlanShown:
        spelled = plan.to_json()
        return cls(
            summary=plan.summary, account=plan.account, changes=changes(plan.changes), message=spelled["message"],
            warnings=list(plan.warnings), leaves_machine=plan.leaves_machine, reversible=plan.reversible,
            digest=plan.digest,
        )  # fmt: skip


class ReceiptShown(Answer):
    outcome: AttemptOutcome
    message: str
    reference: str | None = Field(description="The other system's own name for what was done.")
    url: str | None
    details: dict[str, Any]
    at: datetime | None


class ActionLine(Answer):
    action_id: UUID
    title: str
    operation: str
    status: ActionState
    summary: str
    proposed_at: datetime
    proposer_name: str
    decided_by: str | None
    url: str = Field(description="The card, for a person with a browser.")

    @classmethod
    def fields(cls, call: Call, row: Any) -> dict[str, Any]:
        return {
            "action_id": row.id, "title": row.title, "operation": row.operation, "status": row.state,
            "summary": row.summary, "proposed_at": row.proposed_at, "proposer_name": row.proposer_name,
            "decided_by": row.decided_by, "url": f"{call.app.settings.base_url}/inbox?card={row.id}",
        }  # fmt: skip


class ActionShown(ActionLine):
    plan: PlanShown
    rationale: str
    decided_at: datetime | None
    decision_reason: str
    expires_at: datetime
    error: str | None
    receipt: ReceiptShown | None = Field(description="Of the last attempt; null before there is one.")
    run_id: UUID | None = Field(description="The run that it started; see read_run.")
    what_next: str

    @classmethod
    def of(cls, call: Call, card: Card) -> ActionShown:
        row, receipt = card.row, _receipt(card)
        return cls(
            **cls.fields(call, row), plan=PlanShown.of(card.plan), rationale=card.rationale, decided_at=row.decided_at,
            decision_reason=card.decision_reason, expires_at=row.expires_at, error=row.error, receipt=receipt,
            run_id=(receipt.details.get("run") if receipt and row.operation == "start_workflow" else None),
            what_next=_NEXT[row.state],
        )  # fmt: skip


class Proposed(Answer):
    action_id: UUID
    status: ActionState
    title: str
    plan: PlanShown
    guardrails_that_stop: list[Guardrail] = Field(description="Rules that would stop it as things are now.")
    decided_by_councils: list[str] = Field(description="Councils that must approve; empty: an operator or admin.")
    expires_at: datetime
    url: str = Field(description="The card, for a person with a browser.")
    what_next: str


def idempotent(call: Call, tool: str, asked: BaseModel, key: str | None, make: Callable[[UUID | None], UUID]) -> UUID:
    """The card of this request, made once for one key."""

    def exists(action_id: UUID) -> bool:
        return action_id in call.app.actions_queries.progress([action_id])

    request = {"route": f"MCP {tool}", "body": asked.model_dump(mode="json", exclude={"idempotency_key"})}
    return once(call.app, call.actor, key, request, make=make, exists=exists)


def proposed(call: Call, action_id: UUID) -> Proposed:
    card = call.app.actions_queries.card(call.actor, action_id)
    row = card.row
    return Proposed(
        action_id=row.id, status=row.state, title=row.title, plan=PlanShown.of(card.plan),
        guardrails_that_stop=[Guardrail.model_validate(one) for one in card.verdicts if one.stops],
        decided_by_councils=list(row.council_names), expires_at=row.expires_at,
        url=f"{call.app.settings.base_url}/inbox?card={row.id}", what_next=_NEXT[row.state],
    )  # fmt: skip


def _receipt(card: Card) -> ReceiptShown | None:
    last = next((one for one in reversed(card.attempts) if one.outcome is not None), None)
    if last is None or last.outcome is None:
        return None
    said = last.receipt or {}
    return ReceiptShown(
        outcome=last.outcome, message=last.message, reference=last.reference, url=said.get("url"),
        details=said.get("details") or {}, at=last.finished_at,
    )  # fmt: skip
