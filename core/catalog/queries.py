"""Definitions as the rest of the house reads them: the current ones, and any revision a run began with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Tier
from core.catalog.model import GuidedWorkflow
from core.catalog.savings import Savings, calculate, card_on
from core.catalog.tables import RevisionSource, WorkflowRevision
from core.database.unit_of_work import Database
from core.errors import NotFound


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

    @cached_property
    def workflow(self) -> GuidedWorkflow:
        return GuidedWorkflow.model_validate(self.source)

    def savings_on(self, day: date) -> Savings | None:
        """What it is estimated to save, at the rate card in force that day; None without one."""
        card = card_on(self.workflow.rate_cards, day)
        return calculate(card) if card else None


class CatalogQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> list[Definition]:
        """What can be started now, from the lowest tier up, then by title."""
        query = select(WorkflowRevision).where(WorkflowRevision.current)
        with self._database.reading() as session:
            found = [definition_of(row) for row in session.scalars(query)]
        order = list(Tier)
        return sorted(found, key=lambda definition: (order.index(definition.tier), definition.title))

    def by_id(self, workflow_id: str) -> Definition:
        """The current revision, or NotFound."""
        with self._database.reading() as session:
            return current_definition(session, workflow_id)

    def by_revision(self, digest: str) -> Definition:
        with self._database.reading() as session:
            return definition_at(session, digest)

    def revisions(self, workflow_id: str) -> Sequence[Definition]:
        """Every revision seen, newest first."""
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
    row = session.scalar(query)
    if row is None:
        raise NotFound(kind="workflow", id=workflow_id)
    return definition_of(row)


def definition_at(session: Session, digest: str) -> Definition:
    row = session.get(WorkflowRevision, digest)
    if row is None:
        raise NotFound(kind="workflow revision", id=digest)
    return definition_of(row)


def definition_of(row: WorkflowRevision) -> Definition:
    return Definition(
        workflow_id=row.workflow_id, digest=row.digest, title=row.title, tier=row.tier, total_steps=row.total_steps,
        source=row.definition, came_from=row.source, current=row.current, first_seen_at=row.first_seen_at,
    )  # fmt: skip
