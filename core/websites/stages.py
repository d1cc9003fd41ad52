"""What the kinds of step of websites have in common: the type, the run's owner, the services, and failing in words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from core.actor import SYSTEM, Actor, ActorKind
from core.catalog.automated import AutomatedWorkflow, KindStep, Name
from core.catalog.problems import Problem, child
from core.errors import CountersignError
from core.executions.automated.work import ClosedGate, Fail, Outcome, RunKind, Tools, Work
from core.identity.service import actor_of
from core.identity.tables import Agent, User
from core.websites.content import Site, site_from_json
from core.websites.hosting import SiteService
from core.websites.kind import WebsiteType, find_types


class StageFields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    type: Name
    """The id of a type of website."""


class Stage(RunKind[StageFields]):
    """One stage from inputs to a published site. `do` is safe to repeat: what it writes is known by the run and its place."""

    fields = StageFields
    reads_inputs: ClassVar[bool] = False
    """Whether it is the first of its type."""

    def problems(
        self, step: KindStep, fields: StageFields, path: str, workflow: AutomatedWorkflow
    ) -> Iterator[Problem]:
        known = find_types()
        if fields.type not in known:
            yield Problem("BAD_VALUE", child(path, "type"), "is no type of website", f"Use one of {', '.join(known)}.")
        if step.produces is None:
            yield Problem("MISSING_FIELD", child(path, "produces"), "is missing", "Name the document that it makes.")

    def input_problems(self, fields: StageFields, given: Mapping[str, Any]) -> Mapping[str, str]:
        """Said once, by the first step of a type, which reads all of the inputs."""
        kind = find_types().get(fields.type)
        return kind.input_problems(given) if kind is not None and self.reads_inputs else {}

    def begin(self, work: Work, fields: StageFields, tools: Tools) -> Outcome:
        kind = find_types().get(fields.type)
        if kind is None:
            return Fail(f"This version has no type of website called “{fields.type}”.")
        try:
            return self.do(work, kind, tools)
        except CountersignError as problem:
            return Fail(str(problem))

    def go_on(self, work: Work, fields: StageFields, gate: ClosedGate, tools: Tools) -> Outcome:
        return self.begin(work, fields, tools)

    @abstractmethod
    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome: ...


class InputMissing(CountersignError):
    """This step needs the document “{name}”, and the run has none. Name it among the step's inputs."""


def document(work: Work, name: str) -> dict[str, Any]:
    found = work.documents.get(name)
    if not isinstance(found, dict):
        raise InputMissing(name=name)
    return found


def sites_of(tools: Tools) -> SiteService:
    return tools.service(SiteService)


def drafted(work: Work, kind: WebsiteType, tools: Tools) -> Site:
    """As templates have it; for a type that adds to a site, that site in the version the run began with, and more."""
    place = document(work, "site")
    before = place.get("version_id")
    existing = sites_of(tools).site_of(UUID(before)) if before else None
    return kind.draft(work.run.inputs, on=date.fromisoformat(place["day"]), existing=existing)


def as_edited(work: Work) -> Site:
    return site_from_json(document(work, "site_pages")["site"])


def key_of(work: Work, what: str) -> str:
    """Of an effect outside: the same for the same step in the same generation."""
    return str(uuid5(work.run.id, f"{work.path}:{work.generation}:{what}"))


def owner(session: Session, work: Work) -> Actor:
    """Whose run it is: the person it is for, else the agent it is booked on; where there is neither, the installation."""
    user = session.get(User, work.run.user_id) if work.run.user_id else None
    if user is not None:
        return actor_of(user)
    agent = session.get(Agent, work.run.agent_id) if work.run.agent_id else None
    return SYSTEM if agent is None else Actor(kind=ActorKind.AGENT, id=agent.id, name=agent.name)
