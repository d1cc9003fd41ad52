"""Commands on automated runs: start, cancel, pause, resume, and retry from what failed (SPEC W3, W6, W7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from core.actor import Actor, ActorKind
from core.audit import service as audit
from core.catalog.automated import AutomatedWorkflow
from core.catalog.queries import Definition, automated_at, current_definition
from core.catalog.savings import calculate
from core.catalog.starting import check_inputs, given_documents
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.errors import CountersignError, NotFound
from core.executions.automated import documents
from core.executions.automated.gates import withdraw_gates
from core.executions.automated.held import nodes_of, write_nodes
from core.executions.automated.progress import touch
from core.executions.automated.rules import NodeState
from core.executions.automated.tree import ITEM, Node, Tree
from core.executions.automated.waking import wake
from core.executions.notes import checked_inputs, checked_text
from core.executions.rules import ENDED, MOST_REASON, RUNNERS, ExecutionState, RunEnded, TimerKind, move, retried
from core.executions.service import find_run
from core.executions.starting import (
    Approved,
    agent_for,
    may_state_savings,
    must_be_as_approved,
    must_be_entitled,
    must_exist,
)
from core.executions.tables import Execution
from core.identifiers import new_id
from core.identity.tables import Profile
from core.savings.queries import card_in_force

log = structlog.get_logger(__name__)

LOST_AFTER = timedelta(minutes=2)
"""A run that no worker has touched for so long, and that the engine knows nothing of, is handed over again."""


class NotAutomated(CountersignError):
    """A person does the steps of this run; open it under Run. Nothing was changed."""

    http_status = 409


class NothingFailed(CountersignError):
    """There is nothing here that failed, so there is nothing to retry. Nothing was changed."""

    http_status = 409


class StillRunning(CountersignError):
    """Other steps of this run are being worked on. Retry when it has stopped; nothing was changed."""

    http_status = 409


class RunService:
    """Every method takes the actor first, locks the run's row, and writes one audit entry with the change."""

    def __init__(self, database: Database, engine: EngineClient) -> None:
        self._database, self._engine = database, engine

    def start(
        self,
        actor: Actor,
        workflow_id: str,
        *,
        inputs: Mapping[str, Any],
        agent_id: str | None = None,
        council_id: str | None = None,
        calculated_savings: Decimal | None = None,
        run_id: UUID | None = None,
        approved: Approved | None = None,
    ) -> UUID:
        """Starts the current revision and hands it to the workers; answers the run's id.

        Inputs are checked against the definition (InvalidInput). Tiers hold as for guided runs. `run_id` is the id it
        shall have, where that was given out before. With `approved`, the run is the actor's because people decided so.
        """
        if approved is None and actor.kind is not ActorKind.AGENT:
            actor.must_have(*RUNNERS, to="run workflows")
        agent_id = agent_for(actor, agent_id, council_id) if approved is None else approved.agent_id
        may_state_savings(actor, calculated_savings)
        with self._database.begin() as uow:
            definition = current_definition(uow.session, workflow_id)
            workflow = definition.automated
            if approved is None:
                must_be_entitled(actor, definition)
            else:
                must_be_as_approved(definition, approved)
            must_exist(uow, agent_id, council_id)
            given = checked_inputs(check_inputs(workflow, inputs))
            row = _new_run(uow, actor, definition, agent_id, calculated_savings, run_id)
            row.council_id = council_id
            row.inputs = _keep_given(uow, actor, row, workflow, given)
            uow.session.flush()
            after = {"workflow": workflow_id, "revision": definition.digest, "agent": agent_id, "council": council_id}
            audit.record(uow, actor, "run.started", f"run:{row.id}", after=after)
            wake(uow, self._engine, row)
            return row.id

    def cancel(self, actor: Actor, run_id: UUID, reason: str = "", *, version: int | None = None) -> None:
        """Ends it: what waits for people is taken back, and a worker that has it keeps nothing more."""
        reason = checked_text("Reason", reason, MOST_REASON).strip()
        with self._database.begin() as uow:
            row = _automated(uow, actor, run_id, version=version)
            before = row.state
            row.state = move(row.state, ExecutionState.CANCELLED)
            row.end_reason, row.completed_at, row.parked = reason, uow.now, True
            withdraw_gates(uow, row.id)
            touch(uow, row, None)
            after = {"state": row.state, "reason": reason}
            audit.record(uow, actor, "run.cancelled", f"run:{row.id}", before={"state": before}, after=after)

    def pause(self, actor: Actor, run_id: UUID) -> None:
        """Nothing further is begun; what is being done comes to its end, and people can answer what is asked."""
        self._set_paused(actor, run_id, True, "run.paused")

    def resume(self, actor: Actor, run_id: UUID) -> None:
        self._set_paused(actor, run_id, False, "run.resumed")

    def retry(self, actor: Actor, run_id: UUID, path: str | None = None) -> None:
        """Does again what failed, each with a new budget: everything, or what failed at `path` and below it.

        Finished steps and accepted documents stay as they are.
        """
        with self._database.begin() as uow:
            row = _automated(uow, actor, run_id)
            state = retried(row.state)
            if not row.parked:
                raise StillRunning()
            tree = Tree.grown(automated_at(uow.session, row.revision), nodes_of(uow.session, row.id))
            again = _to_retry(tree, path)
            after = tree.put(*again.values())
            write_nodes(uow, row.id, tree, after)
            row.state = state
            row.error, row.completed_at = None, None
            touch(uow, row, TimerKind.WAIT)
            audit.record(uow, actor, "run.retried", f"run:{row.id}", after={"steps": sorted(again)[:100]})
            wake(uow, self._engine, row)

    def rescue(self) -> int:
        """Hands over again the runs that a worker should have and none has; answers how many."""
        with self._database.begin() as uow:
            lost = (
                select(Execution)
                .where(
                    Execution.automated, ~Execution.parked, Execution.state.not_in(ENDED),
                    Execution.last_activity_at < uow.now - LOST_AFTER,
                )
                .limit(500)
                .with_for_update(skip_locked=True)
            )  # fmt: skip
            rows = {f"run:{row.id}:{row.segment}": row for row in uow.session.scalars(lost)}
            ended = self._engine.ended_among(list(rows))
            for name in ended:
                rows[name].parked = True
                wake(uow, self._engine, rows[name])
                log.warning("run.rescued", run=str(rows[name].id))
            return len(ended)

    def _set_paused(self, actor: Actor, run_id: UUID, paused: bool, event: str) -> None:
        with self._database.begin() as uow:
            row = _automated(uow, actor, run_id)
            if row.state in ENDED:
                raise RunEnded(state=row.state.value)
            if row.paused is paused:
                return
            row.paused = paused
            touch(uow, row, row.timer_kind)
            audit.record(uow, actor, event, f"run:{row.id}", after={"paused": paused})
            if not paused:
                wake(uow, self._engine, row)


