"""One run as its page shows it: the definition it began with, step by step, with what the person did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.actor import Tier
from core.catalog.model import GuidedWorkflow
from core.catalog.times import Span
from core.executions.progress import Progress, Timer
from core.executions.rules import ENDED, OPEN, VIEWS, ExecutionState, StepState, TimerKind, View


@dataclass(frozen=True)
class WalkStep:
    number: int
    title: str
    description: str
    tips: tuple[str, ...]
    estimated_time: Span | None
    waiting_time: Span | None
    state: StepState
    notes: str
    work_ms: int
    """Until the clock was last read; the running time of the step on screen is in the walk's timer."""
    started_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True)
class Walk:
    id: UUID
    workflow_id: str
    revision: str
    workflow: GuidedWorkflow
    tier: Tier
    state: ExecutionState
    steps: tuple[WalkStep, ...]
    progress: Progress
    timer: Timer
    """As stored; `timer.read(now)` says what it shows at an instant."""
    owner_name: str | None
    agent_id: str | None
    council_id: str | None
    decision_id: UUID | None
    mine: bool
    """Whether the reader may go on with it."""
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calculated_savings: Decimal | None
    savings_currency: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    end_reason: str
    error: str | None
    sample: bool
    version: int

    @property
    def title(self) -> str:
        return self.workflow.title

    @property
    def view(self) -> View:
        return VIEWS[self.state]

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def paused(self) -> bool:
        return self.timer.kind is TimerKind.WAIT

    @property
    def current(self) -> WalkStep:
        """The step on screen."""
        return self.steps[self.progress.current - 1]

    def minutes_left(self) -> int | None:
        """Hands-on minutes of the steps not done, less the work put into them so far; None without estimates."""
        ahead = [step for step in self.steps if step.state is not StepState.DONE]
        estimates = [(step.estimated_time.middle, step.work_ms) for step in ahead if step.estimated_time is not None]
        if not estimates:
            return None
        return sum(max(0, minutes - worked // 60_000) for minutes, worked in estimates)
