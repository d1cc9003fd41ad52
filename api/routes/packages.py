"""Packages: asked for, followed, downloaded with their manifest, and attached to letters (SPEC P1, P3)."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import anyio
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response

from api.auth import App, Proposer, Reader
from api.etag import IfNoneMatch, etag, unchanged
from api.once import IdempotencyKey, once
from api.package_models import (
    AttachBody,
    FileName,
    FormatAnswer,
    FormatsAnswer,
    PackageAnswer,
    PackageBody,
    PackagesAnswer,
    ProjectPackageBody,
    SourceAnswer,
    SourcesAnswer,
    answer,
    summary,
)
from api.prefer import Prefer, patience
from api.routes.files import KeptFileAnswer
from core.actor import Actor
from core.bootstrap import Application
from core.deliverables.format import find_formats
from core.deliverables.rules import UNDER_WAY
from core.deliverables.sealing.manifest import MANIFEST
from core.deliverables.sealing.shape import ManifestShape
from core.deliverables.source import find_sources
from core.files.queries import FileContent

router = APIRouter(tags=["Deliverables"])

_LOOK_EVERY_SECONDS = 0.1
_MADE: dict[int | str, dict[str, Any]] = {
    200: {"description": "Over within the time you waited: done, or failed with the reasons in `errors`."},
    202: {"model": PackageAnswer, "description": "Being made; its address is in `Location`."},
}
_SAME: dict[int | str, dict[str, Any]] = {304: {"description": "It is still the one you have."}}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/packages", summary="List packages, newest first")
def list_packages(
    app: App,
    actor: Reader,
    source: Annotated[str, Query(max_length=40)] = "",
    subject: Annotated[str, Query(max_length=300, description="What packages of the same thing share.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> PackagesAnswer:
    """Those of sources you may read, and those you asked for."""
    page = app.packages_queries.page(actor, source=source, subject=subject, cursor=cursor, limit=limit)
    return PackagesAnswer(packages=[summary(row) for row in page.rows], total=page.total, next_cursor=page.next_cursor)


@router.post("/packages", summary="Make a package", response_model=PackageAnswer, responses=_MADE)
async def make_package(
    app: App,
    actor: Proposer,
    body: PackageBody,
    response: Response,
    prefer: Prefer = "",
    idempotency_key: IdempotencyKey = None,
) -> PackageAnswer:
    """What is known now, read once, in every format you name. Waits up to 30 seconds; `Prefer` says how long you do."""
    asked = {"route": "POST /packages", "body": body.model_dump(mode="json")}
    request = partial(_request, app, actor, idempotency_key, asked, body.source, body.params, body)
    return await _made(app, actor, await to_thread.run_sync(request), response, prefer)


@router.post(
    "/projects/{project_id}/package",
    summary="Make a package of a project",
    response_model=PackageAnswer,
    responses=_MADE,
)
async def make_project_package(
    app: App,
    actor: Proposer,
    project_id: UUID,
    response: Response,
    body: ProjectPackageBody | None = None,
    prefer: Prefer = "",
    idempotency_key: IdempotencyKey = None,
) -> PackageAnswer:
    """As `POST /packages` with the source `project`."""
    body, params = body or ProjectPackageBody(), {"project_id": str(project_id)}
    asked = {"route": "POST /projects/package", **params, "body": body.model_dump(mode="json")}
    request = partial(_request, app, actor, idempotency_key, asked, "project", params, body)
    return await _made(app, actor, await to_thread.run_sync(request), response, prefer)


@router.get("/packages/sources", summary="List what packages can be made of")
def list_package_sources(actor: Reader) -> SourcesAnswer:
    """Each with the JSON Schema of its `params`."""
    return SourcesAnswer(
        sources=[
            SourceAnswer(name=one.name, title=one.title, params_schema=one.params.model_json_schema())
            for one in find_sources().values()
        ]
    )


@router.get("/packages/formats", summary="List the formats of packages")
def list_package_formats(actor: Reader) -> FormatsAnswer:
    return FormatsAnswer(formats=[FormatAnswer.model_validate(one) for one in find_formats().values()])


@router.get(
    "/packages/{package_id}", summary="Read a package: its files, or how far it is", response_model=PackageAnswer,
    responses=_SAME,
)  # fmt: skip
def read_package(
    app: App, actor: Reader, package_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> Any:
    """`pdf_path`, `pptx_path` and `html_summary_path` are addresses on this host."""
    found = _answer(app, actor, package_id, response)
    if unchanged(if_none_match, response.headers["ETag"]):
        return Response(status_code=304, headers={"ETag": response.headers["ETag"]})
    return found


@router.get(
    "/packages/{package_id}/manifest",
    summary="Read the manifest of a package",
    response_class=Response,
    responses={200: {"model": ManifestShape}, **_SAME},
)
def read_manifest(app: App, actor: Reader, package_id: UUID, if_none_match: IfNoneMatch = None) -> Response:
    """Byte for byte what is signed: digests of its files, figures, sources, approvals and audit."""
    view = app.packages_queries.one(actor, package_id)
    found = app.packages_queries.file(actor, package_id, MANIFEST)
    return _download(found, view.manifest_sha256 or "", if_none_match)


@router.get(
    "/packages/{package_id}/files/{name}",
    summary="Download a file of a package",
    response_class=Response,
    responses={**_BYTES, **_SAME},
)
def read_package_file(
    app: App,
    actor: Reader,
    package_id: UUID,
    name: Annotated[FileName, Path(description="Of a file, `manifest.json`, or `package.zip` for all of it.")],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Always as a download, never shown in the window. Its SHA-256 is in the manifest and, quoted, its ETag."""
    view = app.packages_queries.one(actor, package_id)
    known = {one.name: one.sha256 for one in view.files}
    # The archive is one spelling of its files, so whoever has the manifest's digest has the archive's too.
    tag = known.get(name) or (f"{view.manifest_sha256}-{name}" if view.manifest_sha256 else "")
    return _download(app.packages_queries.file(actor, package_id, name), tag, if_none_match)


