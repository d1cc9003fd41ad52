"""Reading imports: the list, one with what it would bring or brought, its refused rows, and which runs came of any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.imports.cases import PastRun
from core.imports.counting import Counts, counts_from
from core.imports.looking import Found, found_from
from core.imports.preparing import judged, next_cases, outline_from
from core.imports.refusals import Reason, Refused
from core.imports.rules import IMPORTERS, ImportState, Layout, LogMapping
from core.imports.tables import Import, ImportedRun, ImportRefusal
from core.imports.wire import mapping_from_json
from core.imports.writing import already_here

MOST_ROWS = 1_000


@dataclass(frozen=True)
class ImportRow:
    """An import in the list."""

    id: UUID
    name: str
    state: ImportState
    source: str
    runs: int
    """That it wrote."""
    refused: int
    """Rows and cases that were refused."""
    by_name: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class ImportView:
    row: ImportRow
    size: int
    sha256: str
    layout: Layout
    found: Found
    mapping: LogMapping | None
    rows_read: int
    staged: bool
    activities: Sequence[tuple[str, int]]
    """With how many events each has; of what was read."""
    ways: Sequence[tuple[Sequence[str], int]]
    titles: Sequence[str]
    step_of: Mapping[str, int]
    ends: Sequence[str]
    refused_rows: Mapping[str, int]
    plan: Counts
    written: Counts
    workflow_id: str
    workflow_title: str
    error: str
    started_at: datetime | None
    taken_back_by: str | None
    before: Sequence[ImportRow]
    """Other imports of the same file that brought runs."""
    version: int

    @property
    def progress(self) -> float:
        """How far the worker is with what it does now, from 0 to 1."""
        if self.row.state is ImportState.WRITING:
            return min(1.0, self.written.cases / self.plan.cases) if self.plan.cases else 0.0
        if self.row.state is ImportState.READING:
            return min(1.0, self.rows_read / self.found.rows) if self.found.rows else 0.0
        return 1.0


@dataclass(frozen=True)
class RefusalRow:
    line: int
    reason: Reason
    detail: str
    case_key: str
    cells: Sequence[str]


@dataclass(frozen=True)
class ImportMark:
    """Where an imported run comes from."""

    import_id: UUID
    source: str
    case_key: str
    person: str


class ImportQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, actor: Actor, *, offset: int = 0, limit: int = 20) -> tuple[Sequence[ImportRow], int]:
        """Newest first, with how many there are."""
        _must_import(actor)
        query = select(Import).order_by(Import.created_at.desc(), Import.id.desc())
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(Import)) or 0
            rows = session.scalars(query.offset(max(0, offset)).limit(max(1, min(limit, MOST_ROWS)))).all()
            return [_row(one) for one in rows], total

    def one(self, actor: Actor, import_id: UUID) -> ImportView:
        _must_import(actor)
        with self._database.reading() as session:
            return _view(session, _found(session, import_id))

    def preview(self, actor: Actor, import_id: UUID, *, limit: int = 8) -> Sequence[PastRun | Refused]:
        """The first cases as they will become; none once they are written."""
        _must_import(actor)
        with self._database.reading() as session:
            row = _found(session, import_id)
            if row.mapping is None or row.outline is None:
                return []
            cases = next_cases(session, row.id, None, limit)
            here = already_here(session, row.source, [events[0].case_key for events, _ in cases])
            now = self._database.clock.now()
            return list(judged(cases, outline_from(row.outline), mapping_from_json(row.mapping), now, here))

    def refused(
        self, actor: Actor, import_id: UUID, *, reason: Reason | None = None, offset: int = 0, limit: int = 50
    ) -> Sequence[RefusalRow]:
        """Refused rows and cases in the order of the file."""
        _must_import(actor)
        with self._database.reading() as session:
            _found(session, import_id)
            query = _refusals(import_id)
            if reason is not None:
                query = query.where(ImportRefusal.reason == reason)
            rows = session.scalars(query.offset(max(0, offset)).limit(max(1, min(limit, MOST_ROWS))))
            return [_refusal(row) for row in rows]

    def all_refused(self, actor: Actor, import_id: UUID) -> Iterator[RefusalRow]:
        """All that are kept, for a file."""
        _must_import(actor)
        with self._database.reading() as session:
            _found(session, import_id)
            rows = session.scalars(_refusals(import_id)).all()
        return map(_refusal, rows)

    def marks(self, run_ids: Collection[UUID]) -> Mapping[UUID, ImportMark]:
        """Which of these runs were imported, and from where; for whoever may see the runs."""
        if not run_ids:
            return {}
        query = select(ImportedRun).where(ImportedRun.execution_id.in_(run_ids))
        with self._database.reading() as session:
            return {
                one.execution_id: ImportMark(one.import_id, one.source, one.case_key, one.person)
                for one in session.scalars(query)
            }

    def handed_over(self, import_id: UUID) -> bool:
        """Whether it is there and somebody has said what its columns mean."""
        query = select(Import.id).where(Import.id == import_id, Import.mapping.is_not(None))
        with self._database.reading() as session:
            return session.scalar(query) is not None


def _must_import(actor: Actor) -> None:
    actor.must_have(*IMPORTERS, to="see imports")


def _found(session: Session, import_id: UUID) -> Import:
    row = session.get(Import, import_id, populate_existing=True)
    if row is None:
        raise NotFound(kind="import", id=import_id)
    return row


def _refusals(import_id: UUID) -> Any:
    return (
        select(ImportRefusal).where(ImportRefusal.import_id == import_id).order_by(ImportRefusal.line, ImportRefusal.id)
    )


def _refusal(row: ImportRefusal) -> RefusalRow:
    return RefusalRow(row.line, row.reason, row.detail, row.case_key, row.cells)


def _row(row: Import) -> ImportRow:
    written = counts_from(row.counts.get("written"))
    judged_ = written if written.cases else counts_from(row.counts.get("plan"))
    refused = sum(row.counts.get("rows", {}).values()) + sum(judged_.refused.values())
    return ImportRow(
        row.id, row.name, row.state, row.source, written.total, refused, row.by_name, row.created_at, row.ended_at
    )


def _view(session: Session, row: Import) -> ImportView:
    outline = row.outline or {}
    mapping = mapping_from_json(row.mapping) if row.mapping is not None else None
    title = workflow_id = ""
    if row.revision is not None:
        revision = session.get_one(WorkflowRevision, row.revision)
        title, workflow_id = revision.title, revision.workflow_id
    elif mapping is not None and mapping.workflow_id:
        workflow_id = mapping.workflow_id
        query = select(WorkflowRevision.title).where(WorkflowRevision.workflow_id == workflow_id)
        title = session.scalar(query.where(WorkflowRevision.current)) or workflow_id
    elif mapping is not None:
        title = mapping.new_title
    same = select(Import).where(
        Import.sha256 == row.sha256, Import.id != row.id, Import.state.in_((ImportState.DONE, ImportState.WRITING))
    )
    return ImportView(
        row=_row(row), size=row.size, sha256=row.sha256, layout=Layout(**row.layout), found=found_from(row.found),
        mapping=mapping, rows_read=row.rows_read, staged=row.staged,
        activities=[(name, n) for name, n in outline.get("activities", [])],
        ways=[(path, n) for path, n in outline.get("ways", [])], titles=outline.get("titles", []),
        step_of=outline.get("step_of", {}), ends=outline.get("ends", []),
        refused_rows=Counter(row.counts.get("rows", {})), plan=counts_from(row.counts.get("plan")),
        written=counts_from(row.counts.get("written")), workflow_id=workflow_id, workflow_title=title,
        error=row.error, started_at=row.started_at, taken_back_by=row.taken_back_by,
        before=[_row(one) for one in session.scalars(same.order_by(Import.created_at.desc()).limit(5))],
        version=row.version,
    )  # fmt: skip
