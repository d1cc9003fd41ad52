"""Opening decisions, casting ballots and asking again, inside the transaction of what is decided on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.decisions import checklist as findings
from core.decisions.closing import Closing, close
from core.decisions.deadlines import close_due as close_due
from core.decisions.deadlines import pass_deadline as pass_deadline
from core.decisions.electorate import Electorate, as_cast, ballots_of, given_to
from core.decisions.electorate import people_of as people_of
from core.decisions.policy import Policy
from core.decisions.review import ReviewFacts as ReviewFacts
from core.decisions.review import blocked_by as blocked_by
from core.decisions.review import reviews_needed as reviews_needed
from core.decisions.rules import (
    AlreadyVoted,
    Cast,
    DecisionClosed,
    DecisionState,
    NoSeat,
    NotForRules,
    Panel,
    SubjectChanged,
    Vote,
    VoteRefused,
    seat_of,
    tally_all,
)
from core.decisions.subject import Subject as Subject
from core.decisions.subject import audience_of, checked_panels, locked, name_of
from core.decisions.tables import Ballot, Council, Decision
from core.errors import InvalidInput


def open_decision(
    uow: UnitOfWork,
    subject: Subject,
    panels: Policy | Sequence[Policy],
    *,
    proposer_id: str,
    deadline: datetime | None,
    authors: Sequence[str] = (),
) -> UUID:
    """Asks the people of every panel to decide on `subject`; it is approved when each panel approves.

    `authors` wrote it too, beside the proposer.
    """
    policies = checked_panels(panels)
    decision = Decision(
        subject_kind=subject.kind, subject_id=subject.id, subject_digest=subject.digest, proposer_id=proposer_id,
        authors=sorted({proposer_id, *authors}), panels=[policy.to_json() for policy in policies], audience=audience_of(policies),
        state=DecisionState.OPEN, opened_at=uow.now, deadline=deadline,
    )  # fmt: skip
    uow.session.add(decision)
    uow.session.flush()
    return decision.id


def cast(
    uow: UnitOfWork,
    actor: Actor,
    decision_id: UUID,
    *,
    digest: str,
    vote: Vote,
    reason: str = "",
    checklist: Mapping[str, str] | None = None,
) -> DecisionState:
    """Counts `actor`'s vote on the version `digest` and answers where the decision stands.

    The row is locked first, so ballots are counted one after the other. Refused: a closed decision, a passed deadline,
    another version, somebody without a seat, a second ballot of one seat or of one person.
    `checklist` is {criterion: met | not_met | not_applicable} over the criteria of the decision's councils.
    """
    decision = _open(uow, decision_id, digest)
    panels = Electorate(uow.session).panels(decision)
    ballots = as_cast(ballots_of(uow.session, decision_id))
    authors = frozenset(decision.authors)
    seat = seat_of(actor, panels, authors, ballots=ballots)
    if isinstance(seat, NoSeat) and seat.voted is None:
        seat = seat_of(actor, panels, authors, given=given_to(uow.session, actor, uow.now), ballots=ballots)
    if isinstance(seat, NoSeat):
        if seat.voted is not None:
            raise AlreadyVoted(who=actor.name, vote=seat.voted.value)
        raise VoteRefused(who=actor.name, reason=seat.reason)
    reason = reason.strip()
    if len(reason) > 2000:
        raise InvalidInput(field="Reason", problem="use at most 2,000 characters.")
    found = findings.checked(checklist, _criteria(uow.session, panels, seat.voter))
    uow.session.add(
        Ballot(
            decision_id=decision_id, voter_id=UUID(seat.voter), voter_name=seat.name[:120], cast_by_id=UUID(actor.id),
            cast_by_name=actor.name[:120], vote=vote, reason=reason, checklist=found or None, cast_at=uow.now,
        )
    )  # fmt: skip
    decision.voted = sorted({*decision.voted, seat.voter, actor.id})
    uow.session.flush()
    votes = (*ballots, Cast(seat.voter, vote, actor.id))
    state = tally_all(panels, votes)
    if state is not DecisionState.OPEN:
        close(uow, actor, decision, state, Closing.BALLOTS, panels)
    return state


def must_vote(uow: UnitOfWork, actor: Actor, decision_id: UUID) -> None:
    """Refuses, as `cast` would, whoever has no seat in the decision as it stands; a second ballot is `cast`'s matter."""
    decision = locked(uow, decision_id)
    panels = Electorate(uow.session).panels(decision)
    given = given_to(uow.session, actor, uow.now)
    seat = seat_of(actor, panels, frozenset(decision.authors), given=given)
    if isinstance(seat, NoSeat):
        raise VoteRefused(who=actor.name, reason=seat.reason)


