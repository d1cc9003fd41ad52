"""Opening decisions, casting ballots and closing at the deadline, inside the transaction of what is decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from core.actor import SYSTEM, Actor, Role
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.decisions.rules import (
    AlreadyVoted,
    AtDeadline,
    Cast,
    DecisionClosed,
    DecisionState,
    Policy,
    SubjectChanged,
    Vote,
    VoteRefused,
    electorate_of,
    tally,
    why_not_vote,
)
from core.decisions.tables import Ballot, Council, CouncilMember, Decision
from core.errors import InvalidInput, NotFound
from core.identity.tables import User


@dataclass(frozen=True)
class Subject:
    """What is decided on; `digest` says in which version."""

    kind: str
    id: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.id}"


def open_decision(
    uow: UnitOfWork, subject: Subject, policy: Policy, *, proposer_id: str, deadline: datetime | None
) -> UUID:
    """Asks the policy's people to decide on `subject`."""
    decision = Decision(
        subject_kind=subject.kind, subject_id=subject.id, subject_digest=subject.digest, proposer_id=proposer_id,
        policy=policy.to_json(), state=DecisionState.OPEN, opened_at=uow.now, deadline=deadline,
    )  # fmt: skip
    uow.session.add(decision)
    uow.session.flush()
    return decision.id


def cast(
    uow: UnitOfWork, actor: Actor, decision_id: UUID, *, digest: str, vote: Vote, reason: str = ""
) -> DecisionState:
    """Counts `actor`'s vote on the version `digest` and answers where the decision stands.

    The row is locked first, so ballots are counted one after the other. Refused: a closed decision, a passed deadline,
    another version, a voter whom the policy does not name, a second ballot.
    """
    decision = _locked(uow, decision_id)
    if decision.state is not DecisionState.OPEN:
        raise DecisionClosed(state=decision.state.value)
    if decision.deadline is not None and decision.deadline <= uow.now:
        raise DecisionClosed(state=DecisionState.EXPIRED.value)
    if decision.subject_digest != digest:
        raise SubjectChanged()
    policy = Policy.from_json(decision.policy)
    electorate = electorate_of(policy, people_of(uow.session, policy), decision.proposer_id)
    refusal = why_not_vote(actor, policy, electorate, decision.proposer_id)
    if refusal is not None or actor.user_id is None:
        raise VoteRefused(who=actor.name, reason=refusal)
    ballots = _ballots(uow.session, decision_id)
    for ballot in ballots:
        if ballot.voter_id == actor.user_id:
            raise AlreadyVoted(who=actor.name, vote=ballot.vote.value)
    reason = reason.strip()
    if len(reason) > 2000:
        raise InvalidInput(field="Reason", problem="use at most 2,000 characters.")
    uow.session.add(
        Ballot(
            decision_id=decision_id, voter_id=actor.user_id, voter_name=actor.name[:120],
            vote=vote, reason=reason, cast_at=uow.now,
        )
    )  # fmt: skip
    votes = [*(Cast(str(ballot.voter_id), ballot.vote) for ballot in ballots), Cast(actor.id, vote)]
    return _settle(uow, decision, tally(policy, electorate, votes))


def reopen(uow: UnitOfWork, actor: Actor, decision_id: UUID, *, digest: str, deadline: datetime | None) -> None:
    """Asks again, about another version: earlier ballots are void, and kept in the audit."""
    decision = _locked(uow, decision_id)
    void = [
        {"voter": ballot.voter_name, "vote": ballot.vote, "at": ballot.cast_at}
        for ballot in _ballots(uow.session, decision_id)
    ]
    before = {"digest": decision.subject_digest, "state": decision.state, "ballots": void}
    uow.session.execute(delete(Ballot).where(Ballot.decision_id == decision_id))
    decision.subject_digest, decision.deadline = digest, deadline
    decision.state, decision.decided_at = DecisionState.OPEN, None
    subject = f"{decision.subject_kind}:{decision.subject_id}"
    audit.record(uow, actor, "decision.reopened", subject, before=before, after={"digest": digest})


def withdraw(uow: UnitOfWork, decision_id: UUID) -> None:
    """Closes a decision that nobody needs any more; a closed one stays as it was decided."""
    decision = _locked(uow, decision_id)
    if decision.state is DecisionState.OPEN:
        _settle(uow, decision, DecisionState.EXPIRED)


def is_approved(session: Session, decision_id: UUID | None, digest: str) -> bool:
    """Whether exactly this version was approved; anything missing means no."""
    if decision_id is None:
        return False
    query = select(Decision.id).where(
        Decision.id == decision_id, Decision.state == DecisionState.APPROVED, Decision.subject_digest == digest
    )
    return session.scalar(query) is not None


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
            subject = Subject(decision.subject_kind, decision.subject_id, decision.subject_digest)
            closed.append((subject, state))
            audit.record(uow, SYSTEM, "decision.closed", subject.name, after={"state": state, "deadline": "passed"})
    return closed


def people_of(session: Session, policy: Policy) -> frozenset[str]:
    """The ids of the active people whom the policy names; an unknown, inactive or empty council names nobody."""
    if policy.council is not None:
        members = (
            select(User.id)
            .join(CouncilMember, CouncilMember.user_id == User.id)
            .join(Council, Council.id == CouncilMember.council_id)
            .where(Council.id == policy.council, Council.active, User.active)
        )
        return frozenset(str(found) for found in session.scalars(members))
    named = select(User.id).where(
        User.active,
        ~User.sample,
        or_(User.roles.overlap(sorted(policy.roles)), User.id.in_([UUID(user) for user in policy.users])),
    )
    return frozenset(str(found) for found in session.scalars(named))


def _at_deadline(uow: UnitOfWork, decision: Decision) -> DecisionState:
    policy = Policy.from_json(decision.policy)
    electorate = electorate_of(policy, people_of(uow.session, policy), decision.proposer_id)
    votes = [Cast(str(ballot.voter_id), ballot.vote) for ballot in _ballots(uow.session, decision.id)]
    state = tally(policy, electorate, votes, final=True)
    if state is not DecisionState.OPEN:
        return _settle(uow, decision, state)
    if policy.at_deadline is AtDeadline.REJECT:
        return _settle(uow, decision, DecisionState.REJECTED)
    if policy.at_deadline is AtDeadline.EXPIRE or decision.deadline is None:
        return _settle(uow, decision, DecisionState.EXPIRED)
    wider = replace(
        policy, council=None, roles=policy.roles | {Role.ADMIN.value},
        users=policy.users | people_of(uow.session, policy), at_deadline=AtDeadline.EXPIRE,
    )  # fmt: skip
    decision.policy = wider.to_json()
    decision.deadline = uow.now + (decision.deadline - decision.opened_at)
    subject = f"{decision.subject_kind}:{decision.subject_id}"
    audit.record(uow, SYSTEM, "decision.escalated", subject, after={"deadline": decision.deadline})
    return DecisionState.OPEN


def _settle(uow: UnitOfWork, decision: Decision, state: DecisionState) -> DecisionState:
    if state is not DecisionState.OPEN:
        decision.state, decision.decided_at = state, uow.now
    uow.session.flush()
    return state


def _locked(uow: UnitOfWork, decision_id: UUID) -> Decision:
    decision = uow.session.get(Decision, decision_id, with_for_update=True)
    if decision is None:
        raise NotFound(kind="decision", id=decision_id)
    return decision


def _ballots(session: Session, decision_id: UUID) -> Sequence[Ballot]:
    return session.scalars(select(Ballot).where(Ballot.decision_id == decision_id).order_by(Ballot.cast_at)).all()
