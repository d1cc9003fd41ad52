"""Definitions as the rest of the house reads them: the current ones, and any revision a run began with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Tier
from core.catalog.automated import AutomatedWorkflow, Iteration
from core.catalog.automated_validation import check_automated
from core.catalog.model import GuidedWorkflow
from core.catalog.official import ANY_ID, is_official
from core.catalog.parsed import kept, parsed
from core.catalog.problems import Problem
from core.catalog.tables import RevisionSource as RevisionSource
from core.catalog.tables import WorkflowKind as WorkflowKind
from core.catalog.tables import WorkflowRevision
from core.catalog.validation import MOST_ID
from core.catalog.workflow import Workflow
from core.database.unit_of_work import Database
from core.errors import CountersignError, NotFound


class NotGuided(CountersignError):
    """{title} runs by itself: there is nothing to walk through. Start it with its form, and follow it under Runs."""

    http_status = 409


class NotAutomated(CountersignError):
    """{title} is done by people, step by step. Start it under Discover."""

    http_status = 409


@dataclass(frozen=True)
class Definition:
    """One revision of one workflow."""

    workflow_id: str
    digest: str
    title: str
    tier: Tier
    total_steps: int
    source: dict[str, Any]
    """As it stood in the file, unknown fields included."""
    came_from: RevisionSource
    current: bool
    first_seen_at: datetime
    kind: WorkflowKind = WorkflowKind.GUIDED

    @property
    def workflow(self) -> Workflow:
        """What both kinds say."""
        return parsed(self.digest, self.kind, self.source)

    @property
    def guided(self) -> GuidedWorkflow:
        """Or NotGuided."""
        found = self.workflow
        if not isinstance(found, GuidedWorkflow):
            raise NotGuided(title=self.title)
        return found

    @property
    def automated(self) -> AutomatedWorkflow:
        """Or NotAutomated."""
        found = self.workflow
        if not isinstance(found, AutomatedWorkflow):
            raise NotAutomated(title=self.title)
        return found

    @property
    def is_automated(self) -> bool:
        return self.kind is WorkflowKind.AUTOMATED

    def must_be_automated(self) -> None:
        if not self.is_automated:
            raise NotAutomated(title=self.title)

    def must_be_guided(self) -> None:
        if self.is_automated:
            raise NotGuided(title=self.title)


_NAMES_GROUPS = ("groups", "done_by", "answered_by")
"""Fields of steps of our own kinds."""


class CatalogQueries:
    def __init__(self, database: Database, prompts: Callable[[], Collection[str]] | None = None) -> None:
        """`prompts` answers the names of roles and tasks this installation has; without it none is missed."""
        self._database, self._prompts = database, prompts

    def current(self) -> list[Definition]:
        """What can be started now, from the lowest tier up, then by title."""
        query = select(WorkflowRevision).where(WorkflowRevision.current)
        with self._database.reading() as session:
            found = [definition_of(row) for row in session.scalars(query)]
        order = list(Tier)
        return sorted(found, key=lambda definition: (order.index(definition.tier), definition.title))

    def groups(self) -> frozenset[str]:
        """The groups of people that the current definitions name: who accepts, answers, does or approves."""
        found: set[str] = set()
        for definition in self.current():
            try:
                workflow = definition.automated if definition.is_automated else None
            except ValidationError:  # of an older version, which takes no part in anything else either
                workflow = None
            if workflow is None:
                continue
            for document in workflow.document_types.values():
                found.update(document.accepted_by)
            for _, step, _ in workflow.all_steps():
                for field in _NAMES_GROUPS:
                    named = (step.model_extra or {}).get(field)
                    found.update(one for one in (named if isinstance(named, list) else ()) if isinstance(one, str))
        return frozenset(found)

    def by_id(self, workflow_id: str) -> Definition:
        """The current revision, or NotFound."""
        with self._database.reading() as session:
            return current_definition(session, workflow_id)

    def problems(self, definition: Definition) -> Sequence[Problem]:
        """What could be better in a definition that can be used: warnings, such as prompts that are not here."""
        if not definition.is_automated:
            return ()
        known = self._prompts() if self._prompts else None
        return check_automated(definition.source, known, official=is_official(definition.workflow_id)).problems

    def step_titles(self, workflow_id: str) -> list[str]:
        """The steps of the current revision by their order, guided or automated."""
        workflow = self.by_id(workflow_id).workflow
        if isinstance(workflow, AutomatedWorkflow):
            return [step.heading for _, step, _ in workflow.all_steps() if not isinstance(step, Iteration)]
        return [step.title for step in workflow.steps] if isinstance(workflow, GuidedWorkflow) else []

    def by_revision(self, digest: str) -> Definition:
        with self._database.reading() as session:
            return definition_at(session, digest)

    def revisions(self, workflow_id: str) -> Sequence[Definition]:
        """Every revision seen, newest first; none of a workflow that was never here."""
        query = (
            select(WorkflowRevision)
            .where(WorkflowRevision.workflow_id == workflow_id)
            .order_by(WorkflowRevision.first_seen_at.desc(), WorkflowRevision.digest)
        )
        with self._database.reading() as session:
            return [definition_of(row) for row in session.scalars(query)]


def current_definition(session: Session, workflow_id: str) -> Definition:
    """For those already in a transaction."""
    query = select(WorkflowRevision).where(WorkflowRevision.workflow_id == workflow_id, WorkflowRevision.current)
    row = session.scalar(query) if ANY_ID.fullmatch(workflow_id) else None
    if row is None:
        raise NotFound(kind="workflow", id=workflow_id[:MOST_ID])
    return definition_of(row)


def definition_at(session: Session, digest: str) -> Definition:
    row = session.get(WorkflowRevision, digest)
    if row is None:
        raise NotFound(kind="workflow revision", id=digest)
    return definition_of(row)


def automated_at(session: Session, digest: str) -> AutomatedWorkflow:
    """The automated workflow of that revision, or NotFound or NotAutomated; asked again, it costs no query."""
    found = kept(digest)
    return found if isinstance(found, AutomatedWorkflow) else definition_at(session, digest).automated


def definition_of(row: WorkflowRevision) -> Definition:
    return Definition(
        workflow_id=row.workflow_id, digest=row.digest, title=row.title, tier=row.tier, total_steps=row.total_steps,
        source=row.definition, came_from=row.source, current=row.current, first_seen_at=row.first_seen_at, kind=row.kind,
    )  # fmt: skip
