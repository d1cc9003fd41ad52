"""Deciding on a proposed action: votes, approvals one by one and in batches, rejections, and putting it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from core.actions.commands import Commands, evidence_of, open_for_decision
from core.actions.inbox import visible
from core.actions.lifecycle import begin_attempt, facts, say_when
from core.actions.rules import (
    ActionState,
    PlanChanged,
    ReviewNeeded,
    StoppedByGuardrails,
    checked_move,
    must_operate,
)
from core.actions.tables import Action
from core.actions.withdrawing import tell_origin
from core.actor import Actor
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.decisions.rules import DecisionState, Vote
from core.errors import CountersignError, InvalidInput
from core.guardrails.rules import Evaluation, Stage

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 100
"""Cards in one batch."""


@dataclass(frozen=True)
class BatchResult:
    """What became of one card of a batch; exactly one of `state` and `error` is set."""

    id: UUID
    title: str
    state: ActionState | None
    error: str | None


class Deciding(Commands):
    def vote(
        self,
        actor: Actor,
        action_id: UUID,
        *,
        digest: str,
        vote: Vote,
        reason: str = "",
        checklist: Mapping[str, str] | None = None,
    ) -> ActionState:
        """Counts a vote on the plan with this digest; approved, the work is queued in the same transaction.

        Answers `pending` while others still have to vote. The second of two people at the same instant gets
        ActionAlreadyDecided, which names the first. What the guardrails stop raises StoppedByGuardrails, and its
        record stays; a council that has become responsible since it was proposed is asked first (ReviewNeeded).
        """
        if vote is Vote.REJECT:
            reason = evidence_of("Reason", reason, "say why; the proposer learns from it.")
        refusal: CountersignError | None = None
        state = ActionState.PENDING
        with self._database.begin() as uow:
            action = open_for_decision(uow, action_id)
            if action.plan_digest != digest:
                raise PlanChanged()
            assert action.decision_id is not None
            decisions.must_vote(uow, actor, action.decision_id)
            evaluation: Evaluation | None = None
            if vote is Vote.APPROVE:
                refusal = self._brought_before_councils(uow, actor, action)
                if refusal is None:
                    evaluation = self._judge.judge(uow, actor, action, Stage.APPROVAL)
                    refusal = stopped_by(evaluation)
            if refusal is None:
                outcome = decisions.cast(
                    uow, actor, action.decision_id, digest=digest, vote=vote, reason=reason, checklist=checklist
                )
                state = self._follow(uow, actor, action, outcome, reason, evaluation)
        if refusal is not None:  # raised after the commit, which keeps the record
            raise refusal
        return state

    def approve(self, actor: Actor, action_id: UUID, digest: str, reason: str = "") -> ActionState:
        """Countersigns the plan with this digest."""
        return self.vote(actor, action_id, digest=digest, vote=Vote.APPROVE, reason=reason)

    def reject(self, actor: Actor, action_id: UUID, reason: str, digest: str | None = None) -> ActionState:
        """Votes against the plan as it stands, or as `digest` says it was seen; a reason is part of it."""
        if digest is None:
            with self._database.begin() as uow:
                digest = open_for_decision(uow, action_id).plan_digest
        return self.vote(actor, action_id, digest=digest, vote=Vote.REJECT, reason=reason)

    def approve_many(self, actor: Actor, wanted: Sequence[tuple[UUID, str]], reason: str = "") -> list[BatchResult]:
        """Approves each plan by its digest, one transaction a card: one that is refused does not stop the others."""
        if not 1 <= len(wanted) <= MOST_AT_ONCE:
            raise InvalidInput(field="Batch", problem=f"choose 1 to {MOST_AT_ONCE} cards.")
        titles = self._titles(actor, [action_id for action_id, _ in wanted])
        results = []
        for action_id, digest in dict(wanted).items():
            title, state, error = titles.get(action_id, str(action_id)), None, None
            try:
                state = self.approve(actor, action_id, digest, reason)
            except CountersignError as refusal:
                error = str(refusal)
            except Exception:  # one card's fault must not leave the others undecided and unreported
                log.exception("action.batch_failed", action=str(action_id))
                error = "Something broke on our side. Open the card to see where it stands."
            results.append(BatchResult(action_id, title, state, error))
        return results

    def snooze(self, actor: Actor, action_id: UUID, until: datetime) -> None:
        """Takes the card out of the inbox until then; it expires all the same."""
        must_operate(actor, "snooze actions")
        with self._database.begin() as uow:
            action = open_for_decision(uow, action_id)
            if until <= uow.now:
                raise InvalidInput(field="Snooze", problem="choose a time to come.")
            if until >= action.expires_at:
                raise InvalidInput(field="Snooze", problem=f"it expires on {say_when(action.expires_at)}; choose less.")
            action.snoozed_until = until
            audit.record(uow, actor, "action.snoozed", f"action:{action.id}", after={"until": until})

    def _titles(self, actor: Actor, wanted: Sequence[UUID]) -> Mapping[UUID, str]:
        with self._database.reading() as session:
            query = select(Action.id, Action.title).where(Action.id.in_(wanted), visible(actor))
            return {row.id: row.title for row in session.execute(query)}

    def _brought_before_councils(self, uow: UnitOfWork, actor: Actor, action: Action) -> ReviewNeeded | None:
        """Asks the councils that must review it now and were not asked when it was proposed."""
        missing = self._judge.missing_reviews(uow.session, action)
        if not missing:
            return None
        self._judge.reopen(uow, actor, action)
        action.version += 1
        audit.record(uow, actor, "action.rerouted", f"action:{action.id}", after={**facts(action), "to": missing})
        return ReviewNeeded(councils=" and ".join(missing))

    def _follow(
        self,
        uow: UnitOfWork,
        actor: Actor,
        action: Action,
        outcome: DecisionState,
        reason: str,
        evaluation: Evaluation | None,
    ) -> ActionState:
        """Moves the action as its decision came out; a ballot that decides nothing yet is only recorded."""
        event = "action.voted"
        if outcome is not DecisionState.OPEN:
            approved = outcome is DecisionState.APPROVED
            event = "action.approved" if approved else "action.rejected"
            action.state = checked_move(action.state, ActionState.APPROVED if approved else ActionState.REJECTED)
            action.decided_by, action.decided_at, action.decision_reason = actor.name, uow.now, reason.strip()
            action.error = None
        action.version += 1
        if action.state is ActionState.APPROVED:
            begin_attempt(uow, self._engine, action)
        tell_origin(uow, self._engine, action)
        after = {**facts(action), "reason": reason}
        if evaluation is not None:
            after["revision"] = evaluation.revision
        audit.record(uow, actor, event, f"action:{action.id}", after=after)
        return action.state


def stopped_by(evaluation: Evaluation) -> StoppedByGuardrails | None:
    """The refusal that the evaluation asks for; None if nothing stops."""
    stop = evaluation.stop
    return StoppedByGuardrails(words=stop.words, rule=stop.rule) if stop else None
