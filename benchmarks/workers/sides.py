"""The two sides that are compared: our runs and plain DBOS workflows, each begun beforehand and then timed by its own rows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import psutil
from dbos import DBOS, DBOSClient
from sqlalchemy import func, select, text

from benchmarks.workers import plain
from benchmarks.workers.ground import Ground
from core.decisions.rules import Vote
from core.executions.automated.tables import RunDocument, RunGate, RunNode
from core.executions.rules import ENDED, ExecutionState
from core.executions.tables import Execution
from tests.waiting import until

LONGEST = 300.0
FIVE = [f"part_{number}" for number in range(1, 6)]


@dataclass(frozen=True)
class Pace:
    """From the end of run number `settled` to the end of the last one, with one worker."""

    rate: float
    """Runs a second."""
    worker_ms: float
    """The worker's processor time for one run."""


class Side(Protocol):
    name: str

    def pace(self, runs: int, *, settled: int, outside: float | None) -> Pace: ...


@dataclass
class Decided:
    """Milliseconds of each vote: the call alone, until the next node is begun, until its model is asked."""

    votes: list[float] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)


class Ours:
    name = "ours"

    def __init__(self, ground: Ground) -> None:
        self._ground, self._app, self._admin = ground, ground.app, ground.admin
        for accepted in (False, True):
            self._app.catalog.import_definitions(self._admin, definition(first_accepted=accepted))

    def pace(self, runs: int, *, settled: int, outside: float | None) -> Pace:
        ids = self.start(runs)
        with self._ground.worker("benchmarks.workers.ours", self._app.url, outside=outside) as process:
            worker_ms = _followed(lambda: len(self._ends(ids)), process.pid, runs, settled)
            self.ended(ids)
        self._ground.settle()
        return Pace(_rate([one.timestamp() for one in self._ends(ids)], settled), worker_ms)

    def together(self, runs: int, *, workers: int, at_once: int, outside: float) -> float:
        """Runs a second of several workers that live already, from the first that is begun to the last that is done."""
        with ExitStack() as stack:
            for _ in range(workers):
                stack.enter_context(
                    self._ground.worker("benchmarks.workers.ours", self._app.url, at_once=at_once, outside=outside)
                )
            until(lambda: len(self._app.engine_queries.workers()) == workers, seconds=60, what="the workers")
            time.sleep(2)
            ids = self.start(runs)
            self.ended(ids)
        with self._app.database.reading() as session:
            began = session.scalar(select(func.min(Execution.started_at)).where(Execution.id.in_(ids)))
        assert began is not None
        rate = runs / (self._ends(ids)[-1] - began).total_seconds()
        print(f"    {workers} worker{'s' if workers > 1 else ''}: {rate:.2f} runs/s", flush=True)
        return rate

    def after_decisions(self, count: int) -> Decided:
        """Votes on parked runs, one after the other and out of step with the worker's looks at its queue."""
        found, pauses = Decided(), random.Random(1)
        with self._ground.worker("benchmarks.workers.ours", self._app.url):
            ids = self.start(count + 5, accepted=True)
            self.parked(ids)
            time.sleep(2)
            for number, run_id in enumerate(ids):
                time.sleep(pauses.uniform(0.1, 0.3))
                vote, begun, asked = self._decide(run_id)
                if number >= 5:
                    found.votes.append(vote)
                    found.begun.append(begun)
                    found.asked.append(asked)
            self.ended(ids)
        return found

    def start(self, count: int, *, accepted: bool = False) -> list[UUID]:
        workflow = definition(first_accepted=accepted)["workflow_id"]
        return [self._app.runs.start(self._admin, workflow, inputs={}) for _ in range(count)]

    def _decide(self, run_id: UUID) -> tuple[float, float, float]:
        with self._app.database.reading() as session:
            gate = session.scalars(select(RunGate).where(RunGate.execution_id == run_id)).one()
        began = time.time()
        self._app.gates.vote(self._admin, gate.id, digest=gate.digest, vote=Vote.APPROVE)
        voted = time.time()
        content = until(lambda: self._document(run_id, FIVE[1]), seconds=10, what="the next document")
        with self._app.database.reading() as session:
            node = session.get_one(RunNode, (run_id, FIVE[1]))
        assert node.started_at is not None
        milliseconds = [1000 * (at - began) for at in (voted, node.started_at.timestamp(), content["asked_at"])]
        return milliseconds[0], milliseconds[1], milliseconds[2]

    def _document(self, run_id: UUID, path: str) -> Any:
        query = select(RunDocument.content).where(RunDocument.execution_id == run_id, RunDocument.path == path)
        with self._app.database.reading() as session:
            return session.scalar(query)

    def ended(self, ids: list[UUID]) -> None:
        self._until_all(ids, "the runs' end", Execution.state.in_(ENDED))
        with self._app.database.reading() as session:
            done = session.scalar(
                select(func.count()).where(Execution.id.in_(ids), Execution.state == ExecutionState.COMPLETED)
            )
        assert done == len(ids), f"{len(ids) - (done or 0)} runs failed"

    def parked(self, ids: list[UUID]) -> None:
        self._until_all(ids, "runs at their gates", Execution.state == ExecutionState.WAITING_ACCEPTANCE)

    def _until_all(self, ids: list[UUID], what: str, condition: Any) -> None:
        def reached() -> bool:
            time.sleep(0.2)
            with self._app.database.reading() as session:
                return session.scalar(select(func.count()).where(Execution.id.in_(ids), condition)) == len(ids)

        until(reached, seconds=LONGEST, what=what)

    def _ends(self, ids: list[UUID]) -> list[datetime]:
        query = select(Execution.completed_at).where(Execution.id.in_(ids)).order_by(Execution.completed_at)
        with self._app.database.reading() as session:
            return [one for one in session.scalars(query) if one is not None]


