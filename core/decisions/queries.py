"""Reading decisions for pages, API and jobs: one, those that wait, those of a subject, and the replay of closed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.database.unit_of_work import Database
from core.decisions.closing import replayed
from core.decisions.electorate import as_cast, ballots_of
from core.decisions.replay import Replay, replay_all
from core.decisions.rules import DecisionState
from core.decisions.tables import Ballot, Decision
from core.decisions.views import BallotRow as BallotRow
from core.decisions.views import DecisionView as DecisionView
from core.decisions.views import PanelView as PanelView
from core.decisions.views import decision_view as decision_view
from core.decisions.views import decision_views
from core.decisions.views import why_not_vote_on as why_not_vote_on
from core.decisions.waiting import before_a_council as before_a_council
from core.decisions.waiting import may_read
from core.decisions.waiting import waits_for as waits_for
from core.errors import CountersignError, NotFound


class NoRoll(CountersignError):
    """The decision {id} is open still, or was closed before electoral rolls were kept. There is nothing to replay."""

    http_status = 409


@dataclass(frozen=True)
class WaitingDecision:
    """A decision that waits for somebody, as one who watches needs to know it."""

    id: UUID
    kind: str
    subject_id: str
    digest: str
    deadline: datetime | None


@dataclass(frozen=True)
class InboxStanding:
    count: int
    decisions: tuple[WaitingDecision, ...]
    """What closes first at the top; not all of them where there are very many."""


class DecisionQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def decision(self, actor: Actor, decision_id: UUID) -> DecisionView | None:
        """None when it is not there, or not for this person to read."""
        with self._database.reading() as session:
            query = select(Decision.id).where(Decision.id == decision_id, may_read(session, actor))
            if session.scalar(query) is None:
                return None
            return decision_view(session, actor, decision_id, now=self._database.clock.now())

    def of_subject(self, actor: Actor, kind: str, subject_id: str) -> Sequence[DecisionView]:
        """Every decision on one subject, the latest first."""
        with self._database.reading() as session:
            query = (
                select(Decision.id)
                .where(Decision.subject_kind == kind, Decision.subject_id == subject_id, may_read(session, actor))
                .order_by(Decision.opened_at.desc())
            )
            return self._views(session, actor, session.scalars(query).all())

    def waiting(self, actor: Actor, *, limit: int = 50, offset: int = 0) -> tuple[Sequence[DecisionView], int]:
        """One page of what waits for this person's vote, what closes first at the top, and how many there are."""
        with self._database.reading() as session:
            mine = waits_for(session, actor, self._database.clock.now())
            query = select(Decision.id).where(mine).order_by(Decision.deadline, Decision.id)
            total = session.scalar(select(func.count()).select_from(Decision).where(mine)) or 0
            return self._views(session, actor, session.scalars(query.offset(offset).limit(limit)).all()), total

    def all(
        self,
        actor: Actor,
        *,
        state: DecisionState | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Sequence[DecisionView], int]:
        """One page of what this person may read, newest first, and how many there are."""
        with self._database.reading() as session:
            chosen = [may_read(session, actor)]
            if state is not None:
                chosen.append(Decision.state == state)
            if kind is not None:
                chosen.append(Decision.subject_kind == kind)
            query = select(Decision.id).where(*chosen).order_by(Decision.opened_at.desc(), Decision.id.desc())
            total = session.scalar(select(func.count()).select_from(Decision).where(*chosen)) or 0
            return self._views(session, actor, session.scalars(query.offset(offset).limit(limit)).all()), total

    def waiting_count(self, actor: Actor) -> int:
        """How many decisions wait for this person's vote."""
        with self._database.reading() as session:
            mine = waits_for(session, actor, self._database.clock.now())
            return session.scalar(select(func.count()).select_from(Decision).where(mine)) or 0

    def standing(self, actor: Actor, *, limit: int = 100) -> InboxStanding:
        """What waits for this person's vote, in a few words: for those who watch their inbox."""
        with self._database.reading() as session:
            mine = waits_for(session, actor, self._database.clock.now())
            query = (
                select(
                    Decision.id, Decision.subject_kind, Decision.subject_id, Decision.subject_digest,
                    Decision.deadline, func.count().over().label("how_many"),
                )
                .where(mine)
                .order_by(Decision.deadline, Decision.id)
                .limit(limit)
            )  # fmt: skip
            rows = session.execute(query).all()
        return InboxStanding(
            count=rows[0].how_many if rows else 0,
            decisions=tuple(
                WaitingDecision(row.id, row.subject_kind, row.subject_id, row.subject_digest, row.deadline)
                for row in rows
            ),
        )

    def voted_by(self, actor: Actor, *, limit: int = 20) -> Sequence[DecisionView]:
        """What this person voted on, the latest vote first."""
        with self._database.reading() as session:
            query = (
                select(Ballot.decision_id)
                .where(Ballot.cast_by_id == actor.user_id)
                .order_by(Ballot.cast_at.desc(), Ballot.id.desc())
                .limit(limit)
            )
            return self._views(session, actor, session.scalars(query).all())

    def replay(self, decision_id: UUID) -> DecisionState:
        """What the stored ballots of a closed decision say on its stored electoral roll."""
        with self._database.reading() as session:
            decision = session.get(Decision, decision_id)
            if decision is None:
                raise NotFound(kind="decision", id=decision_id)
            if decision.outcome is None:
                raise NoRoll(id=decision_id)
            return replayed(decision.outcome, as_cast(ballots_of(session, decision_id)))

    def replay_all(self) -> Replay:
        """Replays every closed decision, and compares what each rests on with what the audit chain kept of it."""
        with self._database.reading() as session:
            return replay_all(session)

    def _views(self, session: Session, actor: Actor, ids: Sequence[UUID]) -> list[DecisionView]:
        return decision_views(session, actor, ids, now=self._database.clock.now())
