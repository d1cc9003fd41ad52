"""Executing an approved plan: look again, say that the call begins, call, write the receipt; each safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import UUID

import structlog
from sqlalchemy import CursorResult, select, update

from core.actions.judging import Judge
from core.actions.last_look import Gate, Held, Objection, Wait, objection_to, open_gate
from core.actions.lifecycle import begin_attempt, enqueue, facts, lock_action, put_plan, say_when, subject_of
from core.actions.receipts import close_attempt, confirm_late, follow, stopped, storable
from core.actions.rules import ActionState, checked_move
from core.actions.tables import Action, Attempt
from core.actions.withdrawing import tell_origin
from core.actor import SYSTEM
from core.audit import service as audit
from core.canonical import jsonable
from core.connectors.plan import AttemptOutcome, DriftFound, Plan, Receipt, deferred, rejected, unknown
from core.connectors.protocol import AnyOperation, Unreachable
from core.connectors.registry import Connectors
from core.database.lasting import lasting
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.engine.steps import Steps
from core.errors import CountersignError, NotFound
from core.guardrails import service as guardrails
from core.guardrails.rules import Stage
from core.settings import Settings

log = structlog.get_logger(__name__)

_IN_FLIGHT = (ActionState.APPROVED, ActionState.EXECUTING)


@dataclass(frozen=True)
class _Work:
    """One attempt as it was found."""

    plan: Plan
    key: str
    called: bool
    """The call was begun before, by a worker that did not live to write the receipt."""


class ActionExecution:
    """The handler of approved actions.

    It keeps its progress in the attempt's row, not in the engine's steps: `called_at` is set in the same transaction
    that checks everything for the last time, so a second run knows whether the call may have happened.
    """

    def __init__(
        self,
        database: Database,
        engine: EngineClient,
        connectors: Connectors,
        settings: Settings,
        gate: Gate = open_gate,
        look_again: Callable[[UUID], None] = lambda action: None,
    ) -> None:
        """`look_again` withdraws an action whose reason is gone; it may ask outside systems, so no lock is held."""
        self._gate, self._look_again = gate, look_again
        self._database, self._engine, self._connectors = database, engine, connectors
        self._judge = Judge(connectors, settings, database.clock)

    def execute_action(self, steps: Steps, action_id: str, attempt_number: int) -> str | None:
        """Executes one attempt; answers the action's state, or None when there was nothing left to do."""
        found, number = UUID(action_id), int(attempt_number)
        work = lasting(lambda: self._look(found, number))
        if work is None:
            return None
        try:
            operation = self._connectors.operation(work.plan.operation)
        except NotFound as gone:
            return self._finish(found, number, rejected(f"{gone} Nothing was done."))
        if not work.called:
            try:
                self._look_again(found)
                drift = operation.drift(work.plan)
                fresh = self._connectors.plan(work.plan.operation, work.plan.request) if drift else None
            except Unreachable as problem:
                return self._finish(found, number, deferred(str(problem)))
            except CountersignError as problem:  # what was planned cannot even be planned any more
                return self._finish(found, number, rejected(str(problem)))
            except Exception:  # a fault in a connector: the card must not wait for ever
                log.exception("action.check_failed", operation=operation.name)
                words = "It could not be checked against the system; the worker's log has the reason. Nothing was done."
                return self._finish(found, number, rejected(words))
            if drift and fresh:
                return lasting(lambda: self._return_for_review(found, number, drift, fresh))
        call = lasting(lambda: self._begin(found, number, operation, work.plan))
        if call is None:
            return None
        receipt = storable(self._call(operation, work) if call else self._read_back(operation, work))
        state = self._finish(found, number, receipt, repeatable=operation.repeatable_for(work.plan))
        self._connectors.accounts.used(work.plan.request.get("account"), receipt)
        return state

    # -- before the call ------------------------------------------------------------------------------------------

    def _look(self, action_id: UUID, number: int) -> _Work | None:
        """What there is to do; whether it may be done is asked last, in `_begin`."""
        query = (
            select(Action.plan, Attempt.key, Attempt.called_at)
            .join(Attempt, Attempt.action_id == Action.id)
            .where(
                Action.id == action_id, Attempt.number == number,
                Attempt.finished_at.is_(None), Action.state.in_(_IN_FLIGHT),
            )
        )  # fmt: skip
        with self._database.reading() as session:
            row = session.execute(query).first()
        return _Work(Plan.from_json(row.plan), row.key, called=row.called_at is not None) if row else None

    def _begin(self, action_id: UUID, number: int, operation: AnyOperation, plan: Plan) -> bool | None:
        """The last look, and the mark that the call begins, in one transaction.

        True: call now. False: it may have been called before, only read back. None: nothing to do any more.
        """
        with self._database.begin() as uow:
            action, attempt = _rows(uow, action_id, number)
            if attempt.finished_at is not None or action.state not in _IN_FLIGHT:
                return None
            objection = objection_to(uow, self._judge, self._gate, action, attempt, plan)
            if attempt.called_at is not None:
                return operation.repeatable_for(plan) and objection is None
            match objection:
                case Objection():
                    self._stop(uow, action, attempt, objection)
                    return None
                case Wait():
                    self._put_off(uow, action, attempt, objection)
                    return None
                case Held():
                    attempt.held = True
                    return None
            marked = uow.session.execute(
                update(Attempt)
                .where(Attempt.id == attempt.id, Attempt.called_at.is_(None))
                .values(called_at=uow.now)
                .execution_options(synchronize_session=False)
            )
            assert isinstance(marked, CursorResult)
            if marked.rowcount != 1:
                return False
            guardrails.reserve(uow, self._judge.facts(uow.session, action, uow.now), holder=subject_of(action).name)
            if action.state is not ActionState.EXECUTING:
                action.state = checked_move(action.state, ActionState.EXECUTING)
            return True

    def _stop(self, uow: UnitOfWork, action: Action, attempt: Attempt, objection: Objection) -> None:
        close_attempt(uow, attempt, stopped(objection.words))
        action.state, action.error = checked_move(action.state, objection.state), objection.words
        action.version += 1
        if action.state is ActionState.PENDING:
            self._judge.reopen(uow, SYSTEM, action)
        tell_origin(uow, self._engine, action)
        audit.record(uow, SYSTEM, "action.stopped", f"action:{action.id}", after=facts(action))

    def _put_off(self, uow: UnitOfWork, action: Action, attempt: Attempt, wait: Wait) -> None:
        """The same attempt later: nothing was tried, so nothing is counted as a try."""
        words = f"{wait.words} It goes on {say_when(wait.until)}."
        if action.error != words:
            action.error = words
            action.version += 1
            audit.record(uow, SYSTEM, "action.put_off", f"action:{action.id}", after=facts(action))
        attempt.started_at = wait.until
        enqueue(uow, self._engine, attempt, action.queue, after=wait.until - uow.now, again=wait.until)

    def _return_for_review(self, action_id: UUID, number: int, drift: DriftFound, fresh: Plan) -> str | None:
        """The world moved: the card goes back to its people, with the plan as it would be now."""
        with self._database.begin() as uow:
            action, attempt = _rows(uow, action_id, number)
            if attempt.finished_at is not None or attempt.called_at is not None or action.state not in _IN_FLIGHT:
                return None
            before = facts(action)
            close_attempt(uow, attempt, rejected(drift.words))
            action.previous_plan, action.drift = action.plan, [jsonable(asdict(one)) for one in drift.moved]
            put_plan(action, fresh)
            action.state, action.error = checked_move(action.state, ActionState.PENDING), drift.words
            action.version += 1
            self._judge.reopen(uow, SYSTEM, action)
            self._judge.judge(uow, SYSTEM, action, Stage.EDIT)
            audit.record(uow, SYSTEM, "action.drifted", f"action:{action.id}", before=before, after=facts(action))
            return action.state.value

    # -- the call -------------------------------------------------------------------------------------------------

    def _call(self, operation: AnyOperation, work: _Work) -> Receipt:
        try:
            receipt = operation.execute(work.plan, work.key)
        except Exception:  # whatever went wrong in a connector, the call may have happened
            log.exception("action.call_failed", operation=operation.name, key=work.key)
            receipt = unknown("The call ended unexpectedly; the worker's log has the reason. It may have happened.")
        if receipt.outcome is not AttemptOutcome.UNKNOWN:
            return receipt
        return self._read_back(operation, work, otherwise=receipt)

    def _read_back(self, operation: AnyOperation, work: _Work, otherwise: Receipt | None = None) -> Receipt:
        otherwise = otherwise or unknown(
            "The worker ended between the call and its receipt. It may have happened, and it was not repeated."
        )
        try:
            return operation.verify(work.plan, work.key) or otherwise
        except Unreachable:
            return otherwise
        except Exception:  # reading back is a courtesy: failing at it must not hide the unknown
            log.exception("action.read_back_failed", operation=operation.name, key=work.key)
            return otherwise

    # -- after the call -------------------------------------------------------------------------------------------

    def _finish(self, action_id: UUID, number: int, receipt: Receipt, *, repeatable: bool = False) -> str | None:
        state = lasting(lambda: self._write_receipt(action_id, number, storable(receipt), repeatable))
        log.info("action.attempted", action=str(action_id), attempt=number, outcome=receipt.outcome.value, state=state)
        return state

    def _write_receipt(self, action_id: UUID, number: int, receipt: Receipt, repeatable: bool) -> str | None:
        with self._database.begin() as uow:
            action, attempt = _rows(uow, action_id, number)
            if attempt.finished_at is not None or action.state not in _IN_FLIGHT:
                return self._come_late(uow, action, attempt, receipt)
            close_attempt(uow, attempt, receipt)
            if receipt.outcome in (AttemptOutcome.REJECTED, AttemptOutcome.DEFERRED):
                guardrails.release(uow, holder=subject_of(action).name)
            event, again = follow(uow, action, receipt, repeatable)
            action.version += 1
            after = {**facts(action), "attempt": number, "outcome": receipt.outcome, "reference": receipt.reference}
            audit.record(uow, SYSTEM, event, f"action:{action.id}", after=after)
            tell_origin(uow, self._engine, action)
            if again is not None:
                begin_attempt(uow, self._engine, action, after=again)
            return action.state.value

    def _come_late(self, uow: UnitOfWork, action: Action, attempt: Attempt, receipt: Receipt) -> str | None:
        """The worker was thought dead and answered for. What it knows for certain still counts, and is never lost."""
        unknown_still = attempt.outcome is AttemptOutcome.UNKNOWN and action.state is ActionState.UNKNOWN
        if receipt.outcome is AttemptOutcome.REJECTED and unknown_still:
            close_attempt(uow, attempt, receipt)
            guardrails.release(uow, holder=subject_of(action).name)
            follow(uow, action, receipt, repeatable=False)
        elif receipt.outcome is AttemptOutcome.CONFIRMED and attempt.outcome is not AttemptOutcome.CONFIRMED:
            close_attempt(uow, attempt, receipt)
            confirm_late(uow, action, attempt, receipt)
            guardrails.reserve(uow, self._judge.facts(uow.session, action, uow.now), holder=subject_of(action).name)
        else:
            return None
        action.version += 1
        tell_origin(uow, self._engine, action)
        after = {**facts(action), "attempt": attempt.number, "outcome": receipt.outcome, "reference": receipt.reference}
        audit.record(uow, SYSTEM, "action.came_late", f"action:{action.id}", after=after)
        return action.state.value


def _rows(uow: UnitOfWork, action_id: UUID, number: int) -> tuple[Action, Attempt]:
    action = lock_action(uow, action_id)
    query = select(Attempt).where(Attempt.action_id == action_id, Attempt.number == number)
    return action, uow.session.scalars(query.execution_options(populate_existing=True)).one()
