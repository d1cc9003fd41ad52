"""Runs of small definitions, driven segment by segment in the test itself, with a model that says what the test wants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.actor import Actor
from core.bootstrap import Application
from core.decisions.rules import Vote
from core.engine.steps import InlineSteps
from core.executions.automated.rules import DECIDED, GateKind, GateState
from core.executions.automated.segment import RunExecution
from core.executions.automated.tables import ModelCall, RunDocument, RunGate, RunNode
from core.executions.rules import ENDED, ExecutionState
from core.executions.tables import Execution
from core.language_models.service import Answer, LanguageModels, Question
from core.language_models.tables import PromptKind

Says = Callable[[str, Question], Any]
"""(task prompt, question) → what the model writes: text, or a value that becomes JSON, or an error that it raises"""


class SaidModel(LanguageModels):
    """A model at the room's own boundary; the HTTP side has tests of its own."""

    def __init__(self, says: Says) -> None:
        self._says = says
        self.asked: Counter[str] = Counter()
        self.questions: list[Question] = []

    def configured(self) -> str | None:
        return "model-1 at example.com"

    def ask(self, question: Question) -> Answer:
        task = question.messages[0].text.split("\n", 1)[0].removeprefix("TASK ")
        self.asked[task] += 1
        self.questions.append(question)
        said = self._says(task, question)
        if isinstance(said, Exception):
            raise said
        text = said if isinstance(said, str) else json.dumps(said)
        return Answer(text, "model-1", 10, 5, None, "USD", 1, False)


class NoModel(LanguageModels):
    def __init__(self) -> None:
        pass

    def configured(self) -> str | None:
        return None


@dataclass
class Driver:
    app: Application
    owner: Actor
    models: LanguageModels = field(default_factory=NoModel)

    def take_in(self, definition: Mapping[str, Any]) -> str:
        for task in _tasks(definition["steps"]):
            self.app.prompts.save(self.owner, task, PromptKind.TASK, f"TASK {task}")
        self.app.catalog.import_definitions(self.owner, definition)
        return str(definition["workflow_id"])

    def start(self, definition: Mapping[str, Any], **inputs: Any) -> UUID:
        return self.app.runs.start(self.owner, self.take_in(definition), inputs=inputs)

    def drive(self, run_id: UUID) -> ExecutionState:
        """Does what the workers would, until the run is parked."""
        for _ in range(100):
            row = self.row(run_id)
            if row.parked:
                return row.state
            self.work(run_id)
        raise AssertionError("it is handed over again and again")

    def work(self, run_id: UUID) -> None:
        """What one worker does with the segment that is handed over now."""
        app = self.app
        handler = RunExecution(replace(app.run_execution.tools, models=self.models))
        handler.run_segment(InlineSteps(), str(run_id), self.row(run_id).segment)

    def row(self, run_id: UUID) -> Execution:
        with self.app.database.begin() as uow:
            return uow.session.get_one(Execution, run_id)

    def nodes(self, run_id: UUID) -> dict[str, RunNode]:
        with self.app.database.begin() as uow:
            query = select(RunNode).where(RunNode.execution_id == run_id)
            return {row.path: row for row in uow.session.scalars(query)}

    def documents(self, run_id: UUID) -> dict[tuple[str, str, int], Any]:
        with self.app.database.begin() as uow:
            query = select(RunDocument).where(RunDocument.execution_id == run_id)
            return {(row.doc_type, row.scope_id, row.version): row.content for row in uow.session.scalars(query)}

    def calls(self, run_id: UUID) -> list[ModelCall]:
        with self.app.database.begin() as uow:
            query = (
                select(ModelCall).where(ModelCall.execution_id == run_id).order_by(ModelCall.called_at, ModelCall.id)
            )
            return list(uow.session.scalars(query))

    def gates(self, run_id: UUID, *, state: GateState = GateState.OPEN) -> list[RunGate]:
        with self.app.database.begin() as uow:
            query = select(RunGate).where(RunGate.execution_id == run_id, RunGate.state == state).order_by(RunGate.path)
            return list(uow.session.scalars(query))

    def gate(self, run_id: UUID, kind: GateKind) -> RunGate:
        (found,) = [one for one in self.gates(run_id) if one.kind is kind]
        return found

    def answer(self, gate: RunGate, answer: Mapping[str, Any], *, by: Actor | None = None) -> None:
        self.app.gates.answer(by or self.owner, gate.id, answer, digest=gate.digest)

    def vote(self, gate: RunGate, vote: Vote = Vote.APPROVE, *, by: Actor | None = None, reason: str = "") -> None:
        assert gate.kind in DECIDED
        self.app.gates.vote(by or self.owner, gate.id, digest=gate.digest, vote=vote, reason=reason)

    def over(self, run_id: UUID) -> bool:
        return self.row(run_id).state in ENDED


