"""What people do to an import: hand in a file, say what it means, start it, take it back (for analysts and admins)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import delete, exists, select

from core.actor import Actor, Role
from core.audit import service as audit
from core.canonical import digest
from core.catalog.queries import current_definition
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.errors import CountersignError, InvalidInput, NotFound
from core.files.contents import shown_name
from core.files.large import FileOverLimit, LargeFiles
from core.identifiers import new_id
from core.imports.csv_log import DELIMITERS
from core.imports.looking import look_at
from core.imports.matching import workflow_id_of
from core.imports.preparing import guided
from core.imports.rules import (
    DRAFTS_LAST,
    IMPORT_RUNS,
    IMPORTERS,
    MOST_BYTES,
    FileTooBig,
    ImportHasMovedOn,
    ImportState,
    Layout,
    LogMapping,
)
from core.imports.staging import forget_events, forget_refusals
from core.imports.tables import Import, ImportedRun
from core.imports.wire import checked_mapping, mapping_from_json, mapping_to_json, rows_digest

_DRAFTS = (ImportState.UPLOADED, ImportState.READY)
_TO_CHECK = (ImportState.UPLOADED, ImportState.READY, ImportState.FAILED)
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1252", "latin-1")


class ImportService:
    def __init__(self, database: Database, engine: EngineClient, files: LargeFiles) -> None:
        self._database, self._engine, self._files = database, engine, files

    def upload(self, actor: Actor, name: str, source: BinaryIO, *, import_id: UUID | None = None) -> UUID:
        """Keeps the file as it streams in and looks at it once; answers the import, which waits for its mapping.

        Raises FileTooBig, NoEventLog, and what the store raises.
        """
        _must_import(actor)
        shown = shown_name(name)
        try:
            taken = self._files.take(source, most=MOST_BYTES)
        except FileOverLimit:
            raise FileTooBig(name=shown) from None
        try:
            with self._files.open(taken.sha256) as file:
                layout, found = look_at(file, shown)
        except Exception:
            self._remove_unless_named(taken.sha256)
            raise
        with self._database.begin() as uow:
            if import_id is not None and (there := uow.session.get(Import, import_id)) is not None:
                if there.sha256 == taken.sha256:
                    return import_id  # handed in before, by a request that ended there
                raise InvalidInput(field="Import", problem="this id is taken.")
            row = Import(
                id=import_id or new_id(), name=shown, sha256=taken.sha256, size=taken.size, state=ImportState.UPLOADED,
                layout=asdict(layout), found=found.facts(), counts={},
                by_kind=actor.kind, by_id=actor.id, by_name=actor.name, created_at=uow.now, changed_at=uow.now,
            )  # fmt: skip
            uow.session.add(row)
            forgotten = _forget_drafts(uow)
        for sha256 in forgotten:
            self._remove_unless_named(sha256)
        return row.id

    def hand_in(
        self, actor: Actor, name: str, source: BinaryIO, mapping: LogMapping, *, import_id: UUID | None = None
    ) -> UUID:
        """Takes a file with its mapping, as programs do; it is read and written without a preview.

        Where the mapping does not fit, the file is forgotten again.
        """
        made = self.upload(actor, name, source, import_id=import_id)
        try:
            self.check(actor, made, mapping, then_write=True)
        except ImportHasMovedOn:
            raise
        except CountersignError:
            self.discard(actor, made)
            raise
        return made

    def read_as(self, actor: Actor, import_id: UUID, layout: Layout) -> None:
        """Looks at a CSV file again, written as a person says it is."""
        _must_import(actor)
        if layout.kind != "csv" or layout.delimiter not in DELIMITERS or layout.encoding not in _ENCODINGS:
            raise InvalidInput(field="File", problem="choose one of the separators and encodings that are offered.")
        with self._database.reading() as session:
            row = session.get(Import, import_id)
            if row is None:
                raise NotFound(kind="import", id=import_id)
            if row.layout["kind"] != "csv":
                raise InvalidInput(field="File", problem="only a CSV file is read in different ways.")
            name, sha256 = row.name, row.sha256
        with self._files.open(sha256) as file:
            _, found = look_at(file, name, replace(layout, packed=False))
        with self._database.begin() as uow:
            row = _row(uow, import_id, *_TO_CHECK)
            _nothing_written(uow, row)
            _forget_reading(uow, row)
            row.layout, row.found, row.mapping = asdict(layout), found.facts(), None
            row.state = ImportState.UPLOADED
            row.version += 1

    def check(self, actor: Actor, import_id: UUID, mapping: LogMapping, *, then_write: bool = False) -> None:
        """Lets a worker read the file as `mapping` says and rehearse it; the preview follows, or the writing at once."""
        _must_import(actor)
        if mapping.new_title:
            actor.must_have(Role.OPERATOR, Role.ADMIN, to="make a workflow of a log")
        with self._database.begin() as uow:
            row = _row(uow, import_id, *_TO_CHECK)
            _nothing_written(uow, row)
            checked_mapping(mapping, row.found["columns"])
            _must_fit(uow, mapping)
            before = mapping_from_json(row.mapping) if row.mapping is not None else None
            if before is None or rows_digest(before) != rows_digest(mapping) or not row.staged:
                _forget_reading(uow, row)
            row.outline, row.counts = None, {"rows": row.counts.get("rows", {})}
            row.started_at = row.ended_at = row.revision = row.last_case = None
            row.mapping, row.source = mapping_to_json(mapping), mapping.source.strip()
            row.state, row.error, row.goes_on = ImportState.READING, "", then_write
            row.by_kind, row.by_id, row.by_name = actor.kind, actor.id, actor.name
            if then_write:
                _begin(uow, actor, row)
            self._hand_over(uow, row)

    def start(self, actor: Actor, import_id: UUID) -> None:
        """Lets what was rehearsed be written. A second click finds it under way (ImportHasMovedOn)."""
        _must_import(actor)
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.READY)
            if row.mapping is not None and row.mapping["new_title"]:
                actor.must_have(Role.OPERATOR, Role.ADMIN, to="make a workflow of a log")
            row.state = ImportState.WRITING
            row.by_kind, row.by_id, row.by_name = actor.kind, actor.id, actor.name
            _begin(uow, actor, row)
            self._hand_over(uow, row)

    def try_again(self, actor: Actor, import_id: UUID) -> None:
        """Goes on where a failed import stopped."""
        _must_import(actor)
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.FAILED)
            row.state = ImportState.WRITING if row.started_at and row.outline else ImportState.READING
            row.error, row.ended_at = "", None
            self._hand_over(uow, row)

    def take_back(self, actor: Actor, import_id: UUID) -> None:
        """Takes out every run of the import, with what hangs on them, as one; also while it is being written."""
        _must_import(actor)
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.DONE, ImportState.WRITING, ImportState.FAILED)
            if row.started_at is None:
                raise ImportHasMovedOn(state=row.state.value)
            before = {**_facts(row), "written": row.counts.get("written", {}).get("runs", {})}
            row.state, row.taken_back_by = ImportState.TAKING_BACK, actor.name[:200]
            self._hand_over(uow, row)
            audit.record(uow, actor, "import.taken_back", f"import:{row.id}", before=before)

    def discard(self, actor: Actor, import_id: UUID) -> None:
        """Forgets a file of which nothing was written."""
        _must_import(actor)
        with self._database.begin() as uow:
            row = _row(uow, import_id, *_TO_CHECK)
            _nothing_written(uow, row)
            sha256 = row.sha256
            uow.session.delete(row)
        self._remove_unless_named(sha256)

    def _hand_over(self, uow: UnitOfWork, row: Import) -> None:
        row.tries += 1
        row.version += 1
        row.changed_at = uow.now
        self._engine.enqueue(uow, QueueName.IMPORTS, IMPORT_RUNS, str(row.id), work_id=f"import:{row.id}:{row.tries}")

    def _remove_unless_named(self, sha256: str) -> None:
        """Removes the file of an import that is gone; the same file can belong to another one."""
        with self._database.reading() as session:
            named = session.scalar(select(exists().where(Import.sha256 == sha256)))
        if not named:
            self._files.remove(sha256)


def _must_import(actor: Actor) -> None:
    actor.must_have(*IMPORTERS, to="import runs")


def _row(uow: UnitOfWork, import_id: UUID, *states: ImportState) -> Import:
    row = uow.session.get(Import, import_id, with_for_update=True)
    if row is None:
        raise NotFound(kind="import", id=import_id)
    if row.state not in states:
        raise ImportHasMovedOn(state=row.state.value.replace("_", " "))
    return row


def _nothing_written(uow: UnitOfWork, row: Import) -> None:
    if row.started_at is not None and uow.session.scalar(select(exists().where(ImportedRun.import_id == row.id))):
        raise ImportHasMovedOn(state="partly written; take it back first, or try again,")


def _must_fit(uow: UnitOfWork, mapping: LogMapping) -> None:
    """The workflow is there and guided, or its name is free."""
    if mapping.workflow_id:
        guided(uow.session, mapping.workflow_id)
        return
    workflow_id = workflow_id_of(mapping.new_title)
    try:
        current_definition(uow.session, workflow_id)
    except NotFound:
        return
    raise InvalidInput(
        field="Name of the workflow", problem="there is a workflow of this name. Choose it, or use another name."
    )


def _begin(uow: UnitOfWork, actor: Actor, row: Import) -> None:
    row.started_at, row.last_case = uow.now, None
    audit.record(uow, actor, "import.started", f"import:{row.id}", after=_facts(row))


def _facts(row: Import) -> dict[str, object]:
    return {
        "file": row.name, "sha256": row.sha256, "mapping": digest(row.mapping), "source": row.source,
        "workflow": (row.mapping or {}).get("workflow_id") or (row.mapping or {}).get("new_title"),
    }  # fmt: skip


def _forget_reading(uow: UnitOfWork, row: Import) -> None:
    forget_events(uow, row.id)
    forget_refusals(uow, row.id)
    row.rows_read, row.staged, row.outline, row.counts = 0, False, None, {}


def _forget_drafts(uow: UnitOfWork) -> list[str]:
    """What was handed in and left alone is forgotten; answers the files."""
    old = delete(Import).where(
        Import.state.in_(_DRAFTS), Import.started_at.is_(None), Import.changed_at < uow.now - DRAFTS_LAST
    )
    return list(uow.session.scalars(old.returning(Import.sha256)))
