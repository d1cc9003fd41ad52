"""Writing what came of each step, with everything that follows from it, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.actor import SYSTEM
from core.audit import service as audit
from core.catalog.automated import AnyStep, Iteration
from core.database.unit_of_work import UnitOfWork
from core.executions.automated import documents
from core.executions.automated.calls import keep_call
from core.executions.automated.gates import open_gate, withdraw_gates
from core.executions.automated.held import Held, closed_paths, write_nodes, write_run
from core.executions.automated.items import MOST_NODES, BadItems, Item, label_of, scope_id
from core.executions.automated.outputs import named_outputs
from core.executions.automated.panels import acceptance_panels, answer_panels
from core.executions.automated.progress import reckon
from core.executions.automated.quality import as_json, check, errors
from core.executions.automated.rules import AT_GATE, CallOutcome, GateKind, NodeState
from core.executions.automated.tables import RunDocument
from core.executions.automated.tree import ITEM, Node, Place, Task, ids_in_scope, kind_of, path_of
from core.executions.automated.work import Again, Call, Done, Fail, GateSpec, Outcome, Stop, Wait
from core.executions.rules import ENDED, ExecutionState, move
from core.executions.tables import Execution
from core.settings import Settings
from core.text import in_sentence


@dataclass(frozen=True)
class Opened:
    """An iteration's items were found."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Accepted:
    """The document of a step counts from now on."""


@dataclass(frozen=True)
class SentBack:
    """People want the document otherwise."""

    by: str
    reason: str


Result = Outcome | Opened | Accepted | SentBack


