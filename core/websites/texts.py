"""Every text of a site that a person edits before it is reviewed: one field each, in the order in which it is read."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from core.websites.content import Cards, Site, site_as_json, site_from_json

MOST_TEXTS = 400
"""On one form, tables aside; what is beyond keeps its draft, and the form says so."""
_MANY_CARDS = 6
"""More of them are a table."""
_MOST: Mapping[str, int] = {
    "name": 200, "title": 200, "text": 400, "description": 300, "prose": 20_000, "label": 200, "question": 200,
    "answer": 20_000, "who": 200,
}  # fmt: skip
_SAID: Mapping[str, str] = {"prose": "text", "description": "in a sentence", "label": "words of the link"}
_BLOCKS: Mapping[str, str] = {
    "hero": "top", "text": "text", "cards": "cards", "steps": "steps", "quote": "quote", "questions": "questions",
    "facts": "facts", "call": "call", "products": "products", "posts": "posts", "contact": "contact form",
    "disclosure": "disclosure",
}  # fmt: skip
Way = tuple[str | int, ...]


@dataclass(frozen=True)
class TextField:
    name: str
    """Of the field: p1_b2_c3_title."""
    title: str
    """As people read it: "Home, cards 2: title"."""
    way: Way
    text: str
    most: int
    section: str = ""
    """Of the form: the page or the post."""

    @property
    def label(self) -> str:
        """The title below the heading of its section: "Cards 2: title"."""
        rest = self.title.removeprefix(self.section).lstrip(",: ")
        return f"{rest[:1].upper()}{rest[1:]}"


@dataclass(frozen=True)
class TextTable:
    """Texts of many like things, one row each; rows are known by their key, and none is added or taken away."""

    name: str
    title: str
    way: Way
    keyed: str
    """What `key` stands for, as people read it."""
    columns: Mapping[str, str]
    """Field and title."""
    rows: tuple[Mapping[str, str], ...]
    section: str = ""


def text_fields(site: Site, *, posts_of: frozenset[str] | None = None) -> list[TextField]:
    """Of all pages and posts; with `posts_of` only of the posts with these keys, where nothing else was drafted."""
    told = site_as_json(site)
    found: list[TextField] = []
    if posts_of is None:
        for number, page in enumerate(told["pages"]):
            found += _of_page(page, ("pages", number), f"p{number + 1}")
    for number, post in enumerate(told["posts"]):
        if posts_of is None or post["key"] in posts_of:
            title = f"Post “{post['title'][:40]}”"
            found += (replace(one, section=title)
                      for one in _in(post, ("posts", number), f"a{number + 1}", title, skip=("author",)))  # fmt: skip
    return found


def text_tables(site: Site) -> list[TextTable]:
    """What is too much for fields: the products, and long rows of cards."""
    found = []
    for number, page in enumerate(site.pages):
        for place, block in enumerate(page.blocks):
            if isinstance(block, Cards) and len(block.cards) > _MANY_CARDS:
                rows = tuple(
                    {"key": str(n), "title": one.title, "text": one.text} for n, one in enumerate(block.cards, start=1)
                )
                title = f"{page.name[:40]}, {_BLOCKS['cards']}"
                found.append(
                    TextTable(
                        f"p{number + 1}_b{place + 1}_cards", title, ("pages", number, "blocks", place, "cards"), "No.",
                        {"title": "Title", "text": "Text"}, rows, page.name[:40],
                    )
                )  # fmt: skip
    if site.products:
        rows = tuple({"key": one.key, "name": one.name, "text": one.text} for one in site.products)
        found.append(
            TextTable(
                "products", "Products", ("products",), "Page", {"name": "Name", "text": "Description"}, rows, "Products"
            )
        )
    return found


def schema_of(fields: Sequence[TextField], tables: Sequence[TextTable] = ()) -> dict[str, Any]:
    """Of the form, and of what a language model is to write; `section` and `label` say how the form arranges it."""
    told: dict[str, Any] = {
        one.name: {
            "type": "string", "title": one.title, "maxLength": one.most, "section": one.section, "label": one.label,
            **({"format": "multiline"} if one.most > 300 else {}),
        }
        for one in fields
    }  # fmt: skip
    for table in tables:
        columns = {name: {"type": "string", "title": title, "maxLength": _MOST[name] if name != "text" else 5_000}
                   for name, title in table.columns.items()}  # fmt: skip
        told[table.name] = {
            "type": "array", "title": table.title, "section": table.section,
            "minItems": len(table.rows), "maxItems": len(table.rows),
            "items": {
                "type": "object", "additionalProperties": False, "required": ["key"],
                "properties": {"key": {"type": "string", "title": table.keyed, "readOnly": True}, **columns},
            },
        }  # fmt: skip
    return {"type": "object", "additionalProperties": False, "properties": told}


def with_texts(
    site: Site, fields: Sequence[TextField], given: Mapping[str, Any], tables: Sequence[TextTable] = ()
) -> Site:
    """The site with the texts that were given; ValueError says which one cannot be."""
    told = copy.deepcopy(site_as_json(site))
    by_name = {one.name: one for one in fields}
    tabled = {one.name: one for one in tables}
    for name, text in given.items():
        if name in tabled:
            _fill(told, tabled[name], text)
            continue
        if name not in by_name or not isinstance(text, str):
            raise ValueError(f"“{str(name)[:60]}” is no text of this site.")
        place: Any = told
        *way, last = by_name[name].way
        for part in way:
            place = place[part]
        place[last] = text
    try:
        return site_from_json(lean(told))
    except ValidationError as refused:
        wrong = refused.errors(include_url=False)[0]
        title = next((one.title for one in fields if _at(one.way, wrong["loc"])), None) or _in_table(
            tables, wrong["loc"]
        )
        words = "it may not be empty" if wrong["type"] == "missing" else str(wrong["msg"]).removeprefix("Value error, ")
        raise ValueError(f"{title}: {words}.") from None


def _fill(told: Any, table: TextTable, given: Any) -> None:
    """Rows that are left out stay as they were."""
    place: Any = told
    for part in table.way:
        place = place[part]
    places = {row["key"]: number for number, row in enumerate(table.rows)}
    for said in given if isinstance(given, list) else [None]:
        row: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        key = row.get("key")
        if key not in places:
            raise ValueError(f"{table.title}: “{str(key)[:60]}” is no row of this table.")
        for column in table.columns:
            text = row.get(column, "")
            if not isinstance(text, str):
                raise ValueError(f"{table.title}, {key}: give a text.")
            place[places[key]][column] = text


def _in_table(tables: Sequence[TextTable], place: tuple[str | int, ...]) -> str:
    for one in tables:
        for number, row in enumerate(one.rows):
            for column, title in one.columns.items():
                if _at((*one.way, number, column), place):
                    return f"{one.title}, {row['key']}: {title.lower()}"
    return "A text"


def lean(told: Any) -> Any:
    """Without what is empty, which is the default wherever a text may be: but for the path of the first page."""
    if isinstance(told, dict):
        kept = {key: lean(one) for key, one in told.items()}
        return {key: one for key, one in kept.items() if key == "path" or one not in (None, "", [])}
    return [lean(one) for one in told] if isinstance(told, (list, tuple)) else told


def _of_page(page: Mapping[str, Any], way: Way, name: str) -> Iterator[TextField]:
    title = str(page["name"])[:40]
    own = {key: page[key] for key in ("name", "title", "description")}
    for one in _in(own, way, name, title):
        yield replace(one, section=title)
    for number, block in enumerate(page["blocks"]):
        said = f"{title}, {_BLOCKS.get(block['kind'], block['kind'])}"
        tabled = block["kind"] == "cards" and len(block["cards"]) > _MANY_CARDS
        shown = {key: one for key, one in block.items() if key != "cards"} if tabled else block
        for one in _in(shown, (*way, "blocks", number), f"{name}_b{number + 1}", said):
            yield replace(one, section=title)


def _in(value: Any, way: Way, name: str, title: str, skip: tuple[str, ...] = ()) -> Iterator[TextField]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key in skip or key in ("to", "kind", "picture", "key"):
                continue
            if isinstance(one, str):
                if key in _MOST and one:
                    said = f"{title}: {_SAID.get(key, key)}"
                    yield TextField(f"{name}_{key}", said, (*way, key), one, _MOST[key])
            else:
                yield from _in(one, (*way, key), f"{name}_{key}", title)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            if isinstance(one, dict):
                yield from _in(one, (*way, number), f"{name}{number + 1}", f"{title} {number + 1}")


def _at(way: Way, place: tuple[str | int, ...]) -> bool:
    """Pydantic names the kind of a block it tried; the way has no such level."""
    return tuple(one for one in place if one not in _BLOCKS) == tuple(one for one in way if one not in _BLOCKS)
