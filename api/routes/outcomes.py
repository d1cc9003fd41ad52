"""Logging what came of a run, and its proof (SPEC R1, O1, O2)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import Field

from api.auth import App, Decider, Reader, Runner
from api.models import Answer, Body, Note
from core.actor import Actor
from core.bootstrap import Application
from core.errors import InvalidInput, NotAllowed, NotFound
from core.outcomes.rules import MetricType, ProofType, ReviewState

router = APIRouter(tags=["Outcomes"])


class OutcomeBody(Body):
    execution_id: UUID
    user_id: UUID | None = Field(default=None, description="If given, it must be yours: you log your own outcomes.")
    metric_type: MetricType
    value: Decimal = Field(gt=0, description="A number or, to stay exact, a decimal as text.", examples=["1250.50"])
    currency: Annotated[str, Field(max_length=3)] | None = Field(
        default=None, description="ISO 4217, for revenue.", examples=["USD"]
    )
    unit: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="For the other metrics: minutes, hours or days; customers; a word of your own."
    )
    note: Note = ""
    proof_type: ProofType | None = Field(
        default=None, description="What you will upload. Until a file is there the outcome has no proof."
    )


class ProofAnswer(Answer):
    id: UUID
    name: str
    content_type: str
    size: int
    uploaded_at: datetime


class OutcomeAnswer(Answer):
    id: UUID
    execution_id: UUID
    workflow_id: str
    metric_type: MetricType
    value: Decimal
    unit: str = Field(description="The currency of revenue, else the unit.")
    note: str
    proof_type: ProofType = Field(description="What was really uploaded.")
    proofs: list[ProofAnswer]
    review_state: ReviewState
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_reason: str
    logged_at: datetime


class ReviewBody(Body):
    verdict: Literal[ReviewState.VERIFIED, ReviewState.REJECTED]
    reason: Note = Field(default="", description="Needed to reject.", examples=["The invoice names another month."])


class OutcomeTotalAnswer(Answer):
    metric_type: MetricType
    unit: str = Field(description="Totals of different units are never added.")
    value: Decimal
    count: int


class EstimateAnswer(Answer):
    currency: str | None
    weekly: Decimal
    count: int


class FiguresAnswer(Answer):
    """Three figures that are never added; proven is part of measured."""

    estimated: list[EstimateAnswer]
    measured: list[OutcomeTotalAnswer]
    proven: list[OutcomeTotalAnswer]


class OutcomePageAnswer(Answer):
    outcomes: list[OutcomeAnswer]
    total: int
    next_cursor: str | None


@router.get("/outcome", summary="List outcomes, newest first")
def list_outcomes(
    app: App,
    actor: Reader,
    execution_id: UUID | None = None,
    review_state: ReviewState | None = None,
    metric_type: MetricType | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> OutcomePageAnswer:
    """Those you may see: all of them for operators, councils, analysts and admins, else your own."""
    page = app.outcomes_queries.page(
        actor, execution_id=execution_id, review_state=review_state, metric_type=metric_type,
        before=cursor, limit=limit,
    )  # fmt: skip
    return OutcomePageAnswer(
        outcomes=[OutcomeAnswer.model_validate(row) for row in page.rows], total=page.total, next_cursor=page.next
    )


@router.get("/outcome/figures", summary="Read what was estimated, measured and proven")
def read_outcome_figures(
    app: App, actor: Reader, mine: Annotated[bool, Query(description="Only of your own runs.")] = False
) -> FiguresAnswer:
    """Over the outcomes you may see."""
    return FiguresAnswer.model_validate(app.outcomes_queries.figures(actor, mine=mine))


@router.get("/outcome/{outcome_id}", summary="Read an outcome")
def read_outcome(app: App, actor: Reader, outcome_id: UUID) -> OutcomeAnswer:
    return _outcome(app, actor, outcome_id)


@router.post("/outcome/{outcome_id}/review", summary="Verify or reject what somebody else logged")
def review_outcome(app: App, actor: Decider, outcome_id: UUID, body: ReviewBody) -> OutcomeAnswer:
    """For those who review. Verifying needs a proof, rejecting a reason; nobody reviews what they logged."""
    app.outcomes.review(actor, outcome_id, body.verdict, body.reason)
    return _outcome(app, actor, outcome_id)


@router.post("/outcome", status_code=201, summary="Log an outcome of your run")
def log_outcome(app: App, actor: Runner, body: OutcomeBody) -> OutcomeAnswer:
    """A run may have several. Hours carry no currency and money has one; nothing of another unit is ever added to it."""
    if body.user_id is not None and body.user_id != actor.user_id:
        raise NotAllowed(who=actor.name, what="log outcomes for another person", needs="owner of that run")
    if body.currency is not None and body.unit is not None:
        raise InvalidInput(field="unit", problem="give a currency or a unit, not both.")
    outcome_id = app.outcomes.log(
        actor, body.execution_id, metric_type=body.metric_type, value=body.value,
        unit=body.currency or body.unit or "", note=body.note, proof_type=body.proof_type,
    )  # fmt: skip
    return _outcome(app, actor, outcome_id)


@router.post("/outcome/{outcome_id}/proof", summary="Add proof to your outcome")
def add_proof(
    app: App,
    actor: Runner,
    outcome_id: UUID,
    files: Annotated[list[UploadFile], File(max_length=5, description="PNG, JPEG, WebP, GIF, PDF or text; 5 MB each.")],
    proof_type: Annotated[ProofType | None, Form()] = None,
) -> OutcomeAnswer:
    """What a file is, is read from its content. The same file twice is kept once."""
    uploads = [(file.filename or "proof", file.file.read()) for file in files]
    app.outcomes.add_proof(actor, outcome_id, uploads, proof_type=proof_type)
    return _outcome(app, actor, outcome_id)


@router.get(
    "/proof/{proof_id}",
    summary="Download a proof",
    response_class=Response,
    responses={200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
)
def read_proof(app: App, actor: Reader, proof_id: UUID) -> Response:
    """For the owner of the run and for reviewers; always as a download, never shown in the browser's window."""
    proof = app.outcomes_queries.proof(actor, proof_id)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(proof.name, safe='')}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(proof.data, media_type=proof.content_type, headers=headers)


def _outcome(app: Application, actor: Actor, outcome_id: UUID) -> OutcomeAnswer:
    rows = app.outcomes_queries.page(actor, outcome_id=outcome_id, sample=None, limit=1).rows
    if not rows:
        raise NotFound(kind="outcome", id=outcome_id)
    return OutcomeAnswer.model_validate(rows[0])
