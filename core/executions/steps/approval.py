"""A step that goes on when people approve: roles, groups or councils, by a rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.actor import Role
from core.catalog.automated import AutomatedWorkflow, KindStep, Names
from core.catalog.problems import Problem, child
from core.decisions.policy import AtDeadline, Policy, Rule
from core.errors import CountersignError
from core.executions.automated.asked import OnRejection, authors_of, council_panels, follow_decision, named_versions
from core.executions.automated.panels import OPERATORS, four_eyes
from core.executions.automated.rules import GateKind
from core.executions.automated.templates import filled_text, template_problems
from core.executions.automated.work import ClosedGate, Fail, GateSpec, Outcome, RunKind, Tools, Wait, Work


class ApprovalFields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    roles: tuple[Role, ...] = ()
    groups: Names = ()
    councils: Names = ()
    """Each decides by its own policy, and each must approve."""
    rule: Rule = Rule.ANY_ONE
    n: Annotated[int, Field(ge=1, le=1_000)] = 1
    """For `n_of`: how many must approve."""
    text: Annotated[str, Field(max_length=5_000)] = ""
    on_rejection: OnRejection = "stop"
    deadline_hours: Annotated[float, Field(gt=0, le=87_840, allow_inf_nan=False)] | None = None
    at_deadline: AtDeadline = AtDeadline.EXPIRE


class ApprovalKind(RunKind[ApprovalFields]):
    name = "approval"
    title = "Approval"
    fields = ApprovalFields

    def problems(
        self, step: KindStep, fields: ApprovalFields, path: str, workflow: AutomatedWorkflow
    ) -> Iterator[Problem]:
        yield from template_problems(fields.text, step, child(path, "text"), workflow)

    def begin(self, work: Work, fields: ApprovalFields, tools: Tools) -> Outcome:
        try:
            with tools.database.reading() as session:
                panels = council_panels(session, work, tools, fields.councils)
                if fields.roles or fields.groups or not panels:
                    named = frozenset(role.value for role in fields.roles)
                    anyone = Policy(
                        roles=named or (OPERATORS if not fields.groups else frozenset()),
                        groups=frozenset(fields.groups), rule=fields.rule, n=fields.n,
                        recusal=four_eyes(session, tools.settings, tools.database.clock.now()),
                        at_deadline=fields.at_deadline,
                    )  # fmt: skip
                    panels = (anyone, *panels)
                documents = named_versions(session, work)
                authors = authors_of(session, work)
            text = filled_text(fields.text, work)
        except CountersignError as problem:
            return Fail(str(problem))
        content = {"text": text, "documents": documents, "on_rejection": fields.on_rejection}
        deadline = work.now + timedelta(hours=fields.deadline_hours) if fields.deadline_hours else None
        return Wait(GateSpec(GateKind.APPROVAL, work.title, content, panels, deadline, authors))

    def go_on(self, work: Work, fields: ApprovalFields, gate: ClosedGate, tools: Tools) -> Outcome:
        return follow_decision(work, gate, fields.on_rejection)


KIND = ApprovalKind()
