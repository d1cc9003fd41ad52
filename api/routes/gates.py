"""Where runs wait for people: what is asked, of whom, and your answer (SPEC W5). Votes go to /decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.auth import App, Decider, Reader
from api.models import Answer, Body
from core.executions.automated.gate_views import GateDocument, GateView
from core.executions.automated.rules import GateKind, GateState

router = APIRouter(tags=["Gates"])


class AnswerBody(Body):
    digest: str = Field(min_length=1, max_length=64, description="Of the gate as you saw it; another one is refused.")
    answer: dict[str, Any] = Field(
        default_factory=dict,
        description="By kind: start {}; clarification {id: {resolution, value}}; form {content}; guide {notes, content}.",
        examples=[{"content": {"goal": "More clients"}}],
    )


class GateLine(Answer):
    """A gate in a list."""

    id: UUID
    run_id: UUID
    run_title: str
    paused: bool = Field(description="The run is paused: it can be answered, and goes on when it is resumed.")
    path: str
    kind: GateKind
    state: GateState
    title: str
    opened_at: datetime
    due_at: datetime | None
    deadline: datetime | None
    decision_id: UUID | None = Field(description="To vote, post a ballot to /decisions/{id}/ballots.")
    action_id: UUID | None
    digest: str
    answered_by: str | None
    closed_at: datetime | None
    mine: bool = Field(description="Whether it waits for you.")


class GatePage(Answer):
    gates: list[GateLine]
    total: int
    limit: int
    offset: int


class GateFindingAnswer(Answer):
    path: str
    message: str
    severity: str
    rule: str


class GateDocumentAnswer(Answer):
    id: UUID
    doc_type: str
    scope_id: str
    version: int
    content: Any
    digest: str
    made_by: str
    created_at: datetime
    findings: list[GateFindingAnswer]
    before_version: int | None
    before: Any = Field(description="The content of the version before, to compare.")


class GateAnswer(GateLine):
    step_title: str
    content: dict[str, Any] = Field(description="What is asked.")
    answer: dict[str, Any] | None
    document: GateDocumentAnswer | None = Field(description="The version that is decided on.")
    others: list[GateDocumentAnswer] = Field(description="The versions that an approval or a vote is about.")
    why_not: str | None = Field(description="Why you may not answer or decide it; null when you may.")
    waits_visibly: str | None = Field(description="Why nobody at all can open it at present.")


@router.get("/gates", summary="List what waits for your answer or vote")
def list_gates(
    app: App,
    actor: Reader,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> GatePage:
    """What has waited longest comes first."""
    found, total = app.gates_queries.waiting(actor, limit=limit, offset=offset)
    lines = [GateLine.model_validate(one) for one in found]
    return GatePage(gates=lines, total=total, limit=limit, offset=offset)


@router.get("/workflows/{workflow_id}/gates", summary="List where a run waits and waited")
def list_workflow_gates(
    app: App,
    actor: Reader,
    workflow_id: UUID,
    only_open: Annotated[bool, Query(description="Leave out those that are closed.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> GatePage:
    """Open ones first, then the latest. A guided run has none."""
    found = app.gates_queries.of_run(actor, workflow_id, only_open=only_open)
    lines = [GateLine.model_validate(one) for one in found[offset : offset + limit]]
    return GatePage(gates=lines, total=len(found), limit=limit, offset=offset)


@router.get("/gates/{gate_id}", summary="Read a gate with everything that it asks")
def read_gate(app: App, actor: Reader, gate_id: UUID) -> GateAnswer:
    """For whoever may see its run, and for whoever is asked."""
    return _answer(app.gates_queries.gate(actor, gate_id))


@router.post("/gates/{gate_id}/answer", summary="Answer questions, write a document, start a step, or say it is done")
def answer_gate(app: App, actor: Decider, gate_id: UUID, body: AnswerBody) -> GateAnswer:
    """Counts once: the run goes on in the same transaction. 409 where somebody was faster or the question changed."""
    app.gates.answer(actor, gate_id, body.answer, digest=body.digest)
    return _answer(app.gates_queries.gate(actor, gate_id))


def _answer(view: GateView) -> GateAnswer:
    return GateAnswer(
        **GateLine.model_validate(view.row).model_dump(), step_title=view.step_title, content=dict(view.content),
        answer=dict(view.answer) if view.answer is not None else None,
        document=_document(view.document) if view.document else None, others=[_document(one) for one in view.others],
        why_not=view.why_not, waits_visibly=view.waits_visibly,
    )  # fmt: skip


def _document(one: GateDocument) -> GateDocumentAnswer:
    return GateDocumentAnswer.model_validate(one)
