"""What a restored installation does with actions that were on their way: nothing, until a person has found out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core.actions.judging import Judge
from core.actions.lifecycle import facts, say_when, subject_of, write_attempt
from core.actions.receipts import close_attempt, follow
from core.actions.rules import ActionState, checked_move
from core.actions.tables import Action, Attempt
from core.actions.withdrawing import tell_origin
from core.actor import SYSTEM
from core.audit import service as audit
from core.connectors.plan import unknown
from core.database.unit_of_work import UnitOfWork
from core.engine.client import EngineClient
from core.guardrails import service as guardrails

A_TIME = 500


def hold_in_flight(uow: UnitOfWork, engine: EngineClient, judge: Judge, moment: datetime) -> int:
    """Makes every action that was approved or under way at `moment`, when the backup was taken, one that may have
    happened; answers how many, at most A_TIME. Repeat until 0.

    The installation that was lost went on after that moment. What it did then stands in no backup, so that neither
    doing these again nor leaving them out is safe: people look into the other system first.
    """
    moving = (
        select(Action)
        .where(Action.state.in_([ActionState.APPROVED, ActionState.EXECUTING]))
        .order_by(Action.id)
        .limit(A_TIME)
        .with_for_update()
    )
    found = uow.session.scalars(moving).all()
    receipt = unknown(
        f"Restored from a backup of {say_when(moment)}, when this was approved and not finished. It may have been done "
        "after the backup, so it was not done again. Look into the other system."
    )
    for action in found:
        before = facts(action)
        attempt = _newest(uow, action)
        attempt.called_at, attempt.held = attempt.called_at or uow.now, False
        close_attempt(uow, attempt, receipt)
        if action.state is ActionState.APPROVED:
            action.state = checked_move(action.state, ActionState.EXECUTING)
        follow(uow, action, receipt, repeatable=False)
        action.version += 1
        # what may have been done counts against the rates, as a call that was begun does
        guardrails.reserve(uow, judge.facts(uow.session, action, uow.now), holder=subject_of(action).name)
        tell_origin(uow, engine, action)
        audit.record(uow, SYSTEM, "action.restored", f"action:{action.id}", before=before, after=facts(action))
    return len(found)


def _newest(uow: UnitOfWork, action: Action) -> Attempt:
    """The attempt that nobody finished; between two, one that says what became of this one."""
    query = select(Attempt).where(Attempt.action_id == action.id, Attempt.number == action.attempts)
    newest = uow.session.scalar(query)
    if newest is None or newest.finished_at is not None:
        newest = write_attempt(uow, action)
    return newest
