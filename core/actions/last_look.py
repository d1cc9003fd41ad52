"""The last look before a call, under lock: whether this very plan may begin now, later, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.actions.judging import Judge
from core.actions.rules import ASK_PEOPLE_AGAIN, ActionState
from core.actions.tables import Action, Attempt
from core.actor import SYSTEM
from core.connectors.plan import Plan
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.guardrails.rules import Stage


@dataclass(frozen=True)
class Objection:
    state: ActionState
    """Pending: it goes back to its people."""
    words: str


@dataclass(frozen=True)
class Wait:
    """The rules allow it, later."""

    until: datetime
    words: str


@dataclass(frozen=True)
class Held:
    """Not now: whoever holds it hands it to the workers again."""


Gate = Callable[[UnitOfWork, Action], "str | Held | None"]
"""Asked under lock right before a call: None lets it begin, words stop it."""


def all_of(*gates: Gate) -> Gate:
    """Lets a call begin where every one of them does; the first that does not is heard."""

    def gate(uow: UnitOfWork, action: Action) -> str | Held | None:
        return next((said for said in (one(uow, action) for one in gates) if said is not None), None)

    return gate


def open_gate(uow: UnitOfWork, action: Action) -> None:
    """Nothing holds it back."""


def objection_to(
    uow: UnitOfWork, judge: Judge, gate: Gate, action: Action, attempt: Attempt, plan: Plan
) -> Objection | Wait | Held | None:
    """Why `plan`, the very one that would be executed, must not be now.

    None if nothing speaks against it: then nobody changes the guardrails or uses up a rate until this transaction
    ends.
    """
    digest = plan.digest
    approved = decisions.is_approved(uow.session, action.decision_id, digest)
    if not approved or {action.plan_digest, attempt.plan_digest} != {digest}:
        return Objection(ActionState.FAILED, "The approval is not for this plan. Nothing was done.")
    if action.expires_at <= uow.now:
        return Objection(ActionState.EXPIRED, "It expired before it could be executed. Nothing was done.")
    held_back = gate(uow, action)
    if held_back is not None:
        return held_back if isinstance(held_back, Held) else Objection(ActionState.FAILED, held_back)
    evaluation = judge.judge(uow, SYSTEM, action, Stage.EXECUTION, hold=True)
    stop = evaluation.stop
    if stop is not None:
        back = stop.rule in ASK_PEOPLE_AGAIN
        return Objection(ActionState.PENDING if back else ActionState.FAILED, f"{stop.words} Nothing was done.")
    if evaluation.wait_until is not None:
        words = next(one.words for one in evaluation.verdicts if one.until == evaluation.wait_until)
        return Wait(evaluation.wait_until, words)
    return None
