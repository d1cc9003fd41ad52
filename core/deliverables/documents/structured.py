"""Documents of automated runs as blocks of a report: fields by their labels, records as tables, texts as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.deliverables.content import (
    Block,
    Cell,
    Code,
    Column,
    Heading,
    ItemList,
    Paragraph,
    Span,
    Table,
    paragraph,
    plain,
)
from core.deliverables.documents.markdown import MOST_HEADINGS, blocks_of, with_room
from core.deliverables.documents.pictures import PictureReader
from core.deliverables.gathering.legible import legible, line
from core.deliverables.words import Words
from core.executions.automated.run_documents import label_of_field, ordered

MOST_DEEP = 6
"""Objects and lists in each other; what lies deeper is there line by line, each value with the way to it."""
MOST_COLUMNS = 6
_SHORT = 80
"""A text up to here stands beside its label, or in a cell."""
_WIDE = 32
_MOST_DIGITS = 15
_NAMING = ("title", "name", "label", "id")
_ALONE = frozenset({"markdown", "text", "content", "body", "document"})
"""The only field of an object that is nothing but a text."""
_NAMES = re.compile(r"(?:^|_)(?:id|year|number|no|code|port|zip|version|phone)$", re.IGNORECASE)
"""Fields whose numbers name something, and are written without separators."""
_MARKDOWN = re.compile(
    r"""^\ {0,3}(?:\#{1,6}\ |[-*+]\ |\d{1,9}[.)]\ |>|```|~~~|\|.*\|\s*$|(?:---+|\*\*\*+|===+)\s*$)"""
    r"""|\*\*[^\s*].*?\*\*|__[^\s_].*?__|`[^`\n]+`|!?\[[^\]\n]*\]\([^)\n]+\)|~~[^~\n]+~~""",
    re.MULTILINE | re.VERBOSE,
)


def document_blocks(
    content: Any,
    words: Words,
    *,
    schema: Mapping[str, Any] | None = None,
    pictures: PictureReader | None = None,
    literal: bool = False,
) -> tuple[Block, ...]:
    """All of a document, whatever its shape; `schema` gives the order of fields and which texts are Markdown.

    `literal`: no text is Markdown, each stands there letter by letter.
    """
    if not _too_deep(content):
        content = ordered(content, schema or {})
    return tuple(_Document(words, pictures, literal).blocks(content, schema or {}, 1))


def text_blocks(text: str, words: Words, *, pictures: PictureReader | None = None) -> tuple[Block, ...]:
    """A text that people or models wrote: Markdown where it looks like it, else its paragraphs with their line ends."""
    if _MARKDOWN.search(text):
        return blocks_of(text, pictures=pictures, words=words)
    parts = (part.strip("\n") for part in re.split(r"\n[ \t]*\n", legible(text)))
    return tuple(paragraph(part) for part in parts if part.strip())


def value_text(value: Any, words: Words, *, field: str = "") -> str:
    """One value in words, exactly; the numbers of `id`, `year` and their like as they are."""
    match value:
        case None:
            return "–"
        case bool():
            return words.say("yes") if value else words.say("no")
        case int() | float() | Decimal():
            return _number(Decimal(str(value)), words, field)
        case _:
            return legible(str(value))


