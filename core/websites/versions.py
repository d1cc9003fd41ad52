"""What a site is before it is published: its name among the others, and its versions, which are kept for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.actor import SYSTEM, Actor, ActorKind, Role
from core.audit import service as audit
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import NotAllowed, NotFound
from core.files.storage import FileStore
from core.identifiers import new_id
from core.settings import Settings
from core.websites.built import BuiltSite, SiteFile
from core.websites.content import Site, site_as_json, site_from_json
from core.websites.rules import slug_of
from core.websites.tables import SiteRow, SiteVersionRow
from core.websites.targets_known import HERE, Chosen, chosen, places

_SLUGS_TRIED = 10_000


class Versions:
    def __init__(self, database: Database, store: FileStore, settings: Settings, connectors: Connectors) -> None:
        self._database, self._store, self._settings, self._connectors = database, store, settings, connectors

    def reserve(
        self, by: UnitOfWork | Actor, *, name: str, run_id: UUID | None, contact_email: str | None = None,
        actor: Actor = SYSTEM,
    ) -> SiteRow:  # fmt: skip
        """The site of a run, under an address part nobody else has; the same run again is the same site.

        `by` is an open transaction, in whose name `actor` acts, or an actor that may change sites.
        """
        if isinstance(by, UnitOfWork):
            return _reserved(by, actor, name, run_id, contact_email)
        must_change(by)
        with self._database.begin() as uow:
            return _reserved(uow, by, name, run_id, contact_email)

    def keep(
        self, site_id: UUID, built: BuiltSite, site: Site, *, run_id: UUID | None = None, number: int | None = None,
        actor: Actor = SYSTEM,
    ) -> SiteVersionRow:  # fmt: skip
        """Keeps the files for good; the same files again are the same version. Versions count from 1."""
        tree: dict[str, Any] = {}
        for path, file in built.files.items():
            self._store.put(file.sha256, file.data)  # before the row: what the database names must be there
            tree[path] = {"sha256": file.sha256, "size": len(file.data), "media_type": file.media_type}
        with self._database.begin() as uow:
            row = uow.session.get(SiteRow, site_id, with_for_update=True)
            if row is None:
                raise NotFound(kind="site", id=site_id)
            same = SiteVersionRow.site_id == site_id, SiteVersionRow.digest == built.digest
            there = uow.session.scalar(select(SiteVersionRow).where(*same))
            if there is not None:
                return there
            last = uow.session.scalar(select(func.max(SiteVersionRow.number)).where(SiteVersionRow.site_id == site_id))
            made = SiteVersionRow(
                id=new_id(), site_id=site_id, number=max((last or 0) + 1, number or 0), digest=built.digest, tree=tree,
                content=site_as_json(site), notes=list(built.notes), run_id=run_id, created_at=uow.now,
            )  # fmt: skip
            uow.session.add(made)
            after = {"number": made.number, "digest": made.digest, "files": len(tree), "size": built.size}
            audit.record(uow, actor, "site.version_kept", f"site:{site_id}", after=after)
        return made

    def built(self, version_id: UUID) -> BuiltSite:
        version = self._version(version_id)
        files = {
            path: SiteFile(self._store.get(one["sha256"]), one["media_type"]) for path, one in version.tree.items()
        }
        return BuiltSite(files, tuple(version.notes))

    def site_of(self, version_id: UUID) -> Site:
        return site_from_json(self._version(version_id).content)

    def places(self) -> dict[str, str]:
        """Where sites can be published now, with a title for people."""
        return places(self._connectors.accounts)

    # -- addresses --------------------------------------------------------------------------------------------------

    def public_address(self, slug: str) -> str:
        return f"{self._settings.base_url}/sites/{slug}/"

    def form_address(self, slug: str, target: str = HERE) -> str:
        """Where contact forms of a site are sent: to this installation, wherever its pages lie."""
        path = f"/sites/{slug}/contact"
        return path if target == HERE else f"{self._settings.base_url}{path}"

    def preview_address(self, version_id: UUID) -> str:
        """Inside of the dashboard, for signed-in people."""
        return f"{self._settings.base_url}/preview/{version_id}/"

    def address_on(self, target: str, slug: str) -> str:
        """Where a site of this slug will answer, so that its pages can name their own address."""
        return self._chosen(target).address(slug)

    # -- private ----------------------------------------------------------------------------------------------------

    def _version(self, version_id: UUID) -> SiteVersionRow:
        with self._database.reading() as session:
            found = session.get(SiteVersionRow, version_id)
        if found is None:
            raise NotFound(kind="version of a site", id=version_id)
        return found

    def _chosen(self, target: str) -> Chosen:
        return chosen(target, self._connectors.accounts, self._settings)


def must_change(actor: Actor) -> None:
    if actor.scopes is not None and "execute" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="publish sites with this token", needs="token with the scope execute")
    if actor.kind not in (ActorKind.JOB, ActorKind.SYSTEM):
        actor.must_have(Role.OPERATOR, Role.ADMIN, to="publish sites")


def _reserved(uow: UnitOfWork, actor: Actor, name: str, run_id: UUID | None, contact: str | None) -> SiteRow:
    if run_id is not None:
        there = uow.session.scalar(select(SiteRow).where(SiteRow.run_id == run_id))
        if there is not None:
            return there
    wanted = slug_of(name)
    for number in range(1, _SLUGS_TRIED):
        slug = wanted if number == 1 else f"{wanted}-{number}"
        row = insert(SiteRow).values(
            id=new_id(), slug=slug, name=name[:200], run_id=run_id, contact_email=contact, made_by_kind=actor.kind,
            made_by_id=actor.id, made_by_name=actor.name[:200], created_at=uow.now,
        )  # fmt: skip
        made = uow.session.scalar(row.on_conflict_do_nothing().returning(SiteRow.id))
        if made is not None:
            audit.record(uow, actor, "site.reserved", f"site:{made}", after={"slug": slug, "run_id": run_id})
            return uow.session.get_one(SiteRow, made)
        if run_id is not None:  # somebody else was first for this run
            there = uow.session.scalar(select(SiteRow).where(SiteRow.run_id == run_id))
            if there is not None:
                return there
    raise AssertionError("ten thousand sites of one name")
