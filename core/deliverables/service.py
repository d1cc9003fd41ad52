"""What people and programs do to packages: ask for one, ask again for what failed, pack a project and wait."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.database.unit_of_work import Database, UnitOfWork
from core.deliverables.attaching import Attaching
from core.deliverables.queries import PackageQueries, may_see
from core.deliverables.requesting import Order, checked_order, not_too_many, put_back, put_on_record, take_turn
from core.deliverables.rules import (
    BUILD_PACKAGE,
    DRAFTS_LAST,
    READERS,
    UNDER_WAY,
    FormatState,
    PackageIdTaken,
    PackageIsWhole,
    PackageResult,
    PackageState,
    PackageUnderWay,
)
from core.deliverables.source import Reading
from core.deliverables.tables import Package, PackageFile
from core.deliverables.themes.looks import look_from_json, look_of
from core.engine.client import EngineClient
from core.engine.queues import QueueName
from core.errors import NotAllowed, NotFound
from core.files.service import FileService, KeptFile
from core.files.storage import FileStore
from core.settings import Settings

_LOOK_EVERY_SECONDS = 0.1


class PackageService:
    def __init__(
        self, database: Database, engine: EngineClient, store: FileStore, settings: Settings, queries: PackageQueries
    ) -> None:
        self._database, self._engine, self._store, self._settings = database, engine, store, settings
        self._queries = queries

    def request(
        self,
        actor: Actor,
        source: str,
        params: Mapping[str, Any],
        *,
        formats: Sequence[str] = (),
        theme_id: UUID | None = None,
        language: str = "en",
        zone: str = "UTC",
        draft: bool = False,
        package_id: UUID | None = None,
    ) -> UUID:
        """Lets a worker make a package of `source` in `formats` (all, if none is named); answers its id.

        The same `package_id` again is the same package. A draft shows the first pages, gets no number, and goes after a
        day. Raises NotAllowed, NotFound for a thing the actor may not see, InvalidInput, TooManyPackages.
        """
        must_pack(actor)
        order = checked_order(source, params, formats=formats, language=language, zone=zone, draft=draft)
        if package_id is not None:
            with self._database.reading() as session:
                if _is_there(session, actor, package_id, order):
                    return package_id  # its thing may be gone by now
        label = self._label(actor, order)
        with self._database.begin() as uow:
            take_turn(uow, actor)
            if package_id is not None and _is_there(uow.session, actor, package_id, order):
                return package_id
            not_too_many(uow, actor)
            look = look_of(uow.session, theme_id)
            package = put_on_record(uow, actor, order, label=label, look=look, package_id=package_id)
            self._hand_over(uow, package)
        return package.id

    def try_again(self, actor: Actor, package_id: UUID) -> UUID:
        """Makes what could not be made: the same package where nothing was, else a new one of the same; answers its id."""
        must_pack(actor)
        with self._database.begin() as uow:
            package = uow.session.get(Package, package_id, with_for_update=True)
            if package is None or not may_see(actor, package):
                raise NotFound(kind="package", id=package_id)
            files = uow.session.scalars(select(PackageFile).where(PackageFile.package_id == package_id)).all()
            if package.state in UNDER_WAY:
                raise PackageUnderWay()
            if package.state is PackageState.FAILED:
                put_back(uow, package)
                self._hand_over(uow, package)
                return package.id
            if all(file.state is FormatState.DONE for file in files):
                raise PackageIsWhole()
            source, params, formats = package.source, package.params, [file.format for file in files]
            language, zone, look, draft = package.language, package.zone, look_from_json(package.look), package.draft
        order = checked_order(source, params, formats=formats, language=language, zone=zone, draft=draft)
        label = self._label(actor, order)
        with self._database.begin() as uow:
            take_turn(uow, actor)
            not_too_many(uow, actor)
            again = put_on_record(uow, actor, order, label=label, look=look)
            self._hand_over(uow, again)
        return again.id

    def build_project_package(
        self,
        actor: Actor,
        project_id: UUID,
        *,
        patience: timedelta = timedelta(seconds=30),
        formats: Sequence[str] = (),
        theme_id: UUID | None = None,
        language: str = "en",
        zone: str = "UTC",
        package_id: UUID | None = None,
    ) -> PackageResult:
        """Packs a project and waits for it, no longer than `patience`; what is not ready then says so in `errors`."""
        made = self.request(
            actor, "project", {"project_id": str(project_id)}, formats=formats, theme_id=theme_id, language=language,
            zone=zone, package_id=package_id,
        )  # fmt: skip
        until = time.monotonic() + patience.total_seconds()
        while self._queries.state(made) in UNDER_WAY and time.monotonic() < until:
            time.sleep(_LOOK_EVERY_SECONDS)
        return self._queries.result(actor, made)

    def attach(self, actor: Actor, package_id: UUID, names: Sequence[str]) -> Sequence[KeptFile]:
        """Keeps files of a package so that e-mail actions can name them (`Attaching.attach`)."""
        return Attaching(self._queries, FileService(self._database, self._store)).attach(actor, package_id, names)

    def forget_drafts(self) -> int:
        """Removes previews that are older than a day; answers how many."""
        with self._database.begin() as uow:
            gone = uow.session.execute(
                delete(Package).where(Package.draft, Package.created_at < uow.now - DRAFTS_LAST).returning(Package.id)
            )
            return len(gone.all())

    def _label(self, actor: Actor, order: Order) -> str:
        with self._database.reading() as session:
            reading = Reading(session, self._database, self._settings, self._store, actor, order.words)
            return order.source.label(reading, order.params)

    def _hand_over(self, uow: UnitOfWork, package: Package) -> None:
        package.version = (package.version or 0) + 1
        uow.session.flush()
        work_id = f"package:{package.id}:{package.tries}"
        self._engine.enqueue(uow, QueueName.PACKAGES, BUILD_PACKAGE, str(package.id), work_id=work_id)


def _is_there(session: Session, actor: Actor, package_id: UUID, order: Order) -> bool:
    """PackageIdTaken where it is a package of somebody else, or of something else."""
    there = session.get(Package, package_id)
    if there is None:
        return False
    files = select(PackageFile.format).where(PackageFile.package_id == package_id)
    asked = (
        actor.id,
        order.source.name,
        order.kept_params,
        order.words.language,
        order.words.zone,
        order.draft,
        set(order.formats),
    )
    found = (
        there.requested_by_id, there.source, there.params, there.language, there.zone, there.draft,
        set(session.scalars(files)),
    )  # fmt: skip
    if asked != found:
        raise PackageIdTaken()
    return True


def must_pack(actor: Actor) -> None:
    if actor.scopes is not None and "propose" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="make packages with this token", needs="token with the scope propose")
    actor.must_have(*READERS, to="make packages")
