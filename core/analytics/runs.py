"""Runs as lists and one by one: what a page shows and what the API answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from core.actor import Actor
from core.analytics.filters import SEES_ALL_RUNS, Filters, conditions, visible_to
from core.analytics.one_run import RunDetail, RunFacts, detail_of, facts_of
from core.analytics.run_labels import label_conditions, without_labels
from core.analytics.run_order import Sort, sections
from core.analytics.run_rows import RunRow as RunRow
from core.analytics.run_text import Search
from core.analytics.run_totals import (
    ALONG_THE_ORDER,
    GATHERED,
    IN_MEMORY,
    Expectations,
    RunTotal,
    TotalIs,
    estimated,
    expected,
    planned,
)
from core.analytics.run_walk import Stretch, Walk
from core.analytics.told import ToldRun, told_by, told_run
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.decisions.tables import Council
from core.errors import NotFound
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.identity.tables import Agent, User

MOST_A_PAGE = 1_000


@dataclass(frozen=True)
class RunPage:
    """Some runs of a list in its order. `total` is of the whole list; an estimate is never below what was seen."""

    rows: list[RunRow]
    total: int
    total_is: TotalIs
    next_cursor: str | None
    """None on the last page."""
    previous_cursor: str | None
    """None on the first page."""


@dataclass(frozen=True)
class ToldPage:
    """As `RunPage`: each run a JSON object, as the database wrote it."""

    runs: tuple[str, ...]
    total: int
    total_is: TotalIs
    next_cursor: str | None


class RunQueries:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._expectations = Expectations()

    def page(
        self,
        reader: Actor,
        filters: Filters,
        *,
        sort: Sort = Sort.NEWEST,
        limit: int = 100,
        offset: int = 0,
        after: str | None = None,
        before: str | None = None,
    ) -> RunPage:
        """At most `limit` runs that `reader` may see: behind `after`, right before `before`, or from `offset`.

        Cursors cost the same at any depth; an offset is counted off row by row.
        """
        limit = max(1, min(limit, MOST_A_PAGE))
        with self._database.reading() as session:
            listed = _List(session, reader, filters)
            found = listed.take(sort, limit, offset=offset, after=after, before=before)
            total = listed.total(found, offset if after is None and before is None else None)
            return RunPage(_read(session, found.ids), total.n, total.kind, found.next_cursor, found.previous_cursor)

    def told(
        self,
        reader: Actor,
        filters: Filters,
        *,
        sort: Sort = Sort.NEWEST,
        limit: int = 100,
        offset: int = 0,
        after: str | None = None,
    ) -> ToldPage:
        """As `page`, each run as the JSON that programs are told; one statement, but for searches of words."""
        limit = max(1, min(limit, MOST_A_PAGE))
        if filters.text.strip():
            with self._database.reading() as session:
                return _told(_List(session, reader, filters), sort, limit, offset, after)
        likely = self._expectations.of((filters, reader), lambda: self._expected(reader, filters))
        return _told(_List(self._database, reader, filters, likely), sort, limit, offset, after)

    def told_run(self, reader: Actor, run_id: UUID) -> ToldRun | None:
        """As `facts`, as JSON; None for an automated run, whose tree is more than a row."""
        return told_run(self._database, reader, run_id)

    def every(self, reader: Actor, filters: Filters, *, sort: Sort = Sort.NEWEST) -> Iterator[RunRow]:
        """All of them, a thousand at a time, for an export."""
        after: str | None = None
        while True:
            with self._database.reading() as session:
                found = _List(session, reader, filters).take(sort, MOST_A_PAGE, after=after)
                rows = _read(session, found.ids)
            yield from rows
            if (after := found.next_cursor) is None:
                return

    def person(self, reader: Actor, user_id: UUID) -> str | None:
        """The name of whose runs a list shows; only for those who may see everybody's."""
        reader.must_have(*SEES_ALL_RUNS, to="see the runs of other people")
        with self._database.reading() as session:
            return session.scalar(select(User.name).where(User.id == user_id))

    def detail(self, reader: Actor, run_id: UUID) -> RunDetail:
        """The run with all that hangs on it; NotFound if there is none, or it is not for `reader` to see."""
        with self._database.reading() as session:
            return detail_of(session, _one(session, reader, run_id), self._database.clock.now())

    def facts(self, reader: Actor, run_id: UUID) -> RunFacts:
        """What programs are told of the run; NotFound as `detail`."""
        with self._database.reading() as session:
            return facts_of(session, _one(session, reader, run_id), self._database.clock.now())

    def _expected(self, reader: Actor, filters: Filters) -> int:
        with self._database.reading() as session:
            return _List(session, reader, filters).expected


