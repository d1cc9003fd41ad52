"""A project's items as rows: what they digest to, which wait, and handing those to the workers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, select
from sqlalchemy.orm import Session

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import SYSTEM, Actor
from core.audit import service as audit
from core.database.unit_of_work import UnitOfWork
from core.engine.client import EngineClient
from core.engine.queues import queue_of
from core.projects.rules import EXECUTE_ITEM
from core.projects.tables import ProjectItem, ProjectRun


def waiting() -> ColumnElement[bool]:
    """Neither left out, nor skipped, nor taken up."""
    return and_(ProjectItem.action_id.is_(None), ProjectItem.skipped.is_(None), not_(ProjectItem.left_out))


def items_digest(session: Session, project_id: UUID) -> str:
    """SHA-256 over key, operation and plan of every item that is not left out, in their order.

    Counted by PostgreSQL, because it is asked before every single item.
    """
    line = func.jsonb_build_array(ProjectItem.position, ProjectItem.key, ProjectItem.operation, ProjectItem.plan_digest)
    lines = func.string_agg(func.concat(line, "\n"), "").aggregate_order_by(ProjectItem.position)
    query = select(func.encode(func.sha256(func.convert_to(func.coalesce(lines, ""), "UTF8")), "hex")).where(
        ProjectItem.project_id == project_id, not_(ProjectItem.left_out)
    )
    return str(session.scalar(query))


def hand_over(uow: UnitOfWork, engine: EngineClient, run: ProjectRun) -> int:
    """Gives every waiting item to its channel's queue; answers how many. The run's generation makes each work new."""
    query = select(ProjectItem.position, ProjectItem.kind).where(ProjectItem.project_id == run.project_id, waiting())
    found = uow.session.execute(query.order_by(ProjectItem.position)).all()
    for position, kind in found:
        engine.enqueue(
            uow, queue_of(kind), EXECUTE_ITEM, str(run.id), position, run.generation,
            work_id=work_of(run, position),
        )  # fmt: skip
    return len(found)


def failed_actions(project_id: UUID) -> Select[UUID]:
    """The actions of items that failed or were stopped, in their order; what is unknown is none of them."""
    return (
        select(Action.id)
        .join(ProjectItem, ProjectItem.action_id == Action.id)
        .where(ProjectItem.project_id == project_id, Action.state == ActionState.FAILED)
        .order_by(ProjectItem.position)
    )


def work_of(run: ProjectRun, position: int) -> str:
    """How the engine knows the work on one item in the present handing-over."""
    return f"item:{run.id}:{position}:{run.generation}"


def tell(uow: UnitOfWork, run: ProjectRun, event: str, facts: dict[str, Any], *, actor: Actor = SYSTEM) -> bool:
    """Writes `execution.<event>` into the audit, once for each run; `run` is locked."""
    if event in run.told:
        return False
    run.told = [*run.told, event]
    audit.record(uow, actor, f"execution.{event}", f"project:{run.project_id}", after={"run": str(run.id), **facts})
    return True
