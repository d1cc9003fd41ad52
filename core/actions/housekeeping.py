"""What jobs do to actions: expire those that waited too long, pick up attempts that were left behind."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.actions.lifecycle import enqueue, facts
from core.actions.rules import ActionState, checked_move
from core.actions.tables import Action, Attempt
from core.actor import SYSTEM
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.engine.client import EngineClient

STRANDED_AFTER = timedelta(minutes=15)
"""Longer than any call with its timeouts: a worker that was at it has ended."""


def expire_due(uow: UnitOfWork) -> int:
    due = (
        select(Action)
        .where(Action.state == ActionState.PENDING, Action.expires_at <= uow.now)
        .order_by(Action.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    found = uow.session.scalars(due).all()
    for action in found:
        action.state = checked_move(action.state, ActionState.EXPIRED)
        action.version += 1
        if action.decision_id is not None:
            decisions.withdraw(uow, action.decision_id)
        audit.record(uow, SYSTEM, "action.expired", f"action:{action.id}", after=facts(action))
    return len(found)


def requeue_stranded(uow: UnitOfWork, engine: EngineClient) -> int:
    """An attempt can be left behind only if the engine lost it; the handler finds out what is left to do."""
    stranded = (
        select(Attempt)
        .join(Action, Action.id == Attempt.action_id)
        .where(
            Action.state.in_([ActionState.APPROVED, ActionState.EXECUTING]),
            Attempt.number == Action.attempts,
            Attempt.finished_at.is_(None),
            Attempt.started_at < uow.now - STRANDED_AFTER,
        )
    )
    found = uow.session.scalars(stranded).all()
    for attempt in found:
        enqueue(uow, engine, attempt, again=uow.now)
    return len(found)