@router.post("/packages/{package_id}/retry", status_code=202, summary="Make again what of a package could not be made")
def retry_package(app: App, actor: Proposer, package_id: UUID, response: Response) -> PackageAnswer:
    """The same package where nothing was made; else a new one, because a package never changes: see `Location`."""
    again = app.packages.try_again(actor, package_id)
    response.headers["Location"] = f"/api/packages/{again}"
    return _answer(app, actor, again, response)


@router.post(
    "/packages/{package_id}/attachments",
    status_code=201,
    summary="Keep files of a package so that a letter can carry them",
)
def attach_package(app: App, actor: Proposer, package_id: UUID, body: AttachBody) -> list[KeptFileAnswer]:
    """Answers the name and SHA-256 that the parameter `attachments` of `email_send` takes."""
    return [KeptFileAnswer.model_validate(one) for one in app.packages.attach(actor, package_id, body.names)]


def _request(
    app: Application,
    actor: Actor,
    key: str | None,
    asked: dict[str, Any],
    source: str,
    params: dict[str, Any],
    body: ProjectPackageBody,
) -> UUID:
    return once(
        app, actor, key, asked,
        make=lambda package_id: app.packages.request(
            actor, source, params, formats=body.formats, theme_id=body.theme, language=body.language, zone=body.zone,
            package_id=package_id,
        ),
        exists=lambda package_id: app.packages_queries.state(package_id) is not None,
    )  # fmt: skip


async def _made(app: Application, actor: Actor, package_id: UUID, response: Response, prefer: str) -> PackageAnswer:
    until = time.monotonic() + patience(prefer)
    while (state := await to_thread.run_sync(app.packages_queries.state, package_id)) in UNDER_WAY:
        if time.monotonic() >= until:
            break
        await anyio.sleep(_LOOK_EVERY_SECONDS)
    response.status_code = 202 if state in UNDER_WAY else 200
    response.headers["Location"] = f"/api/packages/{package_id}"
    return await to_thread.run_sync(_answer, app, actor, package_id, response)


def _answer(app: Application, actor: Actor, package_id: UUID, response: Response) -> PackageAnswer:
    view = app.packages_queries.one(actor, package_id)
    response.headers["ETag"] = etag(view.version)
    return answer(view, app.packages_queries.result(actor, package_id))


def _download(file: FileContent, tag: str, if_none_match: str | None) -> Response:
    headers = {
        "ETag": f'"{tag}"',
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
    }
    if unchanged(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": headers["ETag"]})
    return Response(file.data, media_type=file.media_type, headers=headers)
