"""Running a run from one gate to the next: what can be done is done, and then no worker holds it any more."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from core.catalog.automated import Iteration, KindStep, Production
from core.catalog.kinds import find_kinds
from core.correlation import carried
from core.database.lasting import lasting
from core.engine.steps import Steps
from core.errors import CountersignError
from core.executions.automated.calls import calls_of
from core.executions.automated.documents import Missing, content_of, inputs_of, nearest
from core.executions.automated.entry import Accepted, Opened, Result, SentBack
from core.executions.automated.gates import closed_rows, told_by
from core.executions.automated.held import Held, Superseded
from core.executions.automated.items import BadItems, items_in
from core.executions.automated.ledger import Ledger
from core.executions.automated.rules import GateKind, GateState
from core.executions.automated.tables import RunDocument, RunGate
from core.executions.automated.tree import Task
from core.executions.automated.work import ClosedGate, Fail, Revision, RunKind, Tools, Work
from core.executions.steps.production import Asking, ask, prepare

log = structlog.get_logger(__name__)

MOST_THREADS = 8
"""Items of one run that are worked on at the same instant, whatever its definition allows."""


class RunExecution:
    """The handler of segments.

    It keeps its progress in the run's own rows, each step's result in the transaction that marks it as done, so a
    second run of the same segment begins where the first was killed.
    """

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    def run_segment(self, steps: Steps, execution_id: str, segment: int) -> None:
        try:
            ledger = Ledger(self.tools.database, self.tools.settings, UUID(execution_id), int(segment))
            _Segment(self.tools, ledger).work()
        except Superseded:
            log.info("run.superseded", run=execution_id, segment=segment)


class _Segment:
    def __init__(self, tools: Tools, ledger: Ledger) -> None:
        self._tools, self._ledger = tools, ledger

    def work(self) -> None:
        """Until nothing can be done: one step after the other here, several at once on threads."""
        tasks = self._ledger.begin()
        flying: set[Future[list[Task]]] = set()
        with _Threads() as pool:
            while tasks or flying or not self._ledger.over:
                if len(tasks) == 1 and not flying:
                    tasks = self._step(tasks[0])
                    continue
                if not tasks and not flying:
                    tasks = self._ledger.begin()
                    continue
                flying |= {pool().submit(self._step, task) for task in tasks}
                done, flying = wait(flying, return_when=FIRST_COMPLETED)
                tasks = [task for future in done for task in future.result()]

    def _step(self, task: Task) -> list[Task]:
        return self._ledger.apply(task, self._result(task))

    def _result(self, task: Task) -> Result:
        try:
            return lasting(lambda: self._do(self._ledger.held, task))
        except Missing as missing:
            return Fail(missing.words)
        except (OperationalError, InterfaceError):
            raise
        except CountersignError as refused:
            return Fail(str(refused))
        except Exception:  # a fault in a step: the run must not wait for ever
            log.exception("run.step_failed", run=str(self._ledger.held.run.id), path=task.path)
            return Fail("It broke on our side; the worker's log has the reason. Nothing of it was kept. Retry it.")

    def _do(self, held: Held, task: Task) -> Result:
        if isinstance(task.step, Iteration):
            with self._tools.database.reading() as session:
                return _open(session, held, task, task.step)
        with self._tools.database.reading() as session:
            found = _what_to_do(session, held, task, self._tools.database.clock.now())
            if not isinstance(found, _Asked):
                return found
            work, gate = found.work, found.gate
            prepared = prepare(work, self._tools) if isinstance(task.step, Production) else None
        if prepared is not None:
            return ask(prepared, self._tools) if isinstance(prepared, Asking) else prepared
        assert isinstance(task.step, KindStep)
        kind = find_kinds().get(task.step.kind)
        if not isinstance(kind, RunKind):
            return Fail(f"This version has no step of the kind {task.step.kind!r}.")
        fields = kind.read(task.step)
        return kind.go_on(work, fields, gate, self._tools) if gate else kind.begin(work, fields, self._tools)


class _Threads:
    """A pool that is there when it is first asked for: most runs do one thing at a time."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="run-item", initializer=carried())
        return self._pool

    def __enter__(self) -> _Threads:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class _Asked:
    """What a step of a kind is asked to do; `gate` where it goes on from one."""

    work: Work
    gate: ClosedGate | None


def _open(session: Session, held: Held, task: Task, step: Iteration) -> Result:
    over, workflow = step.iterate_over, held.tree.workflow
    document = workflow.document_types[over.doc_type]
    version = nearest(held.shelf, workflow, over.doc_type, task.place)
    if version is None:
        return Fail(f"There is no {document.name} to take items from.")
    try:
        return Opened(items_in(content_of(session, version), over.collection_field, over.entity_type))
    except BadItems as bad:
        return Fail(f"The collection {over.collection_field!r} of {document.name} {bad.words}")


def _what_to_do(session: Session, held: Held, task: Task, now: datetime) -> Result | _Asked:
    """The step with its inputs and its past, or what its document's acceptance makes of it."""
    step, node = task.step, held.tree.nodes[task.path]
    assert not isinstance(step, Iteration)
    gates = () if task.fresh else closed_rows(session, held.run.id, task.path, node.generation)
    decided = next((one for one in gates if one.kind is GateKind.ACCEPTANCE), None)  # the last one, whatever clocks say
    if decided is not None:
        answer, by = decided.answer or {}, decided.answered_by or "Somebody"
        return Accepted() if answer.get("approved") is True else SentBack(by, str(answer.get("reason") or ""))
    told = told_by(gates)
    work = Work(
        run=held.run, workflow=held.tree.workflow, step=step, path=task.path, title=node.title,
        generation=node.generation, scope_id=node.scope_id,
        inputs=inputs_of(session, held.tree, held.shelf, step, task.place),
        produces=held.tree.workflow.document_types[step.produces] if step.produces is not None else None,
        item=task.place.around[-1].content if task.place.around else None,
        gates=told, calls=() if task.fresh else calls_of(session, held.run.id, task.path, node.generation),
        revision=_sent_back(session, held, task.path, node.generation) if node.generation > 1 else None,
        now=now,
    )  # fmt: skip
    return _Asked(work, told[-1] if told else None)


def _sent_back(session: Session, held: Held, path: str, generation: int) -> Revision | None:
    """The last document of this step that somebody did not accept, with why."""
    query = (
        select(RunDocument.content, RunGate.answer)
        .join(RunDocument, RunDocument.id == RunGate.document_id)
        .where(
            RunGate.execution_id == held.run.id, RunGate.path == path, RunGate.generation < generation,
            RunGate.kind == GateKind.ACCEPTANCE, RunGate.state == GateState.CLOSED,
        )
        .order_by(RunGate.generation.desc())
        .limit(1)
    )  # fmt: skip
    found = session.execute(query).first()
    if found is None or (found.answer or {}).get("approved") is True:
        return None
    return Revision(found.content, str((found.answer or {}).get("reason") or ""))
