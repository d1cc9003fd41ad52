"""The posts of a site as an Atom feed (RFC 4287)."""

from __future__ import annotations

from markupsafe import escape

from core.websites.plan import Place, Plan
from core.websites.prose import prose_as_html

MOST = 30
"""A reader that asks daily misses nothing."""


def feed_of(plan: Plan) -> str:
    """Whole posts with absolute links; `updated` is the newest post's day, since a build has no clock."""
    site, url = plan.site, plan.url("feed.xml")
    newest = plan.posts[0].post.published.isoformat() if plan.posts and plan.posts[0].post else "1970-01-01"
    entries = "".join(_entry(one, plan) for one in plan.posts[:MOST])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(site.language)}">\n'
        f"<id>{escape(url)}</id>\n<title>{escape(site.name)}</title>\n<subtitle>{escape(site.description)}</subtitle>\n"
        f'<updated>{newest}T00:00:00Z</updated>\n<link rel="self" type="application/atom+xml" href="{escape(url)}"/>\n'
        f'<link rel="alternate" type="text/html" href="{escape(plan.url(site.blog or ""))}"/>\n'
        f"<author><name>{escape(site.name)}</name></author>\n{entries}</feed>\n"
    )


def _entry(place: Place, plan: Plan) -> str:
    post = place.post
    assert post is not None
    url, day = plan.url(place.path), f"{post.published.isoformat()}T00:00:00Z"

    def resolve(address: str) -> str | None:
        if not address.startswith("page:"):
            return address
        known = plan.by_key.get(address.removeprefix("page:"))
        return plan.url(known.path) if known else None

    author = f"<author><name>{escape(post.author)}</name></author>" if post.author else ""
    return (
        f"<entry><id>{escape(url)}</id><title>{escape(place.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{escape(url)}"/><published>{day}</published><updated>{day}</updated>'
        f"{author}<summary>{escape(place.description)}</summary>"
        f'<content type="html">{escape(str(prose_as_html(post.prose, below=1, resolve=resolve)))}</content></entry>\n'
    )
