"""Blocks of the content model as plain values of the template, headings without a jump, nothing nested too deep."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from PIL import Image

from core.deliverables.charts.drawing import Drawing, drawings_of
from core.deliverables.content import (
    Approval,
    Approvals,
    Block,
    Cell,
    Chart,
    ChartKind,
    Code,
    Column,
    Heading,
    ItemList,
    Metric,
    Metrics,
    Note,
    Paragraph,
    Picture,
    Quote,
    Section,
    Table,
    Timeline,
    text_of,
)
from core.deliverables.look import Look
from core.deliverables.typesetting.charts import CUT, can_be_tagged, drawn_with, told_of
from core.deliverables.typesetting.columns import shares, text_size
from core.deliverables.typesetting.texts import Setter
from core.deliverables.words import Words, term
from core.text import can_be_seen

Told = dict[str, Any]

DEEPEST_HEADING = 6
DEEPEST_NESTING = 6
ROWS_AT_ONCE = 250
"""A longer table is set as several below each other: one of 10,000 rows would take three times as long and as much memory."""
_TALLEST = 430.0
MOST_COLUMNS = 60
"""Of a table: a page has no room for more, and typst needs their square."""
_PIXELS_A_POINT = 1.6
_FEW_ROWS, _FEW_LETTERS = 14, 1_500
"""A table or card of no more stays on one page."""
_SHORT_NAME = 12
"""Letters of a category that leaves room for figures in columns beside each other: "17 Nov 2025"."""


class BlockTeller:
    """Tells blocks, and collects the files that the template reads."""

    def __init__(self, look: Look, words: Words, setter: Setter, width: float) -> None:
        self.files: dict[str, bytes] = {}
        self.remarks: list[str] = []
        self._look = look
        self._words = words
        self._set = setter
        self._width = width
        self._level = 0

    def section(self, section: Section, depth: int) -> Iterator[Told]:
        title = section.title if can_be_seen(section.title) else self._words.say("Untitled")
        yield self.heading([{"t": self._set.pieces(title)}], depth, key=section.key, outlined=depth <= 2)
        if section.lead:
            yield {"kind": "lead", "text": self._set.pieces(section.lead)}
        for block in section.blocks:
            yield from self._told(block, depth, 0)

    def heading(self, spans: Sequence[Told], level: int, *, key: str = "", outlined: bool = False) -> Told:
        """At most one level below the heading before it, which PDF/UA asks for."""
        self._level = max(1, min(level, self._level + 1, DEEPEST_HEADING))
        return {"kind": "heading", "level": self._level, "spans": spans, "key": key, "outlined": outlined}

    def picture(self, picture: Picture) -> Told | None:
        """None where the bytes are no picture."""
        name = f"picture-{len(self.files)}.{'png' if picture.media_type == 'image/png' else 'jpg'}"
        try:
            with Image.open(io.BytesIO(picture.data), formats=["PNG", "JPEG"]) as held:
                held.load()
                size, format_ = held.size, held.format
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            return None
        if not min(size) or format_ != ("PNG" if picture.media_type == "image/png" else "JPEG"):
            return None
        self.files[name] = picture.data
        return {"file": name, "width": size[0] / _PIXELS_A_POINT, "height": size[1] / _PIXELS_A_POINT}

    def table(self, table: Table, *, small: bool = False) -> Iterator[Told]:
        count = max([len(table.columns), *(len(row) for row in table.rows)])
        if not count:
            return
        if count > MOST_COLUMNS:
            yield from self._row_by_row(table)
            return
        columns = [*table.columns, *([None] * (count - len(table.columns)))]
        longest = 23 if count <= 3 else 16 if count <= 5 else 11 if count <= 8 else 8
        pieces = self._set.pieces
        told = {
            "kind": "table",
            "title": pieces(table.title),
            "titles": [pieces(one.title, longest=longest) if one else "" for one in columns],
            "numbers": [bool(one and one.number) for one in columns],
            "shares": shares(
                table, self._width, 7.5 if small or count > 6 else 9, fixed=len(table.rows) > ROWS_AT_ONCE
            ),
            "note": "",
            "small": small,
            "size": text_size(count, small),
        }
        parts = range(0, max(1, len(table.rows)), ROWS_AT_ONCE)
        for first in parts:
            rows = [
                [pieces(cell.text, longest=longest) for cell in row] + [""] * (count - len(row))
                for row in table.rows[first : first + ROWS_AT_ONCE]
            ]
            last = first == parts[-1]
            whole = len(parts) == 1 and _stays_whole(rows, _FEW_ROWS)
            note = pieces(table.note) if last else ""
            yield {**told, "rows": rows, "first": not first, "last": last, "whole": whole, "note": note}

    def _row_by_row(self, table: Table) -> Iterator[Told]:
        """What no page is wide enough for: each row in a paragraph of its own."""
        rows = [[one.title for one in table.columns], *([cell.text for cell in row] for row in table.rows)]
        for texts in ([table.title], *rows, [table.note]):
            if said := " · ".join(one for one in texts if one):
                yield {"kind": "paragraph", "spans": [{"t": self._set.pieces(said)}]}

    def _blocks(self, blocks: Sequence[Block], depth: int, nested: int) -> list[Told]:
        return [told for block in blocks for told in self._told(block, depth, nested)]

    def _told(self, block: Block, depth: int, nested: int) -> Iterator[Told]:
        spans = self._set.spans
        match block:
            case Heading() if nested:
                yield {"kind": "paragraph", "spans": [{**span, "b": True} for span in spans(block.spans)]}
            case Heading():
                if can_be_seen(text_of(block.spans)):
                    yield self.heading(spans(block.spans), depth + block.level)
            case Paragraph():
                yield {"kind": "paragraph", "spans": spans(block.spans)}
            case ItemList() if nested >= DEEPEST_NESTING:
                for item in block.items:
                    yield from self._blocks(item, depth, nested)
            case ItemList():
                items = [self._blocks(item, depth, nested + 1) for item in block.items]
                yield {"kind": "list", "ordered": block.ordered, "start": max(0, block.start), "items": items}
            case Quote() if nested >= DEEPEST_NESTING:
                yield from self._blocks(block.blocks, depth, nested)
            case Quote():
                yield {"kind": "quote", "blocks": self._blocks(block.blocks, depth, nested + 1)}
            case Code():
                yield {"kind": "code", "lines": self._set.lines(block.text)}
            case Note():
                yield {"kind": "note", "tone": block.tone.value, "spans": spans(block.spans)}
            case Picture():
                yield self._shown(block)
            case Table():
                yield from self.table(block)
            case Chart():
                yield from self._chart(block)
            case Metrics() if not block.tiles:
                pass
            case Metrics():
                told = [self._tile(one) for one in block.tiles]
                whole = _stays_whole([list(one.values()) for one in told], _FEW_ROWS)
                yield {"kind": "metrics", "tiles": told, "whole": whole}
            case Timeline():
                yield {"kind": "timeline", "moments": [
                    {"at": self._set.pieces(one.at_text, longest=16), "title": self._set.pieces(one.title),
                     "text": self._set.pieces(one.text), "who": self._set.pieces(one.who)} for one in block.moments
                ]}  # fmt: skip
            case Approvals():
                yield {"kind": "approvals", "approvals": [self._approval(one) for one in block.approvals]}
            case _:
                assert_never(block)

    def _shown(self, picture: Picture) -> Told:
        told = self.picture(picture)
        if told is None:
            self.remarks.append(self._words.say("A picture cannot be shown: {alt}", alt=picture.alt))
            return {
                "kind": "missing",
                "text": self._set.pieces(picture.alt),
                "caption": self._set.pieces(picture.caption),
            }
        return {"kind": "picture", **told, "alt": self._alt(picture.alt), "caption": self._set.pieces(picture.caption)}

    def _chart(self, chart: Chart) -> Iterator[Told]:
        """The drawing, and the figures as text below it where not all of them stand in it."""
        size = (self._width, 190.0 if chart.chart is ChartKind.BARS else 210.0)
        shown = drawn_with(chart, self._set.drawable)
        drawings: tuple[Drawing, ...] = ()
        if can_be_tagged(shown):
            drawings = drawings_of(shown, self._look, size=size, language=self._words.language, tallest=_TALLEST)
        else:
            self.remarks.append(self._words.say("A chart is shown as a table: {title}", title=chart.title))
        names = [f"chart-{len(self.files)}-{at}.svg" for at in range(len(drawings))]
        self.files.update({name: one.svg.encode() for name, one in zip(names, drawings, strict=True)})
        with_table = shown.note == CUT or not drawings or not all(one.complete for one in drawings)
        tables = list(self.table(chart.as_table(), small=True)) if with_table else []
        yield {
            "kind": "chart",
            "title": self._set.pieces(chart.title),
            "drawings": [{"file": name, "width": one.width} for name, one in zip(names, drawings, strict=True)],
            "alt": self._alt(told_of(chart)),
            "tables": tables,
            "short": max((len(one) for one in chart.categories), default=0) <= _SHORT_NAME,
            "note": self._set.pieces(chart.note),
        }

    def _tile(self, metric: Metric) -> Told:
        bases = {"estimated": term("Estimated"), "measured": term("Measured"), "proven": term("Proven")}
        basis = self._words.say(bases[metric.basis]) if metric.basis else ""
        text = self._set.drawable(metric.text)
        return {
            "label": self._set.pieces(metric.label, longest=16), "text": self._set.pieces(metric.text, longest=14),
            "length": len(text), "note": self._set.pieces(metric.note, longest=18), "basis": metric.basis,
            "basis_text": basis,
        }  # fmt: skip

    def _approval(self, approval: Approval) -> Told:
        pieces = self._set.pieces
        votes = [
            [pieces(one.who, longest=16), pieces(one.word, longest=16), pieces(one.at_text, longest=16),
             pieces(one.reason, longest=20)] for one in approval.votes
        ]  # fmt: skip
        return {
            "whole": _stays_whole([[approval.subject, approval.rule, approval.result], *votes], _FEW_ROWS),
            "subject": pieces(approval.subject), "result": pieces(approval.result), "rule": pieces(approval.rule),
            "decided": pieces(approval.decided_text), "digest": pieces(approval.digest[:12]), "id": pieces(approval.id),
            "shares": shares(_votes(approval), self._width - 26, 7.5), "size": 7.5,
            "votes": votes,
        }  # fmt: skip

    def _alt(self, text: str) -> str:
        return self._set.line(text, 1000) or self._words.say("Picture")


def _stays_whole(rows: Sequence[Sequence[object]], most: int) -> bool:
    """Whether they certainly have room on one page, so that they need not be parted: what is kept whole is cut where it
    has none."""
    letters = sum(len("".join(one) if isinstance(one, list) else str(one)) for row in rows for one in row)
    return len(rows) <= most and letters <= _FEW_LETTERS and "\n" not in str(rows)


def _votes(approval: Approval) -> Table:
    rows = ((Cell(one.who), Cell(one.word), Cell(one.at_text), Cell(one.reason)) for one in approval.votes)
    return Table("", (Column(""), Column(""), Column(""), Column("", wide=True)), tuple(rows))
