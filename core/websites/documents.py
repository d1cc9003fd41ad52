"""The pages of a built site as a browser's parser reads them: elements with their lines, and every error on the way."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

import html5lib
from html5lib.constants import E as MESSAGES

from core.websites.built import BuiltSite

MOST_READ = 2_000_000
"""Bytes of one page; a larger one is told to be too large, and not read."""
_MOST_ERRORS = 50
_XHTML = "{http://www.w3.org/1999/xhtml}"
_UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "title"})


@dataclass(frozen=True, eq=False)
class Element:
    """`eq=False`: an element is itself only."""

    tag: str
    """Lower case; with "svg:" or "math:" before it where it is foreign."""
    attributes: Mapping[str, str]
    line: int
    parent: Element | None = field(repr=False)
    own_text: str = field(repr=False)
    """Text right below it, without that of its children."""
    children: list[Element] = field(default_factory=list, repr=False)
    after: str = field(default="", repr=False)
    """Text between its end and what follows, in its parent."""

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def above(self) -> Iterator[Element]:
        one = self.parent
        while one is not None:
            yield one
            one = one.parent

    def below(self) -> Iterator[Element]:
        waiting = list(reversed(self.children))
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(reversed(one.children))

    def text(self) -> str:
        """What is read of it, in one line."""
        parts: list[str] = []
        waiting: list[Element | str] = [self]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                parts.append(one)
            elif one.tag not in _UNSEEN or one is self:
                parts.append(one.own_text)
                for child in reversed(one.children):
                    waiting.extend((child.after, child))
        return " ".join("".join(parts).split())


@dataclass(frozen=True)
class Document:
    elements: Sequence[Element]
    """In the order of the source, `html` first."""
    errors: Sequence[tuple[int, str]]
    """Line and what is wrong with it, as the parser says."""
    ids: Counter[str]
    too_large: bool = False

    def all(self, *tags: str) -> Iterator[Element]:
        return (one for one in self.elements if one.tag in tags)

    def first(self, tag: str) -> Element | None:
        return next(self.all(tag), None)

    def meta(self, name: str) -> list[str]:
        """Contents of the `meta` elements with this name or property."""
        return [one.get("content") for one in self.all("meta") if name in (one.get("name"), one.get("property"))]

    def rels(self, rel: str) -> list[Element]:
        return [one for one in self.all("link") if rel in one.get("rel").lower().split()]


@dataclass(frozen=True)
class SitePage:
    path: str
    """Below the root: "", "about/", "404.html"."""
    file: str
    document: Document

    @property
    def name(self) -> str:
        """As findings name it."""
        return self.path or "first page"

    @property
    def listed(self) -> bool:
        """Open to search engines."""
        robots = " ".join(self.document.meta("robots")).lower()
        return self.path not in NOTICES and "noindex" not in robots


NOTICES = frozenset({"404.html", "contact-sent/"})
"""What answers to something somebody did; no page that people look for."""


def pages_of(built: BuiltSite) -> list[SitePage]:
    """Every HTML file, the first page first, the notices last."""
    found = [
        SitePage(path_of(file), file, read(held.data))
        for file, held in built.files.items()
        if file.endswith(".html") or held.media_type.startswith("text/html")
    ]
    return sorted(found, key=lambda one: (one.path in NOTICES, one.path != "", one.path))


def path_of(file: str) -> str:
    return file.removesuffix("index.html") if file == "index.html" or file.endswith("/index.html") else file


@lru_cache(maxsize=600)
def read(data: bytes) -> Document:
    """The same bytes are read once; a verification forgets all of them at its end."""
    if len(data) > MOST_READ:
        return Document((), ((1, f"it has {len(data):,} bytes and was not read"),), Counter(), too_large=True)
    try:
        source, errors = data.decode("utf-8"), list[tuple[int, str]]()
    except UnicodeDecodeError as problem:
        source = data.decode("utf-8", "replace")
        errors = [(data.count(b"\n", 0, problem.start) + 1, "it is not UTF-8")]
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    root = parser.parse(source)
    errors += [(at[0], _message(code, told)) for at, code, told in parser.errors[:_MOST_ERRORS]]
    lines = _Lines(source).found
    elements: list[Element] = []
    _gather(root, lines, elements)
    ids = Counter(one.attributes["id"] for one in elements if "id" in one.attributes)
    return Document(tuple(elements), tuple(errors), ids)


def _gather(root: Any, lines: Mapping[str, list[int]], elements: list[Element]) -> None:
    """Without recursion: what is nested ten thousand deep must not end the program."""
    counted: dict[str, int] = defaultdict(int)
    waiting: list[tuple[Any, Element | None]] = [(root, None)]
    while waiting:
        node, parent = waiting.pop()
        if not isinstance(node.tag, str):  # a comment; what follows it is text of the parent
            if parent is not None and node.tail:
                _say_after(parent, node.tail)
            continue
        tag = _tag(node.tag)
        key = tag.rpartition(":")[2].lower()
        number, counted[key] = counted[key], counted[key] + 1
        known = lines.get(key, ())
        line = known[number] if number < len(known) else (parent.line if parent else 1)
        attributes = {str(name).rpartition("}")[2]: str(value) for name, value in node.attrib.items()}
        element = Element(tag, attributes, line, parent, node.text or "", after=node.tail or "")
        if parent is not None:
            parent.children.append(element)
        elements.append(element)
        waiting.extend((child, element) for child in reversed(node))


def _say_after(parent: Element, text: str) -> None:
    held = parent.children[-1] if parent.children else parent
    name = "after" if held is not parent else "own_text"
    object.__setattr__(held, name, getattr(held, name) + text)


def _tag(name: str) -> str:
    if name.startswith(_XHTML):
        return name[len(_XHTML) :].lower()
    space, _, own = name.rpartition("}")
    return f"{'math' if 'Math' in space else 'svg'}:{own}" if space else own.lower()


def _message(code: str, told: Mapping[str, Any] | None) -> str:
    try:
        said = MESSAGES.get(code, code) % (told or {})
    except (KeyError, TypeError, ValueError):
        said = code
    return re.sub(r"\s+", " ", str(said)).rstrip(".")[:200]


class _Lines(HTMLParser):
    """On which line each start tag stands, by its name and in their order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: dict[str, list[int]] = defaultdict(list)
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found[tag].append(self.getpos()[0])

    handle_startendtag = handle_starttag