def _tasks(steps: Any) -> list[str]:
    found = []
    for step in steps:
        if "task_prompt" in step:
            found.append(step["task_prompt"])
        found += _tasks(step.get("steps", ()))
    return found


def production(step_id: str, produces: str, scope: str, inputs: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "step_id": step_id, "role": "Writer v1.0", "task_prompt": f"{step_id} v1.0", "produces": produces,
        "scope": scope, "inputs": inputs or [], **more,
    }  # fmt: skip


def each(
    step_id: str, source: str, field: str, entity: str, scope: str, steps: list[Any], **more: Any
) -> dict[str, Any]:
    over = {"doc_type": source, "collection_field": field, "entity_type": entity}
    return {"step_id": step_id, "iterate_over": over, "scope": scope, "steps": steps, **more}


def definition(
    steps: list[Any], documents: Mapping[str, Any], *, scopes: Mapping[str, Any] | None = None,
    entities: Mapping[str, Any] | None = None, workflow_id: str = "trial", **more: Any,
) -> dict[str, Any]:  # fmt: skip
    return {
        "schema_version": "workflow.v2", "workflow_id": workflow_id, "revision": "1", "effective_date": "2026-11-01",
        "name": "Trial", "scopes": scopes or {"project": {"parent": None}}, "document_types": documents,
        "entity_types": entities or {}, "steps": steps, **more,
    }  # fmt: skip


def nested() -> dict[str, Any]:
    """Epics, their stories, their tasks: three levels, with a document at each and a summary."""
    context = {"context": True}
    return definition(
        [
            production("plan", "backlog", "project"),
            each("epics", "backlog", "epics", "epic", "epic", [
                production("split", "stories", "epic", [{"entity_type": "epic", "scope": "epic", **context}]),
                each("stories", "stories", "stories", "story", "story", [
                    production("detail", "tasks", "story", [
                        {"entity_type": "story", "scope": "story", **context}, {"doc_type": "stories", "scope": "epic"},
                    ]),
                    each("tasks", "tasks", "tasks", "task", "task", [
                        production("note", "notes", "task", [
                            {"entity_type": "task", "scope": "task", **context},
                            {"entity_type": "epic", "scope": "epic", **context},
                            {"doc_type": "backlog", "scope": "project"},
                        ]),
                    ]),
                ]),
            ]),
            production("close", "summary", "project", [{"doc_type": "backlog", "scope": "project"}]),
        ],
        {
            "backlog": {"name": "Backlog", "scope": "project", "may_own": ["epic"], "collection_field": "epics"},
            "stories": {"name": "Stories", "scope": "epic", "may_own": ["story"], "collection_field": "stories"},
            "tasks": {"name": "Tasks", "scope": "story", "may_own": ["task"], "collection_field": "tasks"},
            "notes": {"name": "Notes", "scope": "task"},
            "summary": {"name": "Summary", "scope": "project"},
        },
        scopes={
            "project": {"parent": None}, "epic": {"parent": "project"}, "story": {"parent": "epic"},
            "task": {"parent": "story"},
        },
        entities={
            "epic": {"name": "Epic", "parent_doc_type": "backlog", "creates_scope": "epic"},
            "story": {"name": "Story", "parent_doc_type": "stories", "creates_scope": "story"},
            "task": {"name": "Task", "parent_doc_type": "tasks", "creates_scope": "task"},
        },
    )  # fmt: skip


def listed(field: str, prefix: str, count: int) -> dict[str, Any]:
    return {field: [{"id": f"{prefix}{number}", "title": f"{prefix} {number}"} for number in range(1, count + 1)]}