def reopen(
    uow: UnitOfWork,
    actor: Actor,
    decision_id: UUID,
    *,
    digest: str,
    deadline: datetime | None,
    panels: Policy | Sequence[Policy] | None = None,
    author: str | None = None,
    authors: Sequence[str] | None = None,
    more_authors: Sequence[str] = (),
) -> None:
    """Asks again, about another version: earlier ballots are void, and kept in the audit.

    `panels` are who decides on this version (else those who decided before, as they were first asked); `author` edited
    it and is recused from now on, as `more_authors` are; `authors` says anew who all are. The proposer always is one.
    """
    decision = locked(uow, decision_id)
    void = [
        {"voter": one.voter_name, "cast_by": one.cast_by_name, "vote": one.vote, "at": one.cast_at}
        for one in ballots_of(uow.session, decision_id)
    ]
    before = {
        "digest": decision.subject_digest, "state": decision.state, "ballots": void, "authors": decision.authors,
        "panels": decision.panels,
    }  # fmt: skip
    uow.session.execute(delete(Ballot).where(Ballot.decision_id == decision_id))
    asked = checked_panels(panels) if panels is not None else _panels_of(decision)
    everybody = [decision.proposer_id, *(decision.authors if authors is None else authors), author, *more_authors]
    decision.authors = sorted({one for one in everybody if one is not None})
    decision.panels, decision.audience = [policy.to_json() for policy in asked], audience_of(asked)
    decision.subject_digest, decision.deadline = digest, deadline
    decision.state, decision.decided_at, decision.outcome = DecisionState.OPEN, None, None
    decision.voted = []
    uow.session.flush()
    after = {"digest": digest, "authors": decision.authors, "panels": decision.panels}
    audit.record(uow, actor, "decision.reopened", name_of(decision), before=before, after=after)


def approve_by_rule(uow: UnitOfWork, decision_id: UUID, *, digest: str, why: str) -> None:
    """Approves without a ballot because the guardrails allow it; never in the place of a council."""
    decision = _open(uow, decision_id, digest)
    panels = Electorate(uow.session).panels(decision)
    if not why.strip() or any(panel.policy.council is not None for panel in panels):
        raise NotForRules()
    if ballots_of(uow.session, decision_id):
        raise NotForRules()
    close(uow, SYSTEM, decision, DecisionState.APPROVED, Closing.RULE, panels, why=why.strip())


def approve_as_part(
    uow: UnitOfWork, decision_id: UUID, *, digest: str, whole: UUID, whole_digest: str, why: str
) -> None:
    """Approves one part of what the decision `whole` approved: its panels voted on all of it, in this version.

    NotForRules if the whole is not approved so, or was put before others. Its authors are the part's as well.
    """
    decision = _open(uow, decision_id, digest)
    approved = uow.session.get(Decision, whole, populate_existing=True)
    if approved is None or not why.strip() or ballots_of(uow.session, decision_id):
        raise NotForRules()
    if approved.state is not DecisionState.APPROVED or approved.subject_digest != whole_digest:
        raise NotForRules()
    if approved.panels != decision.panels:
        raise NotForRules()
    decision.authors = sorted({*decision.authors, *approved.authors})
    panels = Electorate(uow.session).panels(decision)
    part = {"decision": str(whole), "digest": whole_digest}
    close(uow, SYSTEM, decision, DecisionState.APPROVED, Closing.PART, panels, why=why.strip(), part_of=part)


def withdraw(uow: UnitOfWork, decision_id: UUID) -> None:
    """Closes a decision that nobody needs any more; a closed one stays as it was decided."""
    decision = locked(uow, decision_id)
    if decision.state is DecisionState.OPEN:
        panels = Electorate(uow.session).panels(decision)
        close(uow, SYSTEM, decision, DecisionState.EXPIRED, Closing.WITHDRAWN, panels)


def is_approved(session: Session, decision_id: UUID | None, digest: str) -> bool:
    """Whether exactly this version was approved; anything missing means no."""
    if decision_id is None:
        return False
    query = select(Decision.id).where(
        Decision.id == decision_id, Decision.state == DecisionState.APPROVED, Decision.subject_digest == digest
    )
    return session.scalar(query) is not None


def _open(uow: UnitOfWork, decision_id: UUID, digest: str) -> Decision:
    """The decision, locked, if it can be decided on now in this version."""
    decision = locked(uow, decision_id)
    if decision.state is not DecisionState.OPEN:
        raise DecisionClosed(state=decision.state.value)
    if decision.deadline is not None and decision.deadline <= uow.now:
        raise DecisionClosed(state=DecisionState.EXPIRED.value)
    if decision.subject_digest != digest:
        raise SubjectChanged()
    return decision


def _panels_of(decision: Decision) -> tuple[Policy, ...]:
    """As they were before a deadline widened them."""
    return tuple(replace(Policy.from_json(stored), escalated=False) for stored in decision.panels)


def _criteria(session: Session, panels: Sequence[Panel], voter: str) -> list[str]:
    """The criteria of the councils in whose panels this seat sits, and of what they are asked about."""
    mine = [panel.policy for panel in panels if voter in panel.electorate]
    councils = [policy.council for policy in mine if policy.council]
    found = session.scalars(select(Council.criteria).where(Council.id.in_(councils)))
    return [one for policy in mine for one in policy.criteria] + [one for criteria in found for one in criteria]
