"""What cases are held against: the workflow they become runs of, its steps, and how each case is judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.catalog.currencies import currencies
from core.catalog.queries import Definition, current_definition
from core.errors import InvalidInput
from core.imports.cases import Outline, PastRun, run_of
from core.imports.events import Event
from core.imports.matching import outline_of
from core.imports.refusals import Reason, Refused
from core.imports.rules import LogMapping
from core.imports.staging import MOST_EVENTS, activities_of, cases_after, ways_of

BATCH = 1_000

Judged = PastRun | Refused


def step_titles(session: Session, mapping: LogMapping, ways: Sequence[tuple[Sequence[str], int]]) -> list[str]:
    """The steps of the workflow that is named, or of the one that will be made."""
    if mapping.workflow_id:
        return [step.title for step in guided(session, mapping.workflow_id).guided.steps]
    steps = list(mapping.new_steps) or (list(ways[0][0]) if ways else [])
    if not steps:
        raise InvalidInput(field="Workflow", problem="no row of the file could be read, so there are no steps.")
    return steps


def guided(session: Session, workflow_id: str) -> Definition:
    """The current revision of a guided workflow; past runs of automated ones would have no documents."""
    definition = current_definition(session, workflow_id)
    definition.must_be_guided()
    return definition


def outline_facts(session: Session, import_id: UUID, mapping: LogMapping) -> dict[str, Any]:
    """The activities and ways of what was read, and the steps they become."""
    activities, ways = activities_of(session, import_id), ways_of(session, import_id)
    titles = step_titles(session, mapping, ways)
    outline = outline_of(titles, [name for name, _ in activities], mapping)
    return {
        "activities": [[name, n] for name, n in activities],
        "ways": [[path, n] for path, n in ways],
        "titles": list(outline.titles),
        "step_of": dict(outline.step_of),
        "ends": sorted(outline.ends),
    }


def outline_from(facts: dict[str, Any]) -> Outline:
    return Outline(tuple(facts["titles"]), facts["step_of"], frozenset(facts["ends"]))


def judged(
    cases: Sequence[tuple[list[Event], bool]],
    outline: Outline,
    mapping: LogMapping,
    now: datetime,
    here: Collection[str],
) -> Iterator[Judged]:
    """Each case as a run, or why it is none; `here` are those that were imported before."""  # fmt: skip
    known = currencies()
    for events, broken in cases:
        first = events[0]
        if first.case_key in here:
            yield Refused(first.line, Reason.ALREADY_HERE, "", first.case_key)
        elif broken:
            line = min(event.line for event in events)
            yield Refused(line, Reason.BROKEN_CASE, "", first.case_key)
        elif len(events) > MOST_EVENTS:
            yield Refused(first.line, Reason.TOO_MANY_EVENTS, "", first.case_key)
        else:
            yield run_of(events, outline, mapping, now, known)


def next_cases(
    session: Session, import_id: UUID, last: str | None, limit: int = BATCH
) -> Sequence[tuple[list[Event], bool]]:
    return cases_after(session, import_id, last, limit=limit)
