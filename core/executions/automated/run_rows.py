"""The statements behind a run as it is read, one each, whatever its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from core.actor import Actor, ActorKind, Role
from core.catalog.automated import AutomatedWorkflow
from core.catalog.tables import WorkflowRevision
from core.decisions.tables import Council, Decision
from core.decisions.views import DecisionView, decision_views
from core.decisions.waiting import waits_for
from core.errors import NotFound
from core.executions.automated.rules import ANSWERED, DECIDED, GateState
from core.executions.automated.run_documents import DocumentLine, Version
from core.executions.automated.run_tree import NOTHING, Spent
from core.executions.automated.run_views import Call, GateBehind, OpenGate, RunHead
from core.executions.automated.tables import ModelCall, RunDocument, RunEntity, RunGate, RunNode
from core.executions.progress import Timer
from core.executions.rules import is_owner, may_read
from core.executions.tables import Execution
from core.identity.tables import Agent, User

BY_PEOPLE = DECIDED | ANSWERED
"""Gates that wait for people."""

READ_ALL = (Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)
Names = tuple[str, str | None, str | None, str | None]
"""Of the workflow, the owner, the agent, the council."""


def waits_for_people() -> ColumnElement[bool]:
    """A condition on `executions`: people must do something before it goes on."""
    gates = select(RunGate.id).where(
        RunGate.execution_id == Execution.id, RunGate.state == GateState.OPEN, RunGate.kind.in_(sorted(BY_PEOPLE))
    )
    return gates.exists()


def visible(actor: Actor) -> ColumnElement[bool]:
    """A condition on `executions`: `actor` may see it. Those who answer for all runs see all."""
    if actor.has(*READ_ALL) or actor.kind in {ActorKind.JOB, ActorKind.SYSTEM}:
        return true()
    if actor.kind is ActorKind.AGENT:
        return Execution.agent_id == actor.id
    return Execution.user_id == actor.user_id


def run_of(session: Session, actor: Actor, run_id: UUID) -> tuple[Execution, Names]:
    person, agent, council = aliased(User), aliased(Agent), aliased(Council)
    query = (
        select(Execution, WorkflowRevision.title, person.name, agent.name, council.name)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .outerjoin(person, person.id == Execution.user_id)
        .outerjoin(agent, agent.id == Execution.agent_id)
        .outerjoin(council, council.id == Execution.council_id)
        .where(Execution.id == run_id, visible(actor))
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound(kind="run", id=run_id)
    row, title, owner, agent_name, council_name = found
    return row, (title, owner, agent_name, council_name)


def head_of(actor: Actor, row: Execution, names: Names) -> RunHead:
    title, owner, agent, council = names
    return RunHead(
        id=row.id, workflow_id=row.workflow_id, revision=row.revision, title=title, state=row.state,
        paused=row.paused, owner=owner, agent=agent, council=council, created_at=row.created_at,
        started_at=row.started_at, ended_at=row.completed_at, last_activity_at=row.last_activity_at, error=row.error,
        end_reason=row.end_reason, inputs=row.inputs, outputs=row.outputs,
        timer=Timer(row.timer_kind, row.timer_since, row.work_ms, row.wait_ms, row.ai_ms), version=row.version,
        sample=row.sample, mine=is_owner(actor, user_id=row.user_id, agent_id=row.agent_id),
        may_steer=may_read(actor, user_id=row.user_id, agent_id=row.agent_id),
    )  # fmt: skip


def spent_of(session: Session, run_id: UUID) -> Mapping[str, Spent]:
    query = (
        select(
            ModelCall.path, ModelCall.currency, func.count(), func.sum(ModelCall.tokens_in),
            func.sum(ModelCall.tokens_out), func.sum(ModelCall.latency_ms), func.sum(ModelCall.cost),
            func.count().filter(or_(ModelCall.cost.is_(None), ModelCall.currency.is_(None))),
        )
        .where(ModelCall.execution_id == run_id)
        .group_by(ModelCall.path, ModelCall.currency)
    )  # fmt: skip
    found: dict[str, Spent] = {}
    for path, currency, calls, tokens_in, tokens_out, took, cost, unpriced in session.execute(query):
        priced = {currency: cost} if currency is not None and cost is not None else {}
        one = Spent(calls, int(tokens_in), int(tokens_out), int(took), priced, unpriced)
        found[path] = found.get(path, NOTHING) + one
    return found


def open_gates(session: Session, actor: Actor, run_id: UUID, now: datetime) -> tuple[OpenGate, ...]:
    query = select(RunGate).where(RunGate.execution_id == run_id, RunGate.state == GateState.OPEN)
    rows = session.scalars(query.order_by(RunGate.opened_at, RunGate.id)).all()
    asked = [row.decision_id for row in rows if row.decision_id is not None]
    mine = set(session.scalars(select(Decision.id).where(waits_for(session, actor, now), Decision.id.in_(asked))))
    views = {view.id: view for view in decision_views(session, actor, asked, now=now)} if asked else {}
    found = [
        _gate(row, views.get(row.decision_id) if row.decision_id else None, row.decision_id in mine) for row in rows
    ]
    return tuple(sorted(found, key=lambda one: not one.for_me))


def _gate(row: RunGate, view: DecisionView | None, mine: bool) -> OpenGate:
    return OpenGate(
        id=row.id, path=row.path, kind=row.kind, title=row.title, digest=row.digest, opened_at=row.opened_at,
        due_at=row.due_at, deadline=view.deadline if view else None, decision_id=row.decision_id,
        action_id=row.action_id, document_id=row.document_id, for_me=mine, why_not=view.why_not_vote if view else None,
        seats=view.electorate if view else 0,
    )  # fmt: skip


def document_lines(
    session: Session, run_id: UUID, workflow: AutomatedWorkflow | None, nodes: Sequence[RunNode]
) -> tuple[DocumentLine, ...]:
    columns = (
        RunDocument.id, RunDocument.doc_type, RunDocument.scope, RunDocument.scope_id, RunDocument.version,
        RunDocument.digest, RunDocument.made_by, func.jsonb_array_length(RunDocument.findings).label("warnings"),
        RunDocument.created_at, RunDocument.accepted_at, RunDocument.accepted_by, RunDocument.path,
    )  # fmt: skip
    query = select(*columns).where(RunDocument.execution_id == run_id)
    places = _places(session, run_id, nodes)
    versions: dict[tuple[str, str], list[Version]] = {}
    scopes: dict[str, str] = {}
    for row in session.execute(query.order_by(RunDocument.created_at, RunDocument.id)):
        scopes[row.doc_type] = row.scope
        made = Version(
            row.id, row.version, row.digest, row.made_by, row.warnings, row.created_at, row.accepted_at,
            row.accepted_by, row.path,
        )  # fmt: skip
        versions.setdefault((row.doc_type, row.scope_id), []).append(made)
    known = workflow.document_types if workflow else {}
    return tuple(
        DocumentLine(
            doc_type, known[doc_type].name if doc_type in known else doc_type, scopes[doc_type], scope_id,
            places.get(scope_id, scope_id), tuple(sorted(found, key=lambda one: one.version)),
        )
        for (doc_type, scope_id), found in versions.items()
    )  # fmt: skip


def _places(session: Session, run_id: UUID, nodes: Sequence[RunNode]) -> Mapping[str, str]:
    """What the items of each scope are called, by the ids that name the scope."""
    query = select(RunEntity.scope_id, RunEntity.path).where(RunEntity.execution_id == run_id)
    known = {node.path: node for node in nodes}
    names = {"": ""}
    for scope_id, path in session.execute(query.order_by(func.length(RunEntity.scope_id))):
        node = known.get(path)
        title = node.title if node and node.title else scope_id.rpartition("/")[2]
        above = names.get(scope_id.rpartition("/")[0], "")
        names[scope_id] = f"{above} › {title}" if above else title
    return names


def call_of(row: ModelCall, whole: bool) -> Call:
    return Call(
        id=row.id, path=row.path, generation=row.generation, number=row.number, model=row.model, prompts=row.prompts,
        request=row.request if whole else None, response=row.response if whole else None, outcome=row.outcome,
        findings=tuple(row.findings), tokens_in=row.tokens_in, tokens_out=row.tokens_out, cost=row.cost,
        currency=row.currency, latency_ms=row.latency_ms, called_at=row.called_at,
    )  # fmt: skip


def behind(row: RunGate) -> GateBehind:
    decided, answer = row.kind in DECIDED and row.state is GateState.CLOSED, row.answer or {}
    return GateBehind(
        kind=row.kind, state=row.state, title=row.title, who=row.answered_by, at=row.closed_at,
        approved=answer.get("approved") is True if decided else None,
        reason=str(answer.get("reason") or "") if decided else "",
    )  # fmt: skip
