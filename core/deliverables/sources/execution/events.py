"""What happened in a run and when: its steps of note from its own rows, oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from core.deliverables.content import Block, Moment, Note, Section, Timeline, plain
from core.deliverables.gathering.legible import legible, line
from core.deliverables.gathering.telling import Telling
from core.deliverables.sources.execution.read import RunRead
from core.deliverables.sources.execution.summary import STATES
from core.deliverables.words import term
from core.executions.automated.rules import DECIDED, GateKind, GateState
from core.executions.rules import StepState

MOST_MOMENTS = 300
_GATES: Mapping[GateKind, str] = {
    GateKind.START: term("Started by hand: {title}"),
    GateKind.CLARIFICATION: term("Answered: {title}"),
    GateKind.FORM: term("Written: {title}"),
    GateKind.GUIDE: term("Done: {title}"),
    GateKind.ACCEPTANCE: term("Decided: {title}"),
    GateKind.APPROVAL: term("Decided: {title}"),
    GateKind.VOTE: term("Decided: {title}"),
    GateKind.ACTION: term("Action over: {title}"),
    GateKind.TIME: term("The wait was over: {title}"),
}


def timeline(read: RunRead) -> Section:
    say = read.words.say
    moments = sorted(_moments(read), key=lambda one: one.at)
    blocks: list[Block] = []
    if len(moments) > MOST_MOMENTS:
        left, half = len(moments) - MOST_MOMENTS, MOST_MOMENTS // 2
        said = say("{n} moments in the middle are left out; steps, documents and approvals have them all.", n=left)
        moments, blocks = [*moments[:half], *moments[-half:]], [Note(plain(said))]
    return Section("timeline", say("What happened when"), (*blocks, Timeline(tuple(moments))))


def _moments(read: RunRead) -> Iterator[Moment]:
    say, run = read.words.say, read.run
    yield _moment(read, run.started_at or run.created_at, say("The run began"), who=read.who)
    if run.automated:
        yield from _documents(read)
        yield from _gates(read)
    else:
        for step in read.detail.steps:
            if step.state is StepState.DONE and (at := _finished(read, step.number)) is not None:
                yield _moment(read, at, say("Step done: {title}", title=line(step.title)), who=read.who)
    for action in read.actions:
        if action.executed_at is not None:
            title = say("Done there: {title}", title=line(action.title))
            yield _moment(read, action.executed_at, title, line(action.reference or ""))
    yield from _outcomes(read)
    if run.completed_at is not None:
        told = legible(" ".join(filter(None, (run.end_reason, run.error))))
        yield _moment(read, run.completed_at, say("The run ended: {state}", state=say(STATES[run.state])), told)


def _documents(read: RunRead) -> Iterator[Moment]:
    say = read.words.say
    for document in read.tree.documents:
        for one in document.versions:
            named = {"title": line(document.name), "version": one.version}
            place = line(document.place)
            yield _moment(
                read, one.created_at, say("Document made: {title}, version {version}", **named), place, one.made_by
            )
            if one.accepted_at is not None:
                said = say("Document accepted: {title}, version {version}", **named)
                yield _moment(read, one.accepted_at, said, place, one.accepted_by or "")


def _gates(read: RunRead) -> Iterator[Moment]:
    say = read.words.say
    for gate in read.gates:
        if gate.state is GateState.OPEN or gate.closed_at is None:
            continue
        if gate.state is GateState.WITHDRAWN:
            yield _moment(read, gate.closed_at, say("Taken back: {title}", title=line(gate.title)))
            continue
        told, answer = "", gate.answer or {}
        if gate.kind in DECIDED:
            result = say("approved") if answer.get("approved") is True else say("rejected")
            reason = line(str(answer.get("reason") or ""))
            told = f"{result}: {reason}" if reason else result
        yield _moment(
            read, gate.closed_at, say(_GATES[gate.kind], title=line(gate.title)), told, gate.answered_by or ""
        )


def _outcomes(read: RunRead) -> Iterator[Moment]:
    say, telling = read.words.say, Telling(read.words)
    for one in (logged.outcome for logged in read.detail.outcomes):
        amount = telling.amount(one.value, one.unit).text
        yield _moment(read, one.logged_at, say("Outcome logged: {amount}", amount=amount))
        if one.reviewed_at is not None:
            said = say("Outcome reviewed: {amount}", amount=amount)
            yield _moment(read, one.reviewed_at, said, line(one.review_reason), one.reviewed_by or "")


def _finished(read: RunRead, number: int) -> datetime | None:
    return next((one.completed_at for one in read.guided_steps if one.number == number), None)


def _moment(read: RunRead, at: datetime, title: str, text: str = "", who: str = "") -> Moment:
    return Moment(at, read.words.moment(at), title, text, line(who))