class _Document:
    def __init__(self, words: Words, pictures: PictureReader | None, literal: bool) -> None:
        self._words, self._pictures, self._literal = words, pictures, literal

    def blocks(self, value: Any, schema: Any, level: int) -> Iterator[Block]:
        """`level`: of the headings inside of it."""
        if isinstance(value, (Mapping, list)) and not value:
            yield Paragraph((Span(self._words.say("none"), italic=True),))
        elif isinstance(value, (Mapping, list)) and level > MOST_DEEP:
            yield Code("\n".join(_lines(value, self._words)))
        elif isinstance(value, Mapping):
            yield from self._object(value, schema, level)
        elif isinstance(value, list):
            yield from self._list(value, schema, level, "")
        elif isinstance(value, str):
            yield from self._text(value, schema, level)
        else:
            yield paragraph(value_text(value, self._words))

    def _object(self, value: Mapping[str, Any], schema: Any, level: int) -> Iterator[Block]:
        ((name, only), *more) = value.items()
        if not more and isinstance(only, str) and str(name).lower() in _ALONE:
            yield from self._text(only, _field(schema, name), level)
            return
        for name, one in value.items():
            label, below = _label(schema, name), _field(schema, name)
            if _is_short(one):
                yield Paragraph((Span(f"{label}: ", bold=True), *plain(value_text(one, self._words, field=str(name)))))
                continue
            table = self._table(one, below, label) if isinstance(one, list) else None
            if table is not None:
                yield table
                continue
            yield self._heading(label, level)
            if isinstance(one, list) and one and level < MOST_DEEP:
                yield from self._list(one, below, level + 1, label)
            else:
                yield from self.blocks(one, below, level + 1)

    def _list(self, value: Sequence[Any], schema: Any, level: int, label: str) -> Iterator[Block]:
        below = schema.get("items") if isinstance(schema, Mapping) else None
        table = self._table(value, schema, label or self._words.say("Entries"))
        if table is not None:
            yield table
        elif not any(isinstance(one, Mapping) for one in value):
            inside = max(level, MOST_HEADINGS) + 1
            yield ItemList(tuple(tuple(self.blocks(one, below, inside)) or (paragraph(""),) for one in value))
        else:
            for number, one in enumerate(value, start=1):
                yield self._heading(f"{number}. {self._name(one)}".strip(), level)
                yield from self.blocks(one, below, level + 1)

    def _table(self, value: Sequence[Any], schema: Any, title: str) -> Table | None:
        """Records whose fields are all short, with few fields in all; None for everything else."""
        if not value or not all(isinstance(one, Mapping) and one for one in value):
            return None
        names = dict.fromkeys(name for one in value for name in one)
        if len(names) > MOST_COLUMNS or not all(_fits_cell(field) for one in value for field in one.values()):
            return None
        below = schema.get("items") if isinstance(schema, Mapping) else None
        rows = tuple(tuple(self._cell(one[name], name) if name in one else Cell("") for name in names) for one in value)
        columns = tuple(
            Column(
                _label(below, name),
                number=_all_numbers(value, name),
                wide=any(len(row[at].text) > _WIDE for row in rows),
            )
            for at, name in enumerate(names)
        )
        lengths = [[len(row[at].text) for row in rows] for at in range(len(columns))]
        return Table(title, with_room(columns, lengths), rows)

    def _cell(self, value: Any, name: str) -> Cell:
        if isinstance(value, list):
            return Cell("; ".join(line(value_text(one, self._words, field=name)) for one in value))
        text = value_text(value, self._words, field=name)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return Cell(line(text), Decimal(str(value)) if number else None)

    def _text(self, text: str, schema: Any, level: int) -> Iterator[Block]:
        kind = schema.get("contentMediaType", schema.get("format")) if isinstance(schema, Mapping) else None
        found: tuple[Block, ...]
        if kind in ("markdown", "text/markdown") and not self._literal:
            found = blocks_of(text, pictures=self._pictures, words=self._words)
        elif kind == "text/plain" or self._literal:
            found = (paragraph(legible(text)),) if text.strip() else ()
        else:
            found = text_blocks(text, self._words, pictures=self._pictures)
        for block in found or (paragraph("–"),):
            if not isinstance(block, Heading):
                yield block
            elif level > MOST_HEADINGS:
                yield Paragraph(tuple(Span(s.text, True, s.italic, s.code, s.struck, s.link) for s in block.spans))
            else:  # its own headings stand below the one of its field
                yield Heading(min(block.level + level - 1, MOST_HEADINGS), block.spans)

    def _heading(self, text: str, level: int) -> Block:
        if level > MOST_HEADINGS:
            return Paragraph((Span(text, bold=True),))
        return Heading(level, plain(text))

    def _name(self, record: Any) -> str:
        if not isinstance(record, Mapping):
            return ""
        found = next(
            (record[name] for name in _NAMING if isinstance(record.get(name), (str, int)) and record[name]), ""
        )
        text = line(value_text(found, self._words, field="id"))
        return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _SHORT and "\n" not in value and _MARKDOWN.search(value) is None
    return not isinstance(value, (Mapping, list))


def _fits_cell(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= MOST_COLUMNS and all(not isinstance(one, list) and _fits_cell(one) for one in value)
    if isinstance(value, str):
        return len(value) <= 3 * _SHORT and "\n" not in value and _MARKDOWN.search(value) is None
    return not isinstance(value, Mapping)


def _all_numbers(records: Sequence[Mapping[str, Any]], name: str) -> bool:
    found = [one[name] for one in records if one.get(name) is not None]
    return bool(found) and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in found)


def _label(schema: Any, name: Any) -> str:
    titled = _field(schema, name)
    title = titled.get("title") if isinstance(titled, Mapping) else None
    return line(title if isinstance(title, str) and title.strip() else label_of_field(str(name))) or "–"


def _field(schema: Any, name: Any) -> Any:
    fields = schema.get("properties") if isinstance(schema, Mapping) else None
    return fields.get(name) if isinstance(fields, Mapping) else None


def _number(value: Decimal, words: Words, field: str) -> str:
    """With all its decimals; what is longer than people read stays as it was written."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _MOST_DIGITS or value.adjusted() > _MOST_DIGITS:
        return str(value)
    if _NAMES.search(field):
        return f"{value:f}"
    return words.number(value, digits=max(0, -exponent))


def _too_deep(content: Any) -> bool:
    """Whether going down into it call by call would not end well."""
    level, depth = [content], 0
    while level and depth <= 100:
        level = [
            below
            for one in level
            if isinstance(one, (Mapping, list))
            for below in (one.values() if isinstance(one, Mapping) else one)
            if isinstance(below, (Mapping, list))
        ]
        depth += 1
    return bool(level)


def _lines(content: Any, words: Words) -> Iterator[str]:
    """Each value with the way to it, however deep it lies."""
    waiting: list[tuple[str, Any]] = [("", content)]
    while waiting:
        way, one = waiting.pop()
        if isinstance(one, (Mapping, list)) and one:
            pairs = one.items() if isinstance(one, Mapping) else enumerate(one, start=1)
            below = [(f"{way}.{line(str(name))}".removeprefix("."), value) for name, value in pairs]
            waiting.extend(reversed(below))
        else:
            said = words.say("none") if isinstance(one, (Mapping, list)) else value_text(one, words)
            yield f"{way}: {said}"