class Entry:
    """One transaction on the run."""

    def __init__(self, uow: UnitOfWork, settings: Settings, row: Execution, held: Held) -> None:
        self._uow, self._settings, self._row, self._before = uow, settings, row, held
        self._tree, self._shelf, self._closed = held.tree, dict(held.shelf), held.closed
        self.tasks: list[Task] = []
        self.over = False

    @property
    def held(self) -> Held:
        return replace(self._before, tree=self._tree, shelf=self._shelf, closed=self._closed)

    # -- what came of a step ----------------------------------------------------------------------------------------

    def take(self, task: Task, result: Result) -> None:
        call = getattr(result, "call", None)
        if call is not None:
            keep_call(self._uow, self._row.id, task.path, self._node(task).generation, call)
        match result:
            case Done():
                self._deliver(task, result)
            case Wait(gate=gate):
                self._wait(task, gate)
            case Fail(error=error):
                self._end(task, NodeState.FAILED, error)
            case Again(call):
                self._go_on(task, call)
            case Stop(reason):
                self._put(self._node(task).moved(NodeState.FAILED, self._uow.now, error=reason))
                self._finish(ExecutionState.CANCELLED, reason=reason)
            case Opened(items):
                self._open(task, items)
            case Accepted():
                self._pin(task)
                self._end(task, NodeState.COMPLETED)
            case SentBack():
                self._send_back(task, result)

    def _deliver(self, task: Task, done: Done) -> None:
        """Keeps the step's document; it is done, or waits to be accepted."""
        step, workflow = _leaf(task), self._tree.workflow
        if step.produces is None:
            self._end(task, NodeState.COMPLETED, done.note or None)
            return
        document = workflow.document_types[step.produces]
        found = done.call.findings if done.call is not None else check(done.content, document)
        if wrong := errors(found):
            more = f" There are {len(wrong)} findings in all." if len(wrong) > 1 else ""
            self._end(task, NodeState.FAILED, f"{document.name} is not as it must be. {wrong[0]}{more}")
            return
        place = scope_id(ids_in_scope(workflow, task.place, document.scope))
        before = self._shelf.get((step.produces, place))
        if before is not None and before.accepted:
            words = f"{document.name} was accepted in version {before.number}, and an accepted document never changes."
            self._end(task, NodeState.FAILED, words)
            return
        if before is not None and document.acceptance_required and documents.is_decided_on(self._uow.session, before):
            words = f"{document.name} is before people in version {before.number}, and is not written anew meanwhile."
            self._end(task, NodeState.FAILED, f"{words} Let one step write it, once.")
            return
        version = documents.keep(
            self._uow, self._row.id, step.produces, document.scope, place, done.content, before=before, path=task.path,
            made_by=done.made_by, made_by_user=done.made_by_user, findings=as_json(found),
        )  # fmt: skip
        self._shelf[step.produces, place] = version
        if not document.acceptance_required:
            self._end(task, NodeState.COMPLETED)
            return
        content = {
            "doc_type": step.produces, "name": document.name, "scope_id": place, "version": version.number,
            "findings": as_json(found), "on_rejection": document.on_rejection,
        }  # fmt: skip
        panels = acceptance_panels(self._uow.session, self._settings, self._uow.now, self._row, document)
        authors = (str(done.made_by_user),) if done.made_by_user else ()
        gate = GateSpec(
            GateKind.ACCEPTANCE, f"Accept the {in_sentence(document.name)}", content, panels=panels, authors=authors
        )
        self._wait(task, gate, version)

    def _wait(self, task: Task, gate: GateSpec, version: documents.Version | None = None) -> None:
        state = NodeState.CLARIFYING if gate.kind is GateKind.CLARIFICATION else NodeState.WAITING
        node = self._node(task).moved(state, self._uow.now)
        self._put(node)
        document = self._uow.session.get(RunDocument, version.id) if version else None
        open_gate(self._uow, self._row, task.path, node.generation, gate, document=document)

    def _pin(self, task: Task) -> None:
        """The gate pinned it already, in the transaction of the ballot; here the worker learns of it."""
        step, workflow = _leaf(task), self._tree.workflow
        assert step.produces is not None
        scope = workflow.document_types[step.produces].scope
        key = (step.produces, scope_id(ids_in_scope(workflow, task.place, scope)))
        self._shelf[key] = replace(self._shelf[key], accepted=True)

    def _go_on(self, task: Task, call: Call) -> None:
        """The model is asked once more: about what was wrong, or because it could not answer."""
        node, sent_back = self._node(task), call.outcome is CallOutcome.SENT_BACK
        state = NodeState.REMEDIATING if sent_back else NodeState.EXECUTING
        self._put(replace(node.moved(state, self._uow.now), attempts=node.attempts + sent_back))

    def _send_back(self, task: Task, result: SentBack) -> None:
        step, node = _leaf(task), self._node(task)
        assert step.produces is not None
        document = self._tree.workflow.document_types[step.produces]
        if document.on_rejection == "revise":
            self._put(node.anew())
            return
        why = f": {result.reason}" if result.reason else "."
        self._end(task, NodeState.FAILED, f"{result.by} did not accept {document.name}{why}")

    def _open(self, task: Task, items: tuple[Item, ...]) -> None:
        step, now = task.step, self._uow.now
        assert isinstance(step, Iteration)
        self._put(self._node(task).moved(NodeState.EXECUTING, now))
        if len(self._tree.nodes) + len(items) > MOST_NODES:
            words = f"With these {len(items):,} items the run would have more than {MOST_NODES:,} steps and items."
            self._end(task, NodeState.FAILED, f"{words} Split the workflow, or give it fewer items.")
            return
        try:
            nodes = [self._item(task, step, number, item) for number, item in enumerate(items, start=1)]
        except BadItems as bad:
            self._end(task, NodeState.FAILED, f"The collection {bad.words}")
            return
        self._put(*nodes)
        if not nodes:
            self._end(task, NodeState.COMPLETED)

    def _item(self, task: Task, step: Iteration, number: int, item: Item) -> Node:
        kept = {"id": item.id, "entity_type": step.iterate_over.entity_type}
        return Node(
            path=path_of(step.step_id, (*task.place.indexes, number)), parent=task.path, position=number - 1,
            step_id=step.step_id, kind=ITEM, title=label_of(item.content) or item.id, scope=step.scope,
            scope_id=scope_id((*task.place.ids, item.id)), state=NodeState.PENDING, item=kept, content=item.content,
        )  # fmt: skip

    # -- what follows -----------------------------------------------------------------------------------------------

    def _end(self, task: Task, state: NodeState, error: str | None = None) -> None:
        """The node is over; so may be the items and iterations around it, and the run."""
        self._put(self._node(task).moved(state, self._uow.now, error=error))
        around = list(task.place.around)
        while around:
            item = around.pop()
            outside = Place(tuple(around), task.place.indexes[: len(around)])
            inside = outside.below(item, task.place.indexes[len(around)])
            ended = self._tree.ended(item.step.steps, inside)
            if ended is None:
                return
            words = f"A step in it failed: {error}" if ended is NodeState.FAILED and error else None
            self._put(self._tree.nodes[item.path].moved(ended, self._uow.now, error=words))
            path = outside.path(item.step.step_id)
            ended = self._tree.iteration_ended(item.step, path)
            if ended is None:
                return
            failed = sum(one.state is NodeState.FAILED for one in self._tree.items_of(path))
            words = f"{failed} of {len(self._tree.items_of(path))} items failed." if failed else None
            self._put(self._tree.nodes[path].moved(ended, self._uow.now, error=words))
        ended = self._tree.ended(self._tree.workflow.steps, Place())
        if ended is NodeState.COMPLETED:
            self._finish(ExecutionState.COMPLETED)
        elif ended is NodeState.FAILED:
            self._finish(ExecutionState.FAILED, error=self._tree.what_failed() or error)

    def _finish(self, state: ExecutionState, *, error: str | None = None, reason: str = "") -> None:
        row, uow = self._row, self._uow
        before = row.state
        row.state = move(row.state, state)
        row.error, row.end_reason, row.completed_at = error, reason[:2000], uow.now
        if state is ExecutionState.COMPLETED:
            row.outputs = {**self._named(), "documents": self._outputs()}
        if any(node.state in AT_GATE for node in self._tree.nodes.values()):
            withdraw_gates(uow, row.id)
        after = {"state": state, **({"error": error} if error else {}), **({"reason": reason} if reason else {})}
        audit.record(uow, SYSTEM, f"run.{state.value}", f"run:{row.id}", before={"state": before}, after=after)

    def _outputs(self) -> Mapping[str, Any]:
        return {
            one.doc_type: {"id": str(one.id), "version": one.number, "digest": one.digest}
            for one in self._shelf.values()
            if not one.scope_id
        }

    def _named(self) -> dict[str, Any]:
        told = (self._tree.workflow.model_extra or {}).get("outputs") if "." in self._row.workflow_id else None
        return named_outputs(self._uow.session, told or {}, self._shelf.values())

    # -- going on ---------------------------------------------------------------------------------------------------

    def proceed(self, flying: Collection[str]) -> None:
        """Begins what can be begun; with nothing to do and nothing being done, the run is parked."""
        row = self._row
        if row.woken:
            self._closed, row.woken = closed_paths(self._uow.session, row.id, self._tree), False
        if row.state not in ENDED and not row.paused:
            ready = [task for task in self._tree.frontier(self._closed) if task.path not in flying]
            for task in ready:
                self._begin(task)
        if not self.tasks and not flying and not row.woken:
            row.parked = self.over = True
        reckon(self._uow, row, self._tree, at_work=not self.over)

    def _begin(self, task: Task) -> None:
        node, now = self._node(task), self._uow.now
        self._closed -= {task.path}
        for one in task.place.around:
            item = self._tree.nodes[one.path]
            if item.state is NodeState.PENDING:
                self._put(item.moved(NodeState.EXECUTING, now))
        step = task.step
        if step.execution_mode == "manual" and node.path not in self._tree.nodes:
            title = f"Start {node.title}"
            panels = answer_panels(self._row)
            self._put(node)
            self._wait(task, GateSpec(GateKind.START, title, {}, panels=panels))
            return
        if not isinstance(step, Iteration):
            fresh = node.path not in self._tree.nodes
            self._put(node.moved(_going(node.state), now))
            task = replace(task, fresh=fresh)
        self.tasks.append(task)

    def flush(self) -> None:
        write_nodes(self._uow, self._row.id, self._before.tree, self._tree)
        write_run(self._uow, self._row)

    def _put(self, *nodes: Node) -> None:
        self._tree = self._tree.put(*nodes)

    def _node(self, task: Task) -> Node:
        """The task's node, or the one that it would have."""
        return self._tree.nodes.get(task.path) or Node(
            path=task.path, parent=task.place.parent, position=task.position, step_id=task.step.step_id,
            kind=kind_of(task.step), title=task.step.heading, scope=task.step.scope,
            scope_id=scope_id(task.place.ids), state=NodeState.PENDING,
        )  # fmt: skip


def _going(state: NodeState) -> NodeState:
    """Of a step that is worked on: what it was, unless it had not begun or stood at a gate."""
    return NodeState.EXECUTING if state in AT_GATE or state is NodeState.PENDING else state


def _leaf(task: Task) -> AnyStep:
    assert not isinstance(task.step, Iteration)
    return task.step
