"""Workflows whose runs fail more often lately than their own past explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from sqlalchemy import func, select

from core.actions.rules import Priority, Risk
from core.actor import Role
from core.analytics.rules import wilson_interval
from core.brain.rule import HERE, Evidence, Finding, Rule, Sight, Threshold, Values
from core.brain.sources import Sources
from core.brain.statistics import as_confidence, binomial_tail
from core.brain.wording import count, name, percent, title
from core.canonical import digest
from core.executions.rules import ExecutionState
from core.executions.tables import Execution

NAME = "failing_workflows"
LONGER = 8
"""The past it is compared with: so many times the recent days, just before them."""

LEAST_PAST = 20
SURPRISING = 0.01
_FAILED = (ExecutionState.FAILED, ExecutionState.ABANDONED)
_ENDED = (*_FAILED, ExecutionState.COMPLETED)


@dataclass(frozen=True)
class Record:
    """How the runs of one workflow ended, in the recent days and in the time before."""

    workflow_id: str
    called: str
    failed: int
    ended: int
    failed_before: int
    ended_before: int
    errors: int
    """Of the recent failures, those that ended with an error; the others were given up."""
    work_hours: Decimal
    """Hands-on time of the recent runs that failed, together."""
    days: int
    read_at: datetime
    url: str
    path: str


def read(sources: Sources, now: datetime, values: Values) -> Sight[list[Record]]:
    """Runs by when they ended, not by when they began: a long run that failed today failed today."""
    days = int(values["days"])
    recent, start = now - timedelta(days=days), now - timedelta(days=days * (1 + LONGER))
    late, failed = Execution.completed_at >= recent, Execution.state.in_(_FAILED)
    query = (
        select(
            Execution.workflow_id,
            func.count().filter(late, failed).label("failed"),
            func.count().filter(late).label("ended"),
            func.count().filter(~late, failed).label("failed_before"),
            func.count().filter(~late).label("ended_before"),
            func.count().filter(late, Execution.state == ExecutionState.FAILED).label("errors"),
            func.coalesce(func.sum(Execution.work_ms).filter(late, failed), 0).label("work_ms"),
        )
        .where(~Execution.sample, Execution.state.in_(_ENDED), Execution.completed_at >= start)
        .group_by(Execution.workflow_id)
    )  # fmt: skip
    titles = {one.workflow_id: one.title for one in sources.catalog.current()}
    with sources.database.reading() as session:
        rows = session.execute(query).all()
    return Sight(
        [
            Record(
                row.workflow_id, name(titles.get(row.workflow_id) or row.workflow_id, 80), row.failed, row.ended,
                row.failed_before, row.ended_before, row.errors, Decimal(int(row.work_ms)) / 3_600_000, days, now,
                sources.page(_runs(titles.get(row.workflow_id))), _runs(titles.get(row.workflow_id)),
            )
            for row in rows
        ],
        frozenset({HERE}),
    )  # fmt: skip


def decide(records: Sequence[Record], now: datetime, values: Values) -> list[Finding]:
    found = []
    for one in records:
        if one.ended < values["runs"] or one.ended_before < LEAST_PAST:
            continue
        before = one.failed_before / one.ended_before
        low, high = wilson_interval(one.failed, one.ended)
        # The past is itself only counted: its upper bound, not its share, is what the recent days are held against.
        surprise = binomial_tail(one.failed, one.ended, wilson_interval(one.failed_before, one.ended_before)[1])
        if low > before and surprise < SURPRISING:
            found.append(_finding(one, before, (low, high), surprise))
    return found


def _finding(one: Record, before: float, interval: tuple[float, float], surprise: float) -> Finding:
    share = one.failed / one.ended
    more = Decimal(one.failed) - Decimal(str(before)) * one.ended
    hours = (one.work_hours / one.failed * more).quantize(Decimal("0.1")) if one.failed else Decimal(0)
    given_up = one.failed - one.errors
    recent = f"{one.failed} of {one.ended} runs that ended in the last {count(one.days, 'day')} failed"
    past = f"{one.failed_before} of {one.ended_before} failed in the {count(one.days * LONGER, 'day')} before"
    confidence = as_confidence(1 - surprise)
    source = "Runs of this installation"
    return Finding(
        key=one.workflow_id, subject=one.workflow_id, scope=HERE,
        version=digest([one.workflow_id]),  # figures move with every run, and the task stays the same
        title=title(f"Look into “{one.called}”: {percent(share)} of its runs failed lately, {percent(before)} before"),
        operation="team_task",
        params={
            "title": f"Find out why “{one.called}” fails", "role": Role.OPERATOR.value,
            "details": (
                f"{recent}; {past}. {count(one.errors, 'run')} ended with an error and {given_up} "
                f"{'was' if given_up == 1 else 'were'} given up. Look at the failed runs, and mend or stop the workflow."
            ),
            "link": one.path,
        },
        rationale=f"{recent}; {past}. That is more than chance explains.",
        evidence=(
            Evidence(f"{recent}: {percent(share)}, 95 % interval {percent(interval[0])} to {percent(interval[1])}, "
                     f"n = {one.ended}", source, one.read_at, one.url),
            Evidence(f"{past}: {percent(before)}, n = {one.ended_before}", source, one.read_at, one.url),
        ),
        confidence=confidence,
        confidence_why=(
            f"Confidence {confidence}: one minus the chance of so many failures if nothing had changed (binomial, "
            f"against the upper end of the past share's interval)."
        ),
        weight=more, impact={"time_saved_hours": str(hours)} if hours > 0 else {},
        impact_why=f"The estimate is the work that went into {more:.0f} failures more than usual." if hours > 0 else "",
        priority=Priority.ATTENTION, risk=Risk.LOW, worded=("details",),
        must_say=(f"“{one.called}”",), domains=("workflows",),
    )  # fmt: skip


def _runs(titled: str | None) -> str:
    """The runs of one workflow: the page's filter goes by its title."""
    path = f"/runs?workflow={quote(titled, safe='')}" if titled else "/runs"
    return path if len(path) <= 300 else "/runs"


RULE = Rule(
    name=NAME,
    title="Failing workflows",
    watches=(
        "Workflows whose runs fail or are given up clearly more often in the last days than in their own past. Proposes a "
        "task for the operators."
    ),
    source="This installation",
    nouns=("failing workflow", "failing workflows"),
    thresholds=(
        Threshold("days", "Lately means", 7, 1, 60, "days"),
        Threshold("runs", "At least", 10, 5, 1_000, "runs that ended lately"),
    ),
    read=read,
    decide=decide,
    window=timedelta(days=7),
    waits=timedelta(days=3),
)
