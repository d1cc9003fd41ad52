"""Taking back an action that nobody needs any more, and telling whoever had it proposed how it ended."""

from __future__ import annotations

from uuid import UUID

from core.actions.lifecycle import facts, lock_action
from core.actions.parts import open_attempt
from core.actions.receipts import close_attempt, stopped
from core.actions.rules import ACTION_ENDED, OVER, ActionState, checked_move
from core.actions.tables import Action
from core.actor import SYSTEM
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.engine.client import EngineClient
from core.engine.queues import QueueName


def withdraw(uow: UnitOfWork, action_id: UUID, why: str) -> Action:
    """Ends it if nothing was done yet: a card that waits, or an approved plan whose call has not begun.

    A call that has begun is left alone: what came of it is a fact.
    """
    action = lock_action(uow, action_id)
    if action.state is ActionState.APPROVED:
        attempt = open_attempt(uow, action)
        if attempt is None:
            return action
        close_attempt(uow, attempt, stopped(why))
        action.state = checked_move(action.state, ActionState.FAILED)
    elif action.state is ActionState.PENDING:
        action.state = checked_move(action.state, ActionState.EXPIRED)
        if action.decision_id is not None:
            decisions.withdraw(uow, action.decision_id)
    else:
        return action
    action.error = why
    action.version += 1
    audit.record(uow, SYSTEM, "action.withdrawn", f"action:{action.id}", after=facts(action))
    return action


def tell_origin(uow: UnitOfWork, engine: EngineClient, action: Action) -> None:
    """Has a worker tell the run that had it proposed, once it is over.

    As work of its own, because that locks the run before the action, and here the action is locked already.
    """
    if action.origin is None or action.state not in OVER:
        return
    engine.enqueue(uow, QueueName.RUNS, ACTION_ENDED, str(action.id), work_id=f"ended:{action.id}:{action.version}")
