"""Cuts a report into slides: the talk first, with what people look at, then an appendix in which every word stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.deliverables.content import (
    Approvals,
    Block,
    Cell,
    Chart,
    Column,
    Heading,
    ItemList,
    Metrics,
    Note,
    Paragraph,
    Picture,
    Report,
    Section,
    Span,
    Table,
    Timeline,
    plain,
)
from core.deliverables.look import Look
from core.deliverables.slides import boards
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.framing import Framing
from core.deliverables.slides.packing import packed
from core.deliverables.slides.pages import TALK_SIZES, Pages
from core.deliverables.slides.prose import Prose, columns_of, note_paras, parts_of
from core.deliverables.slides.shapes import BODY, GAP, LEFT, Box, Layout, Shape, Slide, Text
from core.deliverables.slides.text import clean, one_line
from core.deliverables.words import Words, term

READABLE = 740.0
"""Points: a longer line of text is hard to follow."""
TALK_ROWS = 2
"""Slides a table may take in the talk; a longer one stands in the appendix."""
_STRIP = 12.0


def slides_of(report: Report, look: Look) -> list[Slide]:
    """All slides in their order."""
    return _Deck(report, look).slides()


@dataclass
class _Piece:
    """What became of one section."""

    talk: list[Slide] = field(default_factory=list)
    annex: list[Slide] = field(default_factory=list)


class _Deck:
    def __init__(self, report: Report, look: Look) -> None:
        self._report = report
        self._words = Words(report.language, report.zone)
        self._fit = Fitting(look.body_font)
        self._frame = Framing(report, look, self._words)
        self._pages = Pages(self._frame, self._fit)

    def slides(self) -> list[Slide]:
        talk: list[Slide] = []
        annex: list[Slide] = []
        shown = [one for one in self._report.sections if not one.appendix]
        for number, section in enumerate(shown, start=1):
            piece = self._section(section, ())
            talk += self._frame.opened(section, str(number), piece.talk, annexed=bool(piece.annex))
            annex += piece.annex
        for section in self._report.sections:
            if section.appendix:
                piece = self._section(section, ())
                annex += piece.talk + piece.annex
        annex += [slide for table in self._records() for slide in self._pages.table(table, "", fine=True)]
        last = [self._frame.closing(shown)]
        if annex:
            last += [self._frame.annex(annex), *annex]
        groups = [(self._frame.cover(), *self._frame.agenda(shown, annexed=bool(annex))), talk, last]
        return [slide for group in groups for slide in group]

    def _section(self, section: Section, above: tuple[str, ...]) -> _Piece:
        """Its slides and those of the sections in it; `above` are the titles it stands under."""
        piece = _Piece()
        parts = list(parts_of(_with_short_ones(section), self._words))
        eyebrow = " · ".join(above)
        short = self._is_short([one for one in parts if isinstance(one, Prose)])
        stack: list[Prose | Metrics | Note] = []

        def flush() -> None:
            if stack:
                piece.talk.extend(self._stacked(section.title, eyebrow or section.title, stack))
                stack.clear()

        long: list[Prose] = []
        for one in parts:
            if isinstance(one, Note):
                stack.append(one)
                continue
            if isinstance(one, Prose) and not short:
                long.append(one)
                continue
            if isinstance(one, Prose | Metrics):
                stack.append(one)
                continue
            if isinstance(one, Picture) and len(stack) == 1 and isinstance(stack[0], Prose):
                beside = self._pages.beside(stack[0], one, section.title, eyebrow or section.title)
                if beside is not None:
                    stack.clear()
                    piece.talk.append(beside)
                    continue
            notes = [held for held in stack if isinstance(held, Note)]
            room, foot = self._with_strip(notes if len(notes) == len(stack) else [])
            if foot:
                stack.clear()
            flush()
            self._board(one, section.title, eyebrow or section.title, piece, room, foot)
        flush()
        if long:
            paras = tuple(para for one in long for para in one.paras)
            piece.annex[:0] = self._text(Prose(paras), section.title, eyebrow)
        piece.talk = packed(piece.talk, one_line(section.title), self._fit)
        piece.annex = packed(piece.annex, one_line(section.title), self._fit)
        for inner in (one for one in section.sections if not _is_text(one)):
            within = self._section(inner, (*above, section.title))
            piece.talk += within.talk
            piece.annex += within.annex
        lead = (clean(section.lead),) if section.lead else ()
        piece.talk = [replace(one, notes=(*one.notes, *lead), group=section.title) for one in piece.talk]
        return piece

    def _is_short(self, texts: Sequence[Prose]) -> bool:
        """Whether all text of a section has room on one slide of the talk."""
        paras = [para for one in texts for para in one.at(TALK_SIZES[-1])]
        return sum(len(one.text) for one in paras) < 4000 and self._fit.height(paras, READABLE) <= BODY.height

    def _board(self, block: object, title: str, eyebrow: str, piece: _Piece, room: Box, foot: Sequence[Shape]) -> None:
        """One block that is looked at; `foot` holds the remarks that go with it, below its `room`."""
        match block:
            case Chart():
                made = self._pages.chart(block, eyebrow, room)
            case Picture():
                made = [self._pages.picture(block, title, eyebrow, room)]
            case Timeline():
                rows = boards.moments(block, self._fit, room)
                if rows is None or len(rows) > 24:
                    made = self._pages.table(
                        boards.moments_table(block, self._words, title), eyebrow, fine=True, room=room
                    )
                    piece.annex += _footed(made, foot)
                    return
                made = self._pages.rows(rows, title, eyebrow, room)
            case Approvals():
                told = boards.approvals_table(block, self._words, title)
                digests = tuple(
                    f"{clean(one.subject)}: SHA-256 {one.digest} ({clean(one.id)})" for one in block.approvals
                )
                self._tabled(told, eyebrow, piece, room, foot, digests)
                return
            case Table():
                self._tabled(block, eyebrow, piece, room, foot, ())
                return
            case _:
                raise AssertionError(block)
        piece.talk += _footed(made, foot)

    def _tabled(
        self, table: Table, eyebrow: str, piece: _Piece, room: Box, foot: Sequence[Shape], notes: tuple[str, ...]
    ) -> None:
        made = self._pages.table(table, eyebrow, room=room, notes=notes) if len(table.rows) < 60 else []
        if 0 < len(made) <= TALK_ROWS:
            piece.talk += _footed(made, foot)
        else:
            piece.annex += _footed(self._pages.table(table, eyebrow, fine=True, room=room, notes=notes), foot)

    def _with_strip(self, notes: Sequence[Note]) -> tuple[Box, tuple[Shape, ...]]:
        """What is left of a slide's body above these remarks, and the remarks; nothing of them where they are long, and
        so stand on a slide of their own."""
        if not notes:
            return BODY, ()
        paras = tuple(para for one in notes for para in note_paras(one, self._words, 12))
        (column, used), *more = columns_of(paras, self._fit, BODY.width - 2 * _STRIP, BODY.height / 3)
        if more:
            return BODY, ()
        height = used + 2 * _STRIP
        box = Box(BODY.x, BODY.y + BODY.height - height, BODY.width, height)
        return replace(BODY, height=BODY.height - height - GAP), (Text(box, column, "Note", fill="bg2", inset=_STRIP),)

    def _text(self, prose: Prose, title: str, eyebrow: str) -> Iterator[Slide]:
        """Text in two columns, or in one where it is short; every word of it."""
        if self._is_short([prose]):
            yield from self._stacked(title, eyebrow, [prose])
            return
        columns = [column for column, _ in columns_of(prose.at(13), self._fit, LEFT.width, LEFT.height)]
        count = -(-len(columns) // 2)
        for number in range(count):
            left, *right = columns[2 * number : 2 * number + 2]
            places = tuple(
                Text(self._frame.side(at), paras, "Text", place=11 + at) for at, paras in enumerate((left, *right))
            )
            yield self._frame.titled(Layout.COLUMNS, title, places, (), eyebrow, number + 1, count)

    def _stacked(self, title: str, eyebrow: str, parts: Sequence[Prose | Metrics | Note]) -> Iterator[Slide]:
        """Text, remarks and figures below each other, on as many slides as they need."""
        if len(parts) == 1 and isinstance(parts[0], Prose):
            for size in TALK_SIZES:
                paras = parts[0].at(size)
                if self._fit.height(paras, READABLE) <= BODY.height:
                    yield self._frame.titled(
                        Layout.CONTENT,
                        title,
                        (Text(replace(BODY, width=READABLE), paras, "Text", place=11),),
                        (),
                        eyebrow,
                    )
                    return
        rows: list[boards.Row] = []
        notes: list[str] = []
        for part in parts:
            match part:
                case Metrics():
                    rows += boards.tiles(part.tiles, self._words, self._fit, BODY)
                    for one in part.tiles:
                        basis = boards.basis_word(one, self._words)
                        told = "; ".join(clean(text) for text in (one.text, basis, one.note) if text)
                        notes.append(f"{clean(one.label)}: {told}")
                case Note():
                    paras = note_paras(part, self._words, 13)
                    for column, used in columns_of(paras, self._fit, BODY.width - 2 * _STRIP, BODY.height - 2 * _STRIP):
                        high = used + 2 * _STRIP
                        text = Text(Box(BODY.x, 0, BODY.width, high), column, "Note", fill="bg2", inset=_STRIP)
                        rows.append(boards.Row((text,), high))
                case Prose():
                    for column, used in columns_of(part.at(TALK_SIZES[-1]), self._fit, READABLE, BODY.height):
                        rows.append(boards.Row((Text(Box(BODY.x, 0, READABLE, used), column, "Text"),), used))
        yield from self._pages.rows(rows, title, eyebrow, BODY, gap=GAP * 2 / 3, notes=tuple(notes))

    def _records(self) -> Iterator[Table]:
        """What the report was made of, and the audit entries about it."""
        say = self._words.say
        if self._report.sources:
            columns = (Column(say("Source"), wide=True), Column(say("Id")), Column("SHA-256", wide=True))
            rows = tuple((Cell(one.what), Cell(one.id), Cell(one.digest)) for one in self._report.sources)
            yield Table(say("What this was made of"), columns, rows)
        if self._report.audit:
            heads = ("No.", "When", "Who", "Event", "Subject", "Hash", term("Previous hash"))
            told = tuple(Column(say(head), wide="ash" in head) for head in heads)
            lines = tuple(
                tuple(
                    map(
                        Cell,
                        (str(one.sequence), one.at_text, one.who, one.event, one.subject, one.hash, one.previous_hash),
                    )
                )
                for one in self._report.audit
            )
            yield Table(say("Audit entries"), told, lines)


def _is_text(section: Section) -> bool:
    """Whether it is nothing but a little text, which needs no slide of its own."""
    return not section.sections and all(isinstance(one, Paragraph | ItemList) for one in section.blocks)


def _with_short_ones(section: Section) -> tuple[Block, ...]:
    """Its blocks, with those of the sections in it that are only text, below a heading each."""
    blocks = section.blocks
    for one in section.sections:
        if _is_text(one):
            lead = (Paragraph((Span(one.lead, italic=True),)),) if one.lead else ()
            blocks = (*blocks, Heading(1, plain(one.title)), *lead, *one.blocks)
    return blocks


def _footed(slides: Sequence[Slide], foot: Sequence[Shape]) -> list[Slide]:
    return [replace(one, shapes=(*one.shapes, *foot)) for one in slides]
