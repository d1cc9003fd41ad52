"""A post for the blog of a site that is there; a site without a blog gets one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from core.websites.content import Link, Page, Post, Posts, Prose, Site
from core.websites.errors import SiteNeeded
from core.websites.flow import site_flow
from core.websites.inputs import Line, TypeInputs, asked
from core.websites.kind import Drafted, WebsiteType
from core.websites.prose import opening
from core.websites.rules import checked_slug, slug_of
from core.websites.wording import wording


class Inputs(TypeInputs):
    site: Annotated[str, AfterValidator(checked_slug)] = asked(
        "text", "Site", "The name in the address of the site: harbour-bakery of /sites/harbour-bakery/.", max_length=60,
        example="harbour-bakery", offers="sites",
    )  # fmt: skip
    title: Annotated[Line, Field(min_length=1)] = asked(
        "text", "Title", "Of the post.", max_length=160, example="A new oven"
    )
    text: Annotated[Prose, Field(min_length=1)] = asked(
        "long_text", "Text", "Markdown: paragraphs, ### headings, lists, links, tables. HTML is shown as it is written.",
        max_length=20_000, example="It is hot, and it is ours.",
    )  # fmt: skip
    description: Line = asked(
        "text", "In a sentence", "For lists and search engines; empty: the beginning of the text.", "", max_length=300
    )
    author: Line = asked("text", "Author", "As the post names them.", "", max_length=120, example="Asha Rao")
    published: date | None = asked("date", "Date", "Empty: the day it is made.", None, example="2026-12-01")


def draft(inputs: Inputs, facts: Drafted) -> Site:
    site = facts.existing
    if site is None:
        raise SiteNeeded
    stem = slug_of(inputs.title, otherwise="post")
    stem = stem if stem[0].isalpha() else f"p-{stem}"
    taken = {one.key for one in site.posts} | {one.key for one in site.pages} | {one.key for one in site.products}
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    post = Post(
        key=key, title=inputs.title, description=inputs.description or opening(inputs.text, most=200), prose=inputs.text,
        published=inputs.published or facts.on, author=inputs.author,
    )  # fmt: skip
    changed = {**site.model_dump(), "posts": [*(one.model_dump() for one in site.posts), post.model_dump()]}
    if site.blog is None:
        page = _blog(site)
        changed["blog"] = page.path
        changed["pages"] = [*(one.model_dump() for one in site.pages), page.model_dump()]
        if len(site.navigation) < 12:
            links = [one.model_dump() for one in site.navigation]
            changed["navigation"] = [*links, Link(label=page.name, to=f"page:{page.key}").model_dump()]
    return Site.model_validate(changed)


def _blog(site: Site) -> Page:
    words = wording(site.language, "professional")
    taken, path, number = {one.path for one in site.pages} | {f"{one.key}/" for one in site.pages}, "blog/", 1
    while path in taken:
        number += 1
        path = f"blog-{number}/"
    return Page(
        key=path.rstrip("/"), path=path, name=words.say("blog"), title=words.say("blog_title", name=site.name)[:200],
        description=words.say("blog_description", name=site.name)[:300], blocks=(Posts(),),
    )  # fmt: skip


TYPE = WebsiteType(folder=Path(__file__).parent, inputs=Inputs, drafting=draft, body=site_flow, adds_to_site=True)
