"""Stands for a project: the example report, with every decision and audit entry there is."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from core.audit.tables import AuditEntry
from core.decisions.tables import Decision
from core.deliverables.content import Approvals, Report, Section
from core.deliverables.gathering.approvals import approvals_of
from core.deliverables.gathering.audit_lines import audit_lines_of
from core.deliverables.source import Reading, Source
from core.errors import CountersignError, NotFound
from core.projects.tables import Project
from tests.core.deliverables.reports import every_block, report


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    note: str = Field(default="", max_length=200)


class CannotBeRead(CountersignError):
    """This source cannot be read."""


class PretendedProject(Source[Params]):
    name = "project"
    title = "A project"
    params = Params

    def subject(self, params: Params) -> str:
        return str(params.project_id)

    def label(self, reading: Reading, params: Params) -> str:
        found = reading.session.get(Project, params.project_id)
        if found is None:
            raise NotFound(kind="project", id=params.project_id)
        return found.name

    def read(self, reading: Reading, params: Params) -> Report:
        if params.note == "unreadable":
            raise CannotBeRead
        session = reading.session
        decisions = session.scalars(select(Decision.id)).all()
        subjects = set(session.scalars(select(AuditEntry.subject)))
        own = Section("own", "Approvals of this house", (Approvals(approvals_of(reading, decisions)),))
        told = [one for one in every_block() if one.key != "approvals"]
        return replace(report(*told, own), title=params.note or "Report", audit=audit_lines_of(reading, subjects))


SOURCE = PretendedProject()
