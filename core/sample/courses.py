"""The course of one run: how far it came, when each step was finished, how long people worked, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Any

from core.actor import Tier
from core.catalog.queries import Definition
from core.executions.rules import ExecutionState, StepState
from core.identity.rules import SkillLevel
from core.sample.people import SamplePerson

# Log-odds of finishing, and the steps at which those who stop do so.
_CHARACTER: dict[str, tuple[float, tuple[float, ...]]] = {
    "resume_generator": (1.15, (1, 3, 1, 4, 2)),
    "whatsapp_bot": (0.35, (5, 2, 4, 2)),
    "prompt_selling": (-0.1, (2, 4, 2, 3, 5, 2)),
}
_DEFAULT = (0.5, (1.0,))
_SKILL_EFFECT = {SkillLevel.BEGINNER: -0.7, SkillLevel.INTERMEDIATE: 0.15, SkillLevel.ADVANCED: 0.9}
_PACE = {SkillLevel.BEGINNER: 1.35, SkillLevel.INTERMEDIATE: 1.0, SkillLevel.ADVANCED: 0.75}

_NOTES = (
    "Client wants one page only.",
    "Waiting for the second reference.",
    "The first draft invented a date; checked all others.",
    "Used last week's template.",
    "Template was refused once, wording changed.",
    "Test number works, own number on Monday.",
    "Price agreed on the phone.",
    "Asked two buyers, both stumbled over the third blank.",
    "Took longer than planned: the export lost its line breaks.",
)
_REASONS = (
    "The client changed their mind.",
    "No time this month.",
    "Waiting for the approval took too long.",
    "Too technical for me at present.",
    "Found a colleague who does it.",
    "The customer did not answer.",
)
_ERRORS = (
    "The export service did not answer for ten minutes.",
    "The model's answer could not be read after three attempts.",
    "The key for the messaging service had expired.",
)


@dataclass
class Course:
    """How a run went: hands-on milliseconds and the instant of finishing of each step that was done."""

    state: ExecutionState
    began: datetime | None
    last: datetime
    work: list[int] = field(default_factory=list)
    finished: list[datetime] = field(default_factory=list)
    wait_ms: int = 0
    ai_ms: int = 0
    reason: str = ""
    error: str | None = None

    @property
    def done(self) -> int:
        return len(self.finished)

    @property
    def ended(self) -> bool:
        return self.state not in {ExecutionState.STARTED, ExecutionState.IN_PROGRESS}


def course_of(
    rng: Random,
    now: datetime,
    began: datetime,
    definition: Definition,
    person: SamplePerson,
    approved: bool,
    *,
    with_ai: bool,
) -> Course:
    if not approved:
        return Course(ExecutionState.CANCELLED, None, began, reason="The council voted against it.")
    base, hazards = _CHARACTER.get(definition.workflow_id, _DEFAULT)
    suits = 0.35 if person.market in definition.workflow.markets else -0.4
    odds = (
        base
        + _SKILL_EFFECT[person.skill_level] * (1.0 + 0.4 * list(Tier).index(definition.tier))
        + suits
        + person.talent
    )
    finishes = rng.random() < 1 / (1 + exp(-odds))
    weights = [hazards[number % len(hazards)] for number in range(definition.total_steps)]
    stops_at = definition.total_steps if finishes else rng.choices(range(definition.total_steps), weights)[0]
    course = Course(ExecutionState.STARTED, began, began)
    for step in definition.guided.steps[:stops_at]:
        hands_on = (step.estimated_time.middle if step.estimated_time else 20) * 60_000
        work = int(hands_on * _PACE[person.skill_level] * rng.lognormvariate(-0.1, 0.45))
        ai = int(rng.lognormvariate(10.6, 0.7)) if with_ai and rng.random() < 0.7 else 0
        pause = step.waiting_time.middle * 60_000 * rng.lognormvariate(-0.3, 0.6) if step.waiting_time else 0
        idle = rng.lognormvariate(14.2, 1.4) if rng.random() < 0.45 else 0
        last = course.last + timedelta(milliseconds=work + ai + int(pause + idle))
        if last >= now:
            break
        course.work.append(work)
        course.ai_ms += ai
        course.wait_ms += int(pause + idle)
        course.finished.append(last)
        course.last, course.state = last, ExecutionState.IN_PROGRESS
    else:
        _end(rng, now, course, finishes)
    return course


def _end(rng: Random, now: datetime, course: Course, finishes: bool) -> None:
    """Completed, or one of the ways in which a run stops; who just leaves is stale a month later."""
    if finishes:
        course.state = ExecutionState.COMPLETED
        return
    chance, gives_up = rng.random(), course.last + timedelta(hours=rng.lognormvariate(2.5, 1.0))
    if chance < 0.3 or gives_up >= now:
        return
    course.wait_ms += int((gives_up - course.last).total_seconds() * 1000)
    course.last = gives_up
    if chance < 0.84:
        course.state, course.reason = ExecutionState.ABANDONED, rng.choice(_REASONS)
    elif chance < 0.93:
        course.state, course.error = ExecutionState.FAILED, rng.choice(_ERRORS)
    else:
        course.state, course.reason = ExecutionState.CANCELLED, "Started twice by mistake."


def steps_of(rng: Random, run_id: object, total: int, course: Course) -> Iterator[dict[str, Any]]:
    started = course.began
    for number in range(1, total + 1):
        done = number <= course.done
        active = number == course.done + 1 and course.began is not None
        yield {
            "execution_id": run_id, "number": number,
            "state": StepState.DONE if done else StepState.ACTIVE if active else StepState.PENDING,
            "notes": rng.choice(_NOTES) if done and rng.random() < 0.06 else "",
            "work_ms": course.work[number - 1] if done else 0,
            "started_at": started if done or active else None,
            "completed_at": course.finished[number - 1] if done else None,
        }  # fmt: skip
        started = course.finished[number - 1] if done else None
