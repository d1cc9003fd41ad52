"""The items of a document's collection, each with the id that names its scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_ITEMS = 1_000
MOST_NODES = 20_000
"""Steps and items of one run: iterations in iterations multiply, and a worker holds them all."""
LONGEST_ID = 200
LONGEST_SCOPE = 1_500


class BadItems(Exception):
    """What is wrong with a collection, in `words`."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Item:
    id: str
    content: Any
    made_up: bool
    """Its id was not in it: its place in the list is."""


def items_in(content: Any, field: str, entity_type: str | None = None) -> tuple[Item, ...]:
    """The items, in their order; BadItems if there is no list, or if two have one id.

    An item's id is its `id`, else `entity_id`, else `{entity_type}_id`, else its number in the list (SPEC W3).
    """
    if not isinstance(content, dict):
        raise BadItems(f"is not there: the document is a list, and no object with the field {field!r}.")
    if field not in content:
        there = ", ".join(repr(one) for one in list(content)[:12]) or "nothing"
        raise BadItems(f"is not there: the document has {there}, and no {field!r}.")
    found = content[field]
    if not isinstance(found, list):
        raise BadItems("is not a list.")
    if len(found) > MOST_ITEMS:
        raise BadItems(f"has {len(found):,} items; {MOST_ITEMS:,} at most.")
    items = [_item(one, number, entity_type) for number, one in enumerate(found, start=1)]
    seen: set[str] = set()
    for number, item in enumerate(items, start=1):
        if item.id in seen:
            raise BadItems(f"has the id {item.id!r} twice, the second time in item {number}.")
        if len(item.id) > LONGEST_ID:
            raise BadItems(f"has an id of {len(item.id)} characters in item {number}; {LONGEST_ID} at most.")
        seen.add(item.id)
    return tuple(items)


def _item(content: Any, number: int, entity_type: str | None) -> Item:
    names = ("id", "entity_id", *((f"{entity_type}_id",) if entity_type else ()))
    if isinstance(content, dict):
        for name in names:
            said = content.get(name)
            if isinstance(said, str) and said.strip():
                return Item(said.strip(), content, made_up=False)
            if isinstance(said, int) and not isinstance(said, bool):
                return Item(str(said), content, made_up=False)
    return Item(f"item-{number}", content, made_up=True)


def scope_id(around: Sequence[str]) -> str:
    """The ids of the items around something, outermost first, as one text; empty at the root."""
    joined = "/".join(one.replace("%", "%25").replace("/", "%2F") for one in around)
    if len(joined.encode()) > LONGEST_SCOPE:
        raise BadItems(f"has ids that are together longer than {LONGEST_SCOPE} bytes at this depth.")
    return joined


def label_of(content: Any) -> str:
    """What to call an item: its title or name, if it has one."""
    if isinstance(content, dict):
        for name in ("title", "name", "label", "summary"):
            said = content.get(name)
            if isinstance(said, str) and said.strip():
                return " ".join(said.split())[:120]
    return " ".join(content.split())[:120] if isinstance(content, str) else ""
