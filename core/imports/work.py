"""What a worker does for an import: read its file, rehearse, write, take back; each batch in one transaction.

Every batch says in its own transaction how far it came, so whoever takes the import over goes on behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from uuid import UUID

import structlog
from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import InterfaceError, OperationalError

from core.actor import Actor, Role
from core.catalog.queries import current_definition, definition_at
from core.catalog.service import CatalogService, revision_digest
from core.database.lasting import lasting
from core.database.unit_of_work import Database, UnitOfWork
from core.engine.steps import Steps
from core.errors import CountersignError, NotFound
from core.executions.tables import Execution
from core.files.large import LargeFiles
from core.identifiers import parse_id
from core.imports.counting import counts_from
from core.imports.events import event_reader
from core.imports.file import open_log
from core.imports.matching import new_definition, workflow_id_of
from core.imports.preparing import BATCH, guided, judged, next_cases, outline_facts, outline_from
from core.imports.refusals import Reason, Refused
from core.imports.rules import ImportCannotGoOn, ImportState, Layout, LogMapping
from core.imports.staging import forget_events, forget_refusals, keep_refusals, stage
from core.imports.tables import Import, ImportedRun
from core.imports.wire import mapping_from_json
from core.imports.writing import RunWriter, already_here

log = structlog.get_logger(__name__)

ROWS = 5_000


class _MovedOn(Exception):
    """Somebody else has it, or a person decided otherwise."""


class ImportWork:
    def __init__(
        self, database: Database, catalog: CatalogService, files: LargeFiles, *, rows: int = ROWS, cases: int = BATCH
    ) -> None:
        self._database, self._catalog, self._files = database, catalog, files
        self._rows, self._cases = rows, cases

    def carry_on(self, steps: Steps, import_id: str) -> str:
        """Does what the import waits for; answers its state. Safe to repeat and to interrupt."""
        identity = parse_id(import_id)
        assert identity is not None
        try:
            lasting(lambda: self._go(identity))
        except _MovedOn:
            pass
        except CountersignError as problem:
            self._fail(identity, str(problem))
        except (OperationalError, InterfaceError):
            raise  # the database is away for good: the engine takes it up again
        except Exception:  # the edge of a piece of work: a person must see that it stopped
            log.exception("import.crashed", import_id=import_id)
            self._fail(identity, "Something broke on our side. Try again, or give an admin the time of this import.")
        with self._database.reading() as session:
            row = session.get(Import, identity)
            return row.state.value if row is not None else "discarded"

    def _go(self, import_id: UUID) -> None:
        while True:
            with self._database.begin() as uow:
                state = _row(uow, import_id).state
            match state:
                case ImportState.READING:
                    self._read(import_id)
                    self._rehearse(import_id)
                case ImportState.WRITING:
                    self._write(import_id)
                case ImportState.TAKING_BACK:
                    self._take_back(import_id)
                case _:
                    return

    # -- reading ----------------------------------------------------------------------------------------------------

    def _read(self, import_id: UUID) -> None:
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.READING)
            if row.staged:
                return
            begins, mapping, layout, now = row.rows_read, _mapping(row), Layout(**row.layout), uow.now
            name, sha256 = row.name, row.sha256
        read = event_reader(mapping, now)
        with self._files.open(sha256) as file, open_log(file, layout, name) as opened:
            rows = opened.rows()
            for _ in islice(rows, begins):  # read before the worker ended
                pass
            while batch := list(islice(rows, self._rows)):
                with self._reading(import_id, begins) as (uow, row):
                    refusals = stage(uow, row.id, begins, batch, read)
                    keep_refusals(uow, row.id, refusals)
                    told: Counter[str] = Counter(row.counts.get("rows", {}))
                    told.update(one.reason.value for one in refusals)
                    row.counts = {**row.counts, "rows": dict(told)}
                    row.rows_read = begins = begins + len(batch)
        with self._reading(import_id, begins) as (uow, row):
            row.staged = True

    @contextmanager
    def _reading(self, import_id: UUID, begins: int) -> Iterator[tuple[UnitOfWork, Import]]:
        """One batch, if nobody has read on meanwhile."""
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.READING)
            if row.rows_read != begins or row.staged:
                raise _MovedOn
            yield uow, row
            row.changed_at = uow.now

    def _rehearse(self, import_id: UUID) -> None:
        """Judges every case as if it were written, so that the preview says what will be."""
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.READING)
            version, mapping, source = row.version, _mapping(row), row.source
            forget_refusals(uow, row.id, of_cases_only=True)
            facts = outline_facts(uow.session, row.id, mapping)
            now = uow.now
        outline, counts, last = outline_from(facts), counts_from(None), None
        refused: list[Refused] = []
        while True:
            with self._database.reading() as session:
                cases = next_cases(session, import_id, last, self._cases)
                here = already_here(session, source, [events[0].case_key for events, _ in cases])
            for found in judged(cases, outline, mapping, now, here):
                counts.take(found)
                if isinstance(found, Refused) and found.reason is not Reason.ALREADY_HERE:
                    refused.append(found)
            if not cases:
                break
            last = cases[-1][0][0].case_key
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.READING)
            if row.version != version:
                raise _MovedOn
            keep_refusals(uow, row.id, refused)
            row.outline, row.counts = facts, {**row.counts, "plan": counts.facts()}
            row.state = ImportState.WRITING if row.goes_on else ImportState.READY
            row.version += 1
            row.changed_at = uow.now

    # -- writing ----------------------------------------------------------------------------------------------------

    def _write(self, import_id: UUID) -> None:
        revision = self._revision(import_id)
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.WRITING)
            row.revision = revision
            definition = definition_at(uow.session, revision)
            writer = RunWriter(definition, row.source)
        while True:
            with self._database.begin() as uow:
                row = _row(uow, import_id, ImportState.WRITING)
                if row.outline is None or not row.staged:
                    raise ImportCannotGoOn(problem="the file was not read to its end.")
                _one_at_a_time(uow, row.source)
                cases = next_cases(uow.session, row.id, row.last_case, self._cases)
                keys = [events[0].case_key for events, _ in cases]
                here = already_here(uow.session, row.source, keys)
                # As of the moment when it was begun, so that a case does not become old while it is written.
                now = row.started_at or uow.now
                runs = []
                counts = counts_from(row.counts.get("written"))
                for found in judged(cases, outline_from(row.outline), _mapping(row), now, here):
                    counts.take(found)
                    if not isinstance(found, Refused):
                        runs.append(found)
                counts.with_user += writer.write(uow, row, runs)
                row.counts = {**row.counts, "written": counts.facts()}
                row.changed_at = uow.now
                if not cases:
                    row.state, row.ended_at = ImportState.DONE, uow.now
                    row.version += 1
                    forget_events(uow, row.id)
                    return
                row.last_case = keys[-1]

    def _revision(self, import_id: UUID) -> str:
        """The revision the runs belong to; a workflow that is to be made is made here, once."""
        with self._database.begin() as uow:
            row = _row(uow, import_id, ImportState.WRITING)
            mapping = _mapping(row)
            if row.revision is not None:
                return row.revision
            if mapping.workflow_id:
                found = guided(uow.session, mapping.workflow_id)
                titles = [step.title for step in found.guided.steps]
                if titles != (row.outline or {}).get("titles"):
                    raise ImportCannotGoOn(problem="the workflow has other steps now. Check the mapping again.")
                return found.digest
            document = new_definition(mapping.new_title, (row.outline or {}).get("titles", []))
            workflow_id = workflow_id_of(mapping.new_title)
            wanted = revision_digest(workflow_id, document["workflows"][workflow_id])
            try:
                present = current_definition(uow.session, workflow_id).digest
            except NotFound:
                present = ""
            # Whoever started this was asked for the right to make workflows then.
            actor = Actor(row.by_kind, row.by_id, row.by_name, frozenset({Role.OPERATOR}))
        if present and present != wanted:
            raise ImportCannotGoOn(problem=f"there is a workflow {workflow_id} already. Give the new one another name.")
        return present or self._catalog.import_definitions(actor, document)[workflow_id]

    # -- taking back ------------------------------------------------------------------------------------------------

    def _take_back(self, import_id: UUID) -> None:
        while True:
            with self._database.begin() as uow:
                row = _row(uow, import_id, ImportState.TAKING_BACK)
                row.changed_at = uow.now
                mine = select(ImportedRun.execution_id).where(ImportedRun.import_id == row.id).limit(self._cases * 2)
                ids = uow.session.scalars(mine).all()
                if ids:
                    uow.session.execute(delete(Execution).where(Execution.id.in_(ids)))
                    continue
                forget_events(uow, row.id)
                forget_refusals(uow, row.id)
                row.state = ImportState.TAKEN_BACK
                row.version += 1
                row.ended_at = uow.now
                sha256 = row.sha256
                kept = exists().where(Import.sha256 == sha256, Import.state != ImportState.TAKEN_BACK)
                uow.session.flush()
                last = not uow.session.scalar(select(kept))
            if last:
                self._files.remove(sha256)
            return

    def _fail(self, import_id: UUID, problem: str) -> None:
        with self._database.begin() as uow:
            row = uow.session.get(Import, import_id, with_for_update=True)
            if row is not None and row.state in (ImportState.READING, ImportState.WRITING):
                row.state, row.error = ImportState.FAILED, problem
                row.version += 1
                row.changed_at = row.ended_at = uow.now


def _row(uow: UnitOfWork, import_id: UUID, state: ImportState | None = None) -> Import:
    """The import, locked; _MovedOn where it is gone or does something else by now."""
    row = uow.session.get(Import, import_id, with_for_update=True)
    if row is None or (state is not None and row.state is not state):
        raise _MovedOn
    return row


def _mapping(row: Import) -> LogMapping:
    if row.mapping is None:
        raise ImportCannotGoOn(problem="nobody has said what its columns mean.")
    return mapping_from_json(row.mapping)


def _one_at_a_time(uow: UnitOfWork, source: str) -> None:
    """Two imports of one source take turns, batch by batch, so that a case comes in once."""
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"import:{source}", 0))))
