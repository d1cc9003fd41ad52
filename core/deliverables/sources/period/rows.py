"""The runs and outcomes of a period row by row, for CSV: bounded, and without the names of people."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice

from sqlalchemy import select

from core.analytics.filters import conditions
from core.analytics.run_rows import RunRow
from core.analytics.runs import RunQueries
from core.catalog.tables import WorkflowRevision
from core.deliverables.content import Cell, Column, Table
from core.deliverables.sources.period.asked import Asked
from core.deliverables.sources.period.success import state_name
from core.deliverables.words import term
from core.executions.tables import Execution
from core.outcomes.rules import ReviewState
from core.outcomes.tables import Outcome

MOST_ROWS = 10_000

_REVIEWS = {
    ReviewState.PENDING: term("Not reviewed"),
    ReviewState.VERIFIED: term("Verified"),
    ReviewState.REJECTED: term("Rejected"),
}


def rows_of(asked: Asked) -> tuple[Table, ...]:
    """People are left out: a package leaves the house, and no figure needs them."""
    return tuple(one for one in (_runs(asked), _outcomes(asked)) if one.rows)


def _runs(asked: Asked) -> Table:
    say = asked.words.say
    queries = RunQueries(asked.reading.database)
    found = list(islice(queries.every(asked.reading.reader, asked.filters), MOST_ROWS + 1))
    columns = (
        Column(say("Run")), Column(say("Workflow"), wide=True), Column(say("State")), Column(say("Segment")),
        Column(say("Agent")), Column(say("Council")), Column(say("Started")), Column(say("Ended")),
        Column(say("Work (h)"), number=True), Column(say("Waiting (h)"), number=True),
        Column(say("Estimated a week"), number=True), Column(say("Currency")),
    )  # fmt: skip
    rows = tuple(_run(asked, one) for one in found[:MOST_ROWS])
    return Table(say("Runs of the period"), columns, rows, key="runs", note=_cut(asked, len(found)))


def _run(asked: Asked, row: RunRow) -> tuple[Cell, ...]:
    run, telling = row.run, asked.telling
    segment = [str(one) for one in (run.market, run.skill_level) if one is not None]
    saved = run.calculated_savings
    return (
        Cell(str(run.id)), Cell(row.title), Cell(state_name(asked, run.state)), Cell(telling.segment(*segment)),
        Cell(row.agent or ""), Cell(row.council or ""), telling.moment(run.created_at), telling.moment(run.completed_at),
        telling.hours(run.work_ms / 1000), telling.hours(run.wait_ms / 1000),
        Cell("") if saved is None or run.savings_currency is None else telling.amount(saved, run.savings_currency),
        Cell(run.savings_currency or ""),
    )  # fmt: skip


def _outcomes(asked: Asked) -> Table:
    say, telling = asked.words.say, asked.telling
    query = (
        select(Outcome, WorkflowRevision.title)
        .join(Execution, Execution.id == Outcome.execution_id)
        .join(WorkflowRevision, WorkflowRevision.digest == Execution.revision)
        .where(*conditions(asked.filters))
        .order_by(Outcome.logged_at.desc(), Outcome.id.desc())
        .limit(MOST_ROWS + 1)
    )
    found = asked.reading.session.execute(query).all()
    columns = (
        Column(say("Outcome")), Column(say("Run")), Column(say("Workflow"), wide=True), Column(say("What")),
        Column(say("Value"), number=True), Column(say("Unit")), Column(say("Review")), Column(say("Logged")),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(str(one.id)), Cell(str(one.execution_id)), Cell(title), Cell(telling.metric(one.metric_type.value)),
            Cell(asked.words.number(Decimal(one.value)), Decimal(one.value)), Cell(telling.unit(one.unit)),
            Cell(say(_REVIEWS[one.review_state])), telling.moment(one.logged_at),
        )
        for one, title in found[:MOST_ROWS]
    )  # fmt: skip
    return Table(say("Outcomes of the runs of the period"), columns, rows, key="outcomes", note=_cut(asked, len(found)))


def _cut(asked: Asked, n: int) -> str:
    return asked.words.say("Only the newest {n} are here; there are more.", n=MOST_ROWS) if n > MOST_ROWS else ""
