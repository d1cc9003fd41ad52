"""Whether an action that a run had proposed may begin its call: only while the run waits for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.actions.last_look import Held
from core.actions.rules import ActionState
from core.actions.tables import Action
from core.database.unit_of_work import UnitOfWork
from core.executions.automated.gates import WITHDRAWN_WORDS
from core.executions.automated.rules import GateState
from core.executions.automated.tables import RunGate, RunNode
from core.executions.rules import ENDED
from core.executions.steps.action import action_id
from core.executions.tables import Execution
from core.identifiers import parse_id

HAPPENED_WORDS = "An earlier try of this step happened after all. Nothing was done a second time."


def may_begin(uow: UnitOfWork, action: Action) -> str | Held | None:
    """The last look's gate (core/actions/last_look.py) for actions of runs; anything missing means no.

    Nothing is locked here: whoever takes the gate back locks the action after it, so either finds what the other did.
    """
    origin = action.origin
    if origin is None or origin.get("kind") != "run":
        return None
    run_id = parse_id(origin.get("id"))
    state = uow.session.scalar(select(Execution.state).where(Execution.id == run_id)) if run_id else None
    if run_id is None or state is None or state in ENDED:
        return WITHDRAWN_WORDS
    gates = select(RunGate.state).where(RunGate.action_id == action.id, RunGate.execution_id == run_id)
    found = set(uow.session.scalars(gates))
    if _happened_before(uow, action, run_id):
        return HAPPENED_WORDS
    if found:
        return None if GateState.OPEN in found else WITHDRAWN_WORDS
    # Approved by the guardrails before the run stopped at its gate: the step must still be at that very attempt.
    return None if _generation(uow, run_id, origin.get("path")) == origin.get("generation") else WITHDRAWN_WORDS


def _happened_before(uow: UnitOfWork, action: Action, run_id: UUID) -> bool:
    """Whether an earlier try of this step did the same after all: its receipt came when this one stood before people."""
    origin = action.origin or {}
    earlier = [action_id(run_id, str(origin.get("path")), one) for one in range(1, int(origin.get("generation", 1)))]
    query = select(Action.origin["asked"].astext).where(Action.id.in_(earlier), Action.state == ActionState.EXECUTED)
    return bool(earlier) and origin.get("asked") in set(uow.session.scalars(query))


def _generation(uow: UnitOfWork, run_id: UUID, path: object) -> int | None:
    query = select(RunNode.generation).where(RunNode.execution_id == run_id, RunNode.path == str(path))
    return uow.session.scalar(query)
