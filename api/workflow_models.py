"""What the API says and takes about runs: the run, how it is steered, and its tree."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema

from api.models import Answer, Body, Key, Note
from core.analytics.rules import Dataset
from core.decisions.checklist import Finding
from core.decisions.rules import DecisionState, Vote
from core.executions.automated.rules import GateKind
from core.executions.automated.run_tree import Spent, TreeNode
from core.executions.automated.run_views import RunTree
from core.executions.rules import ApiStatus

AnyCaseStatus = Annotated[
    ApiStatus,
    BeforeValidator(lambda given: given.upper() if isinstance(given, str) else given),
    WithJsonSchema({"type": "string", "enum": [status.value for status in ApiStatus]}),
]
MOST_SAVINGS = Decimal(10) ** 12


class StartWorkflowBody(Body):
    workflow_type_id: Key = Field(examples=["market_offer"], description="See GET /workflow-types.")
    inputs: dict[str, Any] = Field(default_factory=dict, description="What the workflow asks for at its start.")
    created_by_agent: Key | None = Field(
        default=None, description="Operators book the run on an agent; agents are themselves."
    )
    assigned_council_id: Key | None = None
    calculated_savings: Decimal | None = Field(
        default=None, ge=0, le=MOST_SAVINGS, decimal_places=4, examples=["225.00"],
        description="Estimated weekly savings in place of the rate card's; from operators, admins and agents.",
    )  # fmt: skip


class CancelBody(Body):
    reason: Note = Field(default="", examples=["The range was dropped."])


class RetryBody(Body):
    path: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        default=None, examples=["notes[2,1]"], description="A failed step or item; without it, all that failed."
    )


class WorkflowVoteBody(Body):
    vote: Vote
    reason: Note = Field(default="", description="Needed to reject.")
    digest: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="Of the version you saw; needed where several decisions of the run wait for you."
    )
    checklist: dict[Annotated[str, Field(max_length=200)], Finding] | None = Field(default=None, max_length=100)


class WaitAnswer(Answer):
    kind: GateKind
    title: str


class Workflow(Answer):
    id: UUID
    workflow_type_id: str = Field(examples=["resume_generator"])
    created_by_agent: str | None
    assigned_council_id: str | None
    status: ApiStatus
    paused: bool
    wait: WaitAnswer | None = Field(description="What an automated run waits for, the gate that opened first.")
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
    total_is_estimate: bool = Field(
        description="Of long lists `total` is about right and never below what was read; the last page is `next_cursor` null."
    )
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


class SpentAnswer(Answer):
    """What calls of language models took."""

    calls: int
    tokens_in: int
    tokens_out: int
    model_ms: int
    cost: dict[str, Decimal] = Field(description="By currency; units are never added together.")
    unpriced: int = Field(description="Calls whose price is not known.")

    @classmethod
    def of(cls, spent: Spent) -> SpentAnswer:
        return cls(
            calls=spent.calls, tokens_in=spent.tokens_in, tokens_out=spent.tokens_out, model_ms=spent.model_ms,
            cost=dict(spent.cost), unpriced=spent.unpriced,
        )  # fmt: skip


class ItemCounts(Answer):
    done: int
    failed: int
    total: int


class NodeAnswer(Answer):
    """One step, or one item of an iteration."""

    path: str = Field(examples=["notes[2,1]"], description="Where it is: items count from 1.")
    parent: str | None
    step_id: str
    kind: str = Field(examples=["production"], description="production, iteration, item, or a kind of ours.")
    title: str
    state: str = Field(
        examples=["executing"],
        description="pending, executing, clarifying, qa_checking, remediating, completed or failed.",
    )
    waits: bool = Field(description="Whether it stands at a gate.")
    opened: bool = Field(description="False for what the definition still has ahead.")
    item_id: str | None
    items: ItemCounts | None
    generation: int
    attempts: int = Field(description="Outputs of this generation that quality assurance sent back.")
    error: str | None
    started_at: datetime | None
    ended_at: datetime | None
    spent: SpentAnswer

    @classmethod
    def of(cls, node: TreeNode) -> NodeAnswer:
        return cls(**_of_node(node))


class TreeNodeAnswer(NodeAnswer):
    children: list[TreeNodeAnswer]

    @classmethod
    def of(cls, node: TreeNode) -> TreeNodeAnswer:
        return cls(**_of_node(node), children=[cls.of(child) for child in node.children])


class RunGateLine(Answer):
    """Where the run waits; see /gates."""

    id: UUID
    path: str
    kind: GateKind
    title: str
    digest: str
    opened_at: datetime
    due_at: datetime | None
    deadline: datetime | None
    decision_id: UUID | None
    action_id: UUID | None
    for_me: bool
    why_not: str | None
    seats: int


class TreeAnswer(Answer):
    """An automated run as it stands."""

    state: str = Field(
        examples=["waiting_acceptance"],
        description="pending, running, waiting_acceptance, waiting_clarification, completed, failed or cancelled.",
    )
    paused: bool
    error: str | None
    spent: SpentAnswer
    waiting_ms: int
    gates: list[RunGateLine]
    steps: list[TreeNodeAnswer]

    @classmethod
    def of(cls, tree: RunTree, now: datetime) -> TreeAnswer:
        return cls(
            state=tree.head.word, paused=tree.head.paused, error=tree.head.error, spent=SpentAnswer.of(tree.spent),
            waiting_ms=tree.head.timer.read(now).wait_ms, gates=[RunGateLine.model_validate(one) for one in tree.gates],
            steps=[TreeNodeAnswer.of(one) for one in tree.steps],
        )  # fmt: skip


class WorkflowDetail(Workflow):
    decision: WorkflowDecision | None
    metrics: list[Metrics]
    votes: list[CastVote]
    tree: TreeAnswer | None = Field(description="Of an automated run; null for guided ones, see /execution.")


class NodePage(Answer):
    nodes: list[NodeAnswer]
    total: int
    limit: int
    offset: int


def _of_node(node: TreeNode) -> dict[str, Any]:
    return {
        "path": node.path, "parent": node.parent, "step_id": node.step_id, "kind": node.kind, "title": node.title,
        "state": node.word, "waits": node.waits, "opened": node.opened, "item_id": node.item_id,
        "items": ItemCounts.model_validate(node.counts) if node.counts else None, "generation": node.generation,
        "attempts": node.attempts, "error": node.error, "started_at": node.started_at, "ended_at": node.ended_at,
        "spent": SpentAnswer.of(node.spent),
    }  # fmt: skip
