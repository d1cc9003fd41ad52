"""What a worker does for a package: read its source once, render each format, seal what was made.

Each part is kept in a transaction of its own, so whoever takes a package over goes on behind the last one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from core.actor import SYSTEM, Actor, ActorKind
from core.audit import service as audit
from core.canonical import canonical_json
from core.correlation import carried
from core.database.lasting import lasting
from core.database.unit_of_work import Database, UnitOfWork
from core.deliverables.content import Report, report_as_json, report_from_json
from core.deliverables.format import Format, Rendered, find_formats
from core.deliverables.look import Look
from core.deliverables.rules import MOST_TRIES, UNDER_WAY, FormatState, PackageState
from core.deliverables.sealing.manifest import PackageFacts, PackedFile, manifest_bytes, manifest_of
from core.deliverables.sealing.signing import signed
from core.deliverables.source import Reading, find_sources
from core.deliverables.tables import Package, PackageFile, PackagePicture
from core.deliverables.themes.looks import look_from_json
from core.deliverables.words import Words
from core.engine.steps import Steps
from core.errors import CountersignError, NotAllowed
from core.files.contents import sha256_of
from core.files.storage import FileStore
from core.identifiers import parse_id
from core.identity.service import actor_of
from core.identity.tables import Agent, User
from core.settings import Settings
from core.version import VERSION

log = structlog.get_logger(__name__)

PICTURES = 3
_BROKEN = "Something broke on our side. Try again, or give an admin the time of this package."
_ENDED_ITS_WORKER = (
    "It ended the process that made it, several times. Leave this format out, or make the source smaller."
)


class _MovedOn(Exception):
    """Somebody else has it, or it is over."""


class PackageMaking:
    def __init__(self, database: Database, store: FileStore, settings: Settings) -> None:
        self._database, self._store, self._settings = database, store, settings

    def build(self, steps: Steps, package_id: str) -> str:
        """Makes what is missing of the package; answers its state. Safe to repeat and to interrupt."""
        identity = parse_id(package_id)
        assert identity is not None
        return self.make(identity).value

    def make(self, package_id: UUID) -> PackageState:
        try:
            self._go(package_id)
        except _MovedOn:
            pass
        except CountersignError as problem:
            self._fail(package_id, str(problem))
        except (OperationalError, InterfaceError):
            raise  # the database is away for good: the engine takes it up again
        except Exception:  # the edge of a piece of work: a person must see that it stopped
            log.exception("package.crashed", package_id=str(package_id))
            self._fail(package_id, _BROKEN)
        with self._database.reading() as session:
            return session.scalar(select(Package.state).where(Package.id == package_id)) or PackageState.FAILED

    def _go(self, package_id: UUID) -> None:
        report = lasting(lambda: self._kept(package_id)) or self._read(package_id)
        waiting, look = lasting(lambda: self._waiting(package_id))
        # Drawing PDF pages leaves Python free, so another format can be made at the same time.
        with ThreadPoolExecutor(2, thread_name_prefix="render", initializer=carried()) as pool:
            list(pool.map(lambda made: self._render(package_id, made, report, look), waiting))
        lasting(lambda: self._seal(package_id, report))

    # -- the report -------------------------------------------------------------------------------------------------

    def _kept(self, package_id: UUID) -> Report | None:
        """The report that was read before the worker ended; a package is of one moment."""
        with self._database.reading() as session:
            package = session.get(Package, package_id)
            if package is None or package.state not in UNDER_WAY:
                raise _MovedOn
            kept = package.report_sha256
        return report_from_json(json.loads(self._store.get(kept))) if kept else None

    def _read(self, package_id: UUID) -> Report:
        with self._database.begin() as uow:
            package = _row(uow, package_id)
            package.state, package.readings = PackageState.READING, package.readings + 1
            package.version += 1
            source, words, draft = find_sources()[package.source], Words(package.language, package.zone), package.draft
            params, too_often = source.params.model_validate(package.params), package.readings > MOST_TRIES
            reader = _reader(uow, package)
        if too_often:
            raise SourceEndsWorkers()
        with self._database.reading_one_moment() as session:
            report = source.read(Reading(session, self._database, self._settings, self._store, reader, words), params)
        spelled = canonical_json(report_as_json(report)).encode()
        if not draft:
            self._store.put(sha256_of(spelled), spelled)

        def keep() -> bool:
            with self._database.begin() as uow:
                package = _row(uow, package_id)
                if package.report_sha256 is not None:
                    return False  # taken over meanwhile: the first report that was kept is the one of all formats
                package.state, package.report_sha256 = PackageState.RENDERING, None if draft else sha256_of(spelled)
                package.version += 1
                if not draft:
                    audit.record(
                        uow, _by(package), "packaging.started", f"package:{package_id}",
                        after={"report": sha256_of(spelled), "subject": package.subject, "number": package.number},
                    )  # fmt: skip
            return True

        if not lasting(keep) and (kept := self._kept(package_id)) is not None:
            return kept
        return report  # what is kept reads back as the very same, which tests hold it to

    # -- the formats ------------------------------------------------------------------------------------------------

    def _waiting(self, package_id: UUID) -> tuple[list[Format], Look]:
        with self._database.reading() as session:
            package = session.get_one(Package, package_id)
            named = session.scalars(
                select(PackageFile.format).where(
                    PackageFile.package_id == package_id, PackageFile.state == FormatState.WAITING
                )
            ).all()
            look = look_from_json(package.look)
        return [one for name, one in find_formats().items() if name in named], look

    def _render(self, package_id: UUID, made: Format, report: Report, look: Look) -> None:
        """One format; whatever goes wrong with it is written down beside it, and the others go on."""
        if not lasting(lambda: self._begin(package_id, made.name)):
            lasting(lambda: self._keep(package_id, made, None, _ENDED_ITS_WORKER))
            return
        rendered, error = None, ""
        try:
            rendered = made.render(report, look)
            if not rendered.data:
                error = "It came out empty."
        except CountersignError as problem:
            error = str(problem)
        except Exception:
            log.exception("package.format_crashed", package_id=str(package_id), format=made.name)
            error = _BROKEN
        lasting(lambda: self._keep(package_id, made, None if error else rendered, error))

    def _begin(self, package_id: UUID, name: str) -> bool:
        """Counts that it is begun, before it is; False where it was begun too often."""
        with self._database.begin() as uow:
            _row(uow, package_id)
            file = uow.session.get_one(PackageFile, (package_id, name), with_for_update=True)
            file.tries += 1
            return file.tries <= MOST_TRIES

    def _keep(self, package_id: UUID, made: Format, rendered: Rendered | None, error: str) -> None:
        if rendered is not None and not self._is_draft(package_id):
            try:
                self._store.put(sha256_of(rendered.data), rendered.data)
            except CountersignError as problem:
                rendered, error = None, str(problem)
        with self._database.begin() as uow:
            package = _row(uow, package_id)
            file = uow.session.get_one(PackageFile, (package_id, made.name), with_for_update=True)
            if file.state is not FormatState.WAITING:
                return
            package.version += 1
            if rendered is None:
                file.state, file.error = FormatState.FAILED, error
            else:
                file.state, file.error = FormatState.DONE, ""
                file.sha256, file.size = sha256_of(rendered.data), len(rendered.data)
                file.facts, file.remarks = dict(rendered.facts), list(rendered.remarks)
                for page, data in enumerate(rendered.pictures[:PICTURES], start=1):
                    uow.session.merge(PackagePicture(package_id=package_id, page=page, data=data))
            if package.draft:
                return
            event = f"packaging.{made.name}_generated" if rendered else "packaging.error"
            told = {"format": made.name, "sha256": file.sha256, "size": file.size} if rendered else {
                "format": made.name, "error": error,
            }  # fmt: skip
            audit.record(uow, _by(package), event, f"package:{package_id}", after=told)

    def _is_draft(self, package_id: UUID) -> bool:
        """Of a draft nothing but its pictures is ever given, and what is stored stays for good."""
        with self._database.reading() as session:
            return bool(session.scalar(select(Package.draft).where(Package.id == package_id)))

    # -- the end ----------------------------------------------------------------------------------------------------

    def _seal(self, package_id: UUID, report: Report) -> None:
        with self._database.begin() as uow:
            package = _row(uow, package_id)
            files = uow.session.scalars(
                select(PackageFile).where(PackageFile.package_id == package_id).order_by(PackageFile.format)
            ).all()
            if any(file.state is FormatState.WAITING for file in files):
                raise _MovedOn
            done = [file for file in files if file.state is FormatState.DONE]
            package.ended_at = uow.now
            package.version += 1
            if not done:
                package.state, package.error = PackageState.FAILED, "No file could be made."
                if not package.draft:
                    after = {"errors": {file.format: file.error for file in files}}
                    audit.record(uow, _by(package), "packaging.error", f"package:{package_id}", after=after)
                return
            package.state = PackageState.DONE
            if package.draft:
                return
            failed = {file.format: file.error for file in files if file.state is FormatState.FAILED}
            package.manifest = signed(self._settings, manifest_of(_facts(package, failed), report, _packed(done)))
            package.manifest_sha256 = sha256_of(manifest_bytes(package.manifest))
            told: dict[str, Any] = {
                "manifest": package.manifest_sha256, "files": {file.name: file.sha256 for file in done},
                "failed": sorted(failed),
            }  # fmt: skip
            audit.record(uow, _by(package), "packaging.completed", f"package:{package_id}", after=told)

    def _fail(self, package_id: UUID, error: str) -> None:
        def write() -> None:
            with self._database.begin() as uow:
                package = uow.session.get(Package, package_id, with_for_update=True)
                if package is None or package.state not in UNDER_WAY:
                    return
                package.state, package.error, package.ended_at = PackageState.FAILED, error, uow.now
                package.version += 1
                if not package.draft:
                    audit.record(uow, _by(package), "packaging.error", f"package:{package_id}", after={"error": error})

        lasting(write)


class SourceEndsWorkers(CountersignError):
    """Reading it ended the process several times. Choose a smaller period or part; nothing was made."""


def _row(uow: UnitOfWork, package_id: UUID) -> Package:
    package = uow.session.get(Package, package_id, with_for_update=True)
    if package is None or package.state not in UNDER_WAY:
        raise _MovedOn
    return package


def _reader(uow: UnitOfWork, package: Package) -> Actor:
    """Whoever asked for it, with the rights they have now."""
    scopes = None if package.scopes is None else frozenset(package.scopes)
    match package.requested_by_kind:
        case ActorKind.PERSON:
            user = uow.session.get(User, parse_id(package.requested_by_id))
            if user is not None and user.active:
                return actor_of(user, scopes)
        case ActorKind.AGENT:
            agent = uow.session.get(Agent, package.requested_by_id)
            if agent is not None and agent.active:
                return Actor(kind=ActorKind.AGENT, id=agent.id, name=agent.name, scopes=scopes)
        case ActorKind.SYSTEM | ActorKind.JOB:
            return SYSTEM
    raise NotAllowed(who=package.requested_by_name, what="have this made any more", needs="an active account")


def _by(package: Package) -> Actor:
    """As the audit names whoever it is made for."""
    return Actor(kind=package.requested_by_kind, id=package.requested_by_id, name=package.requested_by_name)


def _facts(package: Package, failed: Mapping[str, str]) -> PackageFacts:
    assert package.ended_at is not None
    return PackageFacts(
        id=package.id, number=package.number, source=package.source, subject=package.subject, label=package.label,
        theme=package.theme_name, made_at=package.ended_at, made_by=package.requested_by_name,
        product_version=VERSION, missing=failed, report_sha256=package.report_sha256 or "",
    )  # fmt: skip


def _packed(files: Sequence[PackageFile]) -> list[PackedFile]:
    packed = []
    for file in files:
        assert file.sha256 is not None and file.size is not None
        facts: dict[str, Any] = dict(file.facts)
        packed.append(PackedFile(file.name, file.format, file.media_type, file.size, file.sha256, facts))
    return packed
