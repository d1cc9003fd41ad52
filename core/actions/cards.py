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
from core.connectors.plan import AttemptOutcome, Change, Plan, differences
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
    """The council that the proposer asked for."""
    councils: tuple[str, ...]
    """The ids of the councils before which it is; empty: any one operator or admin decides."""
    council_names: tuple[str, ...]
    amount: tuple[Decimal, str] | None
    """The sum it moves, or else the revenue its proposer expects: value and currency."""
    undo_of: UUID | None
    origin: Mapping[str, Any] | None
    """{kind, id, path, title, run, …} of the run whose step had it proposed."""
    automatic: bool
    sample: bool
    version: int
    why_not_decide: str | None
    """Why this person may not decide it; None when they may."""

    @property
    def waiting_since(self) -> datetime:
        return self.proposed_at


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
    request_id: str | None = None
    """What had it begun, as in the logs and the audit."""


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
    previous: Plan | None
    """The plan that was decided on before an edit or a drift."""
    differences: tuple[Change, ...]
    """What the plan does differently from `previous`."""
    drift: tuple[Change, ...]
    """What had moved in the other system when it came back from execution: as approved, as found."""
    can_undo: bool
    undone_by: UUID | None
    """The card that undoes this one, if there is one that is not over."""


@dataclass(frozen=True)
class Unconfirmed:
    """An effect that may have happened, with what it takes to find out."""

    id: UUID
    title: str
    operation: str
    plan: Plan
    error: str
    key: str
    """The idempotency key that the other system was given."""
    reference: str | None
    called_at: datetime | None
    attempts: int
    approved_by: str | None
    approved_at: datetime | None
    expires_at: datetime
    hint: str
    """Where to look, and for what."""


@dataclass(frozen=True)
class Resolved:
    """What a person found out about an effect that nobody could confirm."""

    action_id: UUID
    title: str
    at: datetime
    by: str
    happened: bool
    evidence: str


def resolved(entry: AuditEntry) -> Resolved:
    after = entry.after or {}
    return Resolved(
        action_id=UUID(entry.subject.partition(":")[2]), title=str(after.get("title", "")), at=entry.at,
        by=entry.actor_name, happened=after.get("state") == ActionState.EXECUTED.value,
        evidence=str(after.get("evidence", "")),
    )  # fmt: skip


def read_card(
    session: Session,
    actor: Actor,
    action: Action,
    row: InboxRow,
    verdicts: Sequence[Verdict],
    *,
    can_undo: bool,
    now: datetime,
) -> Card:
    plan = Plan.from_json(action.plan)
    previous = Plan.from_json(action.previous_plan) if action.previous_plan else None
    return Card(
        row=row, params=action.params, plan=plan,
        rationale=action.rationale, sources=action.sources, recommended_steps=action.recommended_steps,
        decision_reason=action.decision_reason,
        decision=decision_view(session, actor, action.decision_id, now=now) if action.decision_id else None,
        verdicts=verdicts, attempts=_attempts(session, action.id) if action.attempts else (),
        previous=previous, differences=differences(previous, plan) if previous else (),
        drift=tuple(Change(**one) for one in action.drift or ()),
        can_undo=can_undo, undone_by=_undone_by(session, action.id),
    )  # fmt: skip


def _undone_by(session: Session, action_id: UUID) -> UUID | None:
    over = (ActionState.REJECTED, ActionState.EXPIRED, ActionState.FAILED)
    return session.scalar(select(Action.id).where(Action.undo_of == action_id, Action.state.not_in(over)))


def _attempts(session: Session, action_id: UUID) -> Sequence[AttemptRow]:
    found = session.scalars(select(Attempt).where(Attempt.action_id == action_id).order_by(Attempt.number))
    return [
        AttemptRow(
            one.number, one.started_at, one.called_at, one.finished_at,
            one.outcome, one.reference, one.message, one.receipt, one.request_id,
        )
        for one in found
    ]  # fmt: skip


def read_history(session: Session, action_id: UUID) -> Sequence[HistoryRow]:
    query = select(AuditEntry).where(AuditEntry.subject == f"action:{action_id}").order_by(AuditEntry.sequence)
    return [HistoryRow(one.at, one.actor_name, one.event, one.before, one.after) for one in session.scalars(query)]
