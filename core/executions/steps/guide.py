"""A step that a person does, led by words as in a guided workflow, and says when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from core.catalog.automated import AutomatedWorkflow, KindStep, Names
from core.catalog.problems import Problem, child
from core.catalog.workflow import Time, Tip, listed
from core.executions.automated.panels import answer_panels
from core.executions.automated.rules import GateKind
from core.executions.automated.templates import TemplateUnfilled, filled_text, template_problems
from core.executions.automated.work import ClosedGate, Done, Fail, GateSpec, Outcome, RunKind, Tools, Wait, Work


class GuideFields(BaseModel):
    """Beside `description`, which every step has."""

    model_config = ConfigDict(frozen=True, extra="allow", arbitrary_types_allowed=True)

    tips: Annotated[tuple[Tip, ...], BeforeValidator(listed)] = ()
    estimated_time: Time = None
    waiting_time: Time = None
    link: Annotated[str, Field(max_length=2_000)] = ""
    """Where it is done: an https or http address, templates allowed."""
    done_by: Names = ()
    """Groups who may do it, beside the run's owner, operators and admins."""


class GuideKind(RunKind[GuideFields]):
    name = "guide"
    title = "Done by a person"
    fields = GuideFields
    manual = True

    def problems(
        self, step: KindStep, fields: GuideFields, path: str, workflow: AutomatedWorkflow
    ) -> Iterator[Problem]:
        yield from template_problems(step.description, step, child(path, "description"), workflow)
        yield from template_problems(fields.link, step, child(path, "link"), workflow)
        if fields.link and "{{" not in fields.link and not _opens(fields.link):
            yield Problem("WRONG_TYPE", child(path, "link"), "is no address", "Write it as https://….")

    def begin(self, work: Work, fields: GuideFields, tools: Tools) -> Outcome:
        try:
            description = filled_text(work.step.description, work)
            link = filled_text(fields.link, work).strip()
        except TemplateUnfilled as problem:
            return Fail(str(problem))
        if link and not _opens(link):
            return Fail(f"“{link[:100]}” is no address that can be opened. Use one that begins with https://.")
        document: dict[str, Any] = {}
        if work.produces is not None:
            document = {
                "name": work.produces.name, "schema": work.produces.json_schema,
                "collection_field": work.produces.collection_field,
                "draft": work.revision.content if work.revision else None,
                "comment": work.revision.comment if work.revision else "",
            }  # fmt: skip
        content = {
            "description": description, "tips": list(fields.tips), "link": link or None,
            "estimated_time": str(fields.estimated_time) if fields.estimated_time else None,
            "waiting_time": str(fields.waiting_time) if fields.waiting_time else None,
            "produces": work.step.produces, **document,
        }  # fmt: skip
        return Wait(GateSpec(GateKind.GUIDE, work.title, content, answer_panels(work.run, fields)))

    def go_on(self, work: Work, fields: GuideFields, gate: ClosedGate, tools: Tools) -> Outcome:
        content = gate.answer.get("content") if work.produces is not None else None
        return Done(content=content, made_by=gate.answered_by, made_by_user=gate.answered_by_user)


def _opens(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and not any(c.isspace() for c in link)
    except ValueError:
        return False


KIND = GuideKind()
