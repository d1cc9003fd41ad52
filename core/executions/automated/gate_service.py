"""What people and the clock do at gates: answer, vote, and let pass what is due; each under the run's own lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from core.actions.lifecycle import lock_action
from core.actions.rules import OVER
from core.actions.tables import Action
from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.decisions import service as decisions
from core.decisions.rules import DecisionState, Vote
from core.decisions.tables import Decision
from core.engine.client import EngineClient
from core.errors import CountersignError, InvalidInput, NotFound
from core.executions.automated.answers import HOW_IT_OPENS, checked_answer, must_be_answered
from core.executions.automated.gate_queries import may_see
from core.executions.automated.gates import BY_TIME, by_deadline, close, ended, told
from core.executions.automated.progress import touch
from core.executions.automated.rules import DECIDED, GateChanged, GateClosed, GateKind, GateState
from core.executions.automated.tables import RunDocument, RunGate
from core.executions.automated.waking import wake
from core.executions.rules import ENDED, ExecutionState, RunEnded, move
from core.executions.tables import Execution

log = structlog.get_logger(__name__)

T = TypeVar("T")
MOST_AT_ONCE = 500


class GateNotDecided(CountersignError):
    """{what} Nothing was counted."""

    http_status = 409


class GateWithdrawn(CountersignError):
    """This is not asked any more: its run has gone on without it. Nothing was changed."""

    http_status = 409


class GateNeedsOthers(CountersignError):
    """One answer does not open this; others have a say as well. Nothing was saved."""

    http_status = 409


class GateService:
    """Locks the run, then the gate, then its decision or action, always in this order."""

    def __init__(self, database: Database, engine: EngineClient) -> None:
        self._database, self._engine = database, engine

    def answer(self, actor: Actor, gate_id: UUID, answer: Mapping[str, Any], *, digest: str) -> None:
        """Answers what this gate asks in the version `digest`, and lets the run go on, in one transaction.

        Whoever may vote on its decision may answer; the answer is the deciding ballot. GateClosed names who was first.
        """
        with self._database.begin() as uow:
            self.answer_in(uow, actor, gate_id, answer, digest=digest)

    def answer_in(
        self, uow: UnitOfWork, actor: Actor, gate_id: UUID, answer: Mapping[str, Any], *, digest: str
    ) -> None:
        """As `answer`, as part of a transaction of somebody else's."""
        row, gate = _open_for(uow, actor, gate_id)
        must_be_answered(gate.kind)
        if gate.digest != digest:
            raise GateChanged()
        assert gate.decision_id is not None
        decisions.must_vote(uow, actor, gate.decision_id)
        kept = checked_answer(gate.kind, gate.content, answer)
        state = decisions.cast(uow, actor, gate.decision_id, digest=digest, vote=Vote.APPROVE)
        if state is not DecisionState.APPROVED:
            raise GateNeedsOthers()
        close(uow, actor, gate, kept, by=actor.name, user=actor.user_id)
        self._go_on(uow, row)

    def must_answer(self, uow: UnitOfWork, actor: Actor, gate_id: UUID) -> RunGate:
        """The gate, locked, if this person may answer it now; refuses as `answer` would."""
        _, gate = _open_for(uow, actor, gate_id)
        must_be_answered(gate.kind)
        assert gate.decision_id is not None
        decisions.must_vote(uow, actor, gate.decision_id)
        return gate

    def vote(
        self,
        actor: Actor,
        gate_id: UUID,
        *,
        digest: str,
        vote: Vote,
        reason: str = "",
        checklist: Mapping[str, str] | None = None,
    ) -> GateState:
        """Counts a vote on the version `digest`; the deciding one closes the gate. An acceptance pins the document."""
        if vote is Vote.REJECT and not reason.strip():
            raise InvalidInput(field="Reason", problem="say why; whoever wrote it learns from it.")
        with self._database.begin() as uow:
            row, gate = _open_for(uow, actor, gate_id)
            if gate.kind not in DECIDED:
                raise GateNotDecided(what=HOW_IT_OPENS[gate.kind])
            if gate.digest != digest:
                raise GateChanged()
            assert gate.decision_id is not None
            state = decisions.cast(
                uow, actor, gate.decision_id, digest=digest, vote=vote, reason=reason, checklist=checklist
            )
            if state is DecisionState.OPEN:
                audit.record(uow, actor, "gate.voted", f"run:{row.id}", after={**told(gate), "vote": vote})
                return gate.state
            approved = state is DecisionState.APPROVED
            result = {"approved": approved, "reason": reason.strip(), "by": actor.name}
            self._decide(uow, actor, row, gate, result, by=actor.name)
            return gate.state

    def action_ended(self, action_id: UUID) -> bool:
        """Closes the gate that waits for this action, if the action is over; a second telling finds it closed."""
        with self._database.begin() as uow:
            gate_id = uow.session.scalar(
                select(RunGate.id).where(RunGate.action_id == action_id, RunGate.state == GateState.OPEN)
            )
            row, gate = _locked(uow, gate_id) if gate_id is not None else (None, None)
            if row is None or gate is None or gate.state is not GateState.OPEN or row.state in ENDED:
                return False
            action = lock_action(uow, action_id)
            if action.state not in OVER:
                return False
            close(uow, SYSTEM, gate, ended(action), by=action.decided_by or "Countersign")
            self._go_on(uow, row)
            return True

    def close_due(self) -> int:
        """Opens the way for what has waited long enough, closes what nobody decided in time; answers how many gates.

        Also tells runs of actions that ended, should the work that does so have been lost.
        """
        now = self._database.clock.now()
        waits = and_(RunGate.kind == GateKind.TIME, RunGate.due_at <= now)
        late = and_(RunGate.decision_id.is_not(None), Decision.state == DecisionState.OPEN, Decision.deadline <= now)
        closed = sum(self._in_turn(gate_id, self._time_has_come) for gate_id in self._open_where(waits))
        closed += sum(self._in_turn(gate_id, self._deadline_passed) for gate_id in self._open_where(late))
        with self._database.reading() as session:
            over = session.scalars(
                select(Action.id)
                .join(RunGate, RunGate.action_id == Action.id)
                .where(RunGate.state == GateState.OPEN, Action.state.in_(OVER))
                .limit(MOST_AT_ONCE)
            ).all()
        return closed + sum(self.action_ended(action_id) for action_id in over)

    def _open_where(self, condition: ColumnElement[bool]) -> list[UUID]:
        query = (
            select(RunGate.id)
            .outerjoin(Decision, Decision.id == RunGate.decision_id)
            .where(RunGate.state == GateState.OPEN, condition)
            .order_by(RunGate.due_at, RunGate.id)
            .limit(MOST_AT_ONCE)
        )
        with self._database.reading() as session:
            return list(session.scalars(query))

    def _in_turn(self, gate_id: UUID, act: Callable[[UnitOfWork, Execution, RunGate], bool]) -> bool:
        try:
            with self._database.begin() as uow:
                row, gate = _locked(uow, gate_id)
                return gate.state is GateState.OPEN and row.state not in ENDED and act(uow, row, gate)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # a loop's edge: what is wrong with one gate must not keep all others shut
            log.exception("gate.not_closed", gate=str(gate_id))
            return False

    def _time_has_come(self, uow: UnitOfWork, row: Execution, gate: RunGate) -> bool:
        if gate.due_at is None or gate.due_at > uow.now:
            return False
        close(uow, SYSTEM, gate, {"at": uow.now}, by=BY_TIME)
        self._go_on(uow, row)
        return True

    def _deadline_passed(self, uow: UnitOfWork, row: Execution, gate: RunGate) -> bool:
        assert gate.decision_id is not None
        state, _ = decisions.pass_deadline(uow, gate.decision_id)
        if state is DecisionState.OPEN:
            return False  # admins are asked too, for as long again
        self._decide(uow, SYSTEM, row, gate, by_deadline(state is DecisionState.APPROVED, uow.now), by=BY_TIME)
        return True

    def _decide(
        self, uow: UnitOfWork, actor: Actor, row: Execution, gate: RunGate, result: Mapping[str, Any], *, by: str
    ) -> None:
        if gate.kind is GateKind.ACCEPTANCE and result["approved"]:
            document = uow.session.get_one(RunDocument, gate.document_id)
            document.accepted_at, document.accepted_by = uow.now, by[:200]
        close(uow, actor, gate, result, by=by, user=actor.user_id)
        self._go_on(uow, row)

    def _go_on(self, uow: UnitOfWork, row: Execution) -> None:
        row.state = move(row.state, ExecutionState.IN_PROGRESS)
        touch(uow, row, row.timer_kind)
        wake(uow, self._engine, row)


def _locked(uow: UnitOfWork, gate_id: UUID) -> tuple[Execution, RunGate]:
    """The run and then the gate, both locked."""
    execution_id = uow.session.scalar(select(RunGate.execution_id).where(RunGate.id == gate_id))
    row = _lock(uow.session, Execution, execution_id) if execution_id else None
    gate = _lock(uow.session, RunGate, gate_id) if row else None
    if row is None or gate is None:
        raise NotFound(kind="gate", id=gate_id)
    return row, gate


def _lock(session: Session, table: type[T], key: UUID) -> T | None:
    return session.get(table, key, with_for_update=True, populate_existing=True)


def _open_for(uow: UnitOfWork, actor: Actor, gate_id: UUID) -> tuple[Execution, RunGate]:
    """The run and its gate, locked, if this person may see it and it is open still."""
    row, gate = _locked(uow, gate_id)
    if not may_see(uow.session, actor, row, gate):
        raise NotFound(kind="gate", id=gate_id)
    if row.state in ENDED:
        raise RunEnded(state=row.state.replace("_", " "))
    if gate.state is GateState.WITHDRAWN:
        raise GateWithdrawn()
    if gate.state is GateState.CLOSED:
        raise GateClosed(who=gate.answered_by)
    return row, gate
