"""Read models of proposed actions: the inbox, one card with everything on it, and a cheap look at progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from core.actions.cards import Card, HistoryRow, InboxRow, read_card, read_history
from core.actions.judging import judge
from core.actions.rules import ActionState, Priority, Risk, reads_all
from core.actions.tables import Action
from core.actor import Actor
from core.audit.tables import AuditEntry
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database
from core.decisions.rules import Policy, why_not_vote
from core.decisions.tables import CouncilMember, Decision
from core.errors import NotFound
from core.guardrails import service as guardrails
from core.guardrails.rules import Limits, Verdict
from core.settings import Settings


class Sort(StrEnum):
    PRIORITY = "priority"
    """Most urgent first, then what expires first."""
    EXPIRY = "expiry"
    NEWEST = "newest"


@dataclass(frozen=True)
class InboxFilter:
    """What to show; empty means everything. `snoozed` shows the cards that are asleep instead of those awake."""

    text: str = ""
    priorities: frozenset[Priority] = frozenset()
    risks: frozenset[Risk] = frozenset()
    operations: frozenset[str] = frozenset()
    proposer: str = ""
    states: frozenset[ActionState] = frozenset({ActionState.PENDING})
    snoozed: bool = False
    expires_before: datetime | None = None
    sample: bool | None = None


@dataclass(frozen=True)
class InboxPage:
    rows: Sequence[InboxRow]
    total: int
    """How many match the filter, on all pages."""
    by_priority: Mapping[Priority, int]
    """How many match the rest of the filter, for each priority."""
    expiring_today: int


@dataclass(frozen=True)
class Progress:
    state: ActionState
    error: str | None
    reference: str | None
    attempts: int
    executed_at: datetime | None = field(default=None)


_COLUMNS = (
    Action.id, Action.title, Action.body, Action.plan["summary"].astext.label("summary"), Action.operation,
    Action.priority, Action.risk, Action.confidence, Action.impact, Action.state, Action.plan_digest,
    Action.leaves_machine, Action.plan["reversible"].as_boolean().label("reversible"),
    Action.proposer_kind, Action.proposer_name, Action.proposed_at, Action.expires_at, Action.snoozed_until,
    Action.decided_by, Action.decided_at, Action.error, Action.reference, Action.executed_at, Action.attempts,
    Action.council_id, Action.sample, Action.version,
)  # fmt: skip
_OWN = tuple(column.key for column in _COLUMNS)


class ActionQueries:
    def __init__(self, database: Database, connectors: Connectors, settings: Settings) -> None:
        self._database, self._connectors, self._settings = database, connectors, settings

    def inbox(
        self,
        actor: Actor,
        wanted: InboxFilter | None = None,
        *,
        sort: Sort = Sort.PRIORITY,
        offset: int = 0,
        limit: int = 20,
        today_ends: datetime | None = None,
    ) -> InboxPage:
        """One page of cards with counts. `today_ends` is the reader's midnight (by default UTC's)."""
        wanted = wanted or InboxFilter()
        now = self._database.clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        chosen = [*_matching(wanted, now), _visible(actor)]
        order = {
            Sort.PRIORITY: (Action.priority_rank, Action.expires_at, Action.id),
            Sort.EXPIRY: (Action.expires_at, Action.id),
            Sort.NEWEST: (Action.proposed_at.desc(), Action.id.desc()),
        }[sort]
        of_priority = Action.priority.in_(wanted.priorities) if wanted.priorities else None
        rows = _rows_for(actor).where(*chosen).order_by(*order).offset(offset).limit(limit)
        if of_priority is not None:
            rows = rows.where(of_priority)
        soon = and_(Action.state == ActionState.PENDING, Action.expires_at < (today_ends or midnight))
        counts = select(
            *(func.count().filter(Action.priority == one).label(one.value) for one in Priority),
            func.count().filter(soon if of_priority is None else and_(soon, of_priority)).label("today"),
        ).where(*chosen)
        with self._database.reading() as session:
            found = session.execute(rows).all()
            counted = session.execute(counts).one()
        by_priority = {one: int(counted._mapping[one.value]) for one in Priority}
        total = sum(count for one, count in by_priority.items() if not wanted.priorities or one in wanted.priorities)
        return InboxPage([_inbox_row(actor, row) for row in found], total, by_priority, counted.today)

    def card(self, actor: Actor, action_id: UUID) -> Card:
        """The card with its plan, decision, rules, attempts and history."""
        with self._database.reading() as session:
            row = session.execute(_rows_for(actor).where(Action.id == action_id, _visible(actor))).first()
            if row is None:
                raise NotFound(kind="action", id=action_id)
            action = session.get_one(Action, action_id)
            return read_card(session, actor, action, _inbox_row(actor, row), self._verdicts(session, action))

    def history(self, action_id: UUID) -> Sequence[HistoryRow]:
        """Everything that happened to the action, from the audit chain, oldest first."""
        with self._database.reading() as session:
            return read_history(session, action_id)

    def progress(self, ids: Sequence[UUID]) -> Mapping[UUID, Progress]:
        """Where these actions stand, by one look at the index; unknown ids are left out."""
        if not ids:
            return {}
        query = select(
            Action.id, Action.state, Action.error, Action.reference, Action.attempts, Action.executed_at
        ).where(Action.id.in_(ids))
        with self._database.reading() as session:
            return {row.id: Progress(*row[1:]) for row in session.execute(query)}

    def pulse(self) -> int:
        """Grows whenever anything was committed: the last number of the audit chain, by one look at its index."""
        with self._database.reading() as session:
            return session.scalar(select(func.max(AuditEntry.sequence))) or 0

    def waiting_count(self, actor: Actor) -> int:
        """How many cards wait in this person's inbox, by the index alone."""
        now = self._database.clock.now()
        query = select(func.count()).select_from(Action).where(*_matching(InboxFilter(), now))
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def channels(self) -> Sequence[str]:
        """The roads out that this installation's connectors know."""
        return sorted({operation.channel for operation in self._connectors.all()})

    def proposers(self) -> Sequence[str]:
        """Everybody who ever proposed, for a filter."""
        with self._database.reading() as session:
            return list(session.scalars(select(Action.proposer_name).distinct().order_by(Action.proposer_name)))

    def operations(self) -> Mapping[str, str]:
        """Each operation's name and title, for a filter."""
        return {operation.name: operation.title for operation in self._connectors.all()}

    def edit_form(self, operation: str) -> Mapping[str, Any]:
        """The JSON Schema of an operation's parameters: titles, descriptions, limits."""
        return dict(self._connectors.operation(operation).params.model_json_schema())

    def guardrails(self) -> Limits:
        """What the installation allows at present."""
        with self._database.reading() as session:
            return guardrails.stored(session) or guardrails.initial_limits(self._settings, self._database.clock.now())

    def _verdicts(self, session: Session, action: Action) -> Sequence[Verdict]:
        now = self._database.clock.now()
        allowed = guardrails.stored(session) or guardrails.initial_limits(self._settings, now)
        try:
            operation = self._connectors.operation(action.operation)
        except NotFound:
            return ()
        return judge(allowed, action, operation, now)


