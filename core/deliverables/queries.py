"""Reading packages: the list, one with its files and how far it is, and the bytes of each file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from core.actor import Actor, ActorKind
from core.database.unit_of_work import Database
from core.deliverables.format import find_formats
from core.deliverables.rules import (
    EVERYTHING,
    UNDER_WAY,
    FormatState,
    PackageResult,
    PackageState,
)
from core.deliverables.sealing.manifest import MANIFEST, manifest_bytes
from core.deliverables.source import find_sources
from core.deliverables.tables import Package, PackageFile, PackagePicture
from core.errors import InvalidInput, NotFound
from core.files.archives import packed
from core.files.queries import FileContent
from core.files.storage import FileStore
from core.identifiers import parse_id

MOST_ROWS = 100


@dataclass(frozen=True)
class PackageRow:
    """A package in the list."""

    id: UUID
    source: str
    label: str
    subject: str
    number: int | None
    """Counts the packages of the same thing; None for a draft."""
    state: PackageState
    formats: tuple[str, ...]
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    size: int
    """Bytes of all its files."""
    draft: bool = False


@dataclass(frozen=True)
class PackageFileView:
    format: str
    title: str
    name: str
    media_type: str
    size: int | None
    sha256: str | None
    state: FormatState
    error: str
    remarks: tuple[str, ...]
    facts: Mapping[str, int]


@dataclass(frozen=True)
class PackageView:
    row: PackageRow
    files: Sequence[PackageFileView]
    pages: int
    """Pictures of first pages there are."""
    progress: float
    """From 0 to 1."""
    error: str
    params: Mapping[str, Any]
    language: str
    zone: str
    theme_name: str
    report_sha256: str | None
    manifest: Mapping[str, Any] | None
    manifest_sha256: str | None
    execution_id: UUID | None
    version: int


@dataclass(frozen=True)
class PackagePage:
    rows: Sequence[PackageRow]
    total: int
    next_cursor: str | None


class PackageQueries:
    def __init__(self, database: Database, store: FileStore) -> None:
        self._database, self._store = database, store

    def page(
        self, actor: Actor, *, source: str = "", subject: str = "", cursor: str = "", limit: int = 20
    ) -> PackagePage:
        """Newest first, without drafts; `cursor` is what the page before gave."""
        where = [visible_to(actor), ~Package.draft]
        if source:
            where.append(Package.source == source)
        if subject:
            where.append(Package.subject == subject)
        limit = max(1, min(limit, MOST_ROWS))
        query = select(Package).where(*where).order_by(Package.created_at.desc(), Package.id.desc()).limit(limit + 1)
        if cursor:
            query = query.where(tuple_(Package.created_at, Package.id) < _place(cursor))
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(Package).where(*where)) or 0
            found = list(session.scalars(query))
            rows = _rows(session, found[:limit])
        last = found[limit - 1] if len(found) > limit else None
        return PackagePage(rows, total, f"{last.created_at.isoformat()}~{last.id}" if last else None)

    def one(self, actor: Actor, package_id: UUID) -> PackageView:
        with self._database.reading() as session:
            package = _seen(session, actor, package_id)
            files = _files(session, package_id)
            pages = session.scalar(select(func.count()).where(PackagePicture.package_id == package_id)) or 0
            row = _row(package, files)
        ended = sum(file.state is not FormatState.WAITING for file in files)
        read = package.state is PackageState.RENDERING
        over = package.state not in UNDER_WAY
        return PackageView(
            row=row, files=[_file(one) for one in files], pages=pages,
            progress=1.0 if over else (read + ended) / (len(files) + 1), error=package.error,
            params=dict(package.params), language=package.language, zone=package.zone, theme_name=package.theme_name,
            report_sha256=package.report_sha256, manifest=package.manifest, manifest_sha256=package.manifest_sha256,
            execution_id=package.execution_id, version=package.version,
        )  # fmt: skip

    def state(self, package_id: UUID) -> PackageState | None:
        with self._database.reading() as session:
            return session.scalar(select(Package.state).where(Package.id == package_id))

    def pulse(self, actor: Actor, package_id: UUID) -> int:
        """Changes whenever there is something new to see of it."""
        return self.one(actor, package_id).version

    def result(self, actor: Actor, package_id: UUID) -> PackageResult:
        """What came of it, in the words of SPEC P1; of one that is not ready too."""
        view = self.one(actor, package_id)
        paths = {
            file.format: f"/api/packages/{package_id}/files/{file.name}"
            for file in view.files
            if file.state is FormatState.DONE and not view.row.draft
        }
        errors = [f"{file.title}: {file.error}" for file in view.files if file.state is FormatState.FAILED]
        if view.error:
            errors.insert(0, view.error)
        if view.row.state in UNDER_WAY:
            errors.append("It is still being made.")
        metadata = {
            "title": view.row.label, "number": view.row.number, "state": view.row.state.value,
            "language": view.language, "theme": view.theme_name, "report_sha256": view.report_sha256,
            "manifest_sha256": view.manifest_sha256, "files": {file.format: dict(file.facts) for file in view.files},
        }  # fmt: skip
        return PackageResult(
            package_id=package_id, project_id=parse_id(view.params.get("project_id")), pdf_path=paths.get("pdf"),
            pptx_path=paths.get("pptx"), html_summary_path=paths.get("html"), paths=paths, metadata=metadata,
            success=bool(paths) and view.row.state is PackageState.DONE, errors=tuple(errors),
            created_at=view.row.created_at,
        )  # fmt: skip

    def file(self, actor: Actor, package_id: UUID, name: str) -> FileContent:
        """A file of it by name, its manifest, or all of it as one archive (NotFound, FileMissing, FileDamaged)."""
        with self._database.reading() as session:
            package = _seen(session, actor, package_id)
            done = [one for one in _files(session, package_id) if one.state is FormatState.DONE]
        if package.state is not PackageState.DONE or package.draft:
            raise NotFound(kind="file", id=name[:200])
        if name == MANIFEST:
            return FileContent(MANIFEST, "application/json", manifest_bytes(package.manifest or {}))
        if name == EVERYTHING:
            return FileContent(EVERYTHING, "application/zip", self._archive(package, done))
        for one in done:
            if one.name == name and one.sha256 is not None:
                return FileContent(one.name, one.media_type, self._store.get(one.sha256))
        raise NotFound(kind="file", id=name[:200])

    def preview(self, actor: Actor, package_id: UUID, page: int) -> bytes:
        """A picture of one of the first pages, PNG; `page` from 1."""
        with self._database.reading() as session:
            _seen(session, actor, package_id)
            found = session.get(PackagePicture, (package_id, page))
            if found is None:
                raise NotFound(kind="page", id=page)
            return found.data

    def _archive(self, package: Package, files: Sequence[PackageFile]) -> bytes:
        members = [(one.name, self._store.get(one.sha256)) for one in files if one.sha256 is not None]
        return packed([(MANIFEST, manifest_bytes(package.manifest or {})), *members])


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Those who may see all that a package may hold see it; whoever asked for one does, and nobody else sees drafts."""
    own = Package.requested_by_id == actor.id
    return or_(own, and_(~Package.draft, Package.source.in_(_sources_for(actor))))


