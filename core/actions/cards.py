"""What a decision card shows, closed (a row of the inbox) and open (plan, decision, rules, attempts, history)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.rules import ActionState, Priority, Risk
from core.actions.tables import Action, Attempt
from core.actor import Actor, ActorKind
from core.audit.tables import AuditEntry
from core.connectors.plan import AttemptOutcome, Plan
from core.decisions.queries import DecisionView, decision_view
from core.guardrails.rules import Verdict


@dataclass(frozen=True)
class InboxRow:
    id: UUID
    title: str
    body: str
    summary: str
    """What will happen, in one sentence of the plan."""
    operation: str
    priority: Priority
    risk: Risk
    confidence: Decimal | None
    impact: Mapping[str, Any]
    state: ActionState
    plan_digest: str
    leaves_machine: bool
    reversible: bool
    proposer_kind: ActorKind
    proposer_name: str
    proposed_at: datetime
    expires_at: datetime
    snoozed_until: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    error: str | None
    reference: str | None
    executed_at: datetime | None
    attempts: int
    council_id: str | None
    sample: bool
    version: int
    why_not_decide: str | None
    """Why this person may not decide it; None when they may."""


@dataclass(frozen=True)
class AttemptRow:
    number: int
    started_at: datetime
    called_at: datetime | None
    finished_at: datetime | None
    outcome: AttemptOutcome | None
    reference: str | None
    message: str
    receipt: Mapping[str, Any] | None
    """{url, details, retry_after, …} as the connector answered."""


@dataclass(frozen=True)
class HistoryRow:
    at: datetime
    actor: str
    event: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True)
class Card:
    """Everything a decision card shows."""

    row: InboxRow
    params: Mapping[str, Any]
    plan: Plan
    rationale: str
    sources: Sequence[Mapping[str, str]]
    recommended_steps: Sequence[str]
    decision_reason: str
    decision: DecisionView | None
    verdicts: Sequence[Verdict]
    """What the guardrails say now."""
    attempts: Sequence[AttemptRow]


def read_card(session: Session, actor: Actor, action: Action, row: InboxRow, verdicts: Sequence[Verdict]) -> Card:
    return Card(
        row=row, params=action.params, plan=Plan.from_json(action.plan),
        rationale=action.rationale, sources=action.sources, recommended_steps=action.recommended_steps,
        decision_reason=action.decision_reason,
        decision=decision_view(session, actor, action.decision_id) if action.decision_id else None,
        verdicts=verdicts, attempts=_attempts(session, action.id) if action.attempts else (),
    )  # fmt: skip


def _attempts(session: Session, action_id: UUID) -> Sequence[AttemptRow]:
    found = session.scalars(select(Attempt).where(Attempt.action_id == action_id).order_by(Attempt.number))
    return [
        AttemptRow(
            one.number, one.started_at, one.called_at, one.finished_at,
            one.outcome, one.reference, one.message, one.receipt,
        )
        for one in found
    ]  # fmt: skip


def read_history(session: Session, action_id: UUID) -> Sequence[HistoryRow]:
    query = select(AuditEntry).where(AuditEntry.subject == f"action:{action_id}").order_by(AuditEntry.sequence)
    return [HistoryRow(one.at, one.actor_name, one.event, one.before, one.after) for one in session.scalars(query)]
