"""The same figures side by side: by workflow, agent, council, market, level or segment; agents ranked; steps compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.orm import Session

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import ActorKind
from core.analytics import percentiles
from core.analytics.figures import WEEKLY_SAVINGS
from core.analytics.filters import NONE, Filters, conditions, is_counted, is_success
from core.analytics.percentiles import COMPLETED
from core.analytics.rules import UNKNOWN, Rate, Total, leaderboard_score, totals
from core.catalog.tables import WorkflowRevision
from core.decisions.rules import DecisionState
from core.decisions.tables import Council, Decision
from core.executions.tables import Execution
from core.identity.tables import Agent


class Dimension(StrEnum):
    WORKFLOW = "workflow"
    AGENT = "agent"
    COUNCIL = "council"
    MARKET = "market"
    SKILL = "skill_level"
    SEGMENT = "segment"


@dataclass(frozen=True)
class Group:
    """One bar. `key` goes back into a filter (`NONE` and `UNKNOWN` included); a segment's key is `market/level`."""

    key: str
    label: str
    runs: int
    completed: int
    rate: Rate
    work_p50: float | None
    work_p90: float | None
    estimated: tuple[Total, ...]


@dataclass(frozen=True)
class Standing:
    """An agent's place on the leaderboard, with the parts its score is made of."""

    agent_id: str
    name: str
    runs: int
    savings: Decimal
    currency: str
    approval: Rate
    score: float


@dataclass(frozen=True)
class StepFigures:
    """How many counted runs reached a step and finished it, and the hands-on seconds it took them."""

    number: int
    reached: int
    done: int
    work_p50: float | None
    work_p90: float | None

    @property
    def lost(self) -> int:
        return self.reached - self.done


