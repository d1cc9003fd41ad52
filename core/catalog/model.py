"""The guided form of a workflow definition (SPEC G1): what a person is led through, step by step."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictInt, StrictStr

from core.catalog.times import NOTHING, Span
from core.catalog.workflow import Part, Prose, Time, Tip, Title, Workflow, listed
from core.catalog.workflow import SavingsInputs as SavingsInputs

MOST_STEPS = 100


class GuidedStep(Part):
    number: Annotated[StrictInt, Field(ge=1)]
    title: Title
    description: Prose
    tips: Annotated[tuple[Tip, ...], BeforeValidator(listed)] = ()
    estimated_time: Time = None
    """Hands-on time."""
    waiting_time: Time = None
    """What the step waits for afterwards, such as an approval by somebody else; nobody works meanwhile."""


class GuidedWorkflow(Workflow):
    description: Annotated[StrictStr, Field(max_length=5_000)] = ""
    total_steps: StrictInt | None = None
    """What the file claims; validation holds it against `steps`."""
    estimated_total_time: Time = None
    steps: Annotated[tuple[GuidedStep, ...], Field(min_length=1, max_length=MOST_STEPS)]

    @property
    def hands_on(self) -> Span:
        """The steps' hands-on time, or the file's total where the steps say none."""
        return _sum(step.estimated_time for step in self.steps) or self.estimated_total_time or NOTHING

    @property
    def waiting(self) -> Span:
        return _sum(step.waiting_time for step in self.steps) or NOTHING

    def step(self, number: int) -> GuidedStep:
        return self.steps[number - 1]


def _sum(spans: Any) -> Span | None:
    known = [span for span in spans if span is not None]
    return reduce(add, known) if known else None
