"""A run while a worker has it: read once, and written with every step, in transactions that nobody else's can overtake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, inspect, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, make_transient_to_detached

from core.catalog.automated import AutomatedWorkflow
from core.catalog.queries import automated_at
from core.catalog.starting import given_documents
from core.database.unit_of_work import UnitOfWork
from core.executions.automated.documents import Shelf, shelf_of
from core.executions.automated.rules import AT_GATE, GateState
from core.executions.automated.tables import RunEntity, RunGate, RunNode
from core.executions.automated.tree import ITEM, Node, Tree
from core.executions.automated.work import Run
from core.executions.rules import ENDED, ExecutionState
from core.executions.tables import Execution


class Superseded(Exception):
    """The run is no longer this worker's: it ended, or another segment has it. There is nothing to do."""


_COLUMNS = (
    "path", "parent", "position", "step_id", "kind", "title", "scope", "scope_id", "state", "generation", "attempts",
    "item", "error", "started_at", "ended_at",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What the worker knows of the run."""

    run: Run
    tree: Tree
    shelf: Shelf
    closed: frozenset[str]
    """Paths of steps whose gate was closed and that have not gone on."""


def lock(uow: UnitOfWork, execution_id: UUID, segment: int, holder: UUID, *, take_over: bool = False) -> Execution:
    """The run's row, locked until the transaction ends; Superseded if this segment is not its latest, or has ended.

    With `take_over` it is `holder`'s from now on; without, it must be still. The row belongs to no session, whose care
    for one row costs more than all else in a step: `write_run` stores it.
    """
    found = uow.session.connection().execute(_LOCK, {"run": execution_id}).mappings().first()
    if found is None or found["segment"] != segment or found["parked"] or found["state"] in ENDED:
        raise Superseded
    if not take_over and found["held_by"] != holder:
        raise Superseded
    row = Execution(**found)
    make_transient_to_detached(row)
    row.held_by = holder
    return row


def write_run(uow: UnitOfWork, row: Execution) -> None:
    """Stores what was changed in a row that `lock` answered."""
    changed = vars(row).keys() & _RUN.keys() - inspect(row).unmodified
    if changed:
        uow.session.connection().execute(_MOVE, {"run": row.id} | {name: getattr(row, name) for name in changed})


_RUN = {column.key: column for column in inspect(Execution).columns}
_LOCK = select(*_RUN.values()).where(Execution.id == bindparam("run")).with_for_update()
_MOVE = update(Execution).where(Execution.id == bindparam("run"))


def take(session: Session, row: Execution) -> Held:
    """The run as it is; the caller has locked its row."""
    workflow = automated_at(session, row.revision)
    begun = row.state is not ExecutionState.PENDING
    tree = Tree.grown(workflow, nodes_of(session, row.id) if begun else ())
    shelf = shelf_of(session, row.id) if begun or given_documents(workflow) else {}
    closed = closed_paths(session, row.id, tree)
    return Held(run_of(row, workflow), tree, shelf, closed)


def run_of(row: Execution, workflow: AutomatedWorkflow) -> Run:
    return Run(
        id=row.id, workflow_id=row.workflow_id, title=workflow.title, user_id=row.user_id, agent_id=row.agent_id,
        council_id=row.council_id, inputs=row.inputs, sample=row.sample,
    )  # fmt: skip


def closed_paths(session: Session, execution_id: UUID, tree: Tree) -> frozenset[str]:
    """Of the nodes at a gate, those where none is open any more. Times say nothing of it: a clock can be set back."""
    at_gate = {node.path: node.generation for node in tree.nodes.values() if node.state in AT_GATE}
    if not at_gate:
        return frozenset()
    query = select(RunGate.path, RunGate.generation, RunGate.state).where(
        RunGate.execution_id == execution_id, RunGate.path.in_(at_gate)
    )
    found = {GateState.OPEN: set[str](), GateState.CLOSED: set[str](), GateState.WITHDRAWN: set[str]()}
    for row in session.execute(query):
        if row.generation == at_gate[row.path]:
            found[row.state].add(row.path)
    return frozenset(found[GateState.CLOSED] - found[GateState.OPEN])


def nodes_of(session: Session, execution_id: UUID) -> Iterable[Node]:
    for row in session.connection().execute(_NODES, {"run": execution_id}):
        yield Node(**row._mapping)


def write_nodes(uow: UnitOfWork, execution_id: UUID, before: Tree, after: Tree) -> None:
    """Stores what differs between two trees."""
    known = before.nodes
    changed = [node for path, node in after.nodes.items() if known.get(path) is not node]
    if changed:
        uow.session.connection().execute(_WRITE, [_row(execution_id, node) for node in changed])
    entities = [_entity(uow, execution_id, node) for node in changed if node.kind == ITEM and node.path not in known]
    if entities:
        uow.session.connection().execute(_OPEN, entities)


_MOVING = ("state", "generation", "attempts", "error", "started_at", "ended_at")
_NEW = postgresql.insert(RunNode)
_WRITE = _NEW.on_conflict_do_update(
    index_elements=["execution_id", "path"], set_={name: _NEW.excluded[name] for name in _MOVING}
).returning(RunNode.path)  # for SQLAlchemy to send many rows in one statement
_OPEN = insert(RunEntity)
_NODES = (
    select(*(getattr(RunNode, name) for name in _COLUMNS), RunEntity.content)
    .outerjoin(RunEntity, and_(RunEntity.execution_id == RunNode.execution_id, RunEntity.path == RunNode.path))
    .where(RunNode.execution_id == bindparam("run"))
)


def _row(execution_id: UUID, node: Node) -> dict[str, Any]:
    return {"execution_id": execution_id} | {name: getattr(node, name) for name in _COLUMNS}


def _entity(uow: UnitOfWork, execution_id: UUID, node: Node) -> dict[str, Any]:
    assert node.item is not None
    return {
        "execution_id": execution_id, "path": node.path, "entity_type": node.item["entity_type"],
        "entity_id": node.item["id"], "scope_id": node.scope_id, "content": node.content, "created_at": uow.now,
    }  # fmt: skip
