"""Runs as programs are told of them, written by the database: JSON, one statement a page and one a run.

A hundred runs as entities cost ten milliseconds of processor time, as text of the database's a tenth of that, and while it
writes this process does something else. A test holds each field to what `RunQueries` and the API's models say.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, func, literal_column, select

from core.actor import Actor
from core.analytics.filters import visible_to
from core.analytics.one_run import RunMetrics, metrics_of
from core.analytics.rules import result_of
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.executions.automated.rules import GateState
from core.executions.rules import VIEWS
from core.executions.tables import Execution
from core.outcomes.rules import ReviewState
from core.outcomes.tables import Outcome


@dataclass(frozen=True)
class ToldRun:
    """One run in pieces of JSON, with what only Python knows: its metrics."""

    run: str
    """An object of the fields that lists tell."""
    decision: str
    """An object, or null."""
    votes: str
    """An array, the first cast first."""
    metrics: RunMetrics
    version: int


def _moment(column: str) -> str:
    """A time in UTC, with microseconds where it has some: as Python's models write it."""
    return (
        f"to_char({column} AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', {column}) = {column} "
        'THEN \'YYYY-MM-DD"T"HH24:MI:SS"Z"\' ELSE \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\' END)'
    )


_STATUS = " ".join(f"WHEN '{state.value}' THEN '{view.api.value}'" for state, view in VIEWS.items())
_WAIT = (
    "CASE WHEN told.automated THEN (SELECT json_build_object('kind', gate.kind, 'title', gate.title) FROM run_gates gate "
    f"WHERE gate.execution_id = told.id AND gate.state = '{GateState.OPEN.value}' "
    "ORDER BY gate.opened_at, gate.id LIMIT 1) END"
)
_RUN = (
    "(SELECT json_build_object("
    "'id', told.id, 'workflow_type_id', told.workflow_id, 'created_by_agent', told.agent_id, "
    f"'assigned_council_id', told.council_id, 'status', CASE told.state {_STATUS} END, 'paused', told.paused, "
    f"'wait', {_WAIT}, 'inputs', told.inputs, 'outputs', told.outputs, "
    "'calculated_savings', CAST(told.calculated_savings AS text), 'savings_currency', told.savings_currency, "
    f"'created_at', {_moment('told.created_at')}, 'started_at', {_moment('told.started_at')}, "
    f"'completed_at', {_moment('told.completed_at')})::text FROM executions told WHERE told.id = {{id}})"
)


def told_by(run_id: str) -> str:
    """SQL: the JSON of the run whose id the column `run_id` holds."""
    return _RUN.format(id=run_id)


_DECISION = literal_column(
    "(SELECT json_build_object('id', decided.id, 'state', decided.state, "
    f"'opened_at', {_moment('decided.opened_at')}, 'deadline', {_moment('decided.deadline')}, "
    f"'decided_at', {_moment('decided.decided_at')})::text FROM decisions decided WHERE decided.id = executions.decision_id)",
    String,
)
_VOTES = literal_column(
    "(SELECT json_agg(json_build_object('id', cast_one.id, 'workflow_id', executions.id, 'user_id', cast_one.voter_id, "
    f"'vote', cast_one.vote, 'reason', cast_one.reason, 'voted_at', {_moment('cast_one.cast_at')}) "
    "ORDER BY cast_one.cast_at, cast_one.id)::text FROM ballots cast_one "
    "WHERE cast_one.decision_id = executions.decision_id)",
    String,
)
_KEPT = (
    select(func.count())
    .where(Outcome.execution_id == Execution.id, Outcome.review_state != ReviewState.REJECTED)
    .correlate(Execution)
    .scalar_subquery()
)
_ONE = select(
    Execution.automated, Execution.version, Execution.state, Execution.started_at, Execution.completed_at,
    Execution.last_activity_at, Execution.calculated_savings, Execution.savings_currency, _KEPT.label("kept"),
    literal_column(told_by("executions.id")).label("run"), _DECISION.label("decision"), _VOTES.label("votes"),
)  # fmt: skip


def told_run(database: Database, reader: Actor, run_id: UUID) -> ToldRun | None:
    """The run in one statement; None for an automated one, whose tree is more. NotFound as `RunQueries.facts`."""
    with database.asking() as connection:
        found = connection.execute(_ONE.where(Execution.id == run_id, visible_to(reader))).first()
    if found is None:
        raise NotFound(kind="run", id=run_id)
    if found.automated:
        return None
    result = result_of(
        found.state, outcomes=found.kept, last_activity_at=found.last_activity_at, now=database.clock.now()
    )
    return ToldRun(
        found.run, found.decision or "null", found.votes or "[]", metrics_of(found, result), found.version
    )  # fmt: skip
