"""The same figures side by side: by workflow, agent, council, market, level or segment; agents ranked; steps compared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import String, and_, cast, func, literal, select
from sqlalchemy.orm import Session

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import ActorKind
from core.analytics.cells import UNKNOWN
from core.analytics.figures import COMPLETED, WEEKLY_SAVINGS, WORK_SECONDS
from core.analytics.filters import NONE, Filters, conditions, is_counted, is_success
from core.analytics.rules import Rate, Total, leaderboard_score, totals
from core.catalog.tables import WorkflowRevision
from core.decisions.rules import DecisionState
from core.decisions.tables import Council, Decision
from core.executions.rules import StepState
from core.executions.tables import Execution, ExecutionStep
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
    people: int
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
        _key(dimension).label("key"), Execution.user_id, COMPLETED.label("completed"), WORK_SECONDS.label("work"),
        Execution.savings_currency, Execution.calculated_savings,
        is_success().label("success"), is_counted(now).label("counted"),
    ).where(*conditions(filters)).subquery()  # fmt: skip
    rows = session.execute(
        select(
            inner.c.key, func.count().label("runs"), func.count(inner.c.user_id.distinct()).label("people"),
            func.count().filter(inner.c.completed).label("completed"),
            func.count().filter(inner.c.success).label("successes"),
            func.count().filter(inner.c.counted).label("counted"),
            func.percentile_cont([0.5, 0.9]).within_group(inner.c.work).filter(inner.c.completed).label("work"),
        ).group_by(inner.c.key)
    ).all()  # fmt: skip
    amounts = session.execute(
        select(inner.c.key, inner.c.savings_currency, func.sum(inner.c.calculated_savings), func.count())
        .where(inner.c.completed, inner.c.calculated_savings.is_not(None))
        .group_by(inner.c.key, inner.c.savings_currency)
    )
    estimated: dict[str, list[tuple[str, str, Decimal, int]]] = defaultdict(list)
    for key, currency, value, n in amounts:
        estimated[key].append((WEEKLY_SAVINGS, currency, value, n))
    labels = names(session, dimension)
    found = [
        Group(
            key=row.key, label=labels.get(row.key) or _words(dimension, row.key), runs=row.runs, people=row.people,
            completed=row.completed, rate=Rate(row.successes, row.counted),
            work_p50=_second(row.work, 0), work_p90=_second(row.work, 1), estimated=totals(estimated[row.key]),
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


def leaderboard(session: Session, filters: Filters, currency: str) -> list[Standing]:
    """Agents by `rules.leaderboard_score`; approvals count what people decided on their runs and their actions."""
    decided = Decision.state.in_((DecisionState.APPROVED, DecisionState.REJECTED))
    runs = session.execute(
        select(
            Execution.agent_id, func.count(),
            func.coalesce(
                func.sum(Execution.calculated_savings).filter(and_(COMPLETED, Execution.savings_currency == currency)),
                Decimal(0),
            ),
            func.count().filter(Decision.state == DecisionState.APPROVED), func.count().filter(decided),
        )
        .outerjoin(Decision, Decision.id == Execution.decision_id)
        .where(Execution.agent_id.is_not(None), *conditions(filters))
        .group_by(Execution.agent_id)
    ).all()  # fmt: skip
    approvals = _action_approvals(session, filters)
    labels = names(session, Dimension.AGENT)
    found = []
    for agent, volume, amount, approved, n in runs:
        agent_id, saved = str(agent), amount or Decimal(0)
        approval = Rate(approved, n) + approvals.get(agent_id, Rate(0, 0))
        score = leaderboard_score(savings=saved, approval_rate=approval.share, volume=volume)
        found.append(Standing(agent_id, labels.get(agent_id, agent_id), volume, saved, currency, approval, score))
    return sorted(found, key=lambda standing: (-standing.score, standing.name))


def steps(session: Session, filters: Filters, workflow_id: str, now: datetime) -> list[StepFigures]:
    """Where runs of one workflow are lost and where their time goes, step by step."""
    reached = ExecutionStep.state != StepState.PENDING
    done = ExecutionStep.state == StepState.DONE
    rows = session.execute(
        select(
            ExecutionStep.number, func.count().filter(reached).label("reached"), func.count().filter(done).label("done"),
            func.percentile_cont([0.5, 0.9]).within_group(ExecutionStep.work_ms / 1000.0).filter(done).label("work"),
        )
        .join(Execution, Execution.id == ExecutionStep.execution_id)
        .where(Execution.workflow_id == workflow_id, is_counted(now), *conditions(filters))
        .group_by(ExecutionStep.number)
        .order_by(ExecutionStep.number)
    )  # fmt: skip
    return [StepFigures(r.number, r.reached, r.done, _second(r.work, 0), _second(r.work, 1)) for r in rows]


def _action_approvals(session: Session, filters: Filters) -> dict[str, Rate]:
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


def _key(dimension: Dimension) -> Any:
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


def _words(dimension: Dimension, key: str) -> str:
    if key == NONE:
        return {Dimension.AGENT: "No agent", Dimension.COUNCIL: "No council"}.get(dimension, "None")
    if key == UNKNOWN:
        return "No profile"
    return key.replace("_", " ").replace("/", ", ").capitalize()


def _second(pair: Any, index: int) -> float | None:
    return None if pair is None or pair[index] is None else float(pair[index])