class Plain:
    name = "plain DBOS"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        DBOS.migrate(ground.plain_url)

    def pace(self, runs: int, *, settled: int, outside: float | None) -> Pace:
        ids = self._enqueue(runs)
        with self._ground.worker("benchmarks.workers.plain", self._ground.plain_url, outside=outside) as process:
            worker_ms = _followed(lambda: len(self._ends(ids)), process.pid, runs, settled)
        self._ground.settle()
        return Pace(_rate(self._ends(ids), settled), worker_ms)

    def _enqueue(self, runs: int) -> list[str]:
        client = DBOSClient(system_database_url=self._ground.plain_url, application_name=plain.APPLICATION)
        ids = [
            client.enqueue(
                {"workflow_name": plain.WORKFLOW, "queue_name": plain.QUEUE, "app_version": plain.VERSION}
            ).workflow_id
            for _ in range(runs)
        ]
        client.destroy()
        return ids

    def _ends(self, ids: list[str]) -> list[float]:
        """Of those that ended, in seconds."""
        query = text(
            "SELECT completed_at FROM dbos.workflow_status WHERE workflow_uuid = ANY(:ids) AND status = 'SUCCESS' "
            "ORDER BY 1"
        )
        with self._ground.plain_database.connect() as connection:
            return [row[0] / 1000 for row in connection.execute(query, {"ids": ids})]


def _followed(ended: Callable[[], int], pid: int, runs: int, settled: int) -> float:
    """Waits for all of them; answers the process's milliseconds for each run after the first `settled`."""
    process = psutil.Process(pid)
    first: tuple[int, float] | None = None
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        time.sleep(0.1)
        count, times = ended(), process.cpu_times()
        used = times.user + times.system
        if first is None and count >= settled:
            first = count, used
        if count == runs:
            assert first is not None
            return 1000 * (used - first[1]) / max(1, runs - first[0])
    raise AssertionError(f"the runs did not end within {LONGEST:g} s")


def _rate(ends: list[float], settled: int) -> float:
    return (len(ends) - settled) / (ends[-1] - ends[settled - 1])


def definition(*, first_accepted: bool = False) -> dict[str, Any]:
    """Five productions, each from the document before; with `first_accepted` a person accepts the first."""
    schema = {"type": "object", "required": ["title", "text"], "properties": {"title": {"type": "string"}}}
    documents: dict[str, Any] = {one: {"name": one, "scope": "project", "json_schema": schema} for one in FIVE}
    documents[FIVE[0]]["acceptance_required"] = first_accepted
    steps = [
        {
            "step_id": one, "role": "Writer v1.0", "task_prompt": "Part v1.0", "produces": one, "scope": "project",
            "inputs": [{"doc_type": FIVE[number - 1], "scope": "project"}] if number else [],
        }
        for number, one in enumerate(FIVE)
    ]  # fmt: skip
    return {
        "schema_version": "workflow.v2", "workflow_id": "accepted_parts" if first_accepted else "five_parts",
        "revision": "1", "effective_date": "2026-11-01", "name": "Five parts", "scopes": {"project": {"parent": None}},
        "document_types": documents, "entity_types": {}, "steps": steps,
    }  # fmt: skip
