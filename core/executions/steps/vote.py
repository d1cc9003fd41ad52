"""A step that goes on when a council votes for it, by the council's own policy and with its checklist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.catalog.automated import AutomatedWorkflow, KindStep, Names
from core.catalog.problems import Problem, child
from core.errors import CountersignError
from core.executions.automated.asked import (
    NO_COUNCIL,
    OnRejection,
    authors_of,
    council_panels,
    councils_for,
    follow_decision,
    named_versions,
)
from core.executions.automated.rules import GateKind
from core.executions.automated.templates import filled_text, template_problems
from core.executions.automated.work import ClosedGate, Fail, GateSpec, Outcome, RunKind, Tools, Wait, Work


class VoteFields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    council: Annotated[str, Field(max_length=200)] = ""
    """Its id; empty: the council that the run was given, and whichever oversee `domains`."""
    domains: Names = ()
    text: Annotated[str, Field(max_length=5_000)] = ""
    on_rejection: OnRejection = "stop"
    criteria: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=20)] = ()
    """What voters look at, ticked one by one beside their council's own list."""

    @model_validator(mode="after")
    def _somebody(self) -> VoteFields:
        if not self.council and not self.domains:
            raise PydanticCustomError(
                "MISSING_FIELD", "names nobody who votes",
                {"remedy": 'Add "council", or "domains" that councils oversee.'},
            )  # fmt: skip
        return self


class VoteKind(RunKind[VoteFields]):
    name = "vote"
    title = "Vote of a council"
    fields = VoteFields

    def problems(self, step: KindStep, fields: VoteFields, path: str, workflow: AutomatedWorkflow) -> Iterator[Problem]:
        yield from template_problems(fields.text, step, child(path, "text"), workflow)

    def begin(self, work: Work, fields: VoteFields, tools: Tools) -> Outcome:
        try:
            with tools.database.reading() as session:
                asked = (fields.council,) if fields.council else councils_for(session, work, fields.domains)
                panels = council_panels(session, work, tools, asked)
                documents = named_versions(session, work)
                authors = authors_of(session, work)
            text = filled_text(fields.text, work)
        except CountersignError as problem:
            return Fail(str(problem))
        if not panels:
            return Fail(NO_COUNCIL.format(domains=" or ".join(fields.domains)))
        panels = tuple(replace(one, criteria=fields.criteria) for one in panels)
        content = {"text": text, "documents": documents, "on_rejection": fields.on_rejection}
        return Wait(GateSpec(GateKind.VOTE, work.title, content, panels, authors=authors))

    def go_on(self, work: Work, fields: VoteFields, gate: ClosedGate, tools: Tools) -> Outcome:
        return follow_decision(work, gate, fields.on_rejection)


KIND = VoteKind()
