"""How a run stands, in a few words and one statement: for those who watch it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.actor import Actor
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.executions.automated.rules import GateKind, GateState
from core.executions.automated.run_rows import visible
from core.executions.automated.tables import RunGate
from core.executions.rules import ENDED, VIEWS, ApiStatus, ExecutionState, GoesOnByItself, may_read
from core.executions.tables import Execution

MOST_GATES = 50


@dataclass(frozen=True)
class OpenGateStanding:
    id: UUID
    kind: GateKind
    title: str
    decision_id: UUID | None


@dataclass(frozen=True)
class RunStanding:
    id: UUID
    workflow_id: str
    state: ExecutionState
    paused: bool
    current_step: int
    steps_completed: int
    total_steps: int
    gates: tuple[OpenGateStanding, ...]
    """Those that are open, longest first; at most `MOST_GATES`."""
    error: str | None
    end_reason: str
    last_activity_at: datetime
    completed_at: datetime | None
    version: int

    @property
    def status(self) -> ApiStatus:
        return VIEWS[self.state].api

    @property
    def over(self) -> bool:
        return self.state in ENDED


class RunStandings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, actor: Actor, run_id: UUID, *, guided: bool = False) -> RunStanding:
        """NotFound where `actor` may not see it; with `guided` as one reads a guided run (`ExecutionQueries.walk`)."""
        with self._database.asking() as connection:
            found = connection.execute(_STANDING.where(Execution.id == run_id, visible(actor))).first()
        if found is None or (guided and not may_read(actor, user_id=found.user_id, agent_id=found.agent_id)):
            raise NotFound(kind="run", id=run_id)
        if guided and found.automated:
            raise GoesOnByItself()
        return RunStanding(
            id=found.id, workflow_id=found.workflow_id, state=found.state, paused=found.paused,
            current_step=found.current_step, steps_completed=found.steps_completed, total_steps=found.total_steps,
            gates=tuple(
                OpenGateStanding(UUID(one[0]), GateKind(one[1]), one[2], UUID(one[3]) if one[3] else None)
                for one in (found.gates or [])[:MOST_GATES]
            ),
            error=found.error, end_reason=found.end_reason, last_activity_at=found.last_activity_at,
            completed_at=found.completed_at, version=found.version,
        )  # fmt: skip


_GATES = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(RunGate.id, RunGate.kind, RunGate.title, RunGate.decision_id),
                RunGate.opened_at,
                RunGate.id,
            )
        )
    )
    .where(RunGate.execution_id == Execution.id, RunGate.state == GateState.OPEN)
    .scalar_subquery()
)
_STANDING = select(
    Execution.id, Execution.workflow_id, Execution.state, Execution.paused, Execution.current_step,
    Execution.steps_completed, Execution.total_steps, Execution.error, Execution.end_reason,
    Execution.last_activity_at, Execution.completed_at, Execution.version, Execution.user_id, Execution.agent_id,
    Execution.automated, _GATES.label("gates"),
)  # fmt: skip
