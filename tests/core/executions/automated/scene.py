"""Writes an automated run straight into the tables, as far as a test wants it, for what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import update

from core.actor import Actor, Tier
from core.bootstrap import Application
from core.canonical import digest
from core.catalog.tables import RevisionSource, WorkflowKind, WorkflowRevision
from core.decisions.policy import Policy
from core.decisions.service import Subject, open_decision
from core.executions.automated.items import scope_id
from core.executions.automated.rules import ANSWERED, DECIDED, CallOutcome, GateKind, GateState, NodeState
from core.executions.automated.tables import ModelCall, RunDocument, RunEntity, RunGate, RunNode
from core.executions.automated.tree import path_of
from core.executions.rules import ExecutionState, TimerKind
from core.executions.tables import Execution
from core.identifiers import new_id

WRITER = {"role": "Analyst v1.0", "task_prompt": "Notes v1.0"}
DEFINITION: dict[str, Any] = {
    "schema_version": "workflow.v2", "workflow_id": "spring_range", "revision": "r1", "effective_date": "2026-11-21",
    "name": "Plan the spring range",
    "scopes": {"shop": {"parent": None}, "epic": {"parent": "shop"}, "story": {"parent": "epic"}},
    "document_types": {
        "brief": {"name": "Brief", "scope": "shop", "json_schema": {
            "type": "object", "properties": {"title": {"type": "string"}, "aim": {"type": "string"}},
            "required": ["title", "aim"],
        }},
        "backlog": {"name": "Backlog", "scope": "shop", "may_own": ["epic"], "collection_field": "epics",
                    "acceptance_required": True},
        "stories": {"name": "Stories", "scope": "epic", "may_own": ["story"], "collection_field": "stories"},
        "note": {"name": "Note", "scope": "story"},
        "summary": {"name": "Summary", "scope": "shop"},
    },
    "entity_types": {
        "epic": {"name": "Epic", "parent_doc_type": "backlog", "creates_scope": "epic"},
        "story": {"name": "Story", "parent_doc_type": "stories", "creates_scope": "story"},
    },
    "steps": [
        {"step_id": "brief", "title": "Write the brief", "produces": "brief", "scope": "shop", **WRITER},
        {"step_id": "backlog", "produces": "backlog", "scope": "shop", **WRITER,
         "inputs": [{"doc_type": "brief", "scope": "shop", "context": True}]},
        {"step_id": "epics", "scope": "epic", "title": "Each epic",
         "iterate_over": {"doc_type": "backlog", "collection_field": "epics", "entity_type": "epic"},
         "steps": [
             {"step_id": "stories", "produces": "stories", "scope": "epic", **WRITER,
              "inputs": [{"entity_type": "epic", "scope": "epic", "context": True},
                         {"doc_type": "backlog", "scope": "shop"}]},
             {"step_id": "each_story", "scope": "story",
              "iterate_over": {"doc_type": "stories", "collection_field": "stories", "entity_type": "story"},
              "steps": [{"step_id": "note", "produces": "note", "scope": "story", **WRITER}]},
         ]},
        {"step_id": "summary", "produces": "summary", "scope": "shop", **WRITER},
    ],
}  # fmt: skip


@dataclass
class Scene:
    """One run of `DEFINITION`, begun ten minutes ago."""

    app: Application
    owner: Actor | None
    id: UUID = field(default_factory=new_id)

    def begin(self, state: ExecutionState = ExecutionState.IN_PROGRESS, **more: Any) -> Scene:
        now = self.app.clock.now()
        at = now - timedelta(minutes=10)
        with self.app.database.begin() as uow:
            known = digest(DEFINITION)
            if uow.session.get(WorkflowRevision, known) is None:
                uow.session.add(
                    WorkflowRevision(
                        digest=known, workflow_id="spring_range", kind=WorkflowKind.AUTOMATED,
                        title="Plan the spring range", tier=Tier.STARTER, total_steps=5, definition=DEFINITION,
                        current=True, first_seen_at=at, source=RevisionSource.IMPORT,
                    )
                )  # fmt: skip
                uow.session.flush()
            facts: dict[str, Any] = {
                "id": self.id, "workflow_id": "spring_range", "revision": known,
                "user_id": self.owner.user_id if self.owner else None, "state": state, "total_steps": 5,
                "current_step": 1, "inputs": {"brief": "Linen"}, "outputs": {}, "timer_kind": TimerKind.AI,
                "timer_since": at, "created_at": at, "started_at": at, "last_activity_at": at, "changed_at": now,
                "automated": True,
            }  # fmt: skip
            uow.session.add(Execution(**(facts | more)))
        return self

    def change(self, **values: Any) -> None:
        with self.app.database.begin() as uow:
            uow.session.execute(update(Execution).where(Execution.id == self.id).values(**values))

    def step(
        self,
        step_id: str,
        *indexes: int,
        state: NodeState = NodeState.COMPLETED,
        kind: str = "production",
        parent: str | None = None,
        position: int = 0,
        title: str = "",
        scope: str = "shop",
        around: tuple[str, ...] = (),
        item: Mapping[str, str] | None = None,
        began: timedelta = timedelta(minutes=5),
        **more: Any,
    ) -> str:
        """A node; answers its path."""
        now = self.app.clock.now()
        path = path_of(step_id, indexes)
        pending = state is NodeState.PENDING
        over = state in (NodeState.COMPLETED, NodeState.FAILED)
        with self.app.database.begin() as uow:
            row = RunNode(
                execution_id=self.id, path=path, parent=parent, position=position, step_id=step_id, kind=kind,
                title=title or step_id.replace("_", " ").capitalize(), scope=scope, scope_id=scope_id(around),
                item=dict(item) if item else None, state=state, started_at=None if pending else now - began,
                ended_at=now - began + timedelta(seconds=90) if over else None, generation=more.get("generation", 1),
                attempts=more.get("attempts", 0), error=more.get("error"),
            )  # fmt: skip
            uow.session.add(row)
        return path

    def item(
        self, step_id: str, *indexes: int, id: str, title: str, state: NodeState, around: tuple[str, ...] = ()
    ) -> str:
        """An item of an iteration, with what it was taken from."""
        parent = path_of(step_id, indexes[:-1])
        kind = "epic" if step_id == "epics" else "story"
        path = self.step(
            step_id, *indexes, state=state, kind="item", parent=parent, position=indexes[-1] - 1, title=title,
            scope=kind, around=(*around, id), item={"id": id, "entity_type": kind},
        )  # fmt: skip
        with self.app.database.begin() as uow:
            content = {"id": id, "title": title}
            uow.session.add(
                RunEntity(
                    execution_id=self.id, path=path, entity_type=kind, entity_id=id, scope_id=scope_id((*around, id)),
                    content=content, created_at=uow.now,
                )
            )  # fmt: skip
        return path

    def document(
        self,
        doc_type: str,
        content: Any,
        *,
        version: int = 1,
        scope: str = "shop",
        around: tuple[str, ...] = (),
        path: str | None = None,
        made_by: str = "openai:gpt-5-mini",
        accepted_by: str | None = None,
    ) -> UUID:
        with self.app.database.begin() as uow:
            row = RunDocument(
                execution_id=self.id, doc_type=doc_type, scope=scope, scope_id=scope_id(around), version=version,
                content=content, digest=digest(content), path=path or doc_type, made_by=made_by, findings=[],
                created_at=uow.now, accepted_at=uow.now if accepted_by else None, accepted_by=accepted_by,
            )  # fmt: skip
            uow.session.add(row)
            uow.session.flush()
            return row.id

    def gate(
        self,
        path: str,
        kind: GateKind,
        title: str,
        *people: Actor,
        content: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> UUID:
        """An open gate; `people` may answer or decide it."""
        with self.app.database.begin() as uow:
            asked = dict(content or {})
            row = RunGate(
                id=new_id(), execution_id=self.id, path=path, generation=1, kind=kind, state=GateState.OPEN, title=title,
                content=asked, digest=digest([kind, path, asked]), opened_at=uow.now, **more,
            )  # fmt: skip
            if kind in DECIDED | ANSWERED:
                policy = Policy(users=frozenset(one.id for one in people) or frozenset({str(new_id())}))
                subject = Subject("gate", str(row.id), row.digest)
                row.decision_id = open_decision(uow, subject, policy, proposer_id=f"run:{self.id}", deadline=None)
            uow.session.add(row)
        return row.id

    def call(
        self, path: str, *, number: int = 1, cost: str | None = "0.0125", currency: str | None = "USD", **more: Any
    ) -> None:
        with self.app.database.begin() as uow:
            uow.session.add(
                ModelCall(
                    execution_id=self.id, path=path, generation=1, number=number, model="openai:gpt-5-mini",
                    prompts={
                        "role": {"name": "Analyst v1.0", "digest": "a" * 64},
                        "task": {"name": "Notes v1.0", "digest": "b" * 64},
                    },
                    request={
                        "system": "You are an analyst.", "schema": None,
                        "messages": [{"role": "user", "text": "The secret plan"}],
                    },
                    response='{"title": "Spring"}', outcome=more.get("outcome", CallOutcome.DOCUMENT),
                    findings=more.get("findings", []), tokens_in=800, tokens_out=200,
                    cost=Decimal(cost) if cost else None, currency=currency, latency_ms=2500, called_at=uow.now,
                )
            )  # fmt: skip


def half_way(app: Application, owner: Actor | None) -> Scene:
    """Two of three epics known to be over or under way: one done, one at work on its second story, one to come."""
    scene = Scene(app, owner).begin()
    scene.step("brief", title="Write the brief")
    scene.step("backlog", position=1)
    scene.step("epics", position=2, state=NodeState.EXECUTING, kind="iteration", title="Each epic", scope="epic")
    states = (NodeState.COMPLETED, NodeState.EXECUTING, NodeState.PENDING)
    for number, (name, state) in enumerate(zip(("Linen", "Wool", "Silk"), states, strict=True), start=1):
        scene.item("epics", number, id=f"E-{number}", title=name, state=state)
    for number, ended in ((1, True), (2, False)):
        around, epic = (f"E-{number}",), f"epics[{number}]"
        scene.step("stories", number, parent=epic, scope="epic", around=around)
        scene.step(
            "each_story", number, parent=epic, position=1, kind="iteration", scope="story", around=around,
            state=NodeState.COMPLETED if ended else NodeState.EXECUTING,
        )  # fmt: skip
        for story in (1, 2):
            state = NodeState.COMPLETED if ended or story == 1 else NodeState.EXECUTING
            name = f"Story {number}.{story}"
            scene.item("each_story", number, story, id=f"S-{story}", title=name, state=state, around=around)
            scene.step(
                "note", number, story, parent=f"each_story[{number},{story}]", scope="story",
                around=(*around, f"S-{story}"), state=state, attempts=0 if ended else 1,
            )  # fmt: skip
    scene.document("brief", {"aim": "Sell linen", "title": "Spring"})
    scene.document("backlog", {"epics": [{"id": "E-1"}]}, accepted_by="Asha")
    scene.document("note", {"text": "One"}, scope="story", around=("E-1", "S-1"), path="note[1,1]")
    scene.call("brief")
    scene.call("note[1,1]", cost="0.5", currency="EUR")
    scene.call("note[2,2]", cost=None, currency=None)
    return scene
