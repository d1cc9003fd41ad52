"""A run of Ravi's that stops at gates, as the interpreter would stop it, and what people do there in few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.canonical import digest
from core.catalog.tables import WorkflowKind, WorkflowRevision
from core.decisions.policy import Policy
from core.executions.automated.gate_views import GateView
from core.executions.automated.gates import open_gate, withdraw_gates
from core.executions.automated.panels import answer_panels
from core.executions.automated.rules import GateKind, GateState, NodeState
from core.executions.automated.tables import RunDocument, RunGate, RunNode
from core.executions.automated.work import GateSpec, Run
from core.executions.rules import ExecutionState
from core.executions.tables import Execution

PATH = "discovery"


@dataclass
class GateRoom:
    app: Application
    admin: Actor
    person: Callable[..., Actor]
    ravi: Actor = field(init=False)
    run_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.ravi = self.person(Role.USER, name="Ravi")
        self.run_id = self.start()

    def start(self, owner: Actor | None = None) -> UUID:
        owner = owner or self.ravi
        with self.app.database.begin() as uow:
            if uow.session.get(WorkflowRevision, "r1") is None:
                uow.session.add(
                    WorkflowRevision(
                        digest="r1", workflow_id="letters", kind=WorkflowKind.AUTOMATED, title="Letters",
                        tier=Tier.STARTER, total_steps=1, definition={}, current=False, first_seen_at=uow.now,
                    )
                )  # fmt: skip
                uow.session.flush()
            row = Execution(
                workflow_id="letters", revision="r1", user_id=owner.user_id, state=ExecutionState.WAITING_CLARIFICATION,
                total_steps=1, current_step=1, inputs={}, outputs={}, created_at=uow.now, started_at=uow.now,
                last_activity_at=uow.now, changed_at=uow.now, automated=True, parked=True,
            )  # fmt: skip
            uow.session.add(row)
            uow.session.flush()
            uow.session.add(
                RunNode(
                    execution_id=row.id, path=PATH, position=0, step_id=PATH, kind="production", title="Discovery",
                    scope="root", scope_id="", state=NodeState.WAITING,
                )
            )  # fmt: skip
            return row.id

    def group(self, *groups: str, roles: Sequence[Role] = (Role.USER,), name: str | None = None) -> Actor:
        found = self.person(*roles, name=name)
        assert found.user_id is not None
        self.app.identity.change_user(self.admin, found.user_id, groups=groups)
        return found

    def open(
        self,
        kind: GateKind,
        content: Mapping[str, Any] | None = None,
        *panels: Policy,
        path: str = PATH,
        generation: int = 1,
        document: UUID | None = None,
        **more: Any,
    ) -> UUID:
        if not panels and kind not in {GateKind.ACTION, GateKind.TIME}:
            panels = answer_panels(self.run())
        spec = GateSpec(kind, f"The {kind}", content or {}, panels, **more)
        with self.app.database.begin() as uow:
            row = uow.session.get_one(Execution, self.run_id, with_for_update=True)
            found = uow.session.get(RunDocument, document) if document else None
            return open_gate(uow, row, path, generation, spec, document=found).id

    def document(self, content: Any, *, by: Actor | None = None, version: int = 1) -> UUID:
        with self.app.database.begin() as uow:
            made = RunDocument(
                execution_id=self.run_id, doc_type="brief", scope="root", scope_id="", version=version,
                content=content, digest=digest(content), path=PATH, made_by=by.name if by else "a model",
                made_by_user=by.user_id if by else None, findings=[], created_at=uow.now,
            )  # fmt: skip
            uow.session.add(made)
            uow.session.flush()
            return made.id

    def withdraw(self, path: str | None = None) -> None:
        with self.app.database.begin() as uow:
            uow.session.get_one(Execution, self.run_id, with_for_update=True)
            withdraw_gates(uow, self.run_id, path=path)

    def end(self, state: ExecutionState = ExecutionState.CANCELLED) -> None:
        self.change(state=state)

    def change(self, **values: Any) -> None:
        with self.app.database.begin() as uow:
            row = uow.session.get_one(Execution, self.run_id)
            for name, value in values.items():
                setattr(row, name, value)

    def row(self) -> Execution:
        with self.app.database.reading() as session:
            return session.get_one(Execution, self.run_id, populate_existing=True)

    def run(self) -> Run:
        return Run(self.run_id, "letters", "Letters", self.ravi.user_id, agent_id=None, council_id=None, inputs={})

    def stored(self, gate_id: UUID) -> RunGate:
        with self.app.database.reading() as session:
            return session.get_one(RunGate, gate_id, populate_existing=True)

    def stored_document(self, document_id: UUID) -> RunDocument:
        with self.app.database.reading() as session:
            return session.get_one(RunDocument, document_id, populate_existing=True)

    def gates(self) -> list[tuple[GateKind, GateState]]:
        with self.app.database.reading() as session:
            rows = session.scalars(select(RunGate).order_by(RunGate.opened_at, RunGate.id))
            return [(row.kind, row.state) for row in rows]

    def seen(self, actor: Actor, gate_id: UUID) -> GateView:
        return self.app.gates_queries.gate(actor, gate_id)

    def waits(self, actor: Actor) -> set[UUID]:
        found, total = self.app.gates_queries.waiting(actor)
        assert total == len(found) == self.app.gates_queries.waiting_count(actor)
        return {one.id for one in found}

    def answer(self, actor: Actor, gate_id: UUID, **answer: Any) -> None:
        self.app.gates.answer(actor, gate_id, answer, digest=self.stored(gate_id).digest)
