"""Every text of a site that a person edits before it is reviewed: one field each, in the order in which it is read."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.websites.content import Site, site_as_json, site_from_json

MOST_TEXTS = 150
"""On one form; what is beyond keeps its draft, and the form says so."""
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


def text_fields(site: Site, *, posts_of: frozenset[str] | None = None) -> list[TextField]:
    """Of all pages and posts; with `posts_of` only of the posts with these keys, where nothing else was drafted."""
    told = site_as_json(site)
    found: list[TextField] = []
    if posts_of is None:
        for number, page in enumerate(told["pages"]):
            found += _of_page(page, ("pages", number), f"p{number + 1}")
    for number, post in enumerate(told["posts"]):
        if posts_of is None or post["key"] in posts_of:
            found += _in(post, ("posts", number), f"a{number + 1}", f"Post “{post['title'][:40]}”", skip=("author",))
    return found[:MOST_TEXTS]


def schema_of(fields: list[TextField]) -> dict[str, Any]:
    """Of the form, and of what a language model is to write."""
    return {
        "type": "object", "additionalProperties": False,
        "properties": {
            one.name: {
                "type": "string", "title": one.title, "maxLength": one.most,
                **({"format": "multiline"} if one.most > 300 else {}),
            }
            for one in fields
        },
    }  # fmt: skip


def with_texts(site: Site, fields: list[TextField], given: Mapping[str, Any]) -> Site:
    """The site with the texts that were given; ValueError says which one cannot be."""
    told = copy.deepcopy(site_as_json(site))
    by_name = {one.name: one for one in fields}
    for name, text in given.items():
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
        title = next((one.title for one in fields if _at(one.way, wrong["loc"])), "A text")
        words = "it may not be empty" if wrong["type"] == "missing" else str(wrong["msg"]).removeprefix("Value error, ")
        raise ValueError(f"{title}: {words}.") from None


def lean(told: Any) -> Any:
    """Without what is empty, which is the default wherever a text may be: but for the path of the first page."""
    if isinstance(told, dict):
        kept = {key: lean(one) for key, one in told.items()}
        return {key: one for key, one in kept.items() if key == "path" or one not in (None, "", [])}
    return [lean(one) for one in told] if isinstance(told, (list, tuple)) else told


def _of_page(page: Mapping[str, Any], way: Way, name: str) -> Iterator[TextField]:
    title = str(page["name"])[:40]
    yield from _in({key: page[key] for key in ("name", "title", "description")}, way, name, title)
    for number, block in enumerate(page["blocks"]):
        said = f"{title}, {_BLOCKS.get(block['kind'], block['kind'])}"
        yield from _in(block, (*way, "blocks", number), f"{name}_b{number + 1}", said)


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