def _automated(uow: UnitOfWork, actor: Actor, run_id: UUID, *, version: int | None = None) -> Execution:
    row = find_run(uow, actor, run_id, version=version, others=True)
    if not row.automated:
        raise NotAutomated()
    return row


def _new_run(
    uow: UnitOfWork, actor: Actor, definition: Definition, agent_id: str | None, savings: Decimal | None,
    run_id: UUID | None,
) -> Execution:  # fmt: skip
    profile = uow.session.get(Profile, actor.user_id) if actor.user_id else None
    cards = definition.workflow.rate_cards
    card = card_in_force(uow.session, cards, definition.workflow_id, uow.now.date())
    reckoned = calculate(card).weekly if card else None
    row = Execution(
        id=run_id or new_id(), workflow_id=definition.workflow_id, revision=definition.digest, user_id=actor.user_id,
        agent_id=agent_id,
        market=profile.market if profile else None, skill_level=profile.skill_level if profile else None,
        state=ExecutionState.PENDING, total_steps=definition.total_steps, current_step=1, steps_completed=0,
        inputs={}, outputs={}, calculated_savings=savings if savings is not None else reckoned,
        savings_currency=card.currency if card else "USD" if savings is not None else None,
        rate_card=card.facts() if card else None, timer_kind=TimerKind.WAIT, timer_since=uow.now,
        created_at=uow.now, last_activity_at=uow.now, changed_at=uow.now, automated=True, segment=0, parked=True,
        woken=False, paused=False,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    return row


def _keep_given(
    uow: UnitOfWork, actor: Actor, row: Execution, workflow: AutomatedWorkflow, given: dict[str, Any]
) -> dict[str, Any]:
    """Documents among the inputs become documents; answers the rest."""
    names = given_documents(workflow)
    for name in names:
        if name in given:
            scope = workflow.document_types[name].scope
            documents.keep(
                uow, row.id, name, scope, "", given[name], before=None, path=None, made_by=actor.name,
                made_by_user=actor.user_id,
            )  # fmt: skip
    return {name: value for name, value in given.items() if name not in names}


def _to_retry(tree: Tree, path: str | None) -> dict[str, Node]:
    """The nodes that failed by themselves, to be done anew, and those around them, which go on."""
    if path is not None and path not in tree.nodes:
        raise NotFound(kind="step", id=path[:200])
    again: dict[str, Node] = {}
    for node in tree.nodes.values():
        if node.state is not NodeState.FAILED or tree.items.get(node.path) or node.kind == ITEM:
            continue
        around = list(_above(tree, node))
        if path is not None and path not in (node.path, *(one.path for one in around)):
            continue
        again[node.path] = node.anew()
        for one in around:
            if one.state is NodeState.FAILED:
                again[one.path] = one.going_on()
    if not again:
        raise NothingFailed()
    return again


def _above(tree: Tree, node: Node) -> list[Node]:
    found = []
    here = tree.nodes.get(node.parent) if node.parent else None
    while here is not None:
        found.append(here)
        here = tree.nodes.get(here.parent) if here.parent else None
    return found
