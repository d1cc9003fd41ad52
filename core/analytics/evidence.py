"""The chain from a savings figure to what stands behind it: runs, the cards they were reckoned by, outcomes and proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, null, select, tuple_
from sqlalchemy.orm import Session

from core.actor import Actor
from core.analytics.figures import SAVE_NOTHING, WEEKLY_SAVINGS
from core.analytics.filters import Filters, conditions, visible_to
from core.analytics.percentiles import COMPLETED
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.errors import InvalidInput
from core.executions.queries import after as cursor_after
from core.executions.queries import place
from core.executions.rules import ExecutionState, is_owner
from core.executions.tables import Execution
from core.identity.tables import Agent, User
from core.outcomes.rules import MOST_UNIT, REVIEWERS, MetricType, ProofType, ReviewState
from core.outcomes.tables import Outcome, Proof

MOST_A_PAGE = 200


class Figure(StrEnum):
    """The three that are never added."""

    ESTIMATED = "estimated"
    MEASURED = "measured"
    PROVEN = "proven"


@dataclass(frozen=True)
class ProofRef:
    id: UUID
    name: str
    sha256: str
    """Of the file's content: what was verified is what is downloaded."""
    content_type: str
    size: int


@dataclass(frozen=True)
class EvidenceRow:
    """One summand of a figure, and where it comes from."""

    run_id: UUID
    title: str
    workflow_id: str
    state: ExecutionState
    at: datetime
    """When the outcome was logged; of an estimate, when its run was started."""
    value: Decimal
    person: str | None
    """Who ran it, or the agent."""
    rate_card: Mapping[str, Any] | None
    """Of an estimate: the facts of the card of that day. None where the sum was stated when the run was started."""
    outcome_id: UUID | None
    logged_by: str | None
    note: str
    review: ReviewState | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    proofs: tuple[ProofRef, ...]
    may_download: bool
    """Whether the reader is entitled to the proofs' content."""


@dataclass(frozen=True)
class EvidencePage:
    """Newest first. `total_value` and `n` are of the whole figure; `next_cursor` is None on the last page."""

    rows: Sequence[EvidenceRow]
    total_value: Decimal
    n: int
    next_cursor: str | None


class EvidenceQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(
        self, reader: Actor, filters: Filters, figure: Figure, metric: str, unit: str, *, after: str | None = None,
        limit: int = 50,
    ) -> EvidencePage:  # fmt: skip
        """What `figure` of `metric` in `unit` is the sum of, among the runs that `reader` may see.

        An estimate's metric is `weekly_savings` and its unit the currency. `after` is the `next_cursor` of the page before.
        """
        limit = max(1, min(limit, MOST_A_PAGE))
        if not unit or len(unit) > MOST_UNIT or not unit.isprintable():
            raise InvalidInput(field="Unit", problem=f"use one of 1 to {MOST_UNIT} characters.")
        source = _estimates(unit) if figure is Figure.ESTIMATED else _outcomes(figure, metric, unit)
        if figure is Figure.ESTIMATED and metric != WEEKLY_SAVINGS:
            raise InvalidInput(field="Metric", problem=f"an estimate is of {WEEKLY_SAVINGS}.")
        where = [visible_to(reader), *conditions(filters), *source.where]
        summed = source.joined(select(func.coalesce(func.sum(source.value), 0), func.count())).where(*where)
        listed = source.joined(_listed(source)).where(*where).order_by(source.at.desc(), source.id.desc())
        if after is not None:
            listed = listed.where(tuple_(source.at, source.id) < place(after))
        with self._database.reading() as session:
            total, n = session.execute(summed).one()
            found = session.execute(listed.limit(limit + 1)).all()
            proofs = _proofs(session, [row.outcome_id for row in found if row.outcome_id])
        rows = [_row(reader, row, proofs.get(row.outcome_id, ())) for row in found[:limit]]
        more = len(found) > limit
        return EvidencePage(
            rows, Decimal(total), n, cursor_after(found[limit - 1].at, found[limit - 1].key) if more else None
        )


