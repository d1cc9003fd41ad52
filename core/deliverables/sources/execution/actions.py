"""What a run did in other systems: each action with its plan in a sentence, and the receipts that came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.actions.rules import ActionState
from core.connectors.plan import AttemptOutcome
from core.deliverables.content import Block, Cell, Column, Note, Section, SourceRecord, Table, Tone, plain
from core.deliverables.gathering.legible import line
from core.deliverables.gathering.telling import Telling
from core.deliverables.sources.execution.read import RunRead
from core.deliverables.words import term

_STATES: Mapping[ActionState, str] = {
    ActionState.PENDING: term("Waits for a decision"),
    ActionState.APPROVED: term("Approved, not yet done"),
    ActionState.REJECTED: term("Rejected"),
    ActionState.EXPIRED: term("Expired"),
    ActionState.EXECUTING: term("Going on"),
    ActionState.EXECUTED: term("Done"),
    ActionState.FAILED: term("Failed"),
    ActionState.UNKNOWN: term("Nobody knows whether it happened"),
}
_OUTCOMES: Mapping[AttemptOutcome, str] = {
    AttemptOutcome.CONFIRMED: term("Confirmed"),
    AttemptOutcome.REJECTED: term("Refused"),
    AttemptOutcome.DEFERRED: term("Put off"),
    AttemptOutcome.UNKNOWN: term("Unknown"),
}


def actions_section(read: RunRead) -> Section | None:
    """None where the run had nothing proposed."""
    if not read.actions and not read.hidden:
        return None
    say = read.words.say
    done = sum(one.state is ActionState.EXECUTED for one in read.actions)
    lead = say("{n} actions were proposed, {done} of them done.", n=len(read.actions) + read.hidden, done=done)
    return Section("actions", say("Actions and receipts"), tuple(_blocks(read)), lead=lead)


def plan_records(read: RunRead) -> tuple[SourceRecord, ...]:
    return tuple(
        SourceRecord(
            read.words.say("Plan of the action {title}", title=line(one.title)), f"action:{one.id}", one.plan_digest
        )
        for one in read.actions
    )


def _blocks(read: RunRead) -> Iterator[Block]:
    say, telling = read.words.say, Telling(read.words)
    if read.hidden:
        said = say("{n} actions are not shown here: you may not read them.", n=read.hidden)
        yield Note(plain(said), Tone.WARNING)
    if not read.actions:
        return
    columns = (
        Column(say("Action"), wide=True), Column(say("What it does"), wide=True), Column(say("State")), Column(say("Done")),
        Column(say("Reference there"), wide=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(line(one.title)), Cell(line(str(one.plan.get("summary", ""))) or "–"), Cell(say(_STATES[one.state])),
            telling.moment(one.executed_at), Cell(line(one.reference or "") or "–"),
        )
        for one in read.actions
    )  # fmt: skip
    yield Table(say("Actions"), columns, rows, key="actions")
    yield from _receipts(read, telling)
    for one in read.actions:
        if one.error:
            said = say("{action}: {error}", action=line(one.title), error=line(one.error))
            yield Note(plain(said), Tone.WARNING)


def _receipts(read: RunRead, telling: Telling) -> Iterator[Block]:
    say = read.words.say
    rows = tuple(
        (
            Cell(line(action.title)), Cell(read.words.number(one.number), Decimal(one.number)),
            Cell(say(_OUTCOMES[one.outcome]) if one.outcome else say("Going on")), telling.moment(one.finished_at),
            Cell(line(one.reference or "") or "–"), Cell(line(one.message) or "–"),
        )
        for action in read.actions
        for one in read.attempts.get(action.id, ())
    )  # fmt: skip
    if not rows:
        return
    columns = (
        Column(say("Action"), wide=True), Column(say("Attempt"), number=True), Column(say("Result")), Column(say("Answered")),
        Column(say("Reference there"), wide=True), Column(say("What the system answered"), wide=True),
    )  # fmt: skip
    yield Table(say("Receipts"), columns, rows, key="receipts")