class _List:
    """What `reader` may see of what `filters` ask for.

    On one connection; or, where no words are searched and how many are `likely` is known, each statement by itself.
    """

    def __init__(self, asked: Session | Database, reader: Actor, filters: Filters, likely: int = 0) -> None:
        self._asked, self._filters, self._visible = asked, replace(filters, text=""), visible_to(reader)
        self._search, self.expected = None, likely
        if isinstance(asked, Session):
            self._search = Search(asked, filters.text.strip()) if filters.text.strip() else None
            self.expected = expected(asked, self._conditions(self._likely, labels=False))
        self._few = self.expected <= GATHERED
        if (
            isinstance(asked, Session)
            and self._few
            and self._search is not None
            and self._search.reads_words(filters.states)
        ):
            # Words that many runs have, and that come together more often than the planner can know.
            besides = [*conditions(self._filters), self._visible]
            self._few = expected(asked, besides) <= GATHERED

    def take(
        self,
        sort: Sort,
        limit: int,
        *,
        offset: int = 0,
        after: str | None = None,
        before: str | None = None,
        told: str | None = None,
    ) -> Stretch:
        states, settings = self._filters.states, IN_MEMORY if self._few else IN_MEMORY | ALONG_THE_ORDER
        parts = (self._where, states, sections(sort, states), limit, self._few, told)
        if isinstance(self._asked, Database):
            walk = Walk(partial(self._asked.asked, planner=settings), *parts)
            return walk.back(before) if before is not None else walk.on(after, offset)
        with planned(self._asked, settings):
            walk = Walk(self._asked.execute, *parts)
            return walk.back(before) if before is not None else walk.on(after, offset)

    def total(self, found: Stretch, offset: int | None) -> RunTotal:
        """`offset` None: the page stands behind or before a cursor, and nobody counted how many are there."""
        if found.total is not None:
            return RunTotal(found.total)
        if found.next_cursor is None and offset is not None and (found.ids or offset == 0):
            return RunTotal(offset + len(found.ids))
        seen = (offset or 0) + len(found.ids) + (found.next_cursor is not None)
        return estimated(self.expected, at_least=seen)

    @property
    def _likely(self) -> frozenset[ExecutionState] | None:
        """Words of errors are those of runs that failed; who asks for both would get too low an estimate."""
        states = self._filters.states
        return states if self._search is None or not self._search.reads_words(states) else None

    def _where(self, states: frozenset[ExecutionState] | None) -> list[ColumnElement[bool]]:
        """Few runs are found by their labels; of many, the order of the list is what finds them."""
        return self._conditions(states, labels=self._few)

    def _conditions(self, states: frozenset[ExecutionState] | None, *, labels: bool) -> list[ColumnElement[bool]]:
        wanted = replace(self._filters, states=states)
        where = [*conditions(without_labels(wanted)), *label_conditions(wanted)] if labels else conditions(wanted)
        found = [*where, self._visible]
        return found if self._search is None else [*found, self._search.among(states)]


def _told(listed: _List, sort: Sort, limit: int, offset: int, after: str | None) -> ToldPage:
    found = listed.take(sort, limit, offset=offset, after=after, told=told_by("page.id"))
    total = listed.total(found, offset if after is None else None)
    return ToldPage(found.told, total.n, total.kind, found.next_cursor)


def _one(session: Session, reader: Actor, run_id: UUID) -> RunRow:
    record = session.execute(_rows().where(Execution.id == run_id, visible_to(reader))).first()
    if record is None:
        raise NotFound(kind="run", id=run_id)
    return _row(record)


def _read(session: Session, ids: Sequence[UUID]) -> list[RunRow]:
    """The rows of a page, in the order of their ids here: names are joined to these and to no others."""
    known = {record[0].id: _row(record) for record in session.execute(_rows().where(Execution.id.in_(ids)))}
    return [known[run_id] for run_id in ids if run_id in known]


def _rows() -> Select[Execution, str, str, str, str]:
    person, agent, council = aliased(User), aliased(Agent), aliased(Council)
    return (
        select(Execution, WorkflowRevision.title, person.name, agent.name, council.name)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .outerjoin(person, person.id == Execution.user_id)
        .outerjoin(agent, agent.id == Execution.agent_id)
        .outerjoin(council, council.id == Execution.council_id)
    )


def _row(record: Any) -> RunRow:
    return RunRow(*record)