def groups(session: Session, filters: Filters, dimension: Dimension, now: datetime) -> list[Group]:
    """One group for each value that occurs, most runs first."""
    inner = select(
        key_of(dimension).label("key"), COMPLETED.label("completed"), Execution.savings_currency,
        Execution.calculated_savings, is_success().label("success"), is_counted(now).label("counted"),
    ).where(*conditions(filters)).subquery()  # fmt: skip
    rows = session.execute(
        select(
            inner.c.key, func.count().label("runs"),
            func.count().filter(inner.c.completed).label("completed"),
            func.count().filter(inner.c.success).label("successes"),
            func.count().filter(inner.c.counted).label("counted"),
        ).group_by(inner.c.key)
    ).all()  # fmt: skip
    amounts = session.execute(
        select(inner.c.key, inner.c.savings_currency, func.sum(inner.c.calculated_savings), func.count())
        .where(inner.c.completed, inner.c.calculated_savings.is_not(None), inner.c.savings_currency.is_not(None))
        .group_by(inner.c.key, inner.c.savings_currency)
    )
    estimated: dict[str, list[tuple[str, str, Decimal, int]]] = defaultdict(list)
    for key, currency, value, n in amounts:
        estimated[key].append((WEEKLY_SAVINGS, currency, value, n))
    work = percentiles.work_by(session, filters, key_of(dimension), sum(row.completed for row in rows))
    labels = names(session, dimension)
    found = [
        Group(
            row.key, label_of(dimension, row.key, labels), row.runs, row.completed,
            Rate(row.successes, row.counted), *work.get(row.key, (None, None)), totals(estimated[row.key]),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda group: (-group.runs, group.label))


def names(session: Session, dimension: Dimension) -> dict[str, str]:
    """What people call each value of `dimension`, where it has a name of its own."""
    query: Any
    match dimension:
        case Dimension.WORKFLOW:
            query = select(WorkflowRevision.workflow_id, WorkflowRevision.title).order_by(WorkflowRevision.current)
        case Dimension.AGENT:
            query = select(Agent.id, Agent.name)
        case Dimension.COUNCIL:
            query = select(Council.id, Council.name)
        case _:
            return {}
    return {str(key): str(name) for key, name in session.execute(query)}


def counts(session: Session, filters: Filters, dimension: Dimension) -> dict[str, int]:
    """Runs by key, most first; without those that have none."""
    key = key_of(dimension)
    query = select(key, func.count()).where(*conditions(filters)).group_by(key)
    found = {str(name): n for name, n in session.execute(query) if name != NONE}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def leaderboard(session: Session, filters: Filters, runs: Sequence[Group], currency: str) -> list[Standing]:
    """Agents by `rules.leaderboard_score`; approvals count what people decided on their runs and their actions."""
    decided = Decision.state.in_((DecisionState.APPROVED, DecisionState.REJECTED))
    on_runs = session.execute(
        select(Execution.agent_id, func.count().filter(Decision.state == DecisionState.APPROVED), func.count())
        .join(Decision, Decision.id == Execution.decision_id)
        .where(Execution.agent_id.is_not(None), Execution.decision_id.is_not(None), decided, *conditions(filters))
        .group_by(Execution.agent_id)
    )
    approvals = _action_approvals(session, filters)
    for agent_id, approved, n in on_runs:
        approvals[str(agent_id)] = approvals.get(str(agent_id), Rate(0, 0)) + Rate(approved, n)
    found = []
    for group in runs:
        if group.key == NONE:
            continue
        saved = next((total.value for total in group.estimated if total.unit == currency), Decimal(0))
        approval = approvals.get(group.key, Rate(0, 0))
        score = leaderboard_score(savings=saved, approval_rate=approval.share, volume=group.runs)
        found.append(Standing(group.key, group.label, group.runs, saved, currency, approval, score))
    return sorted(found, key=lambda standing: (-standing.score, standing.name))


def steps(session: Session, filters: Filters, workflow_id: str, now: datetime) -> list[StepFigures]:
    """Where runs of one workflow are lost and where their time goes, step by step."""
    asked = replace(filters, workflow_id=workflow_id)
    query = (
        select(Execution.steps_completed, func.count())
        .where(is_counted(now), *conditions(asked))
        .group_by(Execution.steps_completed)
    )
    finished = {row[0]: int(row[1]) for row in session.execute(query)}
    return step_figures(finished, percentiles.work_of_steps(session, asked, is_counted(now), sum(finished.values())))


def step_figures(finished: Mapping[int, int], work: Mapping[int, percentiles.Pair]) -> list[StepFigures]:
    """From how many runs had `finished` how many steps: they are done one after the other, so who did two reached three."""
    return [
        StepFigures(
            number, sum(runs for done, runs in finished.items() if done >= number - 1),
            sum(runs for done, runs in finished.items() if done >= number), *pair,
        )
        for number, pair in sorted(work.items())
    ]  # fmt: skip


def _action_approvals(session: Session, filters: Filters) -> dict[str, Rate]:
    """What people decided on cards that agents proposed; such a card belongs to no workflow, council or segment."""
    if any(
        value is not None for value in (filters.workflow_id, filters.council_id, filters.market, filters.skill_level)
    ):
        return {}
    rejected = Action.state == ActionState.REJECTED
    where = [Action.sample.is_(filters.dataset.sample), Action.proposer_kind == ActorKind.AGENT]
    if filters.since is not None:
        where.append(Action.proposed_at >= filters.since)
    if filters.until is not None:
        where.append(Action.proposed_at < filters.until)
    rows = session.execute(
        select(Action.proposer_id, func.count().filter(~rejected), func.count())
        .where(Action.decided_at.is_not(None), Action.state != ActionState.EXPIRED, *where)
        .group_by(Action.proposer_id)
    )
    return {agent_id: Rate(approved, n) for agent_id, approved, n in rows}


def key_of(dimension: Dimension) -> Any:
    market = func.coalesce(cast(Execution.market, String), literal(UNKNOWN))
    skill = func.coalesce(cast(Execution.skill_level, String), literal(UNKNOWN))
    match dimension:
        case Dimension.WORKFLOW:
            return Execution.workflow_id
        case Dimension.AGENT:
            return func.coalesce(Execution.agent_id, literal(NONE))
        case Dimension.COUNCIL:
            return func.coalesce(Execution.council_id, literal(NONE))
        case Dimension.MARKET:
            return market
        case Dimension.SKILL:
            return skill
        case Dimension.SEGMENT:
            return market + literal("/") + skill


def label_of(dimension: Dimension, key: str, labels: Mapping[str, str]) -> str:
    if key in labels:
        return labels[key]
    if key == NONE:
        return {Dimension.AGENT: "No agent", Dimension.COUNCIL: "No council"}.get(dimension, "None")
    if key == UNKNOWN:
        return "No profile"
    return key.replace("_", " ").replace("/", ", ").capitalize()