def _rows_for(actor: Actor) -> Select[Any]:
    """Cards, each with what it takes to say whether `actor` may decide it."""
    sits_on = select(CouncilMember.council_id).where(
        CouncilMember.user_id == actor.user_id, CouncilMember.council_id == Action.council_id
    )
    return select(
        *_COLUMNS, Action.proposer_id, Decision.policy.label("policy"), sits_on.exists().label("member")
    ).outerjoin(Decision, Decision.id == Action.decision_id)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return true() if reads_all(actor) else Action.proposer_id == actor.id


def _matching(wanted: InboxFilter, now: datetime) -> list[ColumnElement[bool]]:
    """The filter without its priorities, which have their own counts."""
    chosen: list[ColumnElement[bool]] = []
    if wanted.states:
        chosen.append(Action.state.in_(wanted.states))
    if wanted.states == {ActionState.PENDING}:
        chosen.append(Action.expires_at > now)
        asleep = and_(Action.snoozed_until.is_not(None), Action.snoozed_until > now)
        awake = or_(Action.snoozed_until.is_(None), Action.snoozed_until <= now)
        chosen.append(asleep if wanted.snoozed else awake)
    if wanted.risks:
        chosen.append(Action.risk.in_(wanted.risks))
    if wanted.operations:
        chosen.append(Action.operation.in_(wanted.operations))
    if wanted.expires_before is not None:
        chosen.append(Action.expires_at < wanted.expires_before)
    if wanted.proposer:
        chosen.append(Action.proposer_name == wanted.proposer)
    if wanted.sample is not None:
        chosen.append(Action.sample == wanted.sample)
    if wanted.text:
        places = (Action.title, Action.body, Action.proposer_name, Action.plan["summary"].astext)
        chosen.append(or_(*(place.icontains(wanted.text, autoescape=True) for place in places)))
    return chosen


def _inbox_row(actor: Actor, row: Row[Any]) -> InboxRow:
    fields = row._mapping
    refusal: str | None = "it has no decision."
    if row.policy is not None:
        policy = Policy.from_json(row.policy)
        named = row.member if policy.council else bool(policy.roles & actor.roles) or actor.id in policy.users
        electorate = frozenset({actor.id}) if named else frozenset()
        refusal = why_not_vote(actor, policy, electorate, row.proposer_id)
    return InboxRow(**{key: fields[key] for key in _OWN}, why_not_decide=refusal)
