"""Reading the brain for its page and the API: rules with their last look, what was found, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actor import Actor, ActorKind, Role
from core.analytics.rules import Rate
from core.brain.found import all_rules
from core.brain.rule import Rule
from core.brain.rules import READERS, FindingState, LookState, TaskState
from core.brain.service import RuleSettings, settings_of
from core.brain.tables import BrainFinding, BrainRule, TeamTask
from core.database.unit_of_work import Database


class Became(StrEnum):
    """Where a finding stands, as its page filters it."""

    WAITING = "waiting"
    """Its card waits for a decision, or is being executed."""
    EXECUTED = "executed"
    DECLINED = "declined"
    """Rejected, expired, or not executed after all."""
    NOT_PROPOSED = "not_proposed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class LastLook:
    at: datetime
    state: LookState
    words: str
    found: int | None
    proposed: int
    remaining: int
    seen_at: datetime | None
    """When it last saw its source."""


@dataclass(frozen=True)
class RuleView:
    rule: Rule
    settings: RuleSettings
    look: LastLook | None
    changed_by: str | None
    changed_at: datetime | None
    cards: int
    """Proposed so far."""
    waiting: int
    executed: int
    declined: int
    settled: Rate
    """Of what was executed: how much of it is not so any more (paid, moved on), and n."""


@dataclass(frozen=True)
class FindingRow:
    id: UUID
    rule: str
    rule_title: str
    title: str
    state: FindingState
    became: Became
    held: str
    action_id: UUID | None
    """None while there is no card."""
    action_state: ActionState | None
    confidence: Decimal
    impact: Mapping[str, Any]
    evidence: Sequence[Mapping[str, Any]]
    worded_by: str
    first_seen_at: datetime
    last_seen_at: datetime
    proposed_at: datetime | None
    ended_at: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True)
class TaskRow:
    id: UUID
    title: str
    details: str
    link: str
    mine_alone: bool
    """For this person, not for everybody with a role."""
    given_at: datetime


_WAITS = (ActionState.PENDING, ActionState.APPROVED, ActionState.EXECUTING, ActionState.UNKNOWN)


class BrainQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def rules(self, actor: Actor) -> Sequence[RuleView]:
        """Every rule by title."""
        _must_read(actor)
        executed = Action.state == ActionState.EXECUTED
        counts = (
            select(
                BrainFinding.rule,
                func.count(Action.id).label("cards"),
                func.count().filter(Action.state.in_(_WAITS)).label("waiting"),
                func.count().filter(executed).label("executed"),
                func.count().filter(executed, BrainFinding.gone_at > Action.executed_at).label("settled"),
                func.count().filter(_declined()).label("declined"),
            )
            .join(Action, Action.id == BrainFinding.action_id)
            .group_by(BrainFinding.rule)
        )
        with self._database.reading() as session:
            rows = {row.name: row for row in session.scalars(select(BrainRule))}
            told = {row.rule: row for row in session.execute(counts)}
        return [_rule_view(rule, rows.get(name), told.get(name)) for name, rule in all_rules().items()]

    def findings(
        self,
        actor: Actor,
        *,
        rule: str = "",
        became: Became | None = None,
        finding_id: UUID | None = None,
        offset: int = 0,
        limit: int = 20,
    ) -> tuple[Sequence[FindingRow], int]:
        """One page of what was noticed, the latest first, and how many there are. Of each thing its latest round."""
        _must_read(actor)
        where = [
            BrainFinding.rule == rule if rule else true(),
            _became(became) if became else true(),
            BrainFinding.id == finding_id if finding_id else true(),
        ]
        query = select(BrainFinding, Action).outerjoin(Action, Action.id == BrainFinding.action_id).where(*where)
        # What has a card first, the latest card at the top; then what was only noticed, the most valuable first.
        order = (BrainFinding.proposed_at.desc().nulls_last(), BrainFinding.weight.desc(), BrainFinding.id.desc())
        counted = (
            select(func.count())
            .select_from(BrainFinding)
            .outerjoin(Action, Action.id == BrainFinding.action_id)
            .where(*where)
        )
        with self._database.reading() as session:
            total = session.scalar(counted) or 0
            rows = session.execute(query.order_by(*order).offset(offset).limit(limit)).all()
        return [_finding_row(row.BrainFinding, row.Action) for row in rows], total

    def tasks(self, actor: Actor, *, limit: int = 20) -> Sequence[TaskRow]:
        """The open tasks of this person and their roles, the oldest first."""
        if actor.kind is not ActorKind.PERSON:
            return ()
        roles = sorted(Role(one) for one in actor.roles)
        query = (
            select(TeamTask)
            .where(
                TeamTask.state == TaskState.OPEN,
                or_(TeamTask.for_user == actor.user_id, TeamTask.for_role.in_(roles)),
            )
            .order_by(TeamTask.given_at, TeamTask.id)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [
                TaskRow(one.id, one.title, one.details, one.link, one.for_user is not None, one.given_at)
                for one in session.scalars(query)
            ]


def _must_read(actor: Actor) -> None:
    actor.must_have(*READERS, to="see what the operator brain noticed")


def _declined() -> ColumnElement[bool]:
    ended = Action.state.in_((ActionState.REJECTED, ActionState.EXPIRED, ActionState.FAILED))
    return and_(ended, BrainFinding.withdrawn_at.is_(None))


def _became(wanted: Became) -> ColumnElement[bool]:
    return _standing() == wanted.value


def _standing() -> ColumnElement[Any]:
    return case(
        (Action.id.is_(None), Became.NOT_PROPOSED.value),
        (Action.state == ActionState.EXECUTED, Became.EXECUTED.value),
        (BrainFinding.withdrawn_at.is_not(None), Became.WITHDRAWN.value),
        (_declined(), Became.DECLINED.value),
        else_=Became.WAITING.value,
    )


def _stands(row: BrainFinding, action: Action | None) -> Became:
    if action is None:
        return Became.NOT_PROPOSED
    if action.state is ActionState.EXECUTED:
        return Became.EXECUTED
    if row.withdrawn_at is not None:
        return Became.WITHDRAWN
    return Became.WAITING if action.state in _WAITS else Became.DECLINED


def _finding_row(row: BrainFinding, action: Action | None) -> FindingRow:
    rule = all_rules().get(row.rule)
    ended = (action.executed_at or action.decided_at) if action else None
    return FindingRow(
        id=row.id, rule=row.rule, rule_title=rule.title if rule else row.rule, title=row.title, state=row.state,
        became=_stands(row, action), held=row.held, action_id=action.id if action else None,
        action_state=action.state if action else None, confidence=row.confidence, impact=row.impact,
        evidence=row.evidence, worded_by=row.worded_by, first_seen_at=row.first_seen_at, last_seen_at=row.last_seen_at,
        proposed_at=row.proposed_at, ended_at=ended, gone_at=row.gone_at,
    )  # fmt: skip


def _rule_view(rule: Rule, row: BrainRule | None, told: Any) -> RuleView:
    look = None
    if row is not None and row.looked_at is not None and row.look_state is not None:
        look = LastLook(
            row.looked_at, row.look_state, row.look_words, row.found, row.proposed, row.remaining, row.seen_at
        )
    executed = told.executed if told else 0
    return RuleView(
        rule=rule, settings=settings_of(rule, row), look=look, changed_by=row.changed_by if row else None,
        changed_at=row.changed_at if row else None, cards=told.cards if told else 0,
        waiting=told.waiting if told else 0, executed=executed, declined=told.declined if told else 0,
        settled=Rate(told.settled if told else 0, executed),
    )  # fmt: skip
