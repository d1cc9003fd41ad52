"""Executing one item of a project: looked at again, made an action of its own, executed by the hand that executes all."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.actions.execution import ActionExecution
from core.actions.last_look import Held
from core.actions.parts import take_up, was_part
from core.actions.rules import ActionState
from core.actions.tables import Action
from core.connectors.plan import Plan
from core.database.lasting import lasting
from core.database.unit_of_work import Database, UnitOfWork
from core.decisions import service as decisions
from core.engine.client import EngineClient
from core.engine.queues import QueueName, queue_of
from core.engine.steps import Steps
from core.projects.items import hand_over, items_digest
from core.projects.rules import RunState
from core.projects.settling import settle
from core.projects.tables import Project, ProjectItem, ProjectRun

_IN_FORCE = (ActionState.APPROVED, ActionState.EXECUTING, ActionState.EXECUTED, ActionState.UNKNOWN)
"""Unknown: the worker that started the run did not live to write the receipt, and nobody has looked yet."""


class ProjectExecution:
    """The handlers of items. What became of one is its action's business; here is only whether it may begin."""

    def __init__(self, database: Database, engine: EngineClient, actions: ActionExecution) -> None:
        self._database, self._engine, self._actions = database, engine, actions

    def hand_over_items(self, steps: Steps, run_id: str, generation: int) -> int:
        """Gives what waits to the channels' queues, unless it was paused, cancelled or handed over since."""

        def act() -> int:
            with self._database.begin() as uow:
                run = uow.session.get(ProjectRun, UUID(run_id), with_for_update=True)
                if run is None or run.state is not RunState.RUNNING or run.generation != int(generation):
                    return 0
                return hand_over(uow, self._engine, run)

        return lasting(act)

    def execute_item(self, steps: Steps, run_id: str, position: int, generation: int) -> str | None:
        """Executes the first attempt of one item; answers its action's state, or None when there was nothing to do.

        `generation` says which handing-over this is: a later one never goes on with what an earlier one took up.
        """
        run = UUID(run_id)
        action_id = lasting(lambda: self._take_up(run, int(position), int(generation)))
        state = self._actions.execute_action(steps, str(action_id), 1) if action_id is not None else None
        lasting(lambda: settle(self._database, run))
        return state

    def execute_action(self, steps: Steps, action_id: str, attempt_number: int) -> str | None:
        """Executes an attempt of any action; if that is an item of a project, its run is looked at afterwards."""
        state = self._actions.execute_action(steps, action_id, attempt_number)
        run = lasting(lambda: self._run_of(UUID(action_id)))
        if run is not None:
            lasting(lambda: settle(self._database, run))
        return state

    def _run_of(self, action_id: UUID) -> UUID | None:
        query = (
            select(ProjectRun.id)
            .join(ProjectItem, ProjectItem.project_id == ProjectRun.project_id)
            .where(ProjectItem.action_id == action_id)
        )
        with self._database.reading() as session:
            return session.scalar(query)

    def _take_up(self, run_id: UUID, position: int, generation: int) -> UUID | None:
        """The item's action, made now or by this very piece of work before it was interrupted."""
        with self._database.begin() as uow:
            run = uow.session.get(ProjectRun, run_id, with_for_update={"read": True})
            if run is None:
                return None
            item = uow.session.get(ProjectItem, (run.project_id, position), with_for_update=True)
            if item is None or item.left_out or item.skipped is not None:
                return None
            if item.action_id is not None:
                return item.action_id if item.generation == generation else None
            if run.generation != generation or run.state is not RunState.RUNNING:
                return None  # paused: resuming hands it over again; cancelled: it is marked already
            card = uow.session.get(Action, run.card_action_id)
            problem = _objection(uow, run, card, item)
            if problem is not None:
                item.skipped = problem
                return None
            assert card is not None
            return self._begin(uow, run, card, item)

    def _begin(self, uow: UnitOfWork, run: ProjectRun, card: Action, item: ProjectItem) -> UUID:
        plan = Plan.from_json(item.plan or {})
        name = uow.session.scalar(select(Project.name).where(Project.id == run.project_id))
        action = take_up(
            uow, card, plan, title=f"{name}: {item.key}",
            why=f"Item {item.position:,} of “{name}”, approved with the whole project by {card.decided_by}.",
            queue=queue_of(item.kind),
        )  # fmt: skip
        item.action_id, item.generation = action.id, run.generation
        return action.id


def _objection(uow: UnitOfWork, run: ProjectRun, card: Action | None, item: ProjectItem) -> str | None:
    """Why this item must not be begun: the card's approval, and everything that it was given for, is read again."""
    if card is None or card.state not in _IN_FORCE or card.plan_digest != run.plan_digest:
        return "The approval of the project is not in force. Nothing was done."
    plan = Plan.from_json(card.plan)
    if plan.digest != run.plan_digest or not decisions.is_approved(uow.session, card.decision_id, run.plan_digest):
        return "The approval is not for this project as it is. Nothing was done."
    if card.expires_at <= uow.now:
        return "The approval expired before its turn came. Nothing was done."
    same_project = plan.request.get("project_id") == str(run.project_id)
    if not same_project or items_digest(uow.session, run.project_id) != plan.preconditions.get("items_digest"):
        return "The items are not those that were approved. Nothing was done."
    stored = Plan.from_json(item.plan) if item.plan else None
    if stored is None or stored.digest != item.plan_digest or stored.operation != item.operation:
        return "It is not what was approved. Nothing was done."
    return None


def may_begin(uow: UnitOfWork, action: Action) -> str | Held | None:
    """The gate of items right before their call: nothing begins while its run is paused or after it was cancelled."""
    if action.queue == QueueName.ACTIONS or not was_part(uow, action):
        return None
    query = (
        select(ProjectRun)
        .join(ProjectItem, ProjectItem.project_id == ProjectRun.project_id)
        .where(ProjectItem.action_id == action.id)
        .with_for_update(read=True, of=ProjectRun)
        .execution_options(populate_existing=True)
    )
    run = uow.session.scalar(query)
    if run is None:
        return "It belongs to no project that runs. Nothing was done."
    match run.state:
        case RunState.PAUSED:
            return Held()
        case RunState.CANCELLED:
            return f"{run.state_by} cancelled the project. Nothing was done."
        case RunState.RUNNING | RunState.COMPLETED:
            return None
