"""Tasks for people of this installation, as operations: giving one, and taking it back. Nothing leaves the machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.actor import Role
from core.brain.rules import TaskState
from core.brain.tables import TeamTask
from core.connectors.plan import Change, DriftFound, Effect, Plan, Receipt, confirmed, rejected
from core.connectors.protocol import Operation, Undoing
from core.connectors.transports.typed import one_line
from core.database.unit_of_work import Database
from core.errors import InvalidInput, NotFound
from core.guardrails.limits import TEAM_CHANNEL
from core.identifiers import new_id
from core.identity.tables import User
from core.text import can_be_seen, has_controls, turns

_LINK = re.compile(r"/[a-z_]+(\?[A-Za-z0-9_.~%=&+-]*)?")


def _lines(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if has_controls(value.replace("\n", "")) or turns(value):
        raise ValueError("leave out control characters and those that turn the direction of text")
    if value and not can_be_seen(value):
        raise ValueError("write something that can be seen")
    return value


def _own_page(value: str) -> str:
    if value and not _LINK.fullmatch(value):
        raise ValueError("use the address of a page of this installation, for example /runs?status=failed")
    return value


class TeamTaskParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, AfterValidator(one_line)] = Field(
        title="Task", description="What is to be done, in a line.", min_length=1, max_length=200
    )
    details: Annotated[str, AfterValidator(_lines)] = Field(default="", title="Details", max_length=20_000)
    role: Role | None = Field(default=None, title="For the role", description="Everybody who holds it sees the task.")
    person: Annotated[str, AfterValidator(one_line)] | None = Field(
        default=None, title="Or for a person", description="The e-mail address they sign in with.", max_length=254
    )
    link: Annotated[str, AfterValidator(_own_page)] = Field(
        default="", title="Page", description="Where it is done, for example /runs.", max_length=300
    )

    @model_validator(mode="after")
    def _for_one(self) -> TeamTaskParams:
        if (self.role is None) == (self.person is None):
            raise ValueError("name a role or a person, one of the two")
        return self


class TeamTaskGive(Operation[TeamTaskParams]):
    name = "team_task"
    title = "Give a task to the team"
    channel = TEAM_CHANNEL
    effect = Effect.REVERSIBLE
    params = TeamTaskParams
    repeatable = True

    def __init__(self, database: Database, base_url: str) -> None:
        self._database, self._base_url = database, base_url

    def plan(self, params: TeamTaskParams) -> Plan:
        user = self._person(params.person) if params.person else None
        who = user[1] if user else f"everybody with the role {params.role}"
        shown = (("title", "Task", params.title), ("details", "Details", params.details), ("for", "For", who),
                 ("link", "Page", params.link))  # fmt: skip
        return Plan(
            operation=self.name,
            account="this installation",
            summary=f"Give the task “{params.title}” to {who}",
            request=params.model_dump(mode="json"),
            changes=tuple(Change(name, label, None, value) for name, label, value in shown if value),
            preconditions={"user": str(user[0])} if user else {},
            leaves_machine=False,
            reversible=True,
        )

    def drift(self, plan: Plan) -> DriftFound | None:
        wanted = plan.preconditions.get("user")
        if wanted is None:
            return None
        with self._database.reading() as session:
            active = session.scalar(select(User.active).where(User.id == UUID(str(wanted))))
        gone = Change("for", "For", plan.request["person"], "somebody who cannot sign in any more")
        return None if active else DriftFound((gone,))

    def execute(self, plan: Plan, key: str) -> Receipt:
        asked, user = plan.request, plan.preconditions.get("user")
        with self._database.begin() as uow:
            row = insert(TeamTask).values(
                id=new_id(), key=key, title=asked["title"], details=asked["details"], link=asked["link"],
                for_role=Role(asked["role"]) if asked["role"] else None, for_user=UUID(str(user)) if user else None,
                state=TaskState.OPEN, given_at=uow.now,
            )  # fmt: skip
            uow.session.execute(row.on_conflict_do_nothing(index_elements=[TeamTask.key]))
        found = self.verify(plan, key)
        assert found is not None
        return found

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        with self._database.reading() as session:
            task = session.scalar(select(TeamTask.id).where(TeamTask.key == key))
        if task is None:
            return rejected("No task was given.")
        words = "Gave the task. It stands on Home until somebody ticks it off."
        return confirmed(words, reference=str(task), url=f"{self._base_url}/")

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        reference = receipt.get("reference")
        return Undoing(TeamTaskWithdraw.name, {"task": str(reference)}) if reference else None

    def where_to_look(self, plan: Plan, key: str) -> str:
        return "Look at Home of whom the task is for."

    def _person(self, email: str) -> tuple[UUID, str]:
        query = select(User.id, User.name).where(func.lower(User.email) == email.strip().lower(), User.active)
        with self._database.reading() as session:
            found = session.execute(query.where(~User.sample)).first()
        if found is None:
            raise InvalidInput(field="Person", problem=f"nobody here signs in as “{email}”.")
        return found.id, found.name


class WithdrawParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    task: UUID = Field(title="Task", description="Its id, as the receipt of the card that gave it says.")


class TeamTaskWithdraw(Operation[WithdrawParams]):
    name = "team_task_withdraw"
    title = "Take a task back"
    channel = TEAM_CHANNEL
    effect = Effect.REVERSIBLE
    params = WithdrawParams
    repeatable = True

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, params: WithdrawParams) -> Plan:
        title, state = self._task(params.task)
        if state is not TaskState.OPEN:
            raise InvalidInput(field="Task", problem=f"“{title}” is {state.value} already.")
        return Plan(
            operation=self.name,
            account="this installation",
            summary=f"Take the task “{title}” back",
            request={"task": str(params.task)},
            changes=(Change("state", "Task", "open", "withdrawn"),),
            leaves_machine=False,
        )

    def drift(self, plan: Plan) -> DriftFound | None:
        _, state = self._task(UUID(plan.request["task"]))
        return None if state is not TaskState.DONE else DriftFound((Change("state", "Task", "open", "done"),))

    def execute(self, plan: Plan, key: str) -> Receipt:
        task = UUID(plan.request["task"])
        with self._database.begin() as uow:
            values = {"state": TaskState.WITHDRAWN, "closed_at": uow.now}
            uow.session.execute(
                update(TeamTask).where(TeamTask.id == task, TeamTask.state == TaskState.OPEN).values(values)
            )
        found = self.verify(plan, key)
        assert found is not None
        return found

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        task = UUID(plan.request["task"])
        _, state = self._task(task)
        if state is not TaskState.WITHDRAWN:
            return rejected(f"The task is {state.value}. Nothing was done.")
        return confirmed("Took the task back.", reference=str(task))

    def _task(self, task: UUID) -> tuple[str, TaskState]:
        with self._database.reading() as session:
            found = session.execute(select(TeamTask.title, TeamTask.state).where(TeamTask.id == task)).first()
        if found is None:
            raise NotFound(kind="task", id=task)
        return found.title, found.state
