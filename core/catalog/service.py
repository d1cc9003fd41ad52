"""Taking definitions into the installation: from `workflows.json`, or imported by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select, text, update

from core.actor import SYSTEM, Actor, Role
from core.audit import service as audit
from core.canonical import digest
from core.catalog.model import GuidedWorkflow
from core.catalog.tables import RevisionSource, WorkflowRevision
from core.catalog.validation import Checked, Problem, check_document, check_file
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import CountersignError

log = structlog.get_logger(__name__)

_CATALOG_LOCK = 0x436174616C6F67


class DefinitionsRefused(CountersignError):
    """The definitions have {count} problems; the first: {first} Nothing was imported."""

    http_status = 422

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems), first=problems[0])
        self.problems = problems


class DefinedInFile(CountersignError):
    """{workflow_id} is defined in workflows.json, which wins at the next start. Change it there."""

    http_status = 409


@dataclass(frozen=True)
class SyncReport:
    """What a sync changed (workflow ids), or why it changed nothing."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class CatalogService:
    def __init__(self, database: Database) -> None:
        self._database = database

    def sync(self, path: Path) -> SyncReport:
        """Makes the file's definitions the current ones; with a problem in it nothing changes, the last good ones stay.

        Safe to call from several processes, and at every start: an unchanged file writes nothing.
        """
        try:
            checked = check_file(path.read_bytes())
        except OSError as error:
            remedy = "Restore the file; the last good definitions stay in use."
            log.error("catalog.unreadable", file=path.name, problem=error.strerror)
            return SyncReport(problems=(Problem("UNREADABLE_FILE", "$", f"{path.name}: {error.strerror}", remedy),))
        checked = _only_guided(checked)
        if checked.problems:
            for problem in checked.problems:
                log.error("catalog.problem", file=path.name, code=problem.code, path=problem.path, problem=str(problem))
            return SyncReport(problems=checked.problems)
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CATALOG_LOCK})
            added, changed = _take(uow, SYSTEM, checked, RevisionSource.FILE)
            withdrawn = _withdraw_all_but(uow, set(checked.workflows))
        return SyncReport(added, changed, withdrawn)

    def import_definitions(self, actor: Actor, document: Mapping[str, Any]) -> dict[str, str]:
        """Takes in `{"workflows": {…}}`; answers the digest of each id. All or nothing (DefinitionsRefused)."""
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="import workflow definitions")
        checked = _only_guided(check_document(dict(document)))
        if checked.problems:
            raise DefinitionsRefused(checked.problems)
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CATALOG_LOCK})
            for workflow_id in checked.workflows:
                current = _current(uow, workflow_id)
                if current is not None and current.source is RevisionSource.FILE:
                    raise DefinedInFile(workflow_id=workflow_id)
            _take(uow, actor, checked, RevisionSource.IMPORT)
        return {key: revision_digest(key, source) for key, source in checked.sources.items()}


def revision_digest(workflow_id: str, source: Mapping[str, Any]) -> str:
    """The name of a revision: the same content under the same id is the same revision, wherever it came from."""
    return digest({"workflow_id": workflow_id, "definition": source})


def _take(
    uow: UnitOfWork, actor: Actor, checked: Checked, source: RevisionSource
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    added: list[str] = []
    changed: list[str] = []
    for workflow_id, workflow in checked.workflows.items():
        name = revision_digest(workflow_id, checked.sources[workflow_id])
        current = _current(uow, workflow_id)
        if current is not None and current.digest == name:
            current.source = source
            continue
        if current is not None:
            current.current = False
            uow.session.flush()  # one current revision at a time, says the index
        revision = uow.session.get(WorkflowRevision, name)
        if revision is None:
            revision = _new_revision(uow, name, workflow_id, workflow, checked.sources[workflow_id])
        revision.current, revision.source = True, source
        uow.session.flush()
        (changed if current else added).append(workflow_id)
        before = {"revision": current.digest} if current else None
        after = {"revision": name, "title": workflow.title, "source": source}
        audit.record(uow, actor, "workflow.revised", f"workflow:{workflow_id}", before=before, after=after)
    return tuple(added), tuple(changed)


def _new_revision(
    uow: UnitOfWork, name: str, workflow_id: str, workflow: GuidedWorkflow, source: dict[str, Any]
) -> WorkflowRevision:
    revision = WorkflowRevision(
        digest=name, workflow_id=workflow_id, title=workflow.title, tier=workflow.tier,
        total_steps=len(workflow.steps), definition=source, current=True, first_seen_at=uow.now,
    )  # fmt: skip
    uow.session.add(revision)
    return revision


def _withdraw_all_but(uow: UnitOfWork, kept: set[str]) -> tuple[str, ...]:
    """Workflows that left the file are offered no more; runs that began with them go on."""
    query = (
        update(WorkflowRevision)
        .where(
            WorkflowRevision.current,
            WorkflowRevision.source == RevisionSource.FILE,
            WorkflowRevision.workflow_id.not_in(kept),
        )
        .values(current=False)
        .returning(WorkflowRevision.workflow_id)
    )
    withdrawn = sorted(uow.session.scalars(query))
    for workflow_id in withdrawn:
        audit.record(uow, SYSTEM, "workflow.withdrawn", f"workflow:{workflow_id}")
    return tuple(withdrawn)


def _current(uow: UnitOfWork, workflow_id: str) -> WorkflowRevision | None:
    query = select(WorkflowRevision).where(WorkflowRevision.workflow_id == workflow_id, WorkflowRevision.current)
    return uow.session.scalar(query)


def _only_guided(checked: Checked) -> Checked:
    """Refuses what is right and cannot be run: loading it silently would say that it can."""
    if checked.automated is None:
        return checked
    remedy = "Import guided workflows; `python -m core.catalog validate` checks this one."
    return replace(
        checked, problems=(Problem("NOT_RUNNABLE", "$", "is an automated workflow, which cannot be run yet", remedy),)
    )
