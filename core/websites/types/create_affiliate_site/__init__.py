"""Recommendations with paid links: each marked where it stands, and a page that says how money is earned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from core.websites.content import Card, Cards, Disclosure, Link, Page, Site, Text
from core.websites.drafting import Draft, about, contact, hero
from core.websites.flow import site_flow
from core.websites.inputs import BrandInputs, Line, asked
from core.websites.kind import Drafted, WebsiteType
from core.websites.rules import checked_address
from core.websites.tables_of_text import Row, all_told, rows_of, unfit

_COLUMNS = ("group", "name", "link", "text")
_ON_A_PAGE = 24
_ON_A_CARD = 4


class Inputs(BrandInputs):
    offers_csv: str = asked(
        "long_text", "Recommendations", "A table as CSV with the columns group, name, link, text. Each group becomes a page.",
        max_length=100_000, offers="table", example="group,name,link,text\nKnives,Bread knife 24 cm,https://shop.example.com/k?tag=me,Long",
    )  # fmt: skip
    programme: Annotated[Line, Field(max_length=80)] = asked(
        "text", "Programme", "Who pays for the links, as its rules ask you to name it.", "", example="Example Partners"
    )

    @model_validator(mode="after")
    def _every_line(self) -> Self:
        try:
            rows = rows_of(self.offers_csv, needed=("name", "link"), known=_COLUMNS)
            all_told(_wrong(rows))
        except ValueError as problem:
            raise ValueError(f"Recommendations: {problem}") from None
        groups = {row["group"].casefold() for row in rows}
        if len(groups) > 8:
            raise ValueError(f"Recommendations: there are {len(groups)} groups; keep it to 8")
        return self


def _wrong(rows: list[Row]) -> Iterator[tuple[int, str]]:
    for row in rows:
        if not row["name"]:
            yield row.line, "the name is missing"
        for column, most in (("group", 60), ("name", 200), ("text", 400)):
            if wrong := unfit(row[column], most):
                yield row.line, f"{column}: {wrong}"
        try:
            if not row["link"].startswith(("https://", "http://")):
                raise ValueError("begin it with https:// or http://")
            checked_address(row["link"])
        except ValueError as problem:
            yield row.line, f"link: {problem}"


def draft(inputs: Inputs, facts: Drafted) -> Site:
    made = Draft(inputs)
    said = made.say("disclosure_programme", programme=inputs.programme) if inputs.programme else made.say("disclosure")
    groups: dict[str, tuple[str, list[Card]]] = {}
    for row in rows_of(inputs.offers_csv, needed=("name", "link"), known=_COLUMNS):
        name = row["group"] or made.say("offers")
        link = Link(label=made.say("visit"), to=row["link"], sponsored=True)
        groups.setdefault(name.casefold(), (name, []))[1].append(Card(title=row["name"], text=row["text"], link=link))
    pages = [_group(made, name, cards, said) for name, cards in groups.values()]
    key, path = made.place("disclosure")
    disclosure = Page(
        key=key, path=path, name=made.say("disclosure_page"), title=made.say("disclosure_title"),
        description=made.say("disclosure_description")[:300],
        blocks=(Disclosure(text=said), Text(prose=made.say("disclosure_text"))),
    )  # fmt: skip
    rest = [about(made), disclosure, contact(made)]
    actions = [Link(label=page.name, to=f"page:{page.key}") for page in pages[:1]]
    cards = tuple(
        Card(title=page.name, text=_named(offers), link=Link(label=page.name, to=f"page:{page.key}"))
        for page, (_, offers) in zip(pages, groups.values(), strict=True)
    )
    made.add(
        Page(
            key="home", path="", name=made.say("home"), title=inputs.site_name, description=inputs.site_description[:300],
            blocks=(
                hero(made, [*actions, Link(label=made.say("hero_action"), to="page:contact")]),
                Disclosure(text=said), Cards(title=made.say("offers_title"), cards=cards),
            ),
        )
    )  # fmt: skip
    for page in [*pages, *rest]:
        made.add(page)
    return made.site()


def _named(offers: Sequence[Card]) -> str:
    """What is recommended there, as far as it fits on a card."""
    told = ", ".join(one.title for one in offers[:_ON_A_CARD])
    return told[:300] + (" …" if len(offers) > _ON_A_CARD else "")


def _group(made: Draft, name: str, cards: list[Card], said: str) -> Page:
    key, path = made.place(name, otherwise="offers")
    blocks = tuple(Cards(cards=tuple(cards[at : at + _ON_A_PAGE])) for at in range(0, len(cards), _ON_A_PAGE))
    return Page(
        key=key, path=path, name=name, title=name,
        description=made.say("offers_description", group=name)[:300], blocks=(Disclosure(text=said), *blocks),
    )  # fmt: skip


TYPE = WebsiteType(folder=Path(__file__).parent, inputs=Inputs, drafting=draft, body=site_flow)
