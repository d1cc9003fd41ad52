"""Pages that several types have in common, drafted from what was said of a business."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from core.websites.content import (
    Brand,
    Call,
    Card,
    Cards,
    ContactForm,
    Facts,
    Hero,
    Link,
    Page,
    Site,
    Steps,
    Text,
)
from core.websites.inputs import BrandInputs
from core.websites.layout import layout_for
from core.websites.rules import RESERVED, slug_of
from core.websites.wording import Wording, wording

_MARKED = re.compile(r"([\\`*_\[\]<>|~]|^\s*[#+-]|(?<=\d)[.)](?=\s))", re.MULTILINE)


class Draft:
    """What pages of one site share while they are drafted."""

    def __init__(self, inputs: BrandInputs) -> None:
        self.inputs = inputs
        self.words: Wording = wording(inputs.language, inputs.tone)
        self.pages: list[Page] = []
        self._paths: set[str] = {""}

    def say(self, key: str, **more: str) -> str:
        return self.words.say(key, name=self.inputs.site_name, **more)

    def place(self, name: str, *, otherwise: str = "page") -> tuple[str, str]:
        """A key and a path of its own for a page of this name."""
        slug = slug_of(name, otherwise=otherwise)
        if slug in RESERVED or slug == "blog":
            slug = f"{slug}-page"
        if not slug[0].isalpha():
            slug = f"p-{slug}"
        number, found = 1, slug
        while f"{found}/" in self._paths:
            number += 1
            found = f"{slug}-{number}"
        self._paths.add(f"{found}/")
        return found, f"{found}/"

    def add(self, page: Page) -> Page:
        self._paths.add(page.path)
        self.pages.append(page)
        return page

    def site(self, **more: Any) -> Site:
        links = tuple(Link(label=page.name, to=f"page:{page.key}") for page in self.pages if page.path.count("/") < 2)
        return Site(
            name=self.inputs.site_name, description=self.inputs.site_description, language=self.inputs.language,
            layout=layout_for(self.inputs.tone).name, brand=brand_of(self.inputs), pages=tuple(self.pages),
            navigation=links[:12], footer=links[:20],
            organisation=(("email", self.inputs.contact_email),), **more,
        )  # fmt: skip


def brand_of(inputs: BrandInputs) -> Brand:
    colors, faces = inputs.brand_colors, inputs.typography
    return Brand(
        **(colors.model_dump() if colors else {}),
        heading_font=faces.heading if faces else "", body_font=faces.body if faces else "",
    )  # fmt: skip


def hero(draft: Draft, actions: Iterable[Link], *, title: str = "", text: str = "") -> Hero:
    said = draft.inputs
    return Hero(title=title or said.site_name, text=text or said.site_description, actions=tuple(actions)[:2])


def audience(draft: Draft) -> tuple[Text, ...]:
    if not draft.inputs.target_audience:
        return ()
    words = draft.words.say(
        "for_text", name=escaped(draft.inputs.site_name), audience=escaped(draft.inputs.target_audience.rstrip("."))
    )
    return (Text(title=draft.say("for_title"), prose=words),)


def how_it_goes(draft: Draft) -> Steps:
    cards = tuple(Card(title=draft.say(f"step_{n}"), text=draft.say(f"step_{n}_text")) for n in (1, 2, 3))
    return Steps(title=draft.say("steps_title"), steps=cards)


def call(draft: Draft, to: str = "page:contact") -> Call:
    link = Link(label=draft.say("hero_action"), to=to)
    return Call(title=draft.say("call_title"), text=draft.say("call_text"), action=link)


def three(draft: Draft, stem: str, title: str) -> Cards:
    cards = tuple(Card(title=draft.say(f"{stem}_{n}"), text=draft.say(f"{stem}_{n}_text")) for n in (1, 2, 3))
    return Cards(title=title, cards=cards)


def ways(draft: Draft, pages: Sequence[Page]) -> tuple[Cards, ...]:
    """To every other page, so that the first one leads everywhere."""
    known = {"about": "way_about", "services": "way_services", "contact": "way_contact"}
    cards = tuple(
        Card(
            title=page.name,
            text=draft.say(known[page.key]) if page.key in known else page.description or draft.say("way_other"),
            link=Link(label=page.name, to=f"page:{page.key}"),
        )
        for page in pages
    )
    return (Cards(title=draft.say("ways_title"), cards=cards[:24]),) if cards else ()


def about(draft: Draft) -> Page:
    key, path = draft.place("about")
    return Page(
        key=key, path=path, name=draft.say("about"), title=draft.say("about_title")[:200],
        description=draft.say("about_description")[:300],
        blocks=(
            Text(title=draft.say("about_story"), prose=escaped(draft.inputs.site_description)),
            *audience(draft),
            three(draft, "value", draft.say("values_title")),
            call(draft),
        ),
    )  # fmt: skip


def services(draft: Draft) -> Page:
    key, path = draft.place("services")
    return Page(
        key=key, path=path, name=draft.say("services"), title=draft.say("services_title"),
        description=draft.say("services_description")[:300],
        blocks=(three(draft, "service", ""), how_it_goes(draft)),
    )  # fmt: skip


def contact(draft: Draft) -> Page:
    key, path = draft.place("contact")
    return Page(
        key=key, path=path, name=draft.say("contact"), title=draft.say("contact_title"),
        description=draft.say("contact_description")[:300],
        blocks=(
            Facts(facts=((draft.say("contact_email"), draft.inputs.contact_email),)),
            ContactForm(title=draft.say("form_title"), text=draft.say("form_text")),
        ),
    )  # fmt: skip


def other(draft: Draft, name: str, number: int) -> Page:
    """A page that somebody named and nothing is known of yet."""
    key, path = draft.place(name, otherwise=f"page-{number}")
    prose = draft.say("page_text", description=escaped(draft.inputs.site_description))
    return Page(
        key=key, path=path, name=name, title=name,
        description=draft.say("page_description", page=name)[:300], blocks=(Text(prose=prose), call(draft)),
    )  # fmt: skip


def escaped(text: str) -> str:
    """Plain text inside Markdown."""
    return _MARKED.sub(lambda found: "\\" + found.group().strip(), text)
