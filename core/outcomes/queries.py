"""Reading outcomes: lists, the three figures that are never added together, and proofs for those entitled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true, tuple_
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.executions.queries import MOST_ROWS, after, place
from core.executions.rules import ExecutionState, is_owner
from core.executions.tables import Execution
from core.files.storage import FileStore
from core.identity.tables import User
from core.outcomes.rules import LOGGABLE, REVIEWERS, MetricType, ProofType, ReviewState
from core.outcomes.tables import Outcome, Proof


@dataclass(frozen=True)
class ProofRow:
    id: UUID
    name: str
    content_type: str
    size: int
    uploaded_at: datetime


@dataclass(frozen=True)
class OutcomeRow:
    id: UUID
    execution_id: UUID
    workflow_id: str
    workflow_title: str
    author_name: str | None
    mine: bool
    reviewable: bool
    """Whether the reader may verify or reject it now."""
    metric_type: MetricType
    value: Decimal
    unit: str
    note: str
    proof_type: ProofType
    proofs: tuple[ProofRow, ...]
    review_state: ReviewState
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_reason: str
    logged_at: datetime
    sample: bool


@dataclass(frozen=True)
class OutcomePage:
    rows: Sequence[OutcomeRow]
    total: int
    next: str | None


@dataclass(frozen=True)
class Total:
    """One metric in one unit; totals of different units are never added."""

    metric_type: MetricType
    unit: str
    value: Decimal
    count: int


@dataclass(frozen=True)
class Estimate:
    """Weekly savings that completed runs were estimated to bring, in one currency."""

    currency: str
    weekly: Decimal
    count: int


@dataclass(frozen=True)
class Figures:
    """Before, logged, and logged with a verified proof. Proven is part of measured.

    What was rejected is in neither, nor is what was logged on a run that was given up later: it saved nothing.
    """

    estimated: tuple[Estimate, ...]
    measured: tuple[Total, ...]
    proven: tuple[Total, ...]


@dataclass(frozen=True)
class ProofFile:
    name: str
    content_type: str
    data: bytes


class OutcomeQueries:
    def __init__(self, database: Database, store: FileStore) -> None:
        self._database = database
        self._store = store

    def page(
        self,
        actor: Actor,
        *,
        mine: bool = False,
        review_state: ReviewState | None = None,
        metric_type: MetricType | None = None,
        workflow_id: str | None = None,
        execution_id: UUID | None = None,
        outcome_id: UUID | None = None,
        reviewable: bool = False,
        sample: bool | None = False,
        before: str | None = None,
        limit: int = 50,
    ) -> OutcomePage:
        """Newest first. Reviewers, analysts and admins see all; everybody else, and `mine`, their own.

        `reviewable` keeps what the reader may verify or reject. `before` is the `next` of the page before.
        """
        limit = max(1, min(limit, MOST_ROWS))
        wanted = [
            _visible(actor, mine),
            Outcome.review_state == review_state if review_state else true(),
            Outcome.metric_type == metric_type if metric_type else true(),
            Execution.workflow_id == workflow_id if workflow_id else true(),
            Outcome.execution_id == execution_id if execution_id else true(),
            Outcome.id == outcome_id if outcome_id else true(),
            _for_review(actor) if reviewable else true(),
            Outcome.sample.is_(sample) if sample is not None else true(),
        ]
        query = (
            select(Outcome, Execution, WorkflowRevision.title, User.name)
            .join(Execution, Execution.id == Outcome.execution_id)
            .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
            .outerjoin(User, User.id == Outcome.user_id)
            .where(*wanted)
        )
        counted = select(func.count()).select_from(Outcome).join(Execution, Execution.id == Outcome.execution_id)
        with self._database.reading() as session:
            total = session.scalar(counted.where(*wanted)) or 0
            if before is not None:
                query = query.where(tuple_(Outcome.logged_at, Outcome.id) < place(before))
            ordered = query.order_by(Outcome.logged_at.desc(), Outcome.id.desc()).limit(limit + 1)
            found = session.execute(ordered).all()
            proofs = _proofs(session, [outcome.id for outcome, *_ in found])
        rows = [_row(actor, *each, tuple(proofs.get(each[0].id, ()))) for each in found[:limit]]
        following = after(rows[-1].logged_at, rows[-1].id) if len(found) > limit else None
        return OutcomePage(rows, total, following)

    def figures(self, actor: Actor, *, mine: bool = False, sample: bool = False) -> Figures:
        """The three figures over what the actor may see; each unit by itself."""
        proven = and_(Outcome.review_state == ReviewState.VERIFIED, Outcome.proof_type != ProofType.NONE)
        measured = Outcome.review_state != ReviewState.REJECTED
        estimated = (
            select(Execution.savings_currency, func.sum(Execution.calculated_savings), func.count())
            .where(
                _visible(actor, mine),
                Execution.sample.is_(sample),
                Execution.state == ExecutionState.COMPLETED,
                Execution.calculated_savings.is_not(None),
            )
            .group_by(Execution.savings_currency)
            .order_by(Execution.savings_currency)
        )
        totals = (
            select(
                Outcome.metric_type, Outcome.unit,
                func.sum(Outcome.value), func.count(),
                func.sum(Outcome.value).filter(proven), func.count().filter(proven),
            )
            .join(Execution, Execution.id == Outcome.execution_id)
            .where(_visible(actor, mine), Outcome.sample.is_(sample), measured, Execution.state.in_(LOGGABLE))
            .group_by(Outcome.metric_type, Outcome.unit)
            .order_by(Outcome.metric_type, func.count().desc(), Outcome.unit)
        )  # fmt: skip
        with self._database.reading() as session:
            estimates = [Estimate(str(code), value or Decimal(0), n) for code, value, n in session.execute(estimated)]
            rows = session.execute(totals).all()
        return Figures(
            estimated=tuple(estimates),
            measured=tuple(Total(metric, unit, value, n) for metric, unit, value, n, _, _ in rows),
            proven=tuple(Total(metric, unit, value, n) for metric, unit, _, _, value, n in rows if n),
        )

    def waiting_for_review(self, actor: Actor) -> int:
        """How many outcomes wait for this reader; 0 for those who review nothing."""
        if not actor.has(*REVIEWERS):
            return 0
        query = select(func.count()).select_from(Outcome).where(_for_review(actor), ~Outcome.sample)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def proof(self, actor: Actor, proof_id: UUID) -> ProofFile:
        """One file, for the owner of the run and for reviewers; NotFound for everybody else."""
        query = (
            select(Proof, Execution)
            .join(Outcome, Outcome.id == Proof.outcome_id)
            .join(Execution, Execution.id == Outcome.execution_id)
            .where(Proof.id == proof_id)
        )
        with self._database.reading() as session:
            found = session.execute(query).first()
        if found is None or not (
            actor.has(*REVIEWERS) or is_owner(actor, user_id=found[1].user_id, agent_id=found[1].agent_id)
        ):
            raise NotFound(kind="proof", id=proof_id)
        kept = found[0]
        return ProofFile(kept.name, kept.content_type, self._store.get(kept.sha256))


def _visible(actor: Actor, mine: bool) -> ColumnElement[bool]:
    if not mine and actor.has(Role.ANALYST, *REVIEWERS):
        return true()
    if actor.user_id is None:
        return and_(Execution.user_id.is_(None), Execution.agent_id == actor.id)
    return Execution.user_id == actor.user_id


def _for_review(actor: Actor) -> ColumnElement[bool]:
    """Waits, has something to look at, and is not the reader's own."""
    return and_(
        Outcome.review_state == ReviewState.PENDING,
        Outcome.proof_type != ProofType.NONE,
        Outcome.user_id.is_distinct_from(actor.user_id),
    )


