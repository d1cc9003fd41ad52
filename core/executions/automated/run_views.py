"""A run as it is read: its head, its tree, where it waits, and what language models were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.catalog.automated import AutomatedWorkflow
from core.executions.automated.rules import CallOutcome, GateKind, GateState, NodeState
from core.executions.automated.run_documents import DocumentLine
from core.executions.automated.run_tree import Spent, TreeNode
from core.executions.progress import Timer
from core.executions.rules import ENDED, VIEWS, ExecutionState


@dataclass(frozen=True)
class RunHead:
    """The run itself."""

    id: UUID
    workflow_id: str
    revision: str
    title: str
    state: ExecutionState
    paused: bool
    owner: str | None
    agent: str | None
    council: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    last_activity_at: datetime
    error: str | None
    end_reason: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    timer: Timer
    version: int
    sample: bool
    mine: bool
    may_steer: bool
    """Whether the reader may pause, cancel and retry it."""

    @property
    def word(self) -> str:
        """Its state as SPEC W3 names it."""
        return VIEWS[self.state].automated

    @property
    def is_over(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True)
class OpenGate:
    """Where the run waits now."""

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
    document_id: UUID | None
    for_me: bool
    """Whether it waits for the reader."""
    why_not: str | None
    """Why the reader may not answer or decide it."""
    seats: int
    """How many people may; 0: nobody at present."""


@dataclass(frozen=True)
class GateBehind:
    """A gate that is not open any more."""

    kind: GateKind
    state: GateState
    title: str
    who: str | None
    at: datetime | None
    approved: bool | None
    """Of what is decided by ballots."""
    reason: str


@dataclass(frozen=True)
class RunTree:
    head: RunHead
    steps: tuple[TreeNode, ...]
    spent: Spent
    gates: tuple[OpenGate, ...]
    """Open ones, those for the reader first."""
    documents: tuple[DocumentLine, ...]
    workflow: AutomatedWorkflow | None

    def find(self, path: str) -> TreeNode | None:
        return next((node for step in self.steps for node in step.walk() if node.path == path), None)

    def above(self, node: TreeNode) -> tuple[TreeNode, ...]:
        """What it lies in, outermost first."""
        found: list[TreeNode] = []
        for step in self.steps:
            if _trail(step, node.path, found):
                break
        return tuple(reversed(found))

    def gates_of(self, path: str) -> tuple[OpenGate, ...]:
        return tuple(one for one in self.gates if one.path == path)

    @property
    def mine(self) -> tuple[OpenGate, ...]:
        return tuple(one for one in self.gates if one.for_me)

    @property
    def failed(self) -> tuple[TreeNode, ...]:
        """What failed by itself, rather than for something below it."""
        nodes = (node for step in self.steps for node in step.walk())
        return tuple(
            one
            for one in nodes
            if one.state is NodeState.FAILED and not any(c.state is NodeState.FAILED for c in one.children)
        )


@dataclass(frozen=True)
class Call:
    """One call of a language model. `request` and `response` are empty for those who may only read what it took."""

    id: UUID
    path: str
    generation: int
    number: int
    model: str
    prompts: Mapping[str, Any]
    request: Mapping[str, Any] | None
    response: str | None
    outcome: CallOutcome
    findings: tuple[Mapping[str, Any], ...]
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    currency: str | None
    latency_ms: int
    called_at: datetime


@dataclass(frozen=True)
class RunEvent:
    at: datetime
    who: str
    event: str
    facts: Mapping[str, Any]


def _trail(step: TreeNode, path: str, found: list[TreeNode]) -> bool:
    """Whether `path` is at or below `step`; collects what lies above it, innermost first."""
    if step.path == path:
        return True
    for child in step.children:
        if _trail(child, path, found):
            found.append(step)
            return True
    return False
