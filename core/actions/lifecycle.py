"""What several commands do to an action's rows: lock one, give it a plan, queue an attempt, describe it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.actions.rules import EXECUTE_ACTION
from core.actions.tables import Action, Attempt
from core.connectors.plan import Plan
from core.correlation import current_request
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.errors import NotFound


def lock_action(uow: UnitOfWork, action_id: UUID) -> Action:
    """The action, which nobody else changes until this transaction ends."""
    query = select(Action).where(Action.id == action_id).with_for_update().execution_options(populate_existing=True)
    action = uow.session.scalar(query)
    if action is None:
        raise NotFound(kind="action", id=action_id)
    return action


def subject_of(action: Action) -> decisions.Subject:
    """As decisions, records and the audit chain name it."""
    return decisions.Subject("action", str(action.id), action.plan_digest)


def put_plan(action: Action, plan: Plan) -> None:
    """Makes `plan` what is decided on; parameters are kept as they were checked."""
    action.params = dict(plan.request)
    action.plan, action.plan_digest = plan.to_json(), plan.digest
    action.leaves_machine = plan.leaves_machine


def begin_attempt(uow: UnitOfWork, engine: EngineClient, action: Action, *, after: timedelta = timedelta(0)) -> None:
    """Writes the intent and queues it, in this transaction, to be done `after` a while at the earliest.

    The key names action and plan, so that every attempt on one plan is the same request to the outside system.
    """
    enqueue(uow, engine, write_attempt(uow, action, after=after), action.queue, after=after)


def write_attempt(uow: UnitOfWork, action: Action, *, after: timedelta = timedelta(0)) -> Attempt:
    """The intent alone, for whoever executes it in this very piece of work."""
    action.attempts += 1
    attempt = Attempt(
        action_id=action.id, number=action.attempts, key=f"{action.id}:{action.plan_digest[:16]}",
        plan_digest=action.plan_digest, started_at=uow.now + after, message="", request_id=current_request(),
    )  # fmt: skip
    uow.session.add(attempt)
    return attempt


def enqueue(
    uow: UnitOfWork,
    engine: EngineClient,
    attempt: Attempt,
    queue: str,
    *,
    after: timedelta = timedelta(0),
    again: datetime | None = None,
) -> None:
    """Hands the attempt to the workers; `again` when it was handed over before and nobody finished it."""
    work_id = f"action:{attempt.action_id}:{attempt.number}"
    if again is not None:
        work_id += f":{int(again.timestamp())}"
    engine.enqueue(
        uow, QueueName(queue), EXECUTE_ACTION, str(attempt.action_id), attempt.number,
        work_id=work_id, after_seconds=after.total_seconds(),
    )  # fmt: skip


def facts(action: Action) -> dict[str, Any]:
    """What the audit keeps of an action's state."""
    return {
        "state": action.state.value, "title": action.title, "plan_digest": action.plan_digest,
        "summary": action.plan["summary"], "attempts": action.attempts,
        **({"error": action.error} if action.error else {}),
    }  # fmt: skip


def say_when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d at %H:%M:%S UTC")
