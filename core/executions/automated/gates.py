"""Gates: where a run stops for people, an action or a time; every gate that people open is a decision of the one engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.lifecycle import lock_action
from core.actions.rules import OVER, ActionState
from core.actions.tables import Action
from core.actions.withdrawing import withdraw as withdraw_action
from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.canonical import digest as digest_of
from core.canonical import jsonable
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.executions.automated.rules import ANSWERED, DECIDED, GateKind, GateState
from core.executions.automated.tables import RunDocument, RunGate
from core.executions.automated.work import ClosedGate, GateSpec
from core.executions.tables import Execution

BY_TIME = "the clock"
"""Who closed a gate whose time had come."""

_NOT_TOLD = frozenset({GateKind.ACCEPTANCE, GateKind.START})
"""A step's document being accepted, or its being started, is no answer of the step itself."""

WITHDRAWN_WORDS = "The run that had it proposed has ended, or gone on without it. Nothing was done."


def open_gate(
    uow: UnitOfWork,
    row: Execution,
    path: str,
    generation: int,
    spec: GateSpec,
    *,
    document: RunDocument | None = None,
) -> RunGate:
    """Stops the run, whose row the caller has locked, at this gate; puts it before the people who open it.

    The digest covers what is asked and the version it is about, so that no vote or answer counts for anything else.
    An action that is over already closes its gate at once, and the worker that has the run looks again.
    """
    content = jsonable(dict(spec.content))
    gate = RunGate(
        execution_id=row.id, path=path, generation=generation, kind=spec.kind, state=GateState.OPEN,
        title=spec.title, content=content, document_id=document.id if document else None,
        action_id=spec.action_id if spec.kind is GateKind.ACTION else None,
        due_at=spec.due_at if spec.kind is GateKind.TIME else None, opened_at=uow.now,
        digest=digest_of(
            {
                "run": row.id, "kind": spec.kind, "path": path, "generation": generation, "title": spec.title,
                "content": content, "document": document.digest if document else None,
            }
        ),
    )  # fmt: skip
    uow.session.add(gate)
    uow.session.flush()
    if spec.kind in DECIDED | ANSWERED:
        gate.decision_id = decisions.open_decision(
            uow, decisions.Subject("gate", str(gate.id), gate.digest), spec.panels, proposer_id=f"run:{row.id}",
            deadline=spec.deadline if spec.kind in DECIDED else None, authors=spec.authors,
        )  # fmt: skip
    audit.record(uow, SYSTEM, "gate.opened", f"run:{row.id}", after=told(gate))
    if gate.action_id is not None:
        action = lock_action(uow, gate.action_id)
        if action.state in OVER:
            close(uow, SYSTEM, gate, ended(action), by=_who_ended(action))
            row.woken = True
    uow.session.flush()
    return gate


def withdraw_gates(uow: UnitOfWork, execution_id: UUID, *, path: str | None = None) -> None:
    """Takes back what is asked in a run that the caller has locked, or in one step of it.

    Nobody can answer any more, and an action that has not begun its call never will.
    """
    query = (
        select(RunGate)
        .where(RunGate.execution_id == execution_id, RunGate.state == GateState.OPEN)
        .order_by(RunGate.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if path is not None:
        query = query.where(RunGate.path == path)
    for gate in uow.session.scalars(query).all():
        gate.state, gate.closed_at = GateState.WITHDRAWN, uow.now
        uow.session.flush()
        if gate.decision_id is not None:
            decisions.withdraw(uow, gate.decision_id)
        if gate.action_id is not None:
            withdraw_action(uow, gate.action_id, WITHDRAWN_WORDS)
        audit.record(uow, SYSTEM, "gate.withdrawn", f"run:{execution_id}", after=told(gate))


def closed_rows(session: Session, execution_id: UUID, path: str, generation: int) -> tuple[RunGate, ...]:
    """Every gate of this step that was opened for it in this generation, oldest first."""
    query = (
        select(RunGate)
        .where(
            RunGate.execution_id == execution_id, RunGate.path == path, RunGate.generation == generation,
            RunGate.state == GateState.CLOSED,
        )
        .order_by(RunGate.closed_at, RunGate.id)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    return tuple(session.scalars(query))


def told_by(gates: Iterable[RunGate]) -> tuple[ClosedGate, ...]:
    """What the step itself was answered; its start and its document's acceptance are no answers."""
    return tuple(closed_gate(gate) for gate in gates if gate.kind not in _NOT_TOLD)


def closed_gate(gate: RunGate) -> ClosedGate:
    assert gate.closed_at is not None
    return ClosedGate(
        id=gate.id, kind=gate.kind, content=gate.content, answer=gate.answer or {},
        answered_by=gate.answered_by or "", answered_by_user=gate.answered_by_user, closed_at=gate.closed_at,
    )  # fmt: skip


def close(
    uow: UnitOfWork, actor: Actor, gate: RunGate, answer: Mapping[str, Any], *, by: str, user: UUID | None = None
) -> None:
    """Closes it for good; what becomes of the run is the caller's matter."""
    gate.state, gate.closed_at = GateState.CLOSED, uow.now
    gate.answer, gate.answered_by, gate.answered_by_user = jsonable(dict(answer)), by[:200], user
    uow.session.flush()
    event = "gate.answered" if gate.kind in ANSWERED else "gate.decided" if gate.kind in DECIDED else "gate.closed"
    kept = {"answer": digest_of(gate.answer)} if gate.kind in ANSWERED else {"result": gate.answer}
    audit.record(uow, actor, event, f"run:{gate.execution_id}", after={**told(gate), **kept, "by": by})


def told(gate: RunGate) -> dict[str, Any]:
    """What the audit keeps of a gate; contents by their digest alone."""
    return {
        "gate": str(gate.id), "kind": gate.kind.value, "path": gate.path, "generation": gate.generation,
        "title": gate.title, "digest": gate.digest,
        **({"document": str(gate.document_id)} if gate.document_id else {}),
        **({"action": str(gate.action_id)} if gate.action_id else {}),
        **({"due_at": gate.due_at} if gate.due_at else {}),
    }  # fmt: skip


def ended(action: Action) -> dict[str, Any]:
    """How an action came out, as its step is told."""
    rejected = action.state is ActionState.REJECTED
    return {
        "state": action.state.value, "reference": action.reference, "error": action.error,
        "reason": action.decision_reason if rejected else "",
    }  # fmt: skip


def by_deadline(approved: bool, when: datetime) -> dict[str, Any]:
    reason = "The ballots were counted when its time was over." if approved else "Nobody decided it in time."
    return {"approved": approved, "reason": reason, "by": BY_TIME, "at": when}


def _who_ended(action: Action) -> str:
    return action.decided_by or "Countersign"
