"""What jobs do to actions: end those whose deadline has passed, pick up attempts that were left behind."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.actions.judging import Judge
from core.actions.lifecycle import begin_attempt, enqueue, facts
from core.actions.rules import ActionState, checked_move
from core.actions.tables import Action, Attempt
from core.actions.withdrawing import tell_origin
from core.actor import SYSTEM
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.decisions.rules import DecisionState
from core.engine.client import EngineClient
from core.guardrails.rules import Stage

BY_DEADLINE = "the count at the deadline"
"""Who decided a card whose council was counted when its time was over."""

STRANDED_AFTER = timedelta(minutes=15)
"""Longer than any call with its timeouts: a worker that was at it has ended."""


TIME_TO_EXECUTE = timedelta(hours=1)
"""What a council that is counted at the deadline leaves for carrying its approval out."""


def expire_due(uow: UnitOfWork, engine: EngineClient, judge: Judge) -> int:
    """The policy says what a deadline means: rejected, expired, asked of admins too, or counted as it stands."""
    due = (
        select(Action)
        .where(Action.state == ActionState.PENDING, Action.expires_at <= uow.now)
        .order_by(Action.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    found = uow.session.scalars(due).all()
    for action in found:
        assert action.decision_id is not None
        state, deadline = decisions.pass_deadline(uow, action.decision_id)
        action.version += 1
        match state:
            case DecisionState.OPEN if deadline is not None and deadline > uow.now:
                action.expires_at = deadline
                event = "action.escalated"
            case DecisionState.APPROVED:
                event = _approve_at_deadline(uow, engine, judge, action)
            case DecisionState.REJECTED:
                action.state = checked_move(action.state, ActionState.REJECTED)
                action.decided_by, action.decided_at = BY_DEADLINE, uow.now
                action.decision_reason = "Its deadline passed without an approval."
                event = "action.rejected"
            case _:
                event = _expire(action)
        tell_origin(uow, engine, action)
        audit.record(uow, SYSTEM, event, f"action:{action.id}", after=facts(action))
    return len(found)


def _approve_at_deadline(uow: UnitOfWork, engine: EngineClient, judge: Judge, action: Action) -> str:
    """Enough took part and more approve than reject; the guardrails have their say as with any approval."""
    action.expires_at = uow.now + TIME_TO_EXECUTE
    if judge.judge(uow, SYSTEM, action, Stage.APPROVAL).stop is not None:
        action.expires_at = uow.now
        return _expire(action)
    action.state = checked_move(action.state, ActionState.APPROVED)
    action.decided_by, action.decided_at = BY_DEADLINE, uow.now
    begin_attempt(uow, engine, action)
    return "action.approved"


def _expire(action: Action) -> str:
    action.state = checked_move(action.state, ActionState.EXPIRED)
    return "action.expired"


def requeue_stranded(uow: UnitOfWork, engine: EngineClient) -> int:
    """An attempt can be left behind only if the engine lost it; the handler finds out what is left to do."""
    stranded = (
        select(Attempt, Action.queue)
        .join(Action, Action.id == Attempt.action_id)
        .where(
            Action.state.in_([ActionState.APPROVED, ActionState.EXECUTING]),
            Attempt.number == Action.attempts,
            Attempt.finished_at.is_(None),
            Attempt.held.is_(False),
            Attempt.started_at < uow.now - STRANDED_AFTER,
        )
    )
    found = uow.session.execute(stranded).all()
    for attempt, queue in found:
        enqueue(uow, engine, attempt, queue, again=uow.now)
    return len(found)
