"""What a receipt does to an attempt and its action: the end, another try, or a question for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import isfinite
from typing import Any

from sqlalchemy import select

from core.actions.rules import MAX_TRIES, ActionState, checked_move, wait_before
from core.actions.tables import Action, Attempt
from core.connectors.plan import AttemptOutcome, Receipt, rejected
from core.database.unit_of_work import UnitOfWork


def follow(uow: UnitOfWork, action: Action, receipt: Receipt, repeatable: bool) -> tuple[str, timedelta | None]:
    """Moves the action as the receipt says; answers the event's name and when to try again, if so."""
    later = receipt.outcome is AttemptOutcome.DEFERRED or (receipt.outcome is AttemptOutcome.UNKNOWN and repeatable)
    wait = wait_before(action.attempts, receipt.retry_after)
    if later and action.attempts < MAX_TRIES and uow.now + wait < action.expires_at:
        if action.state is ActionState.EXECUTING:
            action.state = checked_move(action.state, ActionState.APPROVED)
        action.error = f"{receipt.message} It is tried again in {_minutes(wait)}."
        return "action.deferred", wait
    action.reference = receipt.reference or action.reference
    match receipt.outcome:
        case AttemptOutcome.CONFIRMED:
            _move(action, ActionState.EXECUTED)
            action.executed_at, action.error = uow.now, None
            return "action.executed", None
        case AttemptOutcome.UNKNOWN:
            _move(action, ActionState.UNKNOWN)
            action.error = receipt.message
            return "action.unknown", None
        case _:
            _move(action, ActionState.FAILED)
            action.error = receipt.message
            return "action.failed", None


def confirm_late(uow: UnitOfWork, action: Action, attempt: Attempt, receipt: Receipt) -> None:
    """It was done after all: what would do it again is called off, unless its call has begun already."""
    newest = uow.session.scalars(
        select(Attempt).where(Attempt.action_id == action.id, Attempt.number == action.attempts)
    ).one()
    if action.state is ActionState.APPROVED and newest.called_at is None:
        if newest.number != attempt.number:
            close_attempt(uow, newest, rejected("An earlier attempt was confirmed late; this one was not made."))
    elif action.state not in (ActionState.UNKNOWN, ActionState.FAILED):
        return  # executed or called a second time already: the audit keeps that this attempt was confirmed too
    action.reference = receipt.reference or action.reference
    _move(action, ActionState.EXECUTED)
    action.executed_at, action.error = uow.now, None


_MOST_REFERENCE = 500

STOPPED = "stopped"
"""In a receipt's details: a rule held the call back, so nothing was tried."""


def stopped(words: str) -> Receipt:
    return rejected(words, **{STOPPED: True})


def storable(receipt: Receipt) -> Receipt:
    """The receipt as PostgreSQL can keep it: no NUL, no half of a surrogate pair, no number that is none.

    What another system answered must never be why nobody knows that it was done.
    """
    return replace(
        receipt, message=_text(receipt.message), details=_plain(receipt.details),
        reference=_text(receipt.reference)[:_MOST_REFERENCE] if receipt.reference else None,
        url=_text(receipt.url) if receipt.url else None,
    )  # fmt: skip


def close_attempt(uow: UnitOfWork, attempt: Attempt, receipt: Receipt) -> None:
    attempt.finished_at, attempt.outcome = uow.now, receipt.outcome
    attempt.reference, attempt.message, attempt.receipt = receipt.reference, receipt.message, receipt.to_json()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _text(value: object) -> str:
    return str(value).replace("\0", "").encode("utf-8", "replace").decode()


def _move(action: Action, to: ActionState) -> None:
    if action.state is not to:
        action.state = checked_move(action.state, to)


def _minutes(wait: timedelta) -> str:
    seconds = round(wait.total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"
