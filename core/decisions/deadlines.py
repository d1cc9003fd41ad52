"""What becomes of decisions whose deadline has passed: closed, or put before admins too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.actor import SYSTEM
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.decisions.closing import Closing, close
from core.decisions.electorate import Electorate, as_cast, ballots_of
from core.decisions.rules import Cast, DecisionState, Panel, outcome_at_deadline, tally
from core.decisions.subject import Subject, audience_of, locked, name_of
from core.decisions.tables import Decision


def close_due(uow: UnitOfWork, *, kinds: Sequence[str] | None = None) -> list[tuple[Subject, DecisionState]]:
    """Closes, or escalates, every decision whose deadline has passed; answers what became of each that was closed."""
    query = (
        select(Decision)
        .where(Decision.state == DecisionState.OPEN, Decision.deadline <= uow.now)
        .order_by(Decision.deadline)
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    if kinds is not None:
        query = query.where(Decision.subject_kind.in_(kinds))
    closed: list[tuple[Subject, DecisionState]] = []
    for decision in uow.session.scalars(query).all():
        state = _at_deadline(uow, decision)
        if state is not DecisionState.OPEN:
            closed.append((Subject(decision.subject_kind, decision.subject_id, decision.subject_digest), state))
    return closed


def pass_deadline(uow: UnitOfWork, decision_id: UUID) -> tuple[DecisionState, datetime | None]:
    """The same for one decision, whose subject the caller has locked: its state, and until when it goes on if open."""
    decision = locked(uow, decision_id)
    due = decision.deadline is not None and decision.deadline <= uow.now
    if decision.state is DecisionState.OPEN and due:
        return _at_deadline(uow, decision), decision.deadline
    return decision.state, decision.deadline


def _at_deadline(uow: UnitOfWork, decision: Decision) -> DecisionState:
    panels = Electorate(uow.session).panels(decision)
    votes = as_cast(ballots_of(uow.session, decision.id))
    state = outcome_at_deadline(panels, votes)
    if state is DecisionState.OPEN:
        _escalate(uow, decision, panels, votes)
        return state
    close(uow, SYSTEM, decision, state, Closing.DEADLINE, panels)
    audit.record(uow, SYSTEM, "decision.closed", name_of(decision), after={"state": state, "deadline": "passed"})
    return state


def _escalate(uow: UnitOfWork, decision: Decision, panels: Sequence[Panel], votes: Sequence[Cast]) -> None:
    """Asks admins too on every panel that is open still, for as long again; the next deadline ends it."""
    wider = [
        replace(panel.policy, escalated=True)
        if tally(panel.policy, panel.electorate, votes, final=True) is DecisionState.OPEN
        else panel.policy
        for panel in panels
    ]
    assert decision.deadline is not None  # it has passed
    decision.panels, decision.audience = [policy.to_json() for policy in wider], audience_of(wider)
    decision.deadline = uow.now + (decision.deadline - decision.opened_at)
    audit.record(uow, SYSTEM, "decision.escalated", name_of(decision), after={"deadline": decision.deadline})