@dataclass(frozen=True)
class _Source:
    """Where the summands of a figure stand: in the runs, or in their outcomes."""

    value: Any
    at: Any
    id: Any
    where: tuple[ColumnElement[bool], ...]
    of_outcomes: bool

    def joined(self, query: Any) -> Any:
        if not self.of_outcomes:
            return query.select_from(Execution)
        return query.select_from(Execution).join(Outcome, Outcome.execution_id == Execution.id)


def _estimates(currency: str) -> _Source:
    where = (COMPLETED, Execution.calculated_savings.is_not(None), Execution.savings_currency == currency)
    return _Source(Execution.calculated_savings, Execution.created_at, Execution.id, where, of_outcomes=False)


def _outcomes(figure: Figure, metric: str, unit: str) -> _Source:
    if metric not in set(MetricType):
        raise InvalidInput(field="Metric", problem=f"use one of {', '.join(MetricType)}.")
    where: tuple[ColumnElement[bool], ...] = (
        Outcome.metric_type == MetricType(metric), Outcome.unit == unit, Execution.state.not_in(SAVE_NOTHING),
        Outcome.review_state != ReviewState.REJECTED,
    )  # fmt: skip
    if figure is Figure.PROVEN:
        where = (*where, Outcome.review_state == ReviewState.VERIFIED, Outcome.proof_type != ProofType.NONE)
    return _Source(Outcome.value, Outcome.logged_at, Outcome.id, where, of_outcomes=True)


def _listed(source: _Source) -> Select[Any]:
    def people(of: Any) -> Any:
        return select(User.name).where(User.id == of).scalar_subquery()

    agent = select(Agent.name).where(Agent.id == Execution.agent_id).scalar_subquery()
    title = select(WorkflowRevision.title).where(WorkflowRevision.digest == Execution.revision).scalar_subquery()
    return select(
        source.id.label("key"), source.at.label("at"), source.value.label("value"), Execution.id.label("run_id"),
        Execution.workflow_id, Execution.state, Execution.user_id, Execution.agent_id, title.label("title"),
        func.coalesce(people(Execution.user_id), agent).label("person"),
        *(
            (
                Outcome.id.label("outcome_id"), func.coalesce(people(Outcome.user_id), agent).label("logged_by"),
                Outcome.note, Outcome.review_state, Outcome.reviewed_by, Outcome.reviewed_at,
            )
            if source.of_outcomes
            else (Execution.rate_card, *_NOTHING)
        ),
    )  # fmt: skip


_NOTHING = tuple(
    null().label(name) for name in ("outcome_id", "logged_by", "note", "review_state", "reviewed_by", "reviewed_at")
)


def _row(reader: Actor, row: Any, proofs: tuple[ProofRef, ...]) -> EvidenceRow:
    own = is_owner(reader, user_id=row.user_id, agent_id=row.agent_id)
    return EvidenceRow(
        run_id=row.run_id, title=row.title, workflow_id=row.workflow_id, state=row.state, at=row.at, value=row.value,
        person=row.person, rate_card=getattr(row, "rate_card", None), outcome_id=row.outcome_id,
        logged_by=row.logged_by, note=row.note or "", review=row.review_state, reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at, proofs=tuple(proofs), may_download=own or reader.has(*REVIEWERS),
    )  # fmt: skip


def _proofs(session: Session, outcome_ids: Sequence[UUID]) -> dict[UUID, tuple[ProofRef, ...]]:
    found: dict[UUID, tuple[ProofRef, ...]] = {}
    if not outcome_ids:
        return found
    query = select(Proof).where(Proof.outcome_id.in_(outcome_ids)).order_by(Proof.uploaded_at, Proof.id)
    for proof in session.scalars(query):
        ref = ProofRef(proof.id, proof.name, proof.sha256, proof.content_type, proof.size)
        found[proof.outcome_id] = (*found.get(proof.outcome_id, ()), ref)
    return found
