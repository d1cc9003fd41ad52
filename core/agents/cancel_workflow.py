"""Cancelling a run, as an operation: what takes back that one was started."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.catalog.queries import definition_at
from core.connectors.plan import Change, DriftFound, Effect, Plan, Receipt, confirmed, rejected
from core.connectors.protocol import Operation
from core.database.unit_of_work import Database
from core.errors import CountersignError, InvalidInput, NotFound
from core.executions.automated.service import RunService
from core.executions.rules import ENDED, VIEWS, ExecutionState
from core.executions.service import ExecutionService
from core.executions.tables import Execution
from core.guardrails.limits import RUNS_CHANNEL

_REASON = "Cancelled by an approved card."


class CancelWorkflowParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    run: UUID = Field(title="Run", description="Its id, as the receipt of the card that started it says.")


class CancelWorkflow(Operation[CancelWorkflowParams]):
    name = "cancel_workflow"
    title = "Cancel a run of a workflow"
    channel = RUNS_CHANNEL
    effect = Effect.IRREVERSIBLE
    params = CancelWorkflowParams
    repeatable = True

    def __init__(self, database: Database, runs: RunService, executions: ExecutionService) -> None:
        self._database, self._runs, self._executions = database, runs, executions

    def plan(self, params: CancelWorkflowParams) -> Plan:
        with self._database.reading() as session:
            row = _run(session, params.run)
            title = definition_at(session, row.revision).title
        if row.state in ENDED:
            raise InvalidInput(field="Run", problem=f"“{title}” is {_word(row.state)} already.")
        return Plan(
            operation=self.name,
            account="this installation",
            summary=f"Cancel the run of “{title}”",
            request={"run": str(params.run)},
            changes=(Change("state", f"Run {params.run}", _word(row.state), _word(ExecutionState.CANCELLED)),),
            leaves_machine=False,
        )

    def drift(self, plan: Plan) -> DriftFound | None:
        with self._database.reading() as session:
            state = _run(session, UUID(plan.request["run"])).state
        ended = state in ENDED and state is not ExecutionState.CANCELLED
        return DriftFound((Change("state", "Run", "going on", _word(state)),)) if ended else None

    def execute(self, plan: Plan, key: str) -> Receipt:
        run = UUID(plan.request["run"])
        with self._database.reading() as session:
            row = _run(session, run)
        if row.state is not ExecutionState.CANCELLED:
            cancel = self._runs.cancel if row.automated else self._executions.cancel
            try:
                cancel(SYSTEM, run, _REASON)
            except CountersignError as refused:
                return rejected(str(refused))
        return self.verify(plan, key)

    def verify(self, plan: Plan, key: str) -> Receipt:
        run = UUID(plan.request["run"])
        with self._database.reading() as session:
            state = _run(session, run).state
        if state is not ExecutionState.CANCELLED:
            return rejected(f"The run is {_word(state)}. Nothing was cancelled.")
        return confirmed("Cancelled the run. What it had done until then stays as it is.", reference=f"run {run}")


def _run(session: Session, run_id: UUID) -> Execution:
    row = session.get(Execution, run_id)
    if row is None:
        raise NotFound(kind="run", id=run_id)
    return row


def _word(state: ExecutionState) -> str:
    return VIEWS[state].automated.replace("_", " ")
