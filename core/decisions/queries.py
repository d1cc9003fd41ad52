"""Reading decisions and councils for pages and API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.database.unit_of_work import Database
from core.decisions.rules import DecisionState, Policy, Vote, electorate_of, why_not_vote
from core.decisions.service import people_of
from core.decisions.tables import Ballot, Council, CouncilMember, Decision


@dataclass(frozen=True)
class BallotRow:
    voter: str
    vote: Vote
    reason: str
    cast_at: datetime


@dataclass(frozen=True)
class DecisionView:
    """A decision as one person sees it."""

    id: UUID
    digest: str
    policy: Policy
    state: DecisionState
    opened_at: datetime
    deadline: datetime | None
    decided_at: datetime | None
    ballots: tuple[BallotRow, ...]
    electorate: int
    """How many may vote; 0 means that it waits until an admin names someone."""
    why_not_vote: str | None
    """Why this person may not vote; None when they may."""


@dataclass(frozen=True)
class CouncilRow:
    id: str
    name: str
    description: str
    domains: tuple[str, ...]
    policy: Policy
    members: int
    active: bool
    sample: bool


def decision_view(session: Session, actor: Actor, decision_id: UUID) -> DecisionView | None:
    decision = session.get(Decision, decision_id)
    if decision is None:
        return None
    query = select(Ballot).where(Ballot.decision_id == decision_id).order_by(Ballot.cast_at)
    ballots = session.scalars(query).all()
    policy = Policy.from_json(decision.policy)
    electorate = electorate_of(policy, people_of(session, policy), decision.proposer_id)
    refusal = why_not_vote(actor, policy, electorate, decision.proposer_id)
    if refusal is None and any(ballot.voter_id == actor.user_id for ballot in ballots):
        refusal = "your vote is counted already."
    return DecisionView(
        id=decision.id, digest=decision.subject_digest, policy=policy, state=decision.state,
        opened_at=decision.opened_at, deadline=decision.deadline, decided_at=decision.decided_at,
        ballots=tuple(BallotRow(one.voter_name, one.vote, one.reason, one.cast_at) for one in ballots),
        electorate=len(electorate), why_not_vote=refusal,
    )  # fmt: skip


class DecisionQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def decision(self, actor: Actor, decision_id: UUID) -> DecisionView | None:
        with self._database.reading() as session:
            return decision_view(session, actor, decision_id)

    def of_subject(self, actor: Actor, kind: str, subject_id: str) -> Sequence[DecisionView]:
        """Every decision on one subject, the latest first."""
        query = (
            select(Decision.id)
            .where(Decision.subject_kind == kind, Decision.subject_id == subject_id)
            .order_by(Decision.opened_at.desc())
        )
        with self._database.reading() as session:
            views = [decision_view(session, actor, found) for found in session.scalars(query).all()]
        return [view for view in views if view is not None]

    def councils(self) -> Sequence[CouncilRow]:
        members = (
            select(func.count()).where(CouncilMember.council_id == Council.id).correlate(Council).scalar_subquery()
        )
        with self._database.reading() as session:
            rows = session.execute(select(Council, members).order_by(Council.sample, Council.name)).all()
        return [
            CouncilRow(
                council.id, council.name, council.description, tuple(council.domains),
                Policy.from_json({**council.policy, "council": council.id}), count, council.active, council.sample,
            )
            for council, count in rows
        ]  # fmt: skip
