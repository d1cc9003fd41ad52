"""Markdown taken apart within limits: nothing is dropped, nesting ends somewhere, and time grows with the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock, blockquote, list_block, table
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_inline import StateInline, image
from markdown_it.token import Token

from core.deliverables.gathering.legible import legible

MOST_LEVELS = 12
"""Of quotes and lists in each other (a list takes two): what lies deeper is text with its signs."""
_PARSER_LEVELS = 40
"""Above what the rules below let through: beyond it the parser would drop text."""
_MOST_PICTURES_DEEP = 2
_MOST_AT_ONCE = 4_000
"""Characters of one paragraph: of longer ones each stretch is read by itself, because signs without a partner make the
parser look through the rest again and again."""
_LONG_DATA = re.compile(r"data:image/[\w.+-]{1,20};base64,[A-Za-z0-9+/=]{200,}", re.IGNORECASE)
_HELD = re.compile("\ufffe([0-9]+)\ufffe")
_DEEP, _MORE = "deep", "more"


class References(dict[str, Any]):
    """The reference definitions of a text; knows which of them something referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def __getitem__(self, label: str) -> Any:
        self.used.add(label)
        return super().__getitem__(label)

    def get(self, label: str, default: Any = None) -> Any:
        self.used.add(label)
        return super().get(label, default)


@dataclass
class Taken:
    """A text taken apart: its blocks as tokens, whose own texts are taken apart by `inline` when they are read."""

    tokens: list[Token] = field(default_factory=list)
    env: MutableMapping[str, Any] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    """Data of pictures, kept out of the parser's way; a sign that no text can hold stands for each."""

    def whole(self, text: str) -> str:
        """`text` with the data in it that was held."""
        return _HELD.sub(lambda found: self.held[int(found[1])], text)

    def inline(self, content: str) -> Iterator[Token]:
        for stretch in _stretches(content):
            yield from _parser().inline.parse(stretch, _parser(), self.env, [])

    def unused(self) -> Iterator[str]:
        """Definitions that nothing referred to, as they were written: whoever wrote them meant them to be read."""
        known: References = self.env["references"]
        left = [(label, one) for label, one in known.items() if label not in known.used]
        for label, one in (*left, *((one["label"], one) for one in self.env.get("duplicate_refs", ()))):
            title = f' "{one["title"]}"' if one["title"] else ""
            yield self.whole(f"[{label.lower()}]: {one['href']}{title}")


def take_apart(text: str) -> Taken:
    taken = Taken()
    taken.env["references"] = References()

    def hold(found: re.Match[str]) -> str:
        taken.held.append(found[0])
        return f"\ufffe{len(taken.held) - 1}\ufffe"

    source = _LONG_DATA.sub(hold, legible(text))
    _parser().block.parse(source, _parser(), taken.env, taken.tokens)
    return taken


def more_cells(row: Token) -> list[str]:
    """The cells of a row beyond the columns of its table."""
    return list(row.meta.get(_MORE, ()))


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough; HTML is text, and every address is kept as it is, to be judged later."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _PARSER_LEVELS}).enable(["table", "strikethrough"])
    parser.block.ruler.at(
        "blockquote", _not_too_deep(blockquote), {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.block.ruler.at("list", _not_too_deep(list_block), {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.at("image", _picture)
    parser.normalizeLink = parser.normalizeLinkText = str  # type: ignore[method-assign,assignment]
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


def _not_too_deep(rule: RuleFuncBlockType) -> RuleFuncBlockType:
    def guarded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < MOST_LEVELS and rule(state, start, end, silent)

    return guarded


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser's own rule, and beside it the cells that it drops: those of a row longer than the first."""
    before = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    rows = [one for one in state.tokens[before:] if one.type == "tr_open"]
    columns = sum(one.type == "th_open" for one in state.tokens[before:])
    for row in rows[1:]:
        assert row.map is not None
        cells = escapedSplit(getLine(state, row.map[0]).strip())
        cells = cells[1:] if cells and cells[0] == "" else cells
        cells = cells[:-1] if cells and cells[-1] == "" else cells
        if len(cells) > columns:
            row.meta[_MORE] = [one.strip() for one in cells[columns:]]
    return True


def _picture(state: StateInline, silent: bool) -> bool:
    """The parser's own rule, but not for pictures in the names of pictures without end."""
    deep = state.env.get(_DEEP, 0)
    if deep >= _MOST_PICTURES_DEEP:
        return False
    state.env[_DEEP] = deep + 1
    try:
        return image(state, silent)
    finally:
        state.env[_DEEP] = deep


def _stretches(content: str) -> Iterator[str]:
    """The text whole where it is short; else cut behind white space, or anywhere where there is none."""
    at = 0
    while len(content) - at > _MOST_AT_ONCE:
        cut = at + _MOST_AT_ONCE
        space = max(content.rfind(" ", at, cut), content.rfind("\n", at, cut))
        cut = space + 1 if space > at else cut
        yield content[at:cut]
        at = cut
    if at < len(content):
        yield content[at:]
