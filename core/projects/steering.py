"""The run of a project: pausing, resuming and cancelling it, trying again, and finding what the engine lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import and_, select, update

from core.actions.lifecycle import enqueue, facts, lock_action
from core.actions.parts import open_attempt
from core.actions.receipts import close_attempt, stopped
from core.actions.rules import ActionState, checked_move, must_operate
from core.actions.service import ActionService
from core.actions.tables import Action, Attempt
from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.errors import CountersignError, NotFound
from core.projects.items import failed_actions, waiting, work_of
from core.projects.rules import HAND_OVER_ITEMS, LOST_AFTER, RunNotThat, RunState, moved
from core.projects.settling import settle
from core.projects.tables import ProjectItem, ProjectRun

_LOOKED_AT = 50
"""Items are taken in their order: if any is lost, one of the first is."""
_RETRIED_AT_ONCE = 500


class Steering:
    def __init__(self, database: Database, engine: EngineClient, actions: ActionService) -> None:
        self._database, self._engine, self._actions = database, engine, actions

    def pause(self, actor: Actor, project_id: UUID) -> None:
        """When this returns, no item begins its call until the run is resumed; what is under way ends."""
        self._move(actor, project_id, "paused")

    def resume(self, actor: Actor, project_id: UUID) -> None:
        self._move(actor, project_id, "resumed", self._hand_over)

    def cancel(self, actor: Actor, project_id: UUID) -> None:
        """When this returns, no item begins its call any more; those that waited are skipped, by whom is kept."""
        run_id = self._move(actor, project_id, "cancelled", _skip_waiting)
        for action_id in self._uncalled(project_id):  # each alone: an item at its call holds its own row first
            self._call_off(actor, action_id)
        settle(self._database, run_id)

    def retry_failed(self, actor: Actor, project_id: UUID) -> tuple[int, int]:
        """Retries each item that failed or was stopped, as its own action; answers (queued, refused by a rule).

        What nobody could confirm is not among them: a person finds out first.
        """
        must_operate(actor, "retry items")
        with self._database.reading() as session:
            run = session.scalar(select(ProjectRun).where(ProjectRun.project_id == project_id))
            if run is None:
                raise NotFound(kind="run of project", id=project_id)
            if run.state in (RunState.PAUSED, RunState.CANCELLED):
                raise RunNotThat(state=run.state.value, what="retried")
            failed = session.scalars(failed_actions(project_id).limit(_RETRIED_AT_ONCE)).all()
        queued = 0
        for action_id in failed:
            try:
                self._actions.retry(actor, action_id)
                queued += 1
            except CountersignError:  # its card says why; the others go on
                continue
        return queued, len(failed) - queued

    def hand_over_lost(self) -> int:
        """For the job that tends: hands over again what waits and the engine has lost; answers of how many runs."""
        with self._database.reading() as session:
            old = self._database.clock.now() - LOST_AFTER
            query = select(ProjectRun.id).where(ProjectRun.state == RunState.RUNNING, ProjectRun.started_at < old)
            runs = session.scalars(query).all()
        return sum(self._handed_over_lost(run_id) for run_id in runs)

    def _handed_over_lost(self, run_id: UUID) -> bool:
        with self._database.begin() as uow:
            run = uow.session.get_one(ProjectRun, run_id, with_for_update=True, populate_existing=True)
            mine = ProjectItem.project_id == run.project_id
            first = select(ProjectItem.position).where(mine, waiting()).order_by(ProjectItem.position).limit(_LOOKED_AT)
            works = [work_of(run, position) for position in uow.session.scalars(first)]
            if run.state is not RunState.RUNNING or not works:
                return False
            handing = f"items:{run.id}:{run.generation}"
            ended = self._engine.ended_among([*works, handing])
            if handing not in ended or not ended.intersection(works):
                return False
            self._hand_over_again(uow, run)
            audit.record(uow, SYSTEM, "project.handed_over_again", f"project:{run.project_id}")
            return True

    def _move(
        self,
        actor: Actor,
        project_id: UUID,
        what: str,
        then: Callable[[UnitOfWork, ProjectRun], object] = lambda uow, run: None,
    ) -> UUID:
        must_operate(actor, f"have projects {what}")
        with self._database.begin() as uow:
            query = select(ProjectRun).where(ProjectRun.project_id == project_id).with_for_update()
            run = uow.session.scalar(query)
            if run is None:
                raise NotFound(kind="run of project", id=project_id)
            before = {"state": run.state}
            run.state, run.state_by = moved(run.state, what), actor.name[:200]
            then(uow, run)
            audit.record(
                uow, actor, f"project.{what}", f"project:{project_id}", before=before, after={"state": run.state}
            )
            return run.id

    def _hand_over(self, uow: UnitOfWork, run: ProjectRun) -> None:
        """Everything that waits, by a worker, and the attempts that were held on their way to a call."""
        self._hand_over_again(uow, run)
        query = (
            select(Attempt, Action.queue)
            .join(Action, Action.id == Attempt.action_id)
            .join(ProjectItem, ProjectItem.action_id == Action.id)
            .where(ProjectItem.project_id == run.project_id, Attempt.held, Attempt.finished_at.is_(None))
            .with_for_update(of=Attempt)
        )
        for attempt, queue in uow.session.execute(query).all():
            attempt.held = False
            enqueue(uow, self._engine, attempt, queue, again=uow.now)

    def _hand_over_again(self, uow: UnitOfWork, run: ProjectRun) -> None:
        run.generation += 1
        self._engine.enqueue(
            uow, QueueName.ACTIONS, HAND_OVER_ITEMS, str(run.id), run.generation,
            work_id=f"items:{run.id}:{run.generation}",
        )  # fmt: skip

    def _uncalled(self, project_id: UUID) -> Sequence[UUID]:
        query = (
            select(Action.id)
            .join(ProjectItem, ProjectItem.action_id == Action.id)
            .where(ProjectItem.project_id == project_id, Action.state == ActionState.APPROVED)
        )
        with self._database.reading() as session:
            return session.scalars(query).all()

    def _call_off(self, actor: Actor, action_id: UUID) -> None:
        """Stops an item that was taken up and waits for its next attempt."""
        with self._database.begin() as uow:
            action = lock_action(uow, action_id)
            attempt = open_attempt(uow, action)
            if action.state is not ActionState.APPROVED or attempt is None:
                return
            words = f"{actor.name} cancelled the project. Nothing was done."
            close_attempt(uow, attempt, stopped(words))
            action.state, action.error = checked_move(action.state, ActionState.FAILED), words
            action.version += 1
            audit.record(uow, SYSTEM, "action.stopped", f"action:{action.id}", after=facts(action))


def _skip_waiting(uow: UnitOfWork, run: ProjectRun) -> None:
    uow.session.execute(
        update(ProjectItem)
        .where(and_(ProjectItem.project_id == run.project_id, waiting()))
        .values(skipped=f"{run.state_by} cancelled the project before its turn came.")
        .execution_options(synchronize_session=False)
    )
