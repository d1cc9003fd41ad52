"""Noticing that a channel, or the whole run of a project, has nothing left to do, and saying so once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from core.actions.receipts import STOPPED
from core.actions.rules import ActionState
from core.actions.tables import Action, Attempt
from core.database.unit_of_work import Database
from core.projects.items import tell, waiting
from core.projects.rules import ItemState, RunState, item_state
from core.projects.tables import ProjectItem, ProjectRun

_MOVING = (ActionState.APPROVED, ActionState.EXECUTING)
_OVER = (ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED)


def stopped_before_call() -> object:
    """SQL: whether the item's last attempt was held back by a rule."""
    return func.coalesce(Attempt.receipt["details"][STOPPED].as_boolean(), False)


def counts(session: Session, project_id: UUID, *, begun: bool) -> dict[str, dict[ItemState, int]]:
    """How many items of each kind of channel are in which state."""
    flags = (
        ProjectItem.problem.is_not(None), ProjectItem.left_out, ProjectItem.skipped.is_not(None), Action.state,
        stopped_before_call(),
    )  # fmt: skip
    query = (
        select(ProjectItem.kind, *flags, func.count())  # type: ignore[call-overload]
        .outerjoin(Action, Action.id == ProjectItem.action_id)
        .outerjoin(Attempt, and_(Attempt.action_id == Action.id, Attempt.number == Action.attempts))
        .where(ProjectItem.project_id == project_id)
        .group_by(ProjectItem.kind, *flags)
    )
    found: dict[str, dict[ItemState, int]] = {}
    rows: Sequence[Any] = session.execute(query).all()
    for kind, problem, left_out, skipped, action, stopped, n in rows:
        state = item_state(
            problem=problem, left_out=left_out, skipped=skipped, begun=begun, action=action, stopped=stopped
        )
        of_kind = found.setdefault(kind, {})
        of_kind[state] = of_kind.get(state, 0) + n
    return found


def settle(database: Database, run_id: UUID) -> None:
    """Tells, once each, that a channel is done and that the run is; cheap while much is left to do."""
    with database.reading() as session:
        run = session.get(ProjectRun, run_id)
        if run is None or run.finished_at is not None or not _anything_to_tell(session, run):
            return
    with database.begin() as uow:
        run = uow.session.get_one(ProjectRun, run_id, with_for_update=True, populate_existing=True)
        if run.finished_at is not None:
            return
        found = counts(uow.session, run.project_id, begun=True)
        for kind, by_state in sorted(found.items()):
            if _over(by_state):
                tell(uow, run, f"{kind}_executed", _figures([by_state]))
        if not all(_over(by_state) for by_state in found.values()):
            return
        figures = _figures(list(found.values()))
        if figures["failed"]:
            tell(uow, run, "error", {"failed": figures["failed"], "words": "Some items failed; the report names each."})
        if run.state is not RunState.CANCELLED:
            run.state = RunState.COMPLETED
        run.finished_at = uow.now
        tell(uow, run, "completed", {**figures, "state": run.state})


def _anything_to_tell(session: Session, run: ProjectRun) -> bool:
    """Whether some kind of channel has neither an item that waits nor one under way, and that was not told yet."""
    mine = ProjectItem.project_id == run.project_id
    moving = select(ProjectItem.kind).join(Action, Action.id == ProjectItem.action_id)
    kinds = set(session.scalars(select(ProjectItem.kind).where(mine).distinct()))
    busy = {
        kind
        for kind in kinds
        if session.scalar(select(exists().where(mine, ProjectItem.kind == kind, waiting())))
        or session.scalar(moving.where(mine, ProjectItem.kind == kind, Action.state.in_(_MOVING)).limit(1))
    }
    return not busy or any(f"{kind}_executed" not in run.told for kind in kinds - busy)


def _over(by_state: Mapping[ItemState, int]) -> bool:
    return all(state in _OVER for state in by_state)


def _figures(several: Sequence[Mapping[ItemState, int]]) -> dict[str, int]:
    sums = {state: sum(one.get(state, 0) for one in several) for state in _OVER}
    return {
        "total": sum(sums.values()), "sent": sums[ItemState.SENT], "failed": sums[ItemState.FAILED],
        "skipped": sums[ItemState.SKIPPED],
    }  # fmt: skip
