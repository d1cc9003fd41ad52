"""What lists and clocks show of an automated run: its state, how far it is, and which time passes."""

from __future__ import annotations

from sqlalchemy import select

from core.catalog.automated import Iteration
from core.database.unit_of_work import UnitOfWork
from core.executions.automated.rules import ANSWERED, AT_GATE, GateKind, GateState, NodeState
from core.executions.automated.tables import RunGate
from core.executions.automated.tree import ITEM, Tree
from core.executions.progress import Timer
from core.executions.rules import ENDED, ExecutionState, TimerKind, move
from core.executions.tables import Execution


def reckon(uow: UnitOfWork, row: Execution, tree: Tree, *, at_work: bool) -> None:
    """Brings the run's row up to date; `at_work` says whether a worker has something to do in it."""
    ended = row.state in ENDED
    if row.state is ExecutionState.PENDING:
        row.state, row.started_at = move(row.state, ExecutionState.STARTED), uow.now
    if not ended:
        row.state = move(row.state, ExecutionState.IN_PROGRESS)
        if not at_work:
            row.state = move(row.state, _waiting(uow, row, tree))
    steps = [one for one in tree.nodes.values() if one.kind not in (ITEM, "iteration")]
    row.steps_completed = sum(one.state is NodeState.COMPLETED for one in steps)
    row.total_steps = max(len(steps), row.steps_completed + _ahead(tree))
    row.current_step = max(1, min(row.steps_completed + 1, row.total_steps))
    if ended and row.state is ExecutionState.COMPLETED:
        row.total_steps = row.steps_completed
    kind = None if ended else TimerKind.AI if at_work else TimerKind.WAIT
    touch(uow, row, kind)


def touch(uow: UnitOfWork, row: Execution, kind: TimerKind | None) -> None:
    """The run changed; from now on its clock counts `kind`."""
    timer = Timer(row.timer_kind, row.timer_since, row.work_ms, row.wait_ms, row.ai_ms).turned(kind, uow.now)
    row.timer_kind, row.timer_since = timer.kind, timer.since
    row.work_ms, row.wait_ms, row.ai_ms = timer.work_ms, timer.wait_ms, timer.ai_ms
    row.changed_at = row.last_activity_at = uow.now
    row.version += 1


def _waiting(uow: UnitOfWork, row: Execution, tree: Tree) -> ExecutionState:
    """What a parked run waits for: answers before decisions, because an answer lets the machine go on."""
    if not any(node.state in AT_GATE for node in tree.nodes.values()):
        return ExecutionState.IN_PROGRESS
    query = select(RunGate.kind).where(RunGate.execution_id == row.id, RunGate.state == GateState.OPEN).distinct()
    kinds = set(uow.session.scalars(query))
    if kinds & ANSWERED:
        return ExecutionState.WAITING_CLARIFICATION
    return ExecutionState.WAITING_ACCEPTANCE if kinds - {GateKind.TIME} else ExecutionState.IN_PROGRESS


def _ahead(tree: Tree) -> int:
    """Steps at the top that are not over; those of items are not known before they are there."""
    steps = tree.workflow.steps
    return sum(
        not isinstance(step, Iteration) and tree.state(step.step_id) is not NodeState.COMPLETED for step in steps
    )
