"""What a project's items say, word for word as approved or planned: equal texts once, with everybody they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.canonical import canonical_json, digest
from core.connectors.plan import Change, Plan
from core.deliverables.content import (
    Block,
    Cell,
    Code,
    Column,
    Heading,
    Paragraph,
    Quote,
    Section,
    Span,
    Spans,
    Table,
    paragraph,
    plain,
)
from core.deliverables.sources.project.items import STATES, Item, channel_name
from core.deliverables.words import Words

MOST_IN_FRONT = 20
"""Texts of one channel that stand in the report's body; the others follow in the appendix."""

_FEW = 6


@dataclass
class _Content:
    """One text, and the items that carry it."""

    plan: Plan
    items: list[Item] = field(default_factory=list)


def contents(words: Words, items: Sequence[Item], *, approved: bool) -> tuple[Section | None, Section | None]:
    """(The body's, the appendix's); None where there is nothing to say. `approved`: the project was started."""
    front: list[Section] = []
    back: list[Section] = []
    for number, (kind, found) in enumerate(sorted(_by_kind(items).items()), 1):
        name = channel_name(words, kind)
        for where, key, part in ((front, "said", found[:MOST_IN_FRONT]), (back, "more", found[MOST_IN_FRONT:])):
            if part:
                blocks = [block for one in part for block in _told(words, one)]
                if where is front and len(found) > len(part):
                    rest = words.say("{n} further texts are in the appendix.", n=len(found) - len(part))
                    blocks.append(paragraph(rest))
                where.append(Section(f"{key}-{number}", name, tuple(blocks)))
    say = words.say
    n = sum(map(len, _by_kind(items).values()))
    if approved:
        title, lead = say("What was said"), say("{n} different texts, each as it was approved.", n=n)
    else:
        title, lead = say("What is planned"), say("{n} different texts, each as it is planned now.", n=n)
    body = Section("contents", title, (), tuple(front), lead) if front else None
    more = Section("more-contents", say("Further texts"), (), tuple(back), appendix=True) if back else None
    return body, more


def _by_kind(items: Sequence[Item]) -> Mapping[str, list[_Content]]:
    """The most frequent text of each channel first."""
    found: dict[str, dict[str, _Content]] = {}
    for one in items:
        if one.plan is not None:
            same = found.setdefault(one.view.kind, {})
            same.setdefault(_text_of(one.plan), _Content(one.plan)).items.append(one)
    return {kind: sorted(same.values(), key=lambda one: -len(one.items)) for kind, same in found.items()}


def _text_of(plan: Plan) -> str:
    """What must be equal for two items to say the same: everything but whom it goes to."""
    if plan.message is not None:
        told = (plan.message.sender, plan.message.subject, plan.message.text, plan.message.html)
        extra = [(one.label, one.after) for one in plan.changes if one.field.startswith("attachments.")]
        return canonical_json([plan.operation, plan.account, told, extra])
    return canonical_json(
        [plan.operation, plan.account, plan.summary, [(one.label, one.before, one.after) for one in plan.changes]]
    )


def _told(words: Words, content: _Content) -> list[Block]:
    plan, say = content.plan, words.say
    message = plan.message
    blocks: list[Block] = [Heading(1, plain(message.subject if message and message.subject else plan.summary))]
    if message is not None:
        blocks.append(_labelled(say("From"), message.sender))
        attached = [one for one in plan.changes if one.field.startswith("attachments.")]
        blocks.extend(_labelled(say("Attached"), str(one.after)) for one in attached)
        if lines := _lines(message.text):
            blocks.append(Quote(lines))
            if message.html is not None:
                blocks.append(_labelled(say("HTML version (SHA-256)"), digest(message.html)))
        elif message.html is not None:
            blocks.append(Code(message.html, "html"))
    elif plan.changes:
        blocks.append(_changes(words, plan.changes))
    blocks.append(_recipients(words, content))
    return blocks


def _recipients(words: Words, content: _Content) -> Block:
    """Whom it is for and what became of it: as a line for a few, as a table for many."""
    say = words.say
    lines = [(_whom(one), say(STATES[one.view.state]), one.view.reference or "") for one in content.items]
    if len(lines) <= _FEW:
        said = "; ".join(f"{whom} ({', '.join(filter(None, rest))})" for whom, *rest in lines)
        return _labelled(say("To") if content.plan.message else say("Items"), said)
    columns = (
        Column(say("To") if content.plan.message else say("Item"), wide=True),
        Column(say("State")),
        Column(say("Reference")),
    )
    rows = tuple(tuple(Cell(part) for part in line) for line in lines)
    return Table(say("{n} items say this", n=len(lines)), columns, rows)


def _whom(item: Item) -> str:
    message = item.plan.message if item.plan is not None else None
    return ", ".join(message.recipients) if message is not None and message.recipients else item.view.key


def _changes(words: Words, changes: Sequence[Change]) -> Table:
    say = words.say
    columns = (Column(say("Field")), Column(say("Before"), wide=True), Column(say("After"), wide=True))
    rows = tuple((Cell(one.label), Cell(_value(one.before)), Cell(_value(one.after))) for one in changes)
    return Table(say("What it changes"), columns, rows)


def _value(value: object) -> str:
    if value is None:
        return "–"
    return (
        value
        if isinstance(value, str)
        else str(value)
        if isinstance(value, int | float | Decimal)
        else canonical_json(value)
    )


def _lines(text: str) -> tuple[Paragraph, ...]:
    """Line by line: a letter's line ends are part of it. Empty lines only part it."""
    return tuple(paragraph(line) for line in text.splitlines() if line.strip())


def _labelled(label: str, text: str) -> Paragraph:
    spans: Spans = (Span(f"{label}: ", bold=True), *plain(text))
    return Paragraph(spans)
