"""Makes paragraphs of blocks of text, and lets them flow through columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.deliverables.content import Block, Code, Heading, ItemList, Note, Paragraph, Quote, Tone
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.text import Para, Run, clean, runs_of
from core.deliverables.words import Words

STEP = 1.5
"""Indent of one level, in font sizes."""
_SIGNS = "•–"


@dataclass(frozen=True)
class Prose:
    """Text that stands together, in a size that was not chosen yet."""

    paras: tuple[Para, ...]

    def at(self, size: float) -> tuple[Para, ...]:
        """In this size; headings and code keep their proportion to it."""
        scale = size / BASE
        return tuple(
            replace(one, size=round(one.size * scale, 1), indent=one.indent * scale, before=one.before * scale)
            for one in self.paras
        )


BASE = 16.0


def parts_of(blocks: Sequence[Block], words: Words) -> Iterator[Prose | Block]:
    """Text put together, and between it the blocks that are drawn; those inside of lists and quotes come after them."""
    held: list[Para] = []
    for one in _flat(blocks, words, 0, quoted=False):
        if isinstance(one, Para):
            held.append(one)
        else:
            if held:
                yield Prose(tuple(held))
            held = []
            yield one
    if held:
        yield Prose(tuple(held))


def note_paras(note: Note, words: Words, size: float) -> tuple[Para, ...]:
    """A remark with the word that says what it is."""
    warns = note.tone is Tone.WARNING
    word = words.say("Warning") if warns else words.say("Note")
    return (Para((Run(f"{word}: ", bold=True, colour="" if warns else "accent1"), *runs_of(note.spans)), size),)


def columns_of(
    paras: Sequence[Para], fitting: Fitting, width: float, height: float
) -> Iterator[tuple[tuple[Para, ...], float]]:
    """The paragraphs cut into columns of this size, with the height each uses.

    No heading is left at the end of a column, and no single line of a paragraph alone at either end of one.
    """
    rest = deque((one, fitting.breaks(one, width)) for one in paras)
    while rest:
        column: list[Para] = []
        used = 0.0
        while rest:
            one, starts = rest[0]
            before = one.before if column else 0
            room = int((height - used - before + 0.01) / one.line)
            if len(starts) <= room:
                rest.popleft()
                column.append(one)
                used += before + len(starts) * one.line
                continue
            room = _where(len(starts), room, alone=not column)
            if room:
                head, tail = one.cut(starts[room])
                rest[0] = tail, [at - starts[room] for at in starts[room:]]
                column.append(head)
                used += before + room * one.line
            break
        while rest and len(column) > 1 and column[-1].keep:
            last = column.pop()
            used -= last.before + fitting.lines(last, width) * last.line
            rest.appendleft((last, fitting.breaks(last, width)))
        yield tuple(column), used


def _where(lines: int, room: int, *, alone: bool) -> int:
    """After how many lines to cut a paragraph that has room for `room` of them; 0 to begin it in the next column."""
    fair = min(room, lines - 2)
    if fair >= 2:
        return fair
    return max(room, 1) if alone else 0


def _flat(blocks: Sequence[Block], words: Words, level: int, *, quoted: bool) -> Iterator[Para | Block]:
    indent = level * STEP * BASE
    for block in blocks:
        match block:
            case Heading():
                size = BASE + (4, 2, 0, 0)[min(max(block.level, 1), 4) - 1]
                yield Para(runs_of(block.spans, bold=True), size, indent, before=size * 0.9, keep=True)
            case Paragraph():
                if block.spans:
                    runs = runs_of(block.spans)
                    if quoted:
                        runs = tuple(replace(run, italic=True, colour="muted") for run in runs)
                    yield Para(runs, BASE, indent, before=BASE * 0.5)
            case Note() if level:  # elsewhere it is drawn, and never goes to the appendix with the text
                (one,) = note_paras(block, words, BASE)
                yield replace(one, indent=indent, before=BASE * 0.5)
            case Code():
                text = clean(block.text).expandtabs(4).strip("\n")
                yield Para((Run(text, code=True),), BASE - 3, indent + BASE / 2, before=BASE * 0.6)
            case Quote():
                yield from _flat(block.blocks, words, level + 1, quoted=True)
            case ItemList():
                for number, item in enumerate(block.items, start=block.start):
                    yield from _item(item, f"#{number}" if block.ordered else _SIGNS[level % 2], words, level, quoted)
            case _:
                yield block


def _item(item: Sequence[Block], bullet: str, words: Words, level: int, quoted: bool) -> Iterator[Para | Block]:
    marked = False
    for one in _flat(item, words, level + 1, quoted=quoted):
        if isinstance(one, Para) and not marked and not one.bullet:
            marked = True
            one = replace(one, bullet=bullet, before=BASE * 0.3)
        yield one
