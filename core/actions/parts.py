"""Parts of an approved whole: each becomes an action of its own, approved as the whole was."""

from __future__ import annotations

from core.actions.lifecycle import facts, put_plan, subject_of, write_attempt
from core.actions.rules import ActionState
from core.actions.tables import Action, Attempt
from core.actor import SYSTEM
from core.audit import service as audit
from core.connectors.plan import Plan
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.decisions.policy import Policy
from core.decisions.tables import Decision
from core.engine.queues import QueueName
from core.identifiers import new_id


def take_up(uow: UnitOfWork, whole: Action, plan: Plan, *, title: str, why: str, queue: QueueName) -> Action:
    """The part as an approved action with the intent of its first attempt, which the caller executes.

    Only what `whole`, approved in its present version, covers: that `plan` is part of it is the caller's to know. The
    guardrails judge it right before its call, as everything.
    """
    decision = uow.session.get_one(Decision, whole.decision_id)
    panels = tuple(Policy.from_json(one) for one in decision.panels)
    action = Action(
        id=new_id(), operation=plan.operation, title=title[:200], body="", priority=whole.priority,
        priority_rank=whole.priority_rank, risk=whole.risk, rationale=why, sources=[], impact={},
        domains=list(whole.domains), recommended_steps=[], state=ActionState.PENDING, council_id=whole.council_id,
        automatic=whole.automatic, proposer_kind=whole.proposer_kind, proposer_id=whole.proposer_id,
        proposer_name=whole.proposer_name, proposed_at=uow.now, expires_at=whole.expires_at,
        sample=whole.sample, attempts=0, queue=queue.value, version=1,
    )  # fmt: skip
    put_plan(action, plan)
    uow.session.add(action)
    uow.session.flush()
    action.decision_id = decisions.open_decision(
        uow, subject_of(action), panels, proposer_id=whole.proposer_id, deadline=whole.expires_at
    )
    decisions.approve_as_part(
        uow, action.decision_id, digest=action.plan_digest, whole=decision.id, whole_digest=whole.plan_digest, why=why
    )
    action.state, action.decided_by, action.decided_at = ActionState.APPROVED, whole.decided_by, uow.now
    action.decision_reason = why
    write_attempt(uow, action)
    audit.record(uow, SYSTEM, "action.taken_up", f"action:{action.id}", after={**facts(action), "why": why})
    return action


def was_part(uow: UnitOfWork, action: Action) -> bool:
    """Whether it stands on the approval of a whole; what came back to people and was approved by them does not."""
    decision = uow.session.get(Decision, action.decision_id) if action.decision_id else None
    return bool(decision is not None and (decision.outcome or {}).get("part_of"))


def open_attempt(uow: UnitOfWork, action: Action) -> Attempt | None:
    """Its latest attempt, if that has not begun its call."""
    attempt = (
        uow.session.query(Attempt)
        .filter_by(action_id=action.id, number=action.attempts)
        .populate_existing()
        .one_or_none()
    )
    return attempt if attempt and attempt.finished_at is None and attempt.called_at is None else None
