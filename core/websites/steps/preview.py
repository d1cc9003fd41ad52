"""The step that builds the site and keeps this version: what is previewed, reviewed and published is these very files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.executions.automated.work import Done, Outcome, Tools, Work
from core.websites.content import Brand, Link, Site
from core.websites.generating import generate
from core.websites.kind import WebsiteType
from core.websites.plan import plan_of
from core.websites.stages import Stage, as_edited, document, sites_of


class PreviewKind(Stage):
    name = "site_preview"
    title = "Build and preview a site"

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        place, sites = document(work, "site"), sites_of(tools)
        site = composed(as_edited(work), work.documents)
        form = sites.form_address(place["slug"], place["target"])
        built = generate(site, address=place["address"], form_action=form, pictures=tools.files.get)
        version = sites.keep(UUID(place["site_id"]), built, site, run_id=work.run.id)
        pages = [
            {"path": f"/{one.path}", "title": one.title, "address": place["address"] + one.path}
            for one in plan_of(site, place["address"]).places
        ]
        content = {
            "site_id": place["site_id"], "version_id": str(version.id), "number": version.number,
            "digest": version.digest, "name": site.name, "address": place["address"],
            "preview": sites.preview_address(version.id), "pages": pages, "files": len(built.files), "size": built.size,
            "notes": list(built.notes),
        }  # fmt: skip
        return Done(content, made_by="Countersign", note=" ".join(built.notes))


def composed(site: Site, documents: Mapping[str, Any]) -> Site:
    """The pages with what the other steps decided; a step that the type has not leaves the site as it is."""
    changes: dict[str, Any] = {}
    if (brand := documents.get("site_brand")) is not None:
        changes |= {"layout": brand["layout"], "brand": Brand.model_validate(brand["brand"])}
    if (seo := documents.get("site_seo")) is not None:
        said = {one["key"]: one["description"] for one in seo["pages"]}
        changes["pages"] = tuple(
            page.model_copy(update={"description": said.get(page.key, page.description)}) for page in site.pages
        )
    if (menus := documents.get("site_navigation")) is not None:
        for name in ("navigation", "footer"):
            changes[name] = tuple(Link.model_validate(one) for one in menus[name])
    return site.model_copy(update=changes)


KIND = PreviewKind()
