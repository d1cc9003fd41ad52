"""Which activities are which steps: by name where a workflow is here, or as the steps of one made of the log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from core.catalog.model import MOST_STEPS
from core.errors import InvalidInput
from core.imports.cases import Outline
from core.imports.rules import LogMapping

_LIKE = 0.75
"""How alike two names must be to be taken for the same; the person sees the match and corrects it."""


def outline_of(titles: Sequence[str], activities: Sequence[str], mapping: LogMapping) -> Outline:
    """The steps and ends; what the mapping says of an activity wins over its name."""
    guessed = by_name(activities, titles)
    step_of = {}
    for activity in activities:
        number = mapping.steps.get(activity, guessed.get(activity, 0))
        if not 0 <= number <= len(titles):
            raise InvalidInput(field="Steps", problem=f"“{activity[:60]}” is put on step {number} of {len(titles)}.")
        if number:
            step_of[activity] = number
    last = frozenset(activity for activity, number in step_of.items() if number == len(titles))
    return Outline(tuple(titles), step_of, frozenset(mapping.ends) or last)


def by_name(activities: Sequence[str], titles: Sequence[str]) -> dict[str, int]:
    """The step whose title is most like the activity's name, where one is."""
    names = [(number, _plain(title)) for number, title in enumerate(titles, start=1)]
    found: dict[str, int] = {}
    for activity in activities:
        wanted = _plain(activity)
        score, number = max(((_likeness(wanted, name), -number) for number, name in names), default=(0.0, 0))
        if score >= _LIKE:
            found[activity] = -number
    return found


def new_definition(title: str, steps: Sequence[str]) -> dict[str, Any]:
    """A guided workflow of these activities, as the catalog takes it in."""
    if not 1 <= len(steps) <= MOST_STEPS:
        raise InvalidInput(field="Steps", problem=f"a workflow has 1 to {MOST_STEPS} steps; this way has {len(steps)}.")
    return {
        "workflows": {
            workflow_id_of(title): {
                "title": title,
                "description": "Made of an event log: the way that its cases went.",
                "total_steps": len(steps),
                "tier": "starter",
                "steps": [
                    {"number": number, "title": name, "description": f"{name}, as the event log calls it."}
                    for number, name in enumerate(steps, start=1)
                ],
            }
        }
    }


def workflow_id_of(title: str) -> str:
    """`Loan application (2026)` → `loan_application_2026`."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")[:60]
    return plain if plain[:1].isalpha() else f"log_{plain}".rstrip("_")


def outline_facts(outline: Outline) -> Mapping[str, Any]:
    return {"titles": list(outline.titles), "step_of": dict(outline.step_of), "ends": sorted(outline.ends)}


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold().replace("_", " ")))


def _likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    matcher = SequenceMatcher(None, one, other)
    return matcher.ratio() if matcher.quick_ratio() >= _LIKE else 0.0