def may_see(actor: Actor, package: Package) -> bool:
    return package.requested_by_id == actor.id or (not package.draft and package.source in _sources_for(actor))


def _sources_for(actor: Actor) -> list[str]:
    if actor.scopes is not None and "read" not in actor.scopes:
        return []
    everything = actor.kind in (ActorKind.JOB, ActorKind.SYSTEM)
    return [name for name, source in find_sources().items() if everything or actor.has(*source.readers)]


def _seen(session: Session, actor: Actor, package_id: UUID) -> Package:
    package = session.scalar(select(Package).where(Package.id == package_id, visible_to(actor)))
    if package is None:
        raise NotFound(kind="package", id=package_id)
    return package


def _files(session: Session, package_id: UUID) -> list[PackageFile]:
    order = list(find_formats())
    files = session.scalars(select(PackageFile).where(PackageFile.package_id == package_id))
    return sorted(files, key=lambda one: order.index(one.format) if one.format in order else len(order))


def _rows(session: Session, packages: Sequence[Package]) -> list[PackageRow]:
    of: dict[UUID, list[PackageFile]] = {package.id: [] for package in packages}
    for file in session.scalars(select(PackageFile).where(PackageFile.package_id.in_(of))):
        of[file.package_id].append(file)
    return [_row(package, of[package.id]) for package in packages]


def _row(package: Package, files: Sequence[PackageFile]) -> PackageRow:
    order = list(find_formats())
    names = sorted((file.format for file in files), key=lambda one: order.index(one) if one in order else len(order))
    return PackageRow(
        id=package.id, source=package.source, label=package.label, subject=package.subject, number=package.number,
        state=package.state, formats=tuple(names), requested_by=package.requested_by_name,
        created_at=package.created_at, ended_at=package.ended_at, size=sum(file.size or 0 for file in files),
        draft=package.draft,
    )  # fmt: skip


def _file(file: PackageFile) -> PackageFileView:
    known = find_formats().get(file.format)
    return PackageFileView(
        format=file.format, title=known.title if known else file.format, name=file.name, media_type=file.media_type,
        size=file.size, sha256=file.sha256, state=file.state, error=file.error, remarks=tuple(file.remarks),
        facts=dict(file.facts),
    )  # fmt: skip


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, _, number = cursor.partition("~")
    try:
        found = datetime.fromisoformat(at), UUID(number)
    except ValueError:
        raise InvalidInput(field="Cursor", problem="it is not one that a page before gave.") from None
    if found[0].tzinfo is None:
        raise InvalidInput(field="Cursor", problem="it is not one that a page before gave.")
    return found
