"""A step that waits for a time: minutes, hours or days, or until a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.catalog.automated import AutomatedWorkflow, KindStep
from core.catalog.problems import Problem, child
from core.executions.automated.rules import GateKind
from core.executions.automated.templates import TemplateUnfilled, filled_text, template_problems
from core.executions.automated.work import ClosedGate, Done, Fail, GateSpec, Outcome, RunKind, Tools, Wait, Work

MOST_DAYS = 3_660
Amount = Annotated[float, Field(gt=0, le=MOST_DAYS * 24 * 60, allow_inf_nan=False, strict=True)]


class WaitFields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    minutes: Amount | None = None
    hours: Amount | None = None
    days: Amount | None = None
    until: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """A date or a time, ISO 8601, UTC where it names no zone; or a template."""

    @model_validator(mode="after")
    def _one(self) -> WaitFields:
        given = [one for one in (self.minutes, self.hours, self.days, self.until) if one is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "AMBIGUOUS_WAIT", "says not exactly one time to wait",
                {"remedy": "Give exactly one of minutes, hours, days and until."},
            )  # fmt: skip
        return self


class WaitKind(RunKind[WaitFields]):
    name = "wait"
    title = "Wait"
    fields = WaitFields

    def problems(self, step: KindStep, fields: WaitFields, path: str, workflow: AutomatedWorkflow) -> Iterator[Problem]:
        if fields.until is None:
            return
        place = child(path, "until")
        yield from template_problems(fields.until, step, place, workflow)
        if "{{" not in fields.until and _moment(fields.until) is None:
            yield Problem("WRONG_TYPE", place, "is no date or time", "Write it as 2026-01-31 or 2026-01-31T09:00Z.")

    def begin(self, work: Work, fields: WaitFields, tools: Tools) -> Outcome:
        due = _after(fields, work.now)
        if fields.until is not None:
            try:
                said = filled_text(fields.until, work)
            except TemplateUnfilled as problem:
                return Fail(str(problem))
            due = _moment(said)
            if due is None:
                return Fail(f"“{said[:100]}” is no date or time. Write it as 2026-01-31 or 2026-01-31T09:00Z.")
        if due is None or due > work.now + timedelta(days=MOST_DAYS):
            return Fail("It would wait for more than ten years. Give it an earlier time.")
        if due <= work.now:
            return Done()
        return Wait(GateSpec(GateKind.TIME, work.title, {}, due_at=due))

    def go_on(self, work: Work, fields: WaitFields, gate: ClosedGate, tools: Tools) -> Outcome:
        return Done()


def _after(fields: WaitFields, now: datetime) -> datetime | None:
    minutes = (fields.minutes or 0) + 60 * (fields.hours or 0) + 1_440 * (fields.days or 0)
    return now + timedelta(minutes=minutes) if minutes <= MOST_DAYS * 1_440 else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


KIND = WaitKind()
