"""Runs as programs read them: the list, one with all that hangs on it, and figures over all (SPEC R2)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field, WithJsonSchema

from api.auth import App, Reader
from api.models import Answer, Key, Moment
from core.analytics.filters import Filters, own_only
from core.analytics.rules import Dataset
from core.analytics.runs import RunDetail, RunRow
from core.bootstrap import Application
from core.decisions.rules import DecisionState, Vote
from core.executions.rules import VIEWS, ApiStatus, states_of

router = APIRouter(prefix="/workflows", tags=["Workflows"])

AnyCaseStatus = Annotated[
    ApiStatus,
    BeforeValidator(lambda given: given.upper() if isinstance(given, str) else given),
    WithJsonSchema({"type": "string", "enum": [status.value for status in ApiStatus]}),
]

DatasetQuery = Annotated[
    Dataset | None,
    Query(description="Real or sample data, never both. Default: real, unless only sample data is there."),
]


class Workflow(Answer):
    id: UUID
    workflow_type_id: str = Field(examples=["resume_generator"])
    created_by_agent: str | None
    assigned_council_id: str | None
    status: ApiStatus
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calculated_savings: Decimal | None = Field(
        description="Estimated weekly savings at the rate card of its day; a decimal as text, so that it stays exact.",
        examples=["225.0000"],
    )
    savings_currency: str | None = Field(examples=["USD"])
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class WorkflowPage(Answer):
    workflows: list[Workflow]
    total: int = Field(description="How many there are in all with these filters.")
    limit: int
    offset: int
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")
    dataset: Dataset


class Metrics(Answer):
    id: UUID = Field(description="A run has one row of metrics, named like the run.")
    workflow_id: UUID
    duration_seconds: float | None
    estimated_weekly_savings: Decimal | None
    success_rate: float | None = Field(description="Of this run alone: 1, 0, or null while it is not counted.")
    error_count: int


class CastVote(Answer):
    id: UUID
    workflow_id: UUID
    user_id: UUID
    vote: Vote
    reason: str
    voted_at: datetime


class WorkflowDecision(Answer):
    id: UUID
    state: DecisionState
    opened_at: datetime
    deadline: datetime | None
    decided_at: datetime | None


class WorkflowDetail(Workflow):
    decision: WorkflowDecision | None
    metrics: list[Metrics]
    votes: list[CastVote]


class WorkflowMetricsAnswer(Answer):
    dataset: Dataset
    total_workflows: int
    total_weekly_savings: Decimal = Field(description="In `savings_currency` only; units are never added together.")
    savings_currency: str
    weekly_savings_by_currency: dict[str, Decimal]
    average_duration_seconds: float | None
    p50_duration_seconds: float | None
    p90_duration_seconds: float | None
    success_rate: float | None
    success_rate_low: float = Field(description="Lower end of the 95 % interval (Wilson).")
    success_rate_high: float
    success_rate_n: int
    error_count: int
    status_distribution: dict[str, int] = Field(description="Every status, those without a run included.")
    workflows_by_agent: dict[str, int]
    workflows_by_council: dict[str, int]
    workflows_by_type: dict[str, int]


@router.get("", summary="List runs, newest first")
def list_workflows(
    app: App,
    actor: Reader,
    status: Annotated[AnyCaseStatus | None, Query(description="In any case.")] = None,
    council_id: Annotated[Key | None, Query()] = None,
    agent_id: Annotated[Key | None, Query()] = None,
    workflow_type_id: Annotated[Key | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000, description="For deep pages use `cursor`.")] = 0,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None,
    dataset: DatasetQuery = None,
) -> WorkflowPage:
    """Those you may see: all of them for operators, councils, analysts and admins, else your own."""
    filters = Filters(
        dataset=app.analytics_queries.dataset(dataset).chosen, workflow_id=workflow_type_id,
        agent_id=agent_id, council_id=council_id, states=states_of(status) if status else None,
    )  # fmt: skip
    page = app.run_queries.page(actor, filters, limit=limit, offset=offset, after=cursor)
    return WorkflowPage(
        workflows=[Workflow(**_fields(row)) for row in page.rows], total=page.total, limit=limit, offset=offset,
        next_cursor=page.next_cursor, dataset=filters.dataset,
    )  # fmt: skip


@router.get("/metrics", summary="Figures over all runs")
def workflow_metrics(
    app: App,
    actor: Reader,
    since: Annotated[Moment | None, Query(description="Runs started then or later, with time zone.")] = None,
    until: Annotated[Moment | None, Query(description="Runs started before then, with time zone.")] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217.")] = None,
    dataset: DatasetQuery = None,
) -> WorkflowMetricsAnswer:
    """Over the runs you may see. Denied, failed and preview runs save nothing."""
    filters = own_only(actor, _period(app, dataset, since, until))
    return WorkflowMetricsAnswer.model_validate(app.analytics_queries.metrics(filters, currency))


@router.get("/{workflow_id}", summary="Read one run with its decision, metrics and votes")
def read_workflow(app: App, actor: Reader, workflow_id: UUID) -> WorkflowDetail:
    return _detail(app.run_queries.detail(actor, workflow_id))


def _period(app: Application, dataset: Dataset | None, since: datetime | None, until: datetime | None) -> Filters:
    return Filters(dataset=app.analytics_queries.dataset(dataset).chosen, since=since, until=until)


def _fields(row: RunRow) -> dict[str, Any]:
    run = row.run
    return {
        "id": run.id, "workflow_type_id": run.workflow_id, "created_by_agent": run.agent_id,
        "assigned_council_id": run.council_id, "status": VIEWS[run.state].api, "inputs": run.inputs,
        "outputs": run.outputs, "calculated_savings": run.calculated_savings,
        "savings_currency": run.savings_currency, "created_at": run.created_at, "started_at": run.started_at,
        "completed_at": run.completed_at,
    }  # fmt: skip


def _detail(found: RunDetail) -> WorkflowDetail:
    run_id = found.row.id
    return WorkflowDetail(
        **_fields(found.row),
        decision=WorkflowDecision.model_validate(found.decision) if found.decision else None,
        metrics=[
            Metrics(
                id=run_id, workflow_id=run_id, duration_seconds=found.metrics.duration_seconds,
                estimated_weekly_savings=found.metrics.estimated_weekly_savings,
                success_rate=found.metrics.success_rate, error_count=found.metrics.error_count,
            )
        ],
        votes=[
            CastVote(
                id=ballot.id, workflow_id=run_id, user_id=ballot.voter_id, vote=ballot.vote, reason=ballot.reason,
                voted_at=ballot.cast_at,
            )
            for ballot in found.votes
        ],
    )  # fmt: skip
