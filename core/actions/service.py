"""Commands on proposed actions: propose, edit, approve, reject, snooze, retry, resolve, and the guardrails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.actions import housekeeping
from core.actions.judging import judge
from core.actions.lifecycle import begin_attempt, facts, lock_action, policy_for, put_plan, say_when
from core.actions.rules import (
    ActionAlreadyDecided,
    ActionExpired,
    ActionState,
    NotInState,
    PlanChanged,
    Priority,
    Risk,
    StoppedByGuardrails,
    checked_move,
    must_operate,
    must_propose,
)
from core.actions.tables import Action
from core.actor import Actor, Role
from core.audit import service as audit
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database, UnitOfWork
from core.decisions import service as decisions
from core.decisions.rules import DecisionState, Vote
from core.engine.client import EngineClient
from core.errors import Conflict, InvalidInput
from core.guardrails import service as guardrails
from core.guardrails.rules import ExecutionMode, Limits, Verdict, first_stop
from core.settings import Settings


class ActionService:
    def __init__(self, database: Database, engine: EngineClient, connectors: Connectors, settings: Settings) -> None:
        self._database, self._engine = database, engine
        self._connectors, self._settings = connectors, settings

    # -- proposing ------------------------------------------------------------------------------------------------

    def propose(
        self,
        actor: Actor,
        operation: str,
        params: Mapping[str, Any],
        *,
        title: str,
        body: str = "",
        priority: Priority = Priority.INFO,
        risk: Risk = Risk.LOW,
        confidence: Decimal | None = None,
        rationale: str = "",
        sources: Sequence[Mapping[str, str]] = (),
        impact: Mapping[str, Any] | None = None,
        recommended_steps: Sequence[str] = (),
        expires_in: timedelta | None = None,
        council_id: str | None = None,
        sample: bool = False,
    ) -> UUID:
        """Plans the operation and puts it before the people who decide: a council, or any one operator or admin.

        `sources` is [{label, url?}], `impact` {revenue_change: {value, currency}, time_saved_hours, …}, `confidence`
        0 to 1. Without `expires_in` the guardrails say how long it waits.
        """
        must_propose(actor)
        title = _one_line("Title", title, 200)
        if confidence is not None and not 0 <= confidence <= 1:
            raise InvalidInput(field="Confidence", problem="use a number from 0 to 1.")
        if expires_in is not None and expires_in <= timedelta(0):
            raise InvalidInput(field="Expiry", problem="use a time to come.")
        plan = self._connectors.plan(operation, params)
        with self._database.begin() as uow:
            allowed = guardrails.current(uow, self._settings)
            action = Action(
                operation=operation, title=title, body=body, priority=priority, priority_rank=priority.rank,
                risk=risk, confidence=confidence, rationale=rationale, sources=list(sources), impact=dict(impact or {}),
                recommended_steps=list(recommended_steps), state=ActionState.PENDING, council_id=council_id,
                proposer_kind=actor.kind, proposer_id=actor.id, proposer_name=actor.name, proposed_at=uow.now,
                expires_at=uow.now + (expires_in or timedelta(hours=allowed.expiry_hours)), sample=sample,
                attempts=0, version=1,
            )  # fmt: skip
            put_plan(action, plan)
            policy = policy_for(uow, council_id)
            uow.session.add(action)
            uow.session.flush()
            action.decision_id = decisions.open_decision(
                uow, _subject(action), policy, proposer_id=actor.id, deadline=action.expires_at
            )
            verdicts = self._judge(uow, allowed, action)
            after = {**facts(action), "operation": operation, "guardrails": [one.to_json() for one in verdicts]}
            audit.record(uow, actor, "action.proposed", f"action:{action.id}", after=after)
            return action.id

    def edit(self, actor: Actor, action_id: UUID, params: Mapping[str, Any], *, expected_version: int) -> None:
        """Plans anew with other parameters; votes on the plan before are void. Conflict if somebody was faster."""
        must_operate(actor, "edit actions")
        with self._database.begin() as uow:
            operation = self._editable(uow, action_id, expected_version).operation
        plan = self._connectors.plan(operation, params)
        with self._database.begin() as uow:
            action = self._editable(uow, action_id, expected_version)
            before = {**facts(action), "params": action.params}
            put_plan(action, plan)
            action.error = None
            action.version += 1
            assert action.decision_id is not None
            decisions.reopen(uow, actor, action.decision_id, digest=action.plan_digest, deadline=action.expires_at)
            verdicts = self._judge(uow, guardrails.current(uow, self._settings), action)
            after = {**facts(action), "params": action.params, "guardrails": [one.to_json() for one in verdicts]}
            audit.record(uow, actor, "action.edited", f"action:{action.id}", before=before, after=after)

    # -- deciding -------------------------------------------------------------------------------------------------

    def approve(self, actor: Actor, action_id: UUID, digest: str, reason: str = "") -> ActionState:
        """Countersigns the plan with this digest. Approved: the work is queued in the same transaction.

        Answers `approved`, or `pending` while a council still has to vote. The second of two people at the same
        instant gets ActionAlreadyDecided, which names the first.
        """
        with self._database.begin() as uow:
            action = self._open_for_decision(uow, action_id)
            if action.plan_digest != digest:
                raise PlanChanged()
            verdicts = self._judge(uow, guardrails.current(uow, self._settings), action)
            _must_pass(verdicts)
            assert action.decision_id is not None
            state = decisions.cast(uow, actor, action.decision_id, digest=digest, vote=Vote.APPROVE, reason=reason)
            return self._follow(uow, actor, action, state, reason, verdicts)

    def reject(self, actor: Actor, action_id: UUID, reason: str) -> ActionState:
        """Votes against the plan as it stands; a reason is part of it."""
        if not reason.strip():
            raise InvalidInput(field="Reason", problem="say why; the proposer learns from it.")
        with self._database.begin() as uow:
            action = self._open_for_decision(uow, action_id)
            assert action.decision_id is not None
            state = decisions.cast(
                uow, actor, action.decision_id, digest=action.plan_digest, vote=Vote.REJECT, reason=reason
            )
            return self._follow(uow, actor, action, state, reason, ())

    def snooze(self, actor: Actor, action_id: UUID, until: datetime) -> None:
        """Takes the card out of the inbox until then; it expires all the same."""
        must_operate(actor, "snooze actions")
        with self._database.begin() as uow:
            action = self._open_for_decision(uow, action_id)
            if until <= uow.now:
                raise InvalidInput(field="Snooze", problem="choose a time to come.")
            if until >= action.expires_at:
                raise InvalidInput(field="Snooze", problem=f"it expires on {say_when(action.expires_at)}; choose less.")
            action.snoozed_until = until
            audit.record(uow, actor, "action.snoozed", f"action:{action.id}", after={"until": until})

    # -- after an attempt -----------------------------------------------------------------------------------------

    def retry(self, actor: Actor, action_id: UUID) -> None:
        """Queues a failed action again: the same plan, the same approval, the same idempotency key."""
        must_operate(actor, "retry actions")
        with self._database.begin() as uow:
            action = lock_action(uow, action_id)
            if action.state is not ActionState.FAILED:
                raise NotInState(what="retried", state=action.state.value)
            if action.expires_at <= uow.now:
                raise ActionExpired(when=say_when(action.expires_at))
            verdicts = self._judge(uow, guardrails.current(uow, self._settings), action)
            _must_pass(verdicts)
            action.state, action.error = checked_move(action.state, ActionState.APPROVED), None
            action.version += 1
            begin_attempt(uow, self._engine, action)
            audit.record(uow, actor, "action.retried", f"action:{action.id}", after=facts(action))

    def resolve_unknown(self, actor: Actor, action_id: UUID, *, happened: bool, evidence: str) -> None:
        """Says what a person found out about an effect that nobody could confirm."""
        must_operate(actor, "resolve actions")
        evidence = evidence.strip()
        if not evidence:
            raise InvalidInput(field="Evidence", problem="say how you know.")
        with self._database.begin() as uow:
            action = lock_action(uow, action_id)
            if action.state is not ActionState.UNKNOWN:
                raise NotInState(what="resolved", state=action.state.value)
            before = facts(action)
            action.state = checked_move(action.state, ActionState.EXECUTED if happened else ActionState.FAILED)
            action.executed_at = uow.now if happened else None
            action.error = None if happened else f"{actor.name} found that it did not happen: {evidence}"
            action.version += 1
            after = {**facts(action), "evidence": evidence}
            audit.record(uow, actor, "action.resolved", f"action:{action.id}", before=before, after=after)

    # -- guardrails -----------------------------------------------------------------------------------------------

    def set_mode(self, actor: Actor, mode: ExecutionMode) -> Limits:
        """Off, preview or on. When this returns, queued work that has not begun its call obeys it."""
        return self.change_guardrails(actor, mode=mode)

    def change_guardrails(
        self,
        actor: Actor,
        *,
        mode: ExecutionMode | None = None,
        channels: frozenset[str] | None = None,
        max_recipients: int | None = None,
        expiry_hours: int | None = None,
        expected_version: int | None = None,
    ) -> Limits:
        """Changes what is given and leaves the rest."""
        actor.must_have(Role.ADMIN, to="change the guardrails")
        with self._database.begin() as uow:
            return guardrails.change(
                uow, self._settings, actor, mode=mode, channels=channels, max_recipients=max_recipients,
                expiry_hours=expiry_hours, expected_version=expected_version,
            )  # fmt: skip

    # -- keeping house (jobs) -------------------------------------------------------------------------------------

    def expire_due(self) -> int:
        """Expires what waited too long; answers how many."""
        with self._database.begin() as uow:
            return housekeeping.expire_due(uow)

    def requeue_stranded(self) -> int:
        """Hands attempts to the workers again that nobody has finished for long; answers how many."""
        with self._database.begin() as uow:
            return housekeeping.requeue_stranded(uow, self._engine)

    # -- shared ---------------------------------------------------------------------------------------------------

    def _judge(self, uow: UnitOfWork, allowed: Limits, action: Action) -> tuple[Verdict, ...]:
        return judge(allowed, action, self._connectors.operation(action.operation), uow.now)

    def _open_for_decision(self, uow: UnitOfWork, action_id: UUID) -> Action:
        action = lock_action(uow, action_id)
        if action.state is ActionState.EXPIRED or (
            action.state is ActionState.PENDING and action.expires_at <= uow.now
        ):
            raise ActionExpired(when=say_when(action.expires_at))
        if action.state is not ActionState.PENDING:
            did = "rejected" if action.state is ActionState.REJECTED else "approved"
            when = say_when(action.decided_at) if action.decided_at else "an earlier day"
            raise ActionAlreadyDecided(who=action.decided_by or "Somebody else", did=did, when=when)
        return action

    def _editable(self, uow: UnitOfWork, action_id: UUID, expected_version: int) -> Action:
        action = self._open_for_decision(uow, action_id)
        if action.version != expected_version:
            raise Conflict(what="This action")
        return action

    def _follow(
        self,
        uow: UnitOfWork,
        actor: Actor,
        action: Action,
        decision: DecisionState,
        reason: str,
        verdicts: tuple[Verdict, ...],
    ) -> ActionState:
        """Moves the action as its decision came out; a ballot that decides nothing yet is only recorded."""
        event = "action.voted"
        if decision is not DecisionState.OPEN:
            approved = decision is DecisionState.APPROVED
            event = "action.approved" if approved else "action.rejected"
            action.state = checked_move(action.state, ActionState.APPROVED if approved else ActionState.REJECTED)
            action.decided_by, action.decided_at, action.decision_reason = actor.name, uow.now, reason.strip()
            action.error = None
        action.version += 1
        if action.state is ActionState.APPROVED:
            begin_attempt(uow, self._engine, action)
        after = {**facts(action), "reason": reason, "guardrails": [one.to_json() for one in verdicts]}
        audit.record(uow, actor, event, f"action:{action.id}", after=after)
        return action.state


def _subject(action: Action) -> decisions.Subject:
    return decisions.Subject("action", str(action.id), action.plan_digest)


def _must_pass(verdicts: tuple[Verdict, ...]) -> None:
    stop = first_stop(verdicts)
    if stop is not None:
        raise StoppedByGuardrails(words=stop.words, rule=stop.rule)


def _one_line(field: str, value: str, most: int) -> str:
    value = " ".join(value.split())
    if not 1 <= len(value) <= most:
        raise InvalidInput(field=field, problem=f"use 1 to {most} characters.")
    return value
