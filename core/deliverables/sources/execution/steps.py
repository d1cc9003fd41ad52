"""What was done in a run, as one table: each step with its state, how long it took and by whom; long iterations folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.catalog.queries import definition_of
from core.catalog.tables import WorkflowRevision
from core.deliverables.content import Block, Cell, Column, Heading, Note, Section, Table, Tone, paragraph, plain
from core.deliverables.documents.structured import text_blocks
from core.deliverables.gathering.legible import legible, line
from core.deliverables.gathering.telling import NOTHING
from core.deliverables.sources.execution.read import RunRead
from core.deliverables.words import term
from core.errors import CountersignError
from core.executions.automated.rules import NodeState
from core.executions.automated.run_tree import ITEM, ITERATION, TreeNode
from core.executions.rules import StepState

MOST_STEPS = 40
"""Lines of an iteration's items with all their steps; of longer ones each item is one line."""
_NODES: Mapping[NodeState, str] = {
    NodeState.PENDING: term("Not begun"),
    NodeState.EXECUTING: term("Going on"),
    NodeState.CLARIFYING: term("Waits for an answer"),
    NodeState.QA_CHECKING: term("Going on"),
    NodeState.REMEDIATING: term("Going on"),
    NodeState.WAITING: term("Waits"),
    NodeState.COMPLETED: term("Completed"),
    NodeState.FAILED: term("Failed"),
}
_STEPS: Mapping[StepState, str] = {
    StepState.PENDING: term("Not begun"), StepState.ACTIVE: term("Going on"), StepState.DONE: term("Completed"),
}  # fmt: skip


def steps_section(read: RunRead) -> Section:
    title = read.words.say("What was done")
    return Section("steps", title, tuple(_automated(read) if read.run.automated else _guided(read)))


def _automated(read: RunRead) -> Iterator[Block]:
    say = read.words.say
    if not read.tree.steps:
        yield paragraph(say("No step was begun."))
        return
    who = _who_did(read)
    rows = tuple(row for at, node in enumerate(read.tree.steps, start=1) for row in _rows(read, node, str(at), who))
    columns = (
        Column(say("No.")), Column(say("Step"), wide=True), Column(say("State")), Column(say("Duration (min)"), number=True),
        Column(say("By"), wide=True),
    )  # fmt: skip
    yield Table(say("Steps"), columns, rows, key="steps")
    for node in read.tree.failed:
        if node.error:
            said = say("{step} failed: {error}", step=line(node.label), error=legible(node.error))
            yield Note(plain(said), Tone.WARNING)


def _rows(read: RunRead, node: TreeNode, number: str, who: Mapping[str, str]) -> Iterator[tuple[Cell, ...]]:
    words = read.words
    title, state = line(node.label), words.say(_NODES[node.state])
    if (counts := node.counts) is not None:
        title = words.say("{step}: {done} of {n} items", step=title, done=counts.done, n=counts.total)
    yield Cell(number), Cell(title), Cell(state), _minutes(read, node), Cell(who.get(node.path, "–"))
    if node.kind == ITERATION and node.children and node.children[0].kind == ITEM:
        folded = sum(1 for _ in node.walk()) > MOST_STEPS
        for at, item in enumerate(node.children, start=1):
            if folded:
                by = words.listed(dict.fromkeys(who[one.path] for one in item.walk() if one.path in who))
                state = words.say(_NODES[item.state])
                yield Cell(f"{number}.{at}"), Cell(line(item.label)), Cell(state), _minutes(read, item), Cell(by or "–")
            else:
                yield from _rows(read, item, f"{number}.{at}", who)
        return
    for at, child in enumerate(node.children, start=1):
        yield from _rows(read, child, f"{number}.{at}", who)


def _minutes(read: RunRead, node: TreeNode) -> Cell:
    took = node.took(read.now) if node.opened else None
    return NOTHING if took is None else _cell(read, took.total_seconds())


def _cell(read: RunRead, seconds: float) -> Cell:
    value = Decimal(str(seconds / 60)).quantize(Decimal("0.1"))
    return Cell(read.words.number(value, digits=1), value)


def _who_did(read: RunRead) -> Mapping[str, str]:
    """By node: who made its document, and who answered or decided there."""
    found: dict[str, dict[str, None]] = {}
    for document in read.tree.documents:
        for version in document.versions:
            if version.path is not None:
                found.setdefault(version.path, {})[line(version.made_by)] = None
    for gate in read.gates:
        if gate.answered_by:
            found.setdefault(gate.path, {})[line(gate.answered_by)] = None
    return {path: read.words.listed(names) for path, names in found.items()}


def _guided(read: RunRead) -> Iterator[Block]:
    """The steps of the definition that the run began with; runs that came in bulk have a count of steps and no more."""
    say, run = read.words.say, read.run
    kept = {one.number: one for one in read.detail.steps}
    rows, notes = [], []
    for number, title in enumerate(_titles(read), start=1):
        one = kept.get(number)
        state = one.state if one else StepState.DONE if number <= run.steps_completed else StepState.PENDING
        worked = _cell(read, one.work_ms / 1000) if one is not None and one.work_ms else NOTHING
        rows.append(
            (Cell(str(number)), Cell(line(title)), Cell(say(_STEPS[state])), worked, Cell(line(read.who) or "–"))
        )
        if one is not None and one.notes.strip():
            notes += [Heading(2, plain(line(title))), *text_blocks(one.notes, read.words)]
    if not rows:
        yield paragraph(say("{done} of {total} steps were done.", done=run.steps_completed, total=run.total_steps))
        return
    columns = (
        Column(say("No.")), Column(say("Step"), wide=True), Column(say("State")),
        Column(say("Hands-on work (min)"), number=True), Column(say("By")),
    )  # fmt: skip
    yield Table(say("Steps"), columns, tuple(rows), key="steps")
    if notes:
        yield Heading(1, plain(say("Notes")))
        yield from notes


def _titles(read: RunRead) -> list[str]:
    revision = read.reading.session.get(WorkflowRevision, read.run.revision)
    try:
        return [step.title for step in definition_of(revision).guided.steps] if revision is not None else []
    except (CountersignError, ValueError):  # of an older version that this one cannot read
        return [one.title for one in read.detail.steps]
