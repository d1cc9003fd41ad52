"""Markdown of documents as blocks of a report: CommonMark with tables, tasks and struck text; HTML stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from markdown_it.token import Token

from core.deliverables.content import (
    Block,
    Cell,
    Code,
    Column,
    Heading,
    ItemList,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    paragraph,
)
from core.deliverables.documents.pictures import PictureReader
from core.deliverables.documents.spans import Inline
from core.deliverables.documents.tokens import Taken, more_cells, take_apart
from core.deliverables.words import Words

MOST_HEADINGS = 4
_WIDE = 32
"""A column with a longer cell holds sentences."""
_TASK = re.compile(r"\[([ xX])\]\s+")


def blocks_of(text: str, *, pictures: PictureReader | None = None, words: Words | None = None) -> tuple[Block, ...]:
    """What `text` says, whole: what is no Markdown, or nested too deep, stands there as it was written.

    Pictures come from `pictures` alone, and are there in words where it has none. `words` says these in its language.
    """
    taken = take_apart(text)
    blocks = _Blocks(taken, pictures, words or Words()).read()
    return (*blocks, *(paragraph(one) for one in taken.unused()))


@dataclass
class _Around:
    """What is open around a block: the text itself, a quote, a list, or one of its items."""

    kind: Literal["text", "quote", "list", "item"]
    blocks: list[Block] = field(default_factory=list)
    items: list[tuple[Block, ...]] = field(default_factory=list)
    ordered: bool = False
    start: int = 1


class _Blocks:
    def __init__(self, taken: Taken, pictures: PictureReader | None, words: Words) -> None:
        self._taken, self._words = taken, words
        self._inline = Inline(taken, pictures, words)
        self._around = [_Around("text")]

    def read(self) -> tuple[Block, ...]:
        tokens = iter(self._taken.tokens)
        for token in tokens:
            self._take(token, tokens)
        return tuple(self._around[0].blocks)

    def _take(self, token: Token, tokens: Iterator[Token]) -> None:
        match token.type:
            case "blockquote_open":
                self._around.append(_Around("quote"))
            case "bullet_list_open":
                self._around.append(_Around("list"))
            case "ordered_list_open":
                start = token.attrs.get("start", 1)
                self._around.append(_Around("list", ordered=True, start=int(start)))
            case "list_item_open":
                self._around.append(_Around("item"))
            case "blockquote_close" | "bullet_list_close" | "ordered_list_close" | "list_item_close":
                self._close(self._around.pop())
            case "heading_open":
                self._heading(int(token.tag[1:]), next(tokens).content)
            case "inline":
                self._paragraph(token.content)
            case "fence" | "code_block":
                self._code(token)
            case "table_open":
                self._put(self._table(tokens))
            case _:
                pass  # what closes a paragraph or heading, and rules between parts, which have no words

    def _put(self, *blocks: Block) -> None:
        self._around[-1].blocks.extend(blocks)

    def _close(self, done: _Around) -> None:
        outer = self._around[-1]
        match done.kind:
            case "item":
                outer.items.append(tuple(done.blocks) or (paragraph(""),))
            case "list":
                outer.blocks.append(ItemList(tuple(done.items), done.ordered, done.start))
            case _ if done.blocks:
                outer.blocks.append(Quote(tuple(done.blocks)))

    def _heading(self, level: int, content: str) -> None:
        spans = self._inline.spans(content)
        if not spans:
            return
        if len(self._around) > 1:  # no part of the report begins inside of a quote or a list
            self._put(Paragraph(tuple(_bold(one) for one in spans)))
        else:
            self._put(Heading(min(level, MOST_HEADINGS), spans))

    def _paragraph(self, content: str) -> None:
        here, box = self._around[-1], ""
        if here.kind == "item" and not here.blocks and (found := _TASK.match(content)):
            box, content = "☐ " if found[1] == " " else "☑ ", content[found.end() :]
        for part in self._inline.parts(content):
            if isinstance(part, Picture):
                self._put(part)
            else:
                self._put(Paragraph((Span(box), *part) if box else part))
                box = ""
        if box:
            self._put(paragraph(box.strip()))

    def _code(self, token: Token) -> None:
        language, _, more = self._taken.whole(token.info).strip().partition(" ")
        if more.strip():
            self._put(Paragraph((Span(more.strip(), code=True),)))
        self._put(Code(self._taken.whole(token.content).removesuffix("\n"), language))

    def _table(self, tokens: Iterator[Token]) -> Table:
        """Rows as they are: those that are too short are filled up, and columns are added for those too long."""
        rows: list[list[str]] = []
        right: list[bool] = []
        row: Token | None = None
        for token in tokens:
            match token.type:
                case "table_close":
                    break
                case "tr_open":
                    row = token
                    rows.append([])
                case "th_open":
                    right.append("right" in str(token.attrs.get("style", "")))
                case "inline":
                    rows[-1].append(self._inline.text(token.content))
                case "tr_close" if row is not None:
                    rows[-1] += [self._inline.text(one) for one in more_cells(row)]
        return table_of(rows[0], rows[1:], self._words, right=right)


def table_of(titles: list[str], rows: list[list[str]], words: Words, *, right: list[bool] | None = None) -> Table:
    """A table of texts, each row as long as the longest; `right` says of the first columns which hold numbers."""
    width = max(len(titles), *(len(one) for one in rows), 1) if rows else max(len(titles), 1)
    filled = [[*row, *[""] * (width - len(row))] for row in (titles, *rows)]
    set_right = [*(right or ()), *[False] * width]
    columns = tuple(
        Column(title, number=set_right[at], wide=not set_right[at] and any(len(row[at]) > _WIDE for row in filled))
        for at, title in enumerate(filled[0])
    )
    columns = with_room(columns, [[len(row[at]) for row in filled] for at in range(width)])
    said = words.listed(one for one in titles if one) or words.say("Table")
    return Table(said, columns, tuple(tuple(Cell(text) for text in row) for row in filled[1:]))


def with_room(columns: tuple[Column, ...], lengths: Sequence[Sequence[int]]) -> tuple[Column, ...]:
    """Where no column holds sentences, the longest of texts takes the room that is left; `lengths` are of its cells."""
    texts = [at for at, one in enumerate(columns) if not one.number]
    if not texts or any(one.wide for one in columns):
        return columns
    widest = max(texts, key=lambda at: max(lengths[at], default=0))
    return tuple(replace(one, wide=True) if at == widest else one for at, one in enumerate(columns))


def _bold(span: Span) -> Span:
    return Span(span.text, True, span.italic, span.code, span.struck, span.link)


def text_in(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Every text of blocks that documents are made of, in reading order."""
    for block in blocks:
        match block:
            case Heading() | Paragraph():
                yield "".join(span.text for span in block.spans)
            case ItemList():
                for item in block.items:
                    yield from text_in(item)
            case Quote():
                yield from text_in(block.blocks)
            case Code():
                yield block.text
            case Table():
                yield from (column.title for column in block.columns)
                yield from (cell.text for row in block.rows for cell in row)
            case Picture():
                yield from (block.alt, block.caption)
            case _:
                pass
