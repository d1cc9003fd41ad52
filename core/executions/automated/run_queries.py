"""Reading automated runs for pages and API: the tree, its documents, model calls and events."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from core.actor import Actor, Role
from core.audit.tables import AuditEntry
from core.catalog.queries import automated_at
from core.database.unit_of_work import Database
from core.decisions.tables import Decision
from core.decisions.views import DecisionView, decision_views
from core.decisions.waiting import waits_for
from core.errors import CountersignError, NotFound
from core.executions.automated.rules import DECIDED, GateKind, GateState
from core.executions.automated.run_documents import DocumentLine, DocumentView
from core.executions.automated.run_rows import (
    behind,
    call_of,
    document_lines,
    head_of,
    open_gates,
    run_of,
    spent_of,
    visible,
)
from core.executions.automated.run_tree import ITEM, NOTHING, build
from core.executions.automated.run_views import Call, GateBehind, RunEvent, RunTree
from core.executions.automated.tables import ModelCall, RunDocument, RunEntity, RunGate, RunNode
from core.executions.tables import Execution

MOST_ROWS = 1_000


class NothingToVoteOn(CountersignError):
    """No decision of this run waits for your vote in this version. Nothing was counted; look at the run as it is now."""

    http_status = 409


class SeveralToVoteOn(CountersignError):
    """{count} decisions of this run wait for your vote. Send the digest of the one you mean; nothing was counted."""

    http_status = 409


class RunTreeQueries:
    """Whoever may see a run may see its documents; to everybody else there is no such run (NotFound)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tree(self, actor: Actor, run_id: UUID) -> RunTree:
        """The whole run, but for the contents of documents and calls; as many statements however large it is."""
        with self._database.reading() as session:
            row, names = run_of(session, actor, run_id)
            workflow = automated_at(session, row.revision) if row.automated else None
            nodes = session.scalars(select(RunNode).where(RunNode.execution_id == run_id)).all()
            spent = spent_of(session, run_id)
            total = NOTHING
            for one in spent.values():
                total += one
            return RunTree(
                head=head_of(actor, row, names), steps=build(nodes, workflow, spent), spent=total,
                gates=open_gates(session, actor, run_id, self._database.clock.now()),
                documents=document_lines(session, run_id, workflow, nodes), workflow=workflow,
            )  # fmt: skip

    def pulse(self, actor: Actor, run_id: UUID) -> Hashable:
        """Differs when something of the run has changed; one statement."""
        standing = func.concat_ws(":", RunNode.path, RunNode.state, RunNode.generation, RunNode.attempts)
        counted = (
            select(func.sum(func.hashtextextended(standing, 0))).where(RunNode.execution_id == run_id),
            select(func.count()).where(RunGate.execution_id == run_id),
            select(func.max(RunGate.closed_at)).where(RunGate.execution_id == run_id),
            select(func.count()).where(RunDocument.execution_id == run_id),
            select(func.max(RunDocument.accepted_at)).where(RunDocument.execution_id == run_id),
            select(func.count()).where(ModelCall.execution_id == run_id),
        )
        numbers = [one.scalar_subquery() for one in counted]
        query = select(Execution.state, Execution.paused, Execution.version, *numbers)
        with self._database.reading() as session:
            found = session.execute(query.where(Execution.id == run_id, visible(actor))).first()
        return tuple(found) if found else None

    def documents(
        self, actor: Actor, run_id: UUID, *, doc_type: str | None = None, scope_id: str | None = None
    ) -> tuple[DocumentLine, ...]:
        with self._database.reading() as session:
            row, _ = run_of(session, actor, run_id)
            workflow = automated_at(session, row.revision) if row.automated else None
            nodes = session.scalars(select(RunNode).where(RunNode.execution_id == run_id, RunNode.kind == ITEM)).all()
            found = document_lines(session, run_id, workflow, nodes)
        return tuple(
            one
            for one in found
            if (doc_type is None or one.doc_type == doc_type) and (scope_id is None or one.scope_id == scope_id)
        )

    def document(self, actor: Actor, run_id: UUID, document_id: UUID) -> DocumentView:
        """One version with its content; NotFound also for a document of another run."""
        with self._database.reading() as session:
            lines = self.documents(actor, run_id)
            line = next((one for one in lines if any(v.id == document_id for v in one.versions)), None)
            row = session.get(RunDocument, document_id) if line else None
            if line is None or row is None:
                raise NotFound(kind="document", id=document_id)
            version = next(one for one in line.versions if one.id == document_id)
            revision = session.scalar(select(Execution.revision).where(Execution.id == run_id))
            workflow = automated_at(session, revision) if revision else None
            known = workflow.document_types.get(line.doc_type) if workflow else None
            schema = (known.json_schema if known else None) or {}
            return DocumentView(line, version, row.content, tuple(row.findings), schema)

    def entity(self, actor: Actor, run_id: UUID, path: str) -> Any:
        """What an item is: the part of the collection that its iteration took. None where there is none."""
        with self._database.reading() as session:
            run_of(session, actor, run_id)
            query = select(RunEntity.content).where(RunEntity.execution_id == run_id, RunEntity.path == path)
            return session.scalar(query)

    def gates_behind(self, actor: Actor, run_id: UUID, path: str) -> tuple[GateBehind, ...]:
        """The gates of one step that are not open any more, oldest first: who let it go on, and with what."""
        query = select(RunGate).where(
            RunGate.execution_id == run_id, RunGate.path == path, RunGate.state != GateState.OPEN
        )
        with self._database.reading() as session:
            run_of(session, actor, run_id)
            return tuple(behind(one) for one in session.scalars(query.order_by(RunGate.opened_at, RunGate.id)))

    def calls(
        self, actor: Actor, run_id: UUID, *, path: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[tuple[Call, ...], int]:
        """One page of them, oldest first, and how many there are; what was said only to operators and admins."""
        whole = actor.has(Role.OPERATOR, Role.ADMIN)
        wanted = [ModelCall.execution_id == run_id, ModelCall.path == path if path is not None else true()]
        order = (ModelCall.called_at, ModelCall.path, ModelCall.generation, ModelCall.number)
        with self._database.reading() as session:
            run_of(session, actor, run_id)
            total = session.scalar(select(func.count()).select_from(ModelCall).where(*wanted)) or 0
            limit = max(1, min(limit, MOST_ROWS))
            query = select(ModelCall).where(*wanted).order_by(*order).offset(max(0, offset)).limit(limit)
            return tuple(call_of(one, whole) for one in session.scalars(query)), total

    def events(self, actor: Actor, run_id: UUID, *, limit: int = 100) -> tuple[RunEvent, ...]:
        """What the audit chain tells of the run, the latest first."""
        query = select(AuditEntry).where(AuditEntry.subject == f"run:{run_id}")
        with self._database.reading() as session:
            run_of(session, actor, run_id)
            found = session.scalars(query.order_by(AuditEntry.sequence.desc()).limit(limit))
            return tuple(RunEvent(one.at, one.actor_name, one.event, one.after or {}) for one in found)

    def waits(self, run_ids: Collection[UUID]) -> Mapping[UUID, tuple[GateKind, str]]:
        """What each of these runs waits for, the gate that opened first; for lists whose rows the reader may see."""
        query = (
            select(RunGate.execution_id, RunGate.kind, RunGate.title)
            .where(RunGate.execution_id.in_(run_ids), RunGate.state == GateState.OPEN)
            .order_by(RunGate.execution_id, RunGate.opened_at, RunGate.id)
            .ext(distinct_on(RunGate.execution_id))
        )
        with self._database.reading() as session:
            return {run: (kind, title) for run, kind, title in session.execute(query)} if run_ids else {}

    def to_vote_on(self, actor: Actor, run_id: UUID) -> Sequence[DecisionView]:
        """The open decisions of the run that `actor` may vote on now."""
        now = self._database.clock.now()
        gates = select(RunGate.decision_id).where(
            RunGate.execution_id == run_id, RunGate.state == GateState.OPEN, RunGate.kind.in_(DECIDED)
        )
        with self._database.reading() as session:
            row, _ = run_of(session, actor, run_id)
            whose = or_(Decision.id.in_(gates), Decision.id == row.decision_id)
            query = select(Decision.id).where(waits_for(session, actor, now), whose).order_by(Decision.id)
            return decision_views(session, actor, session.scalars(query).all(), now=now)

    def one_to_vote_on(self, actor: Actor, run_id: UUID, *, digest: str | None = None) -> DecisionView:
        """The one open decision of the run that waits for `actor`, or the one about this very version."""
        found = self.to_vote_on(actor, run_id)
        if digest is not None:
            found = [one for one in found if one.digest == digest]
        if not found:
            raise NothingToVoteOn()
        if len(found) > 1:
            raise SeveralToVoteOn(count=len(found))
        return found[0]

    def is_automated(self, actor: Actor, run_id: UUID) -> bool:
        with self._database.reading() as session:
            query = select(Execution.automated).where(Execution.id == run_id, visible(actor))
            found = session.scalar(query)
        if found is None:
            raise NotFound(kind="run", id=run_id)
        return found

    def exists(self, run_id: UUID) -> bool:
        with self._database.reading() as session:
            return session.scalar(select(Execution.id).where(Execution.id == run_id)) is not None
