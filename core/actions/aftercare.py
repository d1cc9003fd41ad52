"""After an attempt: retrying, finding out what nobody could confirm, and undoing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.actions.commands import Commands, evidence_of
from core.actions.deciding import stopped_by
from core.actions.lifecycle import begin_attempt, facts, lock_action, say_when
from core.actions.proposing import Proposal, Proposing
from core.actions.rules import (
    ASK_PEOPLE_AGAIN,
    ActionExpired,
    ActionState,
    BackToPeople,
    CannotUndo,
    NotInState,
    UndoneAlready,
    checked_move,
    must_operate,
)
from core.actions.tables import Action, Attempt
from core.actions.withdrawing import tell_origin
from core.actor import Actor
from core.audit import service as audit
from core.connectors.plan import AttemptOutcome, Plan, Receipt
from core.database.unit_of_work import UnitOfWork
from core.errors import CountersignError, NotFound
from core.guardrails import service as guardrails
from core.guardrails.rules import Stage


@dataclass(frozen=True)
class _Asked:
    """What was asked of the other system, as it is needed to look for it there."""

    plan: Plan
    key: str


class Aftercare(Proposing, Commands):
    def retry(self, actor: Actor, action_id: UUID) -> None:
        """Queues a failed action again: the same plan, the same approval, the same idempotency key."""
        must_operate(actor, "retry actions")
        refusal: CountersignError | None = None
        with self._database.begin() as uow:
            action = lock_action(uow, action_id)
            if action.state is not ActionState.FAILED:
                raise NotInState(what="retried", state=action.state.value)
            refusal = self._try_again(uow, actor, action)
        if refusal is not None:
            raise refusal

    def resolve_unknown(
        self, actor: Actor, action_id: UUID, *, happened: bool, evidence: str, retry: bool = False
    ) -> None:
        """Says what a person found out about an effect that nobody could confirm; `retry` queues it again if not."""
        must_operate(actor, "resolve actions")
        evidence = evidence_of("Evidence", evidence, "say how you know.")
        refusal: CountersignError | None = None
        with self._database.begin() as uow:
            action = lock_action(uow, action_id)
            if action.state is not ActionState.UNKNOWN:
                raise NotInState(what="resolved", state=action.state.value)
            self._resolve(uow, actor, action, happened, evidence)
            if retry and not happened:
                refusal = self._try_again(uow, actor, action)
        if refusal is not None:
            raise refusal

    def look_again(self, actor: Actor, action_id: UUID) -> Receipt | None:
        """Reads the other system once more; None when it cannot tell. What it says for certain resolves the action."""
        must_operate(actor, "resolve actions")
        with self._database.begin() as uow:
            asked = _asked(uow, action_id)
        receipt = self._connectors.operation(asked.plan.operation).verify(asked.plan, asked.key)
        if receipt is None or receipt.outcome not in (AttemptOutcome.CONFIRMED, AttemptOutcome.REJECTED):
            return None
        with self._database.begin() as uow:
            action = lock_action(uow, action_id)
            if action.state is ActionState.UNKNOWN:
                happened = receipt.outcome is AttemptOutcome.CONFIRMED
                action.reference = receipt.reference or action.reference
                self._resolve(uow, actor, action, happened, f"Read back: {receipt.message}")
        return receipt

    def undo(self, actor: Actor, action_id: UUID) -> UUID:
        """Proposes what would put back what the action did; answers the new card, which is decided like any.

        What it does was worked out from what was there before, not written by anybody, so whoever asks for it may
        approve it.
        """
        must_operate(actor, "undo actions")
        with self._database.begin() as uow:
            action = lock_action(uow, action_id)
            if action.state is not ActionState.EXECUTED:
                raise NotInState(what="undone", state=action.state.value)
            undoing = self._judge.inverse(uow.session, action)
            proposal = Proposal(
                title=f"Undo: {action.title}"[:200], body="Puts back what was there before.", risk=action.risk,
                domains=action.domains, sample=action.sample, undo_of=action_id,
                impact={name: one for name, one in action.impact.items() if name == "weekly_savings"},
            )  # fmt: skip
        if undoing is None:
            raise CannotUndo(title=proposal.title.removeprefix("Undo: "))
        plan = self._connectors.plan(undoing.operation, undoing.params)
        try:
            with self._database.begin() as uow:
                return self._put_before_people(uow, actor, plan, proposal)
        except IntegrityError as problem:
            if "uq_actions_undo" not in str(problem.orig):
                raise
            raise UndoneAlready() from None

    def _resolve(self, uow: UnitOfWork, actor: Actor, action: Action, happened: bool, evidence: str) -> None:
        before = facts(action)
        action.state = checked_move(action.state, ActionState.EXECUTED if happened else ActionState.FAILED)
        action.executed_at = uow.now if happened else None
        action.error = None if happened else f"{actor.name} found that it did not happen: {evidence}"
        action.version += 1
        tell_origin(uow, self._engine, action)
        if not happened:
            guardrails.release(uow, holder=f"action:{action.id}")
        after = {**facts(action), "evidence": evidence}
        audit.record(uow, actor, "action.resolved", f"action:{action.id}", before=before, after=after)

    def _try_again(self, uow: UnitOfWork, actor: Actor, action: Action) -> CountersignError | None:
        """Queues it if it may still be done; answers why not otherwise."""
        if action.expires_at <= uow.now:
            return ActionExpired(when=say_when(action.expires_at))
        evaluation = self._judge.judge(uow, actor, action, Stage.RETRY)
        if evaluation.stop is not None and evaluation.stop.rule in ASK_PEOPLE_AGAIN:
            action.state = checked_move(action.state, ActionState.PENDING)
            action.version += 1
            self._judge.reopen(uow, actor, action)
            audit.record(uow, actor, "action.rerouted", f"action:{action.id}", after=facts(action))
            return BackToPeople(words=evaluation.stop.words)
        if evaluation.stop is not None:
            return stopped_by(evaluation)
        action.state, action.error = checked_move(action.state, ActionState.APPROVED), None
        action.version += 1
        begin_attempt(uow, self._engine, action)
        audit.record(uow, actor, "action.retried", f"action:{action.id}", after=facts(action))
        return None


def _asked(uow: UnitOfWork, action_id: UUID) -> _Asked:
    action = uow.session.get(Action, action_id)
    if action is None:
        raise NotFound(kind="action", id=action_id)
    if action.state is not ActionState.UNKNOWN:
        raise NotInState(what="looked for", state=action.state.value)
    latest = select(Attempt.key).where(Attempt.action_id == action_id).order_by(Attempt.number.desc()).limit(1)
    return _Asked(Plan.from_json(action.plan), uow.session.scalars(latest).one())
