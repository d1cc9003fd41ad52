"""Past runs from event logs: handed in with what their columns mean, followed, and taken back as one."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any, BinaryIO
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from starlette.datastructures import UploadFile

from api.auth import App, Reader, Runner
from api.models import Answer, refuse_unstorable
from api.once import IdempotencyKey, once
from core.actor import Actor
from core.bootstrap import Application
from core.errors import InvalidInput
from core.imports.queries import ImportView, RefusalRow
from core.imports.refusals import Reason
from core.imports.refused_csv import refused_csv
from core.imports.rules import IMPORTERS, ImportState
from core.imports.wire import mapping_from_json, mapping_schema

router = APIRouter(prefix="/imports", tags=["Imports"])

_MOST_MAPPING = 1024 * 1024
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "mapping"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "CSV, XES or .xes.gz; 200 MB."},
                        "mapping": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": "What its columns mean, as JSON (see `GET /imports/mapping-schema`).",
                        },
                    },
                },
                "encoding": {"mapping": {"contentType": "application/json"}},
            }
        },
    }
}


class ImportAnswer(Answer):
    id: UUID
    name: str
    state: ImportState = Field(description="`done`, `failed` and `taken_back` are its ends.")
    progress: float = Field(description="Of what is done now, from 0 to 1.")
    source: str
    workflow: str = Field(description="The workflow's title.")
    rows: int
    cases: int = Field(description="Seen so far.")
    runs: dict[str, int] = Field(description="Written so far, by state.")
    outcomes: int
    refused_rows: dict[str, int] = Field(description="By reason.")
    refused_cases: dict[str, int] = Field(description="By reason; those that were imported before among them.")
    error: str
    created_at: datetime
    ended_at: datetime | None


class ImportLine(Answer):
    """An import in the list."""

    id: UUID
    name: str
    state: ImportState
    source: str
    runs: int = Field(description="That it wrote.")
    refused: int = Field(description="Rows and cases that were refused.")
    by_name: str
    created_at: datetime
    ended_at: datetime | None


class ImportPage(Answer):
    imports: list[ImportLine]
    total: int
    limit: int
    offset: int


class RefusedAnswer(Answer):
    line: int
    reason: Reason
    detail: str
    case: str
    cells: list[str]


class RefusedPage(Answer):
    refused: list[RefusedAnswer]


@router.get("", summary="List imports, newest first")
def list_imports(
    app: App,
    actor: Reader,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> ImportPage:
    """For analysts and admins."""
    rows, total = app.imports_queries.page(actor, offset=offset, limit=limit)
    found = [ImportLine.model_validate(one) for one in rows]
    return ImportPage(imports=found, total=total, limit=limit, offset=offset)


@router.post(
    "",
    status_code=202,
    summary="Import past runs from an event log",
    openapi_extra=_FORM,
    response_model=ImportAnswer,
)
async def import_runs(
    app: App, actor: Runner, request: Request, response: Response, idempotency_key: IdempotencyKey = None
) -> ImportAnswer:
    """For analysts and admins. The address of its state is in `Location`; nobody looks at a preview first."""
    # Before the body is read: 200 MB of somebody who may not import would fill a disk.
    actor.must_have(*IMPORTERS, to="import runs")
    async with request.form(max_files=1, max_fields=2, max_part_size=_MOST_MAPPING) as form:
        file, mapping = form.get("file"), form.get("mapping")
        if not isinstance(file, UploadFile):
            raise InvalidInput(field="file", problem="send the log as multipart/form-data.")
        if isinstance(mapping, UploadFile):
            mapping = (await mapping.read(_MOST_MAPPING)).decode("utf-8", "replace")
        made = await run_in_threadpool(_make, app, actor, file.filename or "log", file.file, mapping, idempotency_key)
    response.headers["Location"] = f"/api/imports/{made}"
    return await run_in_threadpool(_answer_of, app, actor, made)


@router.get("/mapping-schema", summary="Read the JSON Schema of a mapping")
def read_mapping_schema(actor: Reader) -> dict[str, Any]:
    return mapping_schema()


@router.get("/{import_id}", summary="Read how far an import is, and what came of it")
def read_import(app: App, actor: Reader, import_id: UUID) -> ImportAnswer:
    return _answer_of(app, actor, import_id)


@router.get("/{import_id}/refused", summary="List the rows and cases that an import refused, in the order of the file")
def list_refused(
    app: App,
    actor: Reader,
    import_id: UUID,
    reason: Reason | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=50_000)] = 0,
) -> RefusedPage:
    found = app.imports_queries.refused(actor, import_id, reason=reason, offset=offset, limit=limit)
    return RefusedPage(refused=[_refused(one) for one in found])


@router.get(
    "/{import_id}/refused.csv",
    summary="Download the rows and cases that an import refused",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def download_refused(app: App, actor: Reader, import_id: UUID) -> Response:
    """Safe to open in a spreadsheet: no cell begins a formula."""
    headers = {"content-disposition": 'attachment; filename="refused.csv"', "x-content-type-options": "nosniff"}
    rows = app.imports_queries.all_refused(actor, import_id)
    return Response(refused_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/{import_id}/start", status_code=202, summary="Let what was rehearsed be written")
def start_import(app: App, actor: Runner, import_id: UUID) -> ImportAnswer:
    """For analysts and admins, of a file whose preview a person asked for; 409 where it is not ready."""
    app.imports.start(actor, import_id)
    return _answer_of(app, actor, import_id)


@router.post("/{import_id}/retry", status_code=202, summary="Go on where a failed import stopped")
def retry_import(app: App, actor: Runner, import_id: UUID) -> ImportAnswer:
    """For analysts and admins."""
    app.imports.try_again(actor, import_id)
    return _answer_of(app, actor, import_id)


@router.post("/{import_id}/discard", status_code=204, summary="Forget a file of which nothing was written")
def discard_import(app: App, actor: Runner, import_id: UUID) -> None:
    """For analysts and admins."""
    app.imports.discard(actor, import_id)


@router.delete("/{import_id}", status_code=202, summary="Take an import back: every run it brought")
def take_import_back(app: App, actor: Runner, import_id: UUID) -> ImportAnswer:
    """The runs go with their steps, outcomes and proofs. Taken back twice is taken back once."""
    view = app.imports_queries.one(actor, import_id)
    if view.row.state not in (ImportState.TAKING_BACK, ImportState.TAKEN_BACK):
        app.imports.take_back(actor, import_id)
    return _answer_of(app, actor, import_id)


def _make(app: Application, actor: Actor, name: str, file: BinaryIO, mapping: Any, key: str | None) -> UUID:
    told = mapping_from_json(_json_of(mapping))
    asked = {"route": "POST /imports", "mapping": mapping, "name": name}
    if key is not None:
        asked["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        file.seek(0)

    def make(import_id: UUID | None) -> UUID:
        file.seek(0)
        return app.imports.hand_in(actor, name, file, told, import_id=import_id)

    return once(app, actor, key, asked, make=make, exists=app.imports_queries.handed_over)


def _json_of(mapping: Any) -> dict[str, Any]:
    try:
        told = json.loads(mapping) if isinstance(mapping, str) else None
        refuse_unstorable(told)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise InvalidInput(field="mapping", problem="say as a JSON object what the columns mean.")
    return told


def _answer_of(app: Application, actor: Actor, import_id: UUID) -> ImportAnswer:
    return _answer(app.imports_queries.one(actor, import_id))


def _answer(view: ImportView) -> ImportAnswer:
    counts = view.written if view.written.cases else view.plan
    return ImportAnswer(
        id=view.row.id, name=view.row.name, state=view.row.state, progress=view.progress, source=view.row.source,
        workflow=view.workflow_title, rows=view.found.rows, cases=view.written.cases, runs=dict(view.written.runs),
        outcomes=view.written.outcomes, refused_rows=dict(view.refused_rows), refused_cases=dict(counts.refused),
        error=view.error, created_at=view.row.created_at, ended_at=view.row.ended_at,
    )  # fmt: skip


def _refused(row: RefusalRow) -> RefusedAnswer:
    return RefusedAnswer(
        line=row.line, reason=row.reason, detail=row.detail, case=row.case_key, cells=list(row.cells)
    )  # fmt: skip
