"""What people decided in a period: how often they approved, how long it took, and the latest decisions word for word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, select

from core.actions.tables import Action
from core.analytics.filters import Filters, conditions
from core.analytics.rules import Rate
from core.catalog.tables import WorkflowRevision
from core.decisions.rules import DecisionState
from core.decisions.tables import Decision
from core.deliverables.content import (
    Approval,
    Approvals,
    Block,
    Cell,
    Column,
    Section,
    Table,
    paragraph,
)
from core.deliverables.gathering.approvals import approvals_of
from core.deliverables.sources.period.asked import Asked
from core.executions.tables import Execution

SHOWN = 16
"""Decisions told word for word, the latest; all of them are counted."""


@dataclass(frozen=True)
class _Decided:
    id: UUID
    state: DecisionState
    automatic: bool
    opened_at: datetime
    decided_at: datetime

    @property
    def seconds(self) -> float:
        return (self.decided_at - self.opened_at).total_seconds()


def decisions(asked: Asked) -> tuple[Section | None, Section | None, tuple[Approval, ...]]:
    """(The body's, the appendix's, what that one tells); None where nothing was closed, or nothing may be read."""
    cards, runs = _cards(asked), _runs(asked)
    if not cards and not runs:
        return None, None, ()
    say = asked.words.say
    latest = sorted(_voted([*cards, *runs]), key=lambda one: one.decided_at)[-SHOWN:]
    told = _named(asked, approvals_of(asked.reading, [one.id for one in latest]))
    body = Section("decisions", say("Decisions"), (_table(asked, cards, runs),), lead=_finding(asked, [*cards, *runs]))
    if not told:
        return body, None, ()
    blocks: list[Block] = [Approvals(told)]
    if len(told) < len(cards) + len(runs):
        said = say("{shown} of {n} decisions are told here, the latest.", shown=len(told), n=len(cards) + len(runs))
        blocks.insert(0, paragraph(said))
    more = Section("decisions-in-full", say("The latest decisions"), tuple(blocks), appendix=True)
    return body, more, told


def _finding(asked: Asked, found: Sequence[_Decided]) -> str:
    say, voted = asked.words.say, _voted(found)
    if not voted:
        return say("{n} decisions were closed, none of them by people", n=len(found))
    rate = Rate(sum(one.state is DecisionState.APPROVED for one in voted), len(voted))
    time = asked.telling.time(median(one.seconds for one in voted))
    return say(
        "People approved {share} of the {n} cards and runs they decided on, half of them within {time}", n=rate.n,
        share=asked.telling.share(rate).text, time=time,
    )  # fmt: skip


def _table(asked: Asked, cards: Sequence[_Decided], runs: Sequence[_Decided]) -> Table:
    say, telling = asked.words.say, asked.telling
    columns = (
        Column(say("What"), wide=True), Column(say("Closed"), number=True), Column(say("Approved by people"), number=True),
        Column(say("Rejected by people"), number=True), Column(say("By guardrails"), number=True),
        Column(say("Expired"), number=True), Column(say("Median time (h)"), number=True),
    )  # fmt: skip

    def row(name: str, found: Sequence[_Decided]) -> tuple[Any, ...]:
        voted = _voted(found)
        return (
            Cell(name), telling.count(len(found)),
            telling.count(sum(one.state is DecisionState.APPROVED for one in voted)),
            telling.count(sum(one.state is DecisionState.REJECTED for one in voted)),
            telling.count(sum(one.automatic for one in found)),
            telling.count(sum(one.state is DecisionState.EXPIRED for one in found)),
            telling.hours(median(one.seconds for one in voted) if voted else None),
        )  # fmt: skip

    rows = tuple(
        row(name, found) for name, found in ((say("Action cards"), cards), (say("Starts of runs"), runs)) if found
    )
    return Table(say("Decisions closed in the period"), columns, rows, key="decisions")


def _voted(found: Iterable[_Decided]) -> list[_Decided]:
    ended = (DecisionState.APPROVED, DecisionState.REJECTED)
    return [one for one in found if one.state in ended and not one.automatic]


def _cards(asked: Asked) -> list[_Decided]:
    """A card belongs to no workflow, council or segment; of one agent, what that agent proposed."""
    filters = asked.filters
    if any(one is not None for one in (filters.workflow_id, filters.council_id, filters.market, filters.skill_level)):
        return []
    query = _decided(Action.automatic, filters).join(Action, Action.decision_id == Decision.id)
    query = query.where(Action.sample.is_(filters.dataset.sample))
    if filters.agent_id is not None:
        query = query.where(Action.proposer_id == filters.agent_id)
    return _read(asked, query)


def _runs(asked: Asked) -> list[_Decided]:
    whenever = replace(asked.filters, since=None, until=None)
    query = _decided(false(), asked.filters).join(Execution, Execution.decision_id == Decision.id)
    return _read(asked, query.where(*conditions(whenever)))


def _decided(automatic: Any, filters: Filters) -> Select[Any]:
    return (
        select(Decision.id, Decision.state, automatic, Decision.opened_at, Decision.decided_at)
        .where(Decision.decided_at >= filters.since, Decision.decided_at < filters.until)
        .where(Decision.state != DecisionState.OPEN)
    )


def _read(asked: Asked, query: Select[Any]) -> list[_Decided]:
    return [_Decided(*row) for row in asked.reading.session.execute(query)]


def _named(asked: Asked, told: Sequence[Approval]) -> tuple[Approval, ...]:
    """The start of a run is called by its workflow: a run has no name of its own."""
    ids = [UUID(one.id) for one in told]
    query = (
        select(Execution.decision_id, WorkflowRevision.title)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .where(Execution.decision_id.in_(ids))
    )
    titles = {str(decision_id): title for decision_id, title in asked.reading.session.execute(query)}
    say = asked.words.say
    return tuple(
        replace(one, subject=say("Start of “{workflow}”", workflow=titles[one.id])) if one.id in titles else one
        for one in told
    )


def subjects_of(asked: Asked, told: Sequence[Approval]) -> tuple[str, ...]:
    """The cards that were told: the reader may read each of them."""
    query = select(Action.id).where(Action.decision_id.in_([UUID(one.id) for one in told]))
    return tuple(f"action:{one}" for one in asked.reading.session.scalars(query))
