"""Runs as programs read and start them: the list, one with all that hangs on it, and figures over all (SPEC R2)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.auth import App, Reader, Runner
from api.etag import etag
from api.models import Answer, Key, Moment
from api.once import IdempotencyKey, once
from api.told import members, told, told_json
from api.workflow_models import (
    AnyCaseStatus,
    CastVote,
    Metrics,
    StartWorkflowBody,
    TreeAnswer,
    WaitAnswer,
    WorkflowDecision,
    WorkflowDetail,
    WorkflowPage,
)
from core.actor import Actor
from core.analytics.filters import Filters, own_only
from core.analytics.one_run import RunMetrics
from core.analytics.rules import Dataset
from core.analytics.run_order import Sort
from core.analytics.run_totals import TotalIs
from core.analytics.runs import RunRow
from core.bootstrap import Application
from core.executions.rules import VIEWS, states_of

router = APIRouter(prefix="/workflows", tags=["Workflows"])

DatasetQuery = Annotated[
    Dataset | None,
    Query(description="Real or sample data, never both. Default: real, unless only sample data is there."),
]


class AsOfAnswer(Answer):
    rolled_up_at: datetime | None = Field(
        description="When changes were last taken into the sums; null before the first time."
    )
    waiting: int = Field(description="Runs that changed since then.")
    live: bool = Field(description="True: the waiting ones are in these figures. False: they come with the next pass.")


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
    as_of: AsOfAnswer


@router.get("", summary="List runs, newest first or in another order", response_model=WorkflowPage)
def list_workflows(
    app: App,
    actor: Reader,
    status: Annotated[AnyCaseStatus | None, Query(description="In any case.")] = None,
    council_id: Annotated[Key | None, Query()] = None,
    agent_id: Annotated[Key | None, Query()] = None,
    workflow_type_id: Annotated[Key | None, Query()] = None,
    user_id: Annotated[UUID | None, Query(description="Whose runs they are.")] = None,
    since: Annotated[Moment | None, Query(description="Started then or later, with time zone.")] = None,
    until: Annotated[Moment | None, Query(description="Started before then, with time zone.")] = None,
    text: Annotated[
        str, Query(max_length=200, description="In a title or a person's name, in the words of an error, or an id.")
    ] = "",
    waits: Annotated[bool, Query(description="Only those that wait for people.")] = False,
    sort: Annotated[Sort, Query(description="A cursor belongs to the order it was made in.")] = Sort.NEWEST,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[
        int,
        Query(ge=0, le=100_000, description="Counted off row by row: for deep pages use `cursor`, fast at any depth."),
    ] = 0,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None,
    dataset: DatasetQuery = None,
) -> Response:
    """Those you may see: all of them for operators, councils, analysts and admins, else your own."""
    filters = Filters(
        dataset=app.analytics_queries.chosen_dataset(dataset), workflow_id=workflow_type_id, agent_id=agent_id,
        council_id=council_id, states=states_of(status) if status else None, waits_for_people=waits,
        user_id=user_id, since=since, until=until, text=text,
    )  # fmt: skip
    page = app.run_queries.told(actor, filters, sort=sort, limit=limit, offset=offset, after=cursor)
    rest = WorkflowPage(
        workflows=[], total=page.total, total_is_estimate=page.total_is is TotalIs.ESTIMATE, limit=limit,
        offset=offset, next_cursor=page.next_cursor, dataset=filters.dataset,
    )  # fmt: skip
    return told(rest, workflows=f"[{','.join(page.runs)}]")


@router.post("", status_code=201, summary="Start a run")
def start_workflow(
    app: App, actor: Runner, body: StartWorkflowBody, response: Response, idempotency_key: IdempotencyKey = None
) -> WorkflowDetail:
    """Begins the current revision, guided or automated: an automated one is handed to the workers at once."""
    automated = app.catalog_queries.by_id(body.workflow_type_id).is_automated

    def make(run_id: UUID | None) -> UUID:
        facts: dict[str, Any] = {
            "inputs": body.inputs, "agent_id": body.created_by_agent, "council_id": body.assigned_council_id,
            "calculated_savings": body.calculated_savings, "run_id": run_id,
        }  # fmt: skip
        if automated:
            return app.runs.start(actor, body.workflow_type_id, **facts)
        return app.executions.start(actor, body.workflow_type_id, again=True, **facts)

    request = {"route": "POST /workflows", "body": body.model_dump(mode="json")}
    run_id = once(app, actor, idempotency_key, request, make=make, exists=app.tree_queries.exists)
    response.headers["Location"] = f"/api/workflows/{run_id}"
    return workflow_detail(app, actor, run_id, response)


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


@router.get(
    "/{workflow_id}",
    summary="Read one run with its decision, metrics, votes and steps",
    response_model=WorkflowDetail,
)
def read_workflow(app: App, actor: Reader, workflow_id: UUID, response: Response) -> Response | WorkflowDetail:
    found = app.run_queries.told_run(actor, workflow_id)
    if found is None:
        return workflow_detail(app, actor, workflow_id, response)
    metrics = _measured(workflow_id, found.metrics).model_dump_json()
    pieces = {"decision": found.decision, "metrics": f"[{metrics}]", "votes": found.votes, "tree": "null"}
    return told_json(f"{found.run[:-1]},{members(pieces)}}}", {"ETag": etag(found.version)})


def workflow_detail(app: Application, actor: Actor, run_id: UUID, response: Response) -> WorkflowDetail:
    """The run as it stands, with its version as `ETag`; the routes that change it answer the same."""
    with app.database.reading():
        found = app.run_queries.facts(actor, run_id)
        run = found.row.run
        tree = app.tree_queries.tree(actor, run_id) if run.automated else None
        wait = app.tree_queries.waits([run_id]).get(run_id) if run.automated else None
    response.headers["ETag"] = etag(run.version)
    return WorkflowDetail(
        **_fields(found.row, wait),
        decision=WorkflowDecision.model_validate(found.decision) if found.decision else None,
        metrics=[_measured(run_id, found.metrics)],
        votes=[
            CastVote(
                id=ballot.id, workflow_id=run_id, user_id=ballot.voter_id, vote=ballot.vote, reason=ballot.reason,
                voted_at=ballot.cast_at,
            )
            for ballot in found.votes
        ],
        tree=TreeAnswer.of(tree, app.clock.now()) if tree else None,
    )  # fmt: skip


def _period(app: Application, dataset: Dataset | None, since: datetime | None, until: datetime | None) -> Filters:
    return Filters(dataset=app.analytics_queries.chosen_dataset(dataset), since=since, until=until)


def _measured(run_id: UUID, found: RunMetrics) -> Metrics:
    return Metrics(
        id=run_id, workflow_id=run_id, duration_seconds=found.duration_seconds,
        estimated_weekly_savings=found.estimated_weekly_savings, success_rate=found.success_rate,
        error_count=found.error_count,
    )  # fmt: skip


def _fields(row: RunRow, wait: tuple[Any, str] | None) -> dict[str, Any]:
    run = row.run
    return {
        "id": run.id, "workflow_type_id": run.workflow_id, "created_by_agent": run.agent_id,
        "assigned_council_id": run.council_id, "status": VIEWS[run.state].api, "paused": run.paused,
        "wait": WaitAnswer(kind=wait[0], title=wait[1]) if wait else None, "inputs": run.inputs,
        "outputs": run.outputs, "calculated_savings": run.calculated_savings,
        "savings_currency": run.savings_currency, "created_at": run.created_at, "started_at": run.started_at,
        "completed_at": run.completed_at,
    }  # fmt: skip
