"""Filling a project with items, correcting them, and putting all before the people who decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, not_, select, update
from sqlalchemy.engine import CursorResult

from core.actions.rules import ActionState, must_propose, reads_all
from core.actions.service import ActionService
from core.actions.tables import Action
from core.actor import Actor
from core.audit import service as audit
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import InvalidInput, NotFound
from core.identifiers import new_id
from core.identity.rules import checked_line
from core.projects.operation import EXECUTE_PLAN
from core.projects.planning import Planning
from core.projects.rules import CardWaits, ProjectStarted, checked_count
from core.projects.tables import Project, ProjectItem, ProjectRun
from core.projects.uploads import NewItem, read_items, read_upload

_CARD_OPEN = (ActionState.PENDING, ActionState.APPROVED, ActionState.EXECUTING, ActionState.UNKNOWN)


class Filling:
    def __init__(self, database: Database, actions: ActionService, planning: Planning, base_url: str) -> None:
        self._database, self._actions, self._planning, self._base_url = database, actions, planning, base_url

    def create(self, actor: Actor, name: str, *, project_id: UUID | None = None, sample: bool = False) -> UUID:
        must_propose(actor)
        name = checked_line("Name", name, 120)
        with self._database.begin() as uow:
            project = Project(
                id=project_id or new_id(), name=name, created_by_kind=actor.kind, created_by_id=actor.id,
                created_by_name=actor.name[:200], created_at=uow.now, authors=[], sample=sample, version=1,
            )  # fmt: skip
            uow.session.add(project)
            audit.record(uow, actor, "project.created", f"project:{project.id}", after={"name": name})
            return project.id

    def add_items(self, actor: Actor, project_id: UUID, items: Sequence[Mapping[str, Any]]) -> int:
        """Plans and adds {operation or channel, params, key}; answers how many of them cannot be planned.

        InvalidInput names the first that is none at all, or whose key is there already: then nothing is added.
        """
        return self._add(actor, project_id, read_items(items))

    def add_upload(self, actor: Actor, project_id: UUID, content: bytes, name: str) -> int:
        """As `add_items`, from a CSV or JSON file; what is wrong with it is said with its line."""
        must_propose(actor)  # before anybody's file is read
        return self._add(actor, project_id, read_upload(content, name))

    def plan_again(self, actor: Actor, project_id: UUID) -> int:
        """Plans every item that could not be planned once more; answers how many still cannot."""
        must_propose(actor)
        with self._database.begin() as uow:
            _open_project(uow, actor, project_id)
            query = select(ProjectItem).where(ProjectItem.project_id == project_id, ProjectItem.problem.is_not(None))
            found = uow.session.scalars(query).all()
            asked = [NewItem(one.operation, one.params, one.key) for one in found]
        planned = dict(zip([one.key for one in asked], self._planning.plan_all(asked), strict=True))
        with self._database.begin() as uow:
            project = _open_project(uow, actor, project_id)
            for item in uow.session.scalars(query):
                if item.key in planned and item.params == planned[item.key].asked.params:
                    planned[item.key].put(item)
            self._changed(uow, actor, project, "project.planned_again", {"items": len(planned)}, author=False)
            return sum(one.problem is not None for one in planned.values())

    def edit_item(self, actor: Actor, project_id: UUID, key: str, params: Mapping[str, Any]) -> None:
        """Plans one item with other parameters; its editor becomes an author of the project."""
        must_propose(actor)
        with self._database.begin() as uow:
            _open_project(uow, actor, project_id)
            operation = _item(uow, project_id, key).operation
        (planned,) = self._planning.plan_all([NewItem(operation, dict(params), key)])
        if planned.problem is not None:
            raise InvalidInput(field=key, problem=planned.problem)
        with self._database.begin() as uow:
            project = _open_project(uow, actor, project_id)
            planned.put(_item(uow, project_id, key))
            self._changed(uow, actor, project, "project.item_edited", {"key": key, "params": dict(params)})

    def remove_items(self, actor: Actor, project_id: UUID, keys: Collection[str]) -> int:
        """Takes items out of the project; answers how many there were."""
        must_propose(actor)
        with self._database.begin() as uow:
            project = _open_project(uow, actor, project_id)
            gone = delete(ProjectItem).where(ProjectItem.project_id == project_id, ProjectItem.key.in_(keys))
            removed = uow.session.execute(gone.execution_options(synchronize_session=False))
            assert isinstance(removed, CursorResult)
            self._changed(uow, actor, project, "project.items_removed", {"items": removed.rowcount})
            return removed.rowcount

    def leave_out_problems(self, actor: Actor, project_id: UUID) -> int:
        """Goes without every item that cannot be planned: it counts as skipped, with its reason. Answers how many."""
        must_propose(actor)
        with self._database.begin() as uow:
            project = _open_project(uow, actor, project_id)
            left = uow.session.execute(
                update(ProjectItem)
                .where(
                    ProjectItem.project_id == project_id, ProjectItem.problem.is_not(None), not_(ProjectItem.left_out)
                )
                .values(left_out=True)
                .execution_options(synchronize_session=False)
            )  # fmt: skip
            assert isinstance(left, CursorResult)
            self._changed(uow, actor, project, "project.items_left_out", {"items": left.rowcount})
            return left.rowcount

    def _add(self, actor: Actor, project_id: UUID, items: Sequence[NewItem]) -> int:
        must_propose(actor)
        with self._database.begin() as uow:
            _open_project(uow, actor, project_id)
            checked_count(_count(uow, project_id), len(items))
        planned = self._planning.plan_all(items)
        with self._database.begin() as uow:
            project = _open_project(uow, actor, project_id)
            present, last = _count(uow, project_id), _last(uow, project_id)
            checked_count(present, len(items))
            taken = set(uow.session.scalars(select(ProjectItem.key).where(ProjectItem.project_id == project_id)))
            rows = []
            for number, one in enumerate(planned, start=last + 1):
                key = one.asked.key or str(number)
                if key in taken:
                    place = f"line {one.asked.line}" if one.asked.line else f"item {number - last}"
                    raise InvalidInput(field="Key", problem=f"{place}: there is an item “{key}” already.")
                taken.add(key)
                rows.append({"project_id": project_id, "position": number, "key": key, **one.values()})
            uow.session.execute(ProjectItem.__table__.insert(), rows)  # type: ignore[attr-defined]
            problems = sum(one.problem is not None for one in planned)
            self._changed(uow, actor, project, "project.items_added", {"items": len(rows), "problems": problems})
            return problems

    def _changed(
        self, uow: UnitOfWork, actor: Actor, project: Project, event: str, after: dict[str, Any], *, author: bool = True
    ) -> None:
        project.version += 1
        if author:
            project.authors = sorted({*project.authors, actor.id})
        audit.record(uow, actor, event, f"project:{project.id}", after=after)

    def propose(self, actor: Actor, project_id: UUID, *, action_id: UUID | None = None, **said: Any) -> UUID:
        """Puts all items before the people who decide, as one card; `said` is as in `ActionService.propose`."""
        must_propose(actor)
        with self._database.begin() as uow:
            project = _open_project(uow, actor, project_id)
            card = uow.session.get(Action, project.card_id) if project.card_id else None
            if card is not None and card.state in _CARD_OPEN:
                raise CardWaits()
            title = said.pop("title", None) or f"Execute “{project.name}”"
        said.setdefault(
            "sources", [{"label": "Its items, one by one", "url": f"{self._base_url}/projects?project={project_id}"}]
        )
        card_id = self._actions.propose(
            actor, EXECUTE_PLAN, {"project_id": str(project_id)}, title=title, action_id=action_id,
            sample=project.sample, **said,
        )  # fmt: skip
        with self._database.begin() as uow:
            project = uow.session.get_one(Project, project_id, with_for_update=True, populate_existing=True)
            project.card_id = card_id
        return card_id


def _open_project(uow: UnitOfWork, actor: Actor, project_id: UUID) -> Project:
    """The project, locked, of which the items can still be changed by this actor."""
    project = uow.session.get(Project, project_id, with_for_update=True, populate_existing=True)
    if project is None or not (reads_all(actor) or project.created_by_id == actor.id):
        raise NotFound(kind="project", id=project_id)
    if uow.session.scalar(select(ProjectRun.id).where(ProjectRun.project_id == project_id)) is not None:
        raise ProjectStarted()
    return project


def _item(uow: UnitOfWork, project_id: UUID, key: str) -> ProjectItem:
    query = select(ProjectItem).where(ProjectItem.project_id == project_id, ProjectItem.key == key)
    item = uow.session.scalar(query)
    if item is None:
        raise NotFound(kind="item", id=key[:120])
    return item


def _count(uow: UnitOfWork, project_id: UUID) -> int:
    query = select(func.count()).select_from(ProjectItem).where(ProjectItem.project_id == project_id)
    return uow.session.scalar(query) or 0


def _last(uow: UnitOfWork, project_id: UUID) -> int:
    return uow.session.scalar(select(func.max(ProjectItem.position)).where(ProjectItem.project_id == project_id)) or 0