def _proofs(session: Session, outcome_ids: Sequence[UUID]) -> dict[UUID, list[ProofRow]]:
    query = select(Proof).where(Proof.outcome_id.in_(outcome_ids)).order_by(Proof.uploaded_at, Proof.id)
    found: dict[UUID, list[ProofRow]] = {}
    for proof in session.scalars(query):
        row = ProofRow(proof.id, proof.name, proof.content_type, proof.size, proof.uploaded_at)
        found.setdefault(proof.outcome_id, []).append(row)
    return found


def _row(
    actor: Actor, outcome: Outcome, run: Execution, title: str, author: str | None, proofs: tuple[ProofRow, ...]
) -> OutcomeRow:
    mine = is_owner(actor, user_id=run.user_id, agent_id=run.agent_id)
    reviewer = actor.user_id is not None and actor.has(*REVIEWERS) and outcome.user_id != actor.user_id
    return OutcomeRow(
        id=outcome.id, execution_id=run.id, workflow_id=run.workflow_id, workflow_title=title, author_name=author,
        mine=mine, reviewable=reviewer and outcome.review_state is ReviewState.PENDING,
        metric_type=outcome.metric_type, value=outcome.value, unit=outcome.unit, note=outcome.note,
        proof_type=outcome.proof_type, proofs=proofs, review_state=outcome.review_state,
        reviewed_by=outcome.reviewed_by, reviewed_at=outcome.reviewed_at, review_reason=outcome.review_reason,
        logged_at=outcome.logged_at, sample=outcome.sample,
    )  # fmt: skip
