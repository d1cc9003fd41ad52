"""JSON-LD as search engines want it: which members each type of thing must have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "Organization": ("name",), "LocalBusiness": ("name", "address"), "WebSite": ("name", "url"),
    "Article": ("headline", "datePublished", "author"), "BlogPosting": ("headline", "datePublished", "author"),
    "Product": ("name", "offers"), "Offer": ("price", "priceCurrency"), "BreadcrumbList": ("itemListElement",),
    "ListItem": ("position",), "FAQPage": ("mainEntity",), "Question": ("name", "acceptedAnswer"), "Answer": ("text",),
    "Person": ("name",), "PostalAddress": (), "WebPage": ("name",), "ItemList": ("itemListElement",),
}  # fmt: skip
"""https://developers.google.com/search/docs/appearance/structured-data, the required members of each."""
_MOST_DEPTH = 12


def faults_of(text: str) -> tuple[list[str], list[str]]:
    """What is wrong with the JSON-LD in `text`, and the types it tells of."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return ["its JSON-LD cannot be read"], []
    roots = told if isinstance(told, list) else [told]
    faults: list[str] = []
    types: list[str] = []
    for root in roots:
        if not isinstance(root, dict) or "schema.org" not in str(root.get("@context", "")):
            faults.append("its JSON-LD does not name https://schema.org as its context")
            continue
        things = root.get("@graph", [root])
        for thing in things if isinstance(things, list) else [things]:
            for one, top in _things(thing, 0):
                kind = str(one.get("@type", ""))
                if top:
                    types.append(kind)
                    if not kind:
                        faults.append("its JSON-LD has a thing without a type")
                faults += [
                    f"its JSON-LD has a {kind} without {name}" for name in _NEEDED.get(kind, ()) if not _says(one, name)
                ]
    return faults, types


def _things(value: Any, depth: int) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every thing with whether it is a top one; what only refers to another by @id is none."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, dict):
        if set(value) != {"@id"}:
            yield value, depth == 0
        for inner in value.values():
            yield from _things(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _things(inner, depth + 1)


def _says(one: Mapping[str, Any], name: str) -> bool:
    return one.get(name) not in (None, "", [], {})
