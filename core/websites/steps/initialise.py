"""The first step of a site: the inputs fit, a council can review it, and an address is reserved, or the site is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from core.executions.automated.asked import NO_COUNCIL, councils_for
from core.executions.automated.work import Done, Fail, Outcome, Tools, Work
from core.websites.errors import NoSuchSite
from core.websites.kind import WebsiteType
from core.websites.pictures import sizes_of
from core.websites.queries import visible_to
from core.websites.stages import Stage, owner, sites_of
from core.websites.tables import SiteRow, SiteVersionRow

_NO_PICTURE = (
    "These pictures are not among the kept files, or are no pictures: {said}. Upload them, or leave them out, then start "
    "again."
)


class InitialiseKind(Stage):
    name = "site_initialise"
    title = "Initialise a site"
    reads_inputs = True

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        inputs = kind.read(work.run.inputs)
        domains = kind.manifest.governance.domains
        with tools.database.reading() as session:
            if not councils_for(session, work, domains):
                return Fail(NO_COUNCIL.format(domains=" or ".join(domains)))
        if missing := _missing(kind, work, tools):
            return Fail(_NO_PICTURE.format(said=", ".join(f"{one[:12]}…" for one in missing[:5])))
        facts = self._found(work, inputs.site, tools) if kind.adds_to_site else self._reserved(work, inputs, tools)
        return Done({**facts, "type": kind.id, "day": work.now.date().isoformat()}, made_by="Countersign")

    def _reserved(self, work: Work, inputs: Any, tools: Tools) -> dict[str, Any]:
        sites = sites_of(tools)
        with tools.database.begin() as uow:
            row = sites.reserve(
                uow, name=inputs.site_name, run_id=work.run.id, contact_email=inputs.contact_email,
                actor=owner(uow.session, work),
            )  # fmt: skip
            site_id, slug = row.id, row.slug
        address = sites.address_on(inputs.publish_to, slug)
        return {
            "site_id": str(site_id), "slug": slug, "name": inputs.site_name, "target": inputs.publish_to,
            "address": address, "contact_email": inputs.contact_email,
        }  # fmt: skip

    def _found(self, work: Work, slug: str, tools: Tools) -> dict[str, Any]:
        with tools.database.reading() as session:
            seen = select(SiteRow).where(SiteRow.slug == slug, visible_to(owner(session, work)))
            row = session.scalar(seen)
            version = session.get(SiteVersionRow, row.live_version_id) if row and row.live_version_id else None
        if row is None or version is None:
            raise NoSuchSite(slug=slug)
        target = row.live_target or "here"
        return {
            "site_id": str(row.id), "slug": row.slug, "name": row.name, "target": target,
            "address": sites_of(tools).address_on(target, row.slug), "version_id": str(version.id),
            "before": {"number": version.number, "digest": version.digest},
            **({"contact_email": row.contact_email} if row.contact_email else {}),
        }  # fmt: skip


def _missing(kind: WebsiteType, work: Work, tools: Tools) -> list[str]:
    """Pictures that the inputs name by their SHA-256 and that nobody could draw, before anybody edits or reviews anything."""
    if kind.adds_to_site:
        return []
    found = dict.fromkeys(_pictures(kind.draft(work.run.inputs, on=work.now.date()).model_dump(mode="json")))
    return [one for one in found if not sizes_of(one, tools.files.get)]


def _pictures(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        if isinstance(told.get("sha256"), str):
            yield told["sha256"]
        for one in told.values():
            yield from _pictures(one)
    elif isinstance(told, list):
        for one in told:
            yield from _pictures(one)


KIND = InitialiseKind()
