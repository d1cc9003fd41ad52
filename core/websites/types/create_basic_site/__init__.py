"""A site of a few pages for a business: who, what, how to get in touch, and a blog if there is something to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from core.websites.content import Link, Page, Post, Posts, Site
from core.websites.drafting import Draft, about, call, contact, escaped, hero, how_it_goes, other, services, ways
from core.websites.flow import site_flow
from core.websites.inputs import MOST_PAGES, BrandInputs, Line, asked
from core.websites.kind import Drafted, WebsiteType

_KNOWN = ("home", "about", "services", "contact")


class Inputs(BrandInputs):
    pages: tuple[Annotated[Line, Field(min_length=1, max_length=60)], ...] = asked(
        "list", "Pages", "One a line. home, about, services and contact come with texts; other names begin with a short one.",
        _KNOWN, max_length=MOST_PAGES, example=["home", "about", "services", "contact", "Opening hours"],
    )  # fmt: skip
    include_blog: bool = asked("boolean", "Blog", "A list of posts, a first post, and a feed.", False)

    @field_validator("pages", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        """Names once each, however they are spelled; a text is a list with commas."""
        names = given.split(",") if isinstance(given, str) else given
        if not isinstance(names, (list, tuple)):
            return names
        found: dict[str, Any] = {}
        for name in names:
            key = " ".join(name.split()).casefold() if isinstance(name, str) else repr(name)
            if key:
                found.setdefault(key, key if key in (*_KNOWN, "blog") else name)
        return tuple(found.values())


def draft(inputs: Inputs, facts: Drafted) -> Site:
    made = Draft(inputs)
    wanted = [one for one in inputs.pages if one not in ("home", "blog")]
    blog = inputs.include_blog or "blog" in inputs.pages
    known = {"about": about, "services": services, "contact": contact}
    pages: list[Page] = []
    for number, name in enumerate(wanted, start=2):
        pages.append(known[name](made) if name in known else other(made, name, number))
    if "contact" not in wanted:  # a site that nobody can answer is none
        pages.append(contact(made))
    # The way to reach people stands last, after the blog.
    pages.sort(key=lambda page: page.key == "contact")
    if blog:
        pages.insert(-1, _blog(made))
    made.add(_home(made, pages))
    for page in pages:
        made.add(page)
    posts = (_post(made, pages, facts),) if blog else ()
    return made.site(posts=posts, blog="blog/" if blog else None)


def _home(made: Draft, pages: list[Page]) -> Page:
    keys = {page.key for page in pages}
    actions = [Link(label=made.say("hero_action"), to="page:contact")]
    if "services" in keys:
        actions.append(Link(label=made.say("hero_more"), to="page:services"))
    posts = (Posts(title=made.say("latest"), most=3),) if "blog" in keys else ()
    return Page(
        key="home", path="", name=made.say("home"), title=made.inputs.site_name,
        description=made.inputs.site_description[:300],
        blocks=(hero(made, actions), *ways(made, pages), how_it_goes(made), *posts, call(made)),
    )  # fmt: skip


def _blog(made: Draft) -> Page:
    return Page(
        key="blog", path="blog/", name=made.say("blog"), title=made.say("blog_title")[:200],
        description=made.say("blog_description")[:300], blocks=(Posts(),),
    )  # fmt: skip


def _post(made: Draft, pages: list[Page], facts: Drafted) -> Post:
    links = "\n".join(f"- [{escaped(page.name)}](page:{page.key})" for page in pages if page.key != "blog")
    prose = made.say("post_text", description=escaped(made.inputs.site_description), links=links)
    return Post(
        key="welcome", title=made.say("post_title")[:200], description=made.say("post_description"), prose=prose,
        published=facts.on, author=made.inputs.site_name,
    )  # fmt: skip


TYPE = WebsiteType(folder=Path(__file__).parent, inputs=Inputs, drafting=draft, body=site_flow)
