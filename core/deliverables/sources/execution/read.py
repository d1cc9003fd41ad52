"""Everything of one run that its report is made of, read once, and only what the reader sees of it on its page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from core.actions.inbox import visible
from core.actions.rules import reads_all
from core.actions.tables import Action, Attempt
from core.analytics.one_run import RunDetail
from core.analytics.runs import RunQueries
from core.deliverables.documents.pictures import PictureReader
from core.deliverables.source import Reading
from core.deliverables.words import Words
from core.executions.automated.run_queries import RunTreeQueries
from core.executions.automated.run_views import RunTree
from core.executions.automated.tables import RunDocument, RunGate
from core.executions.rules import ENDED
from core.executions.tables import Execution, ExecutionStep
from core.files.queries import FileQueries

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True)
class RunRead:
    reading: Reading
    detail: RunDetail
    tree: RunTree
    gates: tuple[RunGate, ...]
    """Every one it ever stopped at, in the order in which they were opened."""
    actions: tuple[Action, ...]
    """What its steps had proposed and what undoes that, in the order of proposal; what the reader may not see is not in it."""
    hidden: int
    """How many more actions there are."""
    attempts: Mapping[UUID, tuple[Attempt, ...]]
    now: datetime

    @property
    def run(self) -> Execution:
        return self.detail.row.run

    @property
    def words(self) -> Words:
        return self.reading.words

    @property
    def ended(self) -> bool:
        return self.run.state in ENDED

    @property
    def reads_votes(self) -> bool:
        """Whether the reader may read every ballot; others see results alone."""
        return reads_all(self.reading.reader)

    @property
    def who(self) -> str:
        """Whose run it is."""
        return self.detail.row.person or self.detail.row.agent or ""

    @cached_property
    def documents(self) -> Mapping[UUID, RunDocument]:
        """The versions that count, with their contents."""
        wanted = [line.current.id for line in self.tree.documents]
        query = select(RunDocument).where(RunDocument.id.in_(wanted))
        return {row.id: row for row in self.reading.session.scalars(query)} if wanted else {}

    @cached_property
    def guided_steps(self) -> tuple[ExecutionStep, ...]:
        query = select(ExecutionStep).where(ExecutionStep.execution_id == self.run.id).order_by(ExecutionStep.number)
        return tuple(self.reading.session.scalars(query))

    @cached_property
    def pictures(self) -> PictureReader:
        """Pictures of kept files are those that the run was started with, or that people approved with an action."""
        reading = self.reading
        files = FileQueries(reading.database, reading.files)
        named = {digest for one in (self.run.inputs, *(a.params for a in self.actions)) for digest in _digests(one)}
        return PictureReader(lambda digest: files.content(reading.reader, digest).data, named)


def read_run(reading: Reading, run_id: UUID) -> RunRead:
    """NotFound for whoever may not see the run on its page."""
    detail = RunQueries(reading.database).detail(reading.reader, run_id)
    tree = RunTreeQueries(reading.database).tree(reading.reader, run_id)
    session = reading.session
    opened = select(RunGate).where(RunGate.execution_id == run_id).order_by(RunGate.opened_at, RunGate.id)
    gates = tuple(session.scalars(opened))
    proposed = sorted({gate.action_id for gate in gates if gate.action_id is not None})
    theirs = or_(Action.id.in_(proposed), Action.undo_of.in_(proposed))
    chosen = select(Action).where(theirs, visible(reading.reader)).order_by(Action.proposed_at, Action.id)
    actions = tuple(session.scalars(chosen)) if proposed else ()
    seen = {one.id for one in actions}
    return RunRead(
        reading, detail, tree, gates, actions, hidden=len(set(proposed) - seen), attempts=_attempts(reading, actions),
        now=reading.database.clock.now(),
    )  # fmt: skip


def _attempts(reading: Reading, actions: tuple[Action, ...]) -> Mapping[UUID, tuple[Attempt, ...]]:
    found: dict[UUID, tuple[Attempt, ...]] = {}
    wanted = [one.id for one in actions]
    query = select(Attempt).where(Attempt.action_id.in_(wanted)).order_by(Attempt.number)
    for one in reading.session.scalars(query) if wanted else ():
        found[one.action_id] = (*found.get(one.action_id, ()), one)
    return found


def _digests(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield from _DIGEST.findall(one)
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
