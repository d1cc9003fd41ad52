"""Taking definitions into the installation: from `workflows.json`, or imported by a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select, text, update

from core.actor import SYSTEM, Actor, Role
from core.audit import service as audit
from core.canonical import digest
from core.catalog.automated import AutomatedWorkflow
from core.catalog.files import check_files
from core.catalog.model import GuidedWorkflow
from core.catalog.official import Official, check_official
from core.catalog.tables import RevisionSource, WorkflowKind, WorkflowRevision
from core.catalog.validation import Checked, Problem, check_document, check_file
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import CountersignError

log = structlog.get_logger(__name__)

_CATALOG_LOCK = 0x436174616C6F67


class DefinitionsRefused(CountersignError):
    """The definitions have {count} problems; the first: {first} Nothing was imported."""

    http_status = 422

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        errors = [problem for problem in problems if problem.severity == "error"]
        super().__init__(count=len(errors), first=errors[0])
        self.problems = problems
        """Warnings among them."""


class DefinedInFile(CountersignError):
    """{workflow_id} is defined in a file of this installation, which wins at the next start. Change it there."""

    http_status = 409


@dataclass(frozen=True)
class SyncReport:
    """What a sync changed (workflow ids), or why it changed nothing."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Imported:
    """What an import took in: the revision of each workflow, and what the definitions could do better."""

    digests: dict[str, str]
    warnings: tuple[Problem, ...]


PromptNames = Callable[[], Collection[str]]


class CatalogService:
    def __init__(self, database: Database, prompts: PromptNames | None = None, official: Official = tuple) -> None:
        """`prompts` answers the names of roles and tasks this installation has; without it none is missed."""
        self._database, self._prompts, self._official = database, prompts, official

    def sync(self, path: Path) -> SyncReport:
        """Makes the definitions of `path`, and of the folder of its name beside it, the current ones.

        With an error in any of them nothing changes, the last good ones stay. Safe to call from several processes, and
        at every start: unchanged files write nothing.
        """
        checked, problems = check_files(path)
        for found in problems:
            level = log.error if found.problem.severity == "error" else log.warning
            problem = found.problem
            level("catalog.problem", file=found.file, code=problem.code, path=problem.path, problem=str(problem))
        told = tuple(found.problem for found in problems)
        if any(problem.severity == "error" for problem in told):
            return SyncReport(problems=told)
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CATALOG_LOCK})
            added, changed = _take(uow, SYSTEM, checked, RevisionSource.FILE)
            withdrawn = _withdraw_all_but(uow, set(checked.workflows), official=False)
        return SyncReport(added, changed, withdrawn, told)

    def sync_official(self) -> SyncReport:
        """Makes the definitions that this version brings along the current ones; files and imports stay as they are.

        As safe as `sync`: with an error nothing changes, and what is there already writes nothing.
        """
        checked = check_official(self._official())
        for problem in checked.errors:
            log.error("catalog.problem", file="official", code=problem.code, path=problem.path, problem=str(problem))
        if checked.errors:
            return SyncReport(problems=checked.problems)
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CATALOG_LOCK})
            added, changed = _take(uow, SYSTEM, checked, RevisionSource.FILE)
            withdrawn = _withdraw_all_but(uow, set(checked.workflows), official=True)
        return SyncReport(added, changed, withdrawn, checked.problems)

    def check(self, actor: Actor, content: bytes) -> Checked:
        """Every problem of a definition file, and nothing is taken in."""
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="check workflow definitions")
        return check_file(content, self._known_prompts())

    def import_file(self, actor: Actor, content: bytes) -> Imported:
        """Takes in what a file defines, guided or automated. All or nothing (DefinitionsRefused)."""
        return self._import(actor, self.check(actor, content))

    def import_definitions(self, actor: Actor, document: Mapping[str, Any]) -> dict[str, str]:
        """The same of `{"workflows": {…}}` or one automated definition as read from JSON; answers the digest of each id."""
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="import workflow definitions")
        return self._import(actor, check_document(dict(document), self._known_prompts())).digests

    def _import(self, actor: Actor, checked: Checked) -> Imported:
        if checked.errors:
            raise DefinitionsRefused(checked.problems)
        with self._database.begin() as uow:
            uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CATALOG_LOCK})
            for workflow_id in checked.workflows:
                current = _current(uow, workflow_id)
                if current is not None and current.source is RevisionSource.FILE:
                    raise DefinedInFile(workflow_id=workflow_id)
            _take(uow, actor, checked, RevisionSource.IMPORT)
        digests = {key: revision_digest(key, source) for key, source in checked.sources.items()}
        return Imported(digests, checked.problems)

    def _known_prompts(self) -> Collection[str] | None:
        return self._prompts() if self._prompts is not None else None


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
    uow: UnitOfWork,
    name: str,
    workflow_id: str,
    workflow: GuidedWorkflow | AutomatedWorkflow,
    source: dict[str, Any],
) -> WorkflowRevision:
    automated = isinstance(workflow, AutomatedWorkflow)
    revision = WorkflowRevision(
        digest=name, workflow_id=workflow_id, title=workflow.title, tier=workflow.tier,
        kind=WorkflowKind.AUTOMATED if automated else WorkflowKind.GUIDED,
        total_steps=workflow.total_steps if automated else len(workflow.steps),
        definition=source, current=True, first_seen_at=uow.now,
    )  # fmt: skip
    uow.session.add(revision)
    return revision


def _withdraw_all_but(uow: UnitOfWork, kept: set[str], *, official: bool) -> tuple[str, ...]:
    """Workflows that left the files, or this version, are offered no more; runs that began with them go on."""
    dotted = WorkflowRevision.workflow_id.contains(".", autoescape=True)
    query = (
        update(WorkflowRevision)
        .where(
            WorkflowRevision.current,
            WorkflowRevision.source == RevisionSource.FILE,
            WorkflowRevision.workflow_id.not_in(kept),
            dotted if official else ~dotted,
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
