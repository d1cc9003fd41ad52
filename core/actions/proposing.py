"""Proposing an action, looking first at what it would do, and editing what was proposed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.actions.commands import Commands, one_line, open_for_decision
from core.actions.lifecycle import begin_attempt, facts, put_plan, subject_of
from core.actions.rules import ActionState, Priority, Risk, UndoIsAsItIs, checked_move, must_operate, must_propose
from core.actions.tables import Action
from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.connectors.plan import Plan
from core.database.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.errors import Conflict, InvalidInput
from core.guardrails.rules import Evaluation, Stage
from core.identifiers import new_id

BY_RULE = "the guardrails"
"""Who decided a card that was approved automatically."""


@dataclass(frozen=True)
class Preview:
    """What proposing would put before people."""

    plan: Plan
    evaluation: Evaluation
    reviews: tuple[str, ...]
    """The ids of the councils that would have to approve; empty: any one operator or admin."""


@dataclass(frozen=True)
class Proposal:
    """What a proposer says beside the operation and its parameters."""

    title: str
    body: str = ""
    priority: Priority = Priority.INFO
    risk: Risk = Risk.LOW
    confidence: Decimal | None = None
    """0 to 1."""
    rationale: str = ""
    sources: Sequence[Mapping[str, str]] = ()
    """[{label, url?}]"""
    impact: Mapping[str, Any] = field(default_factory=dict)
    """{revenue_change: {value, currency}, weekly_savings: {value, currency}, time_saved_hours, …}"""
    domains: Collection[str] = ()
    """What it is about; councils oversee domains."""
    recommended_steps: Sequence[str] = ()
    expires_in: timedelta | None = None
    """How long it waits; by default as long as the guardrails say."""
    council_id: str | None = None
    """A council that must approve it, whether it is its business or not."""
    sample: bool = False
    undo_of: UUID | None = None
    action_id: UUID | None = None
    """The id it must have, from whoever gave one out before; by default a new one."""
    people_decide: bool = False
    """Never approved by rule, whatever the guardrails allow."""
    origin: Mapping[str, Any] | None = None
    """{kind: "run", id, path, authors} of what had it proposed, and is told how it ended."""


class Proposing(Commands):
    def plan(
        self, actor: Actor, operation: str, params: Mapping[str, Any], proposal: Proposal | None = None
    ) -> Preview:
        """What the operation would do, what the guardrails say of it and who would decide; nothing is kept."""
        must_propose(actor)
        plan = self._connectors.plan(operation, params)
        with self._database.reading() as session:
            now = self._database.clock.now()
            action = self._draft(actor, plan, proposal or Proposal(title=plan.summary[:200]), now)
            action.expires_at = now + self._judge.patience(session)
            evaluation = self._judge.look(session, action, now)
            return Preview(plan, evaluation, self._judge.reviewers(session, action))

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
        domains: Collection[str] = (),
        recommended_steps: Sequence[str] = (),
        expires_in: timedelta | None = None,
        council_id: str | None = None,
        sample: bool = False,
        action_id: UUID | None = None,
        people_decide: bool = False,
        origin: Mapping[str, Any] | None = None,
    ) -> UUID:
        """Plans the operation and puts it before the people who decide; the fields are those of Proposal.

        What the guardrails approve automatically is queued at once.
        """
        must_propose(actor)
        proposal = Proposal(
            title=one_line("Title", title, 200), body=body, priority=priority, risk=risk, confidence=confidence,
            rationale=rationale, sources=sources, impact=impact or {}, domains=domains,
            recommended_steps=recommended_steps, expires_in=expires_in, council_id=council_id, sample=sample,
            action_id=action_id, people_decide=people_decide, origin=origin,
        )  # fmt: skip
        plan = self._connectors.plan(operation, params)
        with self._database.begin() as uow:
            return self._put_before_people(uow, actor, plan, proposal)

    def edit(self, actor: Actor, action_id: UUID, params: Mapping[str, Any], *, expected_version: int) -> None:
        """Plans anew with other parameters; Conflict if somebody was faster.

        Votes on the plan before are void, and the editor becomes an author of the new one: under four eyes somebody
        else decides.
        """
        must_operate(actor, "edit actions")
        with self._database.begin() as uow:
            operation = _editable(uow, action_id, expected_version).operation
        plan = self._connectors.plan(operation, params)
        with self._database.begin() as uow:
            action = _editable(uow, action_id, expected_version)
            if plan.digest == action.plan_digest:
                raise InvalidInput(field="Plan", problem="nothing differs from the plan as it is.")
            before = {**facts(action), "params": action.params}
            action.previous_plan, action.drift, action.error = action.plan, None, None
            put_plan(action, plan)
            action.version += 1
            self._judge.reopen(uow, actor, action, author=actor.id)
            evaluation = self._judge.judge(uow, actor, action, Stage.EDIT)
            after = {**facts(action), "params": action.params, "revision": evaluation.revision}
            audit.record(uow, actor, "action.edited", f"action:{action.id}", before=before, after=after)

    def _put_before_people(self, uow: UnitOfWork, actor: Actor, plan: Plan, proposal: Proposal) -> UUID:
        action = self._draft(actor, plan, proposal, uow.now)
        action.expires_at = uow.now + (proposal.expires_in or self._judge.patience(uow.session))
        panels = self._judge.panels(uow.session, action)
        uow.session.add(action)
        uow.session.flush()
        action.decision_id = decisions.open_decision(
            uow,
            subject_of(action),
            panels,
            proposer_id=actor.id,
            deadline=action.expires_at,
            authors=sorted(self._judge.authors(action)),
        )
        evaluation = self._judge.judge(uow, actor, action, Stage.PROPOSAL)
        after = {**facts(action), "operation": plan.operation, "revision": evaluation.revision}
        audit.record(uow, actor, "action.proposed", f"action:{action.id}", after=after)
        if evaluation.allows_automatic and not action.sample and not proposal.people_decide:
            self._approve_by_rule(uow, action)
        return action.id

    def _approve_by_rule(self, uow: UnitOfWork, action: Action) -> None:
        """Approves without a person, if every rule allows it still when it is asked as an approval."""
        if self._judge.reviewers(uow.session, action):
            return
        action.automatic = True
        evaluation = self._judge.judge(uow, SYSTEM, action, Stage.APPROVAL)
        if evaluation.stop is not None:
            action.automatic = False
            return
        why = f"guardrails, revision {evaluation.revision}"
        assert action.decision_id is not None
        decisions.approve_by_rule(uow, action.decision_id, digest=action.plan_digest, why=why)
        action.state = checked_move(action.state, ActionState.APPROVED)
        action.decided_by, action.decided_at = BY_RULE, uow.now
        begin_attempt(uow, self._engine, action)
        audit.record(uow, SYSTEM, "action.approved", f"action:{action.id}", after={**facts(action), "by": why})

    def _draft(self, actor: Actor, plan: Plan, proposal: Proposal, now: datetime) -> Action:
        """The action as it would be; not in any session yet."""
        if proposal.confidence is not None and not 0 <= proposal.confidence <= 1:
            raise InvalidInput(field="Confidence", problem="use a number from 0 to 1.")
        if proposal.expires_in is not None and proposal.expires_in <= timedelta(0):
            raise InvalidInput(field="Expiry", problem="use a time to come.")
        _must_be_figures(proposal.impact)
        action = Action(
            id=proposal.action_id or new_id(),
            operation=plan.operation, title=proposal.title, body=proposal.body, priority=proposal.priority,
            priority_rank=proposal.priority.rank, risk=proposal.risk, confidence=proposal.confidence,
            rationale=proposal.rationale, sources=list(proposal.sources), impact=dict(proposal.impact),
            domains=_domains(proposal.domains), recommended_steps=list(proposal.recommended_steps),
            state=ActionState.PENDING, council_id=proposal.council_id, undo_of=proposal.undo_of, automatic=False,
            proposer_kind=actor.kind, proposer_id=actor.id, proposer_name=actor.name, proposed_at=now,
            sample=proposal.sample, attempts=0, version=1,
            origin=dict(proposal.origin) if proposal.origin is not None else None,
        )  # fmt: skip
        put_plan(action, plan)
        return action


def _editable(uow: UnitOfWork, action_id: UUID, expected_version: int) -> Action:
    action = open_for_decision(uow, action_id)
    if action.undo_of is not None:  # whoever asked for it may approve it, because nobody wrote it
        raise UndoIsAsItIs()
    if action.version != expected_version:
        raise Conflict(what="This action")
    return action


def _must_be_figures(impact: Mapping[str, Any]) -> None:
    """Every estimate is a finite number, a sum with its currency: councils are asked by it."""
    for name, value in impact.items():
        figure = value.get("value") if isinstance(value, Mapping) else value
        try:
            finite = figure is None or Decimal(str(figure)).is_finite()
        except ArithmeticError:
            finite = False
        if not finite or (isinstance(value, Mapping) and not isinstance(value.get("currency"), str)):
            raise InvalidInput(field="Impact", problem=f"{name} is not a number, or a sum without its currency.")


def _domains(named: Collection[str]) -> list[str]:
    found = sorted({one.strip().lower() for one in named if one.strip()})
    if len(found) > 20 or any(len(one) > 80 for one in found):
        raise InvalidInput(field="Domains", problem="name at most 20, each of at most 80 characters.")
    return found
