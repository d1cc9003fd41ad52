"""Reading gates: one with everything it asks, those of a run, and those that wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.decisions.tables import Decision
from core.decisions.views import DecisionView, decision_view
from core.decisions.waiting import may_read, waits_for
from core.errors import NotFound
from core.executions.automated.gate_views import (
    GateRow,
    GateView,
    action_of,
    document_of,
    named_documents,
    nobody_can,
)
from core.executions.automated.rules import GateState
from core.executions.automated.run_rows import visible
from core.executions.automated.tables import RunGate, RunNode
from core.executions.rules import ENDED, ExecutionState
from core.executions.tables import Execution


class GateQueries:
    """Whoever may see a run sees its gates; whoever is asked at one sees that one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def gate(self, actor: Actor, gate_id: UUID) -> GateView:
        with self._database.reading() as session:
            now = self._database.clock.now()
            found = session.execute(_rows(waits_for(session, actor, now)).where(
                RunGate.id == gate_id, _readable(session, actor)
            )).first()  # fmt: skip
            if found is None:
                raise NotFound(kind="gate", id=gate_id)
            gate: RunGate = found[0]
            view = decision_view(session, actor, gate.decision_id, now=now) if gate.decision_id else None
            node = session.get(RunNode, (gate.execution_id, gate.path))
            return GateView(
                row=_row(found), step_title=node.title if node else gate.title, content=gate.content,
                answer=gate.answer, document=document_of(session, gate.document_id),
                others=named_documents(session, gate), decision=view, action=action_of(session, gate.action_id),
                why_not=_why_not(found.state, gate, view),
                may_see_run=session.scalar(_seen(actor, gate.execution_id)) is not None,
                waits_visibly=nobody_can(session, view),
            )  # fmt: skip

    def of_run(self, actor: Actor, run_id: UUID, *, only_open: bool = False) -> Sequence[GateRow]:
        """The gates of one run, open ones first, then the latest; NotFound if there is no such run for this person."""
        with self._database.reading() as session:
            now = self._database.clock.now()
            query = _rows(waits_for(session, actor, now)).where(
                RunGate.execution_id == run_id, _readable(session, actor)
            )
            if only_open:
                query = query.where(RunGate.state == GateState.OPEN)
            order = ((RunGate.state == GateState.OPEN).desc(), RunGate.opened_at.desc(), RunGate.id)
            rows = [_row(one) for one in session.execute(query.order_by(*order).limit(1_000))]
            if not rows and session.scalar(_seen(actor, run_id)) is None:
                raise NotFound(kind="run", id=run_id)
            return rows

    def waiting(self, actor: Actor, *, limit: int = 50, offset: int = 0) -> tuple[Sequence[GateRow], int]:
        """One page of what waits for this person's answer or vote, longest first, and how many there are."""
        with self._database.reading() as session:
            mine = waits_for(session, actor, self._database.clock.now())
            query = _rows(mine).where(mine, *_live()).order_by(RunGate.opened_at, RunGate.id)
            rows = [_row(one) for one in session.execute(query.offset(offset).limit(limit))]
            return rows, _count(session, mine)

    def waiting_count(self, actor: Actor) -> int:
        with self._database.reading() as session:
            return _count(session, waits_for(session, actor, self._database.clock.now()))


def may_see(session: Session, actor: Actor, row: Execution, gate: RunGate) -> bool:
    """Whether this person may see the gate at all."""
    query = (
        select(RunGate.id)
        .join(Execution, Execution.id == RunGate.execution_id)
        .outerjoin(Decision, Decision.id == RunGate.decision_id)
        .where(RunGate.id == gate.id, _readable(session, actor))
    )
    return session.scalar(query) is not None


def _rows(mine: ColumnElement[bool]) -> Select[RunGate, str, bool, ExecutionState, Any, bool]:
    return (
        select(
            RunGate, WorkflowRevision.title.label("run_title"), Execution.paused, Execution.state,
            Decision.deadline.label("deadline"), and_(mine, *_live()).label("mine"),
        )
        .join(Execution, Execution.id == RunGate.execution_id)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .outerjoin(Decision, Decision.id == RunGate.decision_id)
    )  # fmt: skip


def _live() -> tuple[ColumnElement[bool], ...]:
    return (RunGate.state == GateState.OPEN, Execution.state.not_in(ENDED))


def _readable(session: Session, actor: Actor) -> ColumnElement[bool]:
    asked = and_(RunGate.decision_id.is_not(None), may_read(session, actor))
    return or_(visible(actor), asked)


def _seen(actor: Actor, run_id: UUID) -> Select[UUID]:
    """The run's id, if this person may see all of it."""
    return select(Execution.id).where(Execution.id == run_id, visible(actor))


def _count(session: Session, mine: ColumnElement[bool]) -> int:
    query = (
        select(func.count())
        .select_from(RunGate)
        .join(Execution, Execution.id == RunGate.execution_id)
        .join(Decision, Decision.id == RunGate.decision_id)
        .where(mine, *_live())
    )
    return session.scalar(query) or 0


def _row(found: Row[Any]) -> GateRow:
    gate: RunGate = found[0]
    return GateRow(
        id=gate.id, run_id=gate.execution_id, run_title=found.run_title, paused=found.paused, path=gate.path,
        kind=gate.kind, state=gate.state, title=gate.title, opened_at=gate.opened_at, due_at=gate.due_at,
        deadline=found.deadline, decision_id=gate.decision_id, action_id=gate.action_id, digest=gate.digest,
        answered_by=gate.answered_by, closed_at=gate.closed_at, mine=bool(found.mine),
    )  # fmt: skip


def _why_not(run: Any, gate: RunGate, decision: DecisionView | None) -> str | None:
    if gate.state is GateState.CLOSED:
        return f"{gate.answered_by} was first."
    if gate.state is GateState.WITHDRAWN or run in ENDED:
        return "its run has gone on without it."
    return decision.why_not_vote if decision is not None else "nobody answers it by hand."
