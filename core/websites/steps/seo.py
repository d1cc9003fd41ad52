"""The step that makes pages findable: a title, a description of its own and an address for each."""

from __future__ import annotations

from core.executions.automated.work import Done, Outcome, Tools, Work
from core.websites.content import Site
from core.websites.kind import WebsiteType
from core.websites.prose import plain
from core.websites.stages import Stage, as_edited, document

_MOST = 160
"""What search engines show of a description."""


class SeoKind(Stage):
    name = "site_seo"
    title = "Make a site findable"

    def do(self, work: Work, kind: WebsiteType, tools: Tools) -> Outcome:
        site, address = as_edited(work), document(work, "site")["address"]
        told = descriptions(site)
        pages = [
            {
                "key": page.key, "title": page.title or page.name, "description": told[page.key],
                "canonical": f"{address}{page.path}", "listed": page.listed,
            }
            for page in site.pages
        ]  # fmt: skip
        content = {
            "pages": pages, "language": site.language, "organisation": dict(site.organisation),
            "files": ["sitemap.xml", "robots.txt", *(["feed.xml"] if site.posts and site.blog else [])],
            "in_each_page": ["title", "description", "canonical", "Open Graph", "JSON-LD"],
        }  # fmt: skip
        return Done(content, made_by="Countersign")


def descriptions(site: Site) -> dict[str, str]:
    """By the key of the page; short enough, and none twice."""
    found: dict[str, str] = {}
    for page in site.pages:
        said = plain(page.description or site.description, most=_MOST)
        if said in found.values():
            said = plain(f"{page.name}: {said}", most=_MOST)
        found[page.key] = said
    return found


KIND = SeoKind()
