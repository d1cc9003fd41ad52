"""Closed decisions counted again from their stored ballots, and compared with what the audit chain kept of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.tables import AuditEntry
from core.decisions.closing import SETTLED, evidence, replayed
from core.decisions.electorate import as_cast
from core.decisions.rules import DecisionState
from core.decisions.tables import Ballot, Decision
from core.errors import CountersignError
from core.identifiers import parse_id

_AT_ONCE = 500
_MOST_FAULTS = 100


@dataclass(frozen=True)
class Replay:
    """What replaying every closed decision found."""

    replayed: int
    without_roll: int
    """Closed before electoral rolls were kept."""
    faults: tuple[str, ...]
    """One sentence for each decision whose ballots do not give its result, the first hundred."""


def replay_all(session: Session) -> Replay:
    """Reads them in their order, a few hundred at a time; memory stays flat."""
    count, without, faults = 0, 0, list[str]()
    after: UUID | None = None
    while True:
        query = select(Decision).where(Decision.state != DecisionState.OPEN).order_by(Decision.id).limit(_AT_ONCE)
        found = session.scalars(query if after is None else query.where(Decision.id > after)).all()
        if not found:
            return Replay(count, without, tuple(faults[:_MOST_FAULTS]))
        ballots, kept, wholes = _ballots(session, found), _kept(session, found), _wholes(session, found)
        for decision in found:
            if decision.outcome is None:
                without += 1
                continue
            count += 1
            fault = _fault(decision, ballots.get(decision.id, ()), kept.get(decision.id))
            fault = fault or _fault_of_part(decision, wholes)
            if fault is not None:
                faults.append(fault)
        after = found[-1].id


def _fault(decision: Decision, ballots: Sequence[Ballot], kept: str | None) -> str | None:
    assert decision.outcome is not None
    try:
        state = replayed(decision.outcome, as_cast(ballots))
    except (CountersignError, LookupError, TypeError, ValueError) as problem:
        return f"The electoral roll of decision {decision.id} cannot be read: {problem}"
    if state is not decision.state:
        return f"Decision {decision.id} is {decision.state.value}, but its ballots say {state.value}."
    if kept is not None and kept != evidence(decision, ballots):
        return f"The ballots or the electoral roll of decision {decision.id} are not those it was closed with."
    return None


def _fault_of_part(decision: Decision, wholes: Mapping[str, Decision]) -> str | None:
    """A part is approved as long as the whole is, in the version that it was part of and by the same panels."""
    part = (decision.outcome or {}).get("part_of")
    if part is None:
        return None
    whole = wholes.get(str(part.get("decision")))
    as_then = whole is not None and whole.state is DecisionState.APPROVED
    if whole is None or not as_then or whole.subject_digest != part.get("digest") or whole.panels != decision.panels:
        return f"Decision {decision.id} was approved as a part of {part.get('decision')}, which does not approve it."
    return None


def _wholes(session: Session, decisions: Sequence[Decision]) -> Mapping[str, Decision]:
    named = {str((one.outcome or {}).get("part_of", {}).get("decision", "")) for one in decisions} - {""}
    ids = [one for one in map(parse_id, named) if one is not None]
    return {str(one.id): one for one in session.scalars(select(Decision).where(Decision.id.in_(ids)))} if ids else {}


def _ballots(session: Session, decisions: Sequence[Decision]) -> Mapping[UUID, Sequence[Ballot]]:
    found: dict[UUID, list[Ballot]] = {}
    for ballot in session.scalars(select(Ballot).where(Ballot.decision_id.in_([one.id for one in decisions]))):
        found.setdefault(ballot.decision_id, []).append(ballot)
    return found


def _kept(session: Session, decisions: Sequence[Decision]) -> Mapping[UUID, str]:
    """What the audit chain keeps of how each was closed, the last time."""
    subjects = {f"decision:{one.id}": one.id for one in decisions}
    query = (
        select(AuditEntry.subject, AuditEntry.after["evidence"].astext)
        .where(AuditEntry.subject.in_(subjects), AuditEntry.event == SETTLED)
        .order_by(AuditEntry.sequence)
    )
    return {subjects[subject]: str(kept) for subject, kept in session.execute(query)}
