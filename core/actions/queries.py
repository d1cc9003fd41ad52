"""Read models of proposed actions: the inbox, one card with everything on it, and a cheap look at progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, true

from core.actions.cards import Card, HistoryRow, Resolved, Unconfirmed, read_card, read_history, resolved
from core.actions.inbox import ORDER, InboxPage, council_names, inbox_row, matching, rows_of, visible
from core.actions.inbox import InboxFilter as InboxFilter
from core.actions.inbox import InboxSort as InboxSort
from core.actions.judging import Judge
from core.actions.rules import OVER, ActionState, Priority
from core.actions.tables import Action, Attempt
from core.actor import Actor
from core.audit.tables import AuditEntry
from core.connectors.plan import Effect, Plan
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database
from core.decisions.queries import waits_for
from core.decisions.rules import DecisionState
from core.decisions.tables import Decision
from core.errors import NotFound
from core.settings import Settings


@dataclass(frozen=True)
class Progress:
    state: ActionState
    error: str | None
    reference: str | None
    attempts: int
    executed_at: datetime | None = field(default=None)


@dataclass(frozen=True)
class ActionStanding:
    id: UUID
    state: ActionState
    plan_digest: str
    decision_id: UUID | None
    decision: DecisionState | None
    voted: int | None
    """How many seats have voted, with who voted for them."""
    attempts: int
    error: str | None
    reference: str | None
    executed_at: datetime | None
    version: int

    @property
    def over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True)
class Offer:
    """An operation that can be proposed."""

    name: str
    title: str
    channel: str
    effect: Effect
    """What it does to the world, at worst."""


class ActionQueries:
    def __init__(self, database: Database, connectors: Connectors, settings: Settings) -> None:
        self._database, self._connectors = database, connectors
        self._judge = Judge(connectors, settings, database.clock)

    def inbox(
        self,
        actor: Actor,
        wanted: InboxFilter | None = None,
        *,
        sort: InboxSort = InboxSort.PRIORITY,
        offset: int = 0,
        limit: int = 20,
        today_ends: datetime | None = None,
    ) -> InboxPage:
        """One page of cards with counts. `today_ends` is the reader's midnight (by default UTC's)."""
        wanted = wanted or InboxFilter()
        now = self._database.clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        with self._database.reading() as session:
            mine = waits_for(session, actor, now)
            chosen = [*matching(wanted, now), visible(actor)]
            if wanted.mine:
                chosen.append(mine)
            of_priority = Action.priority.in_(wanted.priorities) if wanted.priorities else true()
            rows = rows_of(mine).where(*chosen, of_priority).order_by(*ORDER[sort]).offset(offset).limit(limit)
            soon = and_(Action.state == ActionState.PENDING, Action.expires_at < (today_ends or midnight), of_priority)
            counts = (
                select(
                    *(func.count().filter(Action.priority == one).label(one.value) for one in Priority),
                    func.count().filter(soon).label("today"),
                )
                .outerjoin(Decision, Decision.id == Action.decision_id)
                .where(*chosen)
            )
            found = session.execute(rows).all()
            counted = session.execute(counts).one()
            names = council_names(session, found)
        by_priority = {one: int(counted._mapping[one.value]) for one in Priority}
        total = sum(count for one, count in by_priority.items() if not wanted.priorities or one in wanted.priorities)
        return InboxPage([inbox_row(actor, row, names) for row in found], total, by_priority, counted.today)

    def card(self, actor: Actor, action_id: UUID) -> Card:
        """The card with its plan, decision, rules, attempts and history."""
        with self._database.reading() as session:
            now = self._database.clock.now()
            wanted = rows_of(waits_for(session, actor, now)).where(Action.id == action_id, visible(actor))
            row = session.execute(wanted).first()
            if row is None:
                raise NotFound(kind="action", id=action_id)
            action = session.get_one(Action, action_id)
            undoable = action.state is ActionState.EXECUTED and self._judge.inverse(session, action) is not None
            shown = inbox_row(actor, row, council_names(session, [row]))
            verdicts = self._judge.look(session, action, now).verdicts
            return read_card(session, actor, action, shown, verdicts, can_undo=undoable, now=now)

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

    def waiting_count(self, actor: Actor, *, reviewed: bool = False) -> int:
        """How many cards wait for this person's decision; with `reviewed`, those that a council must approve."""
        now = self._database.clock.now()
        with self._database.reading() as session:
            query = (
                select(func.count())
                .select_from(Action)
                .join(Decision, Decision.id == Action.decision_id)
                .where(*matching(InboxFilter(reviewed=reviewed), now), visible(actor), waits_for(session, actor, now))
            )
            return session.scalar(query) or 0

    def unconfirmed_count(self) -> int:
        """How many effects nobody could confirm."""
        query = select(func.count()).select_from(Action).where(Action.state == ActionState.UNKNOWN)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def unconfirmed(self, actor: Actor) -> Sequence[Unconfirmed]:
        """What may have happened and nobody knows, the oldest first, with where to look for it."""
        query = (
            select(Action, Attempt)
            .join(Attempt, and_(Attempt.action_id == Action.id, Attempt.number == Action.attempts))
            .where(Action.state == ActionState.UNKNOWN, visible(actor))
            .order_by(Attempt.called_at, Action.id)
            .limit(200)
        )
        with self._database.reading() as session:
            return [self._unconfirmed(action, attempt) for action, attempt in session.execute(query)]

    def resolved(self, limit: int = 20) -> Sequence[Resolved]:
        """What people found out about effects that nobody could confirm, the latest first."""
        query = (
            select(AuditEntry)
            .where(AuditEntry.event == "action.resolved")
            .order_by(AuditEntry.sequence.desc())
            .limit(limit)
        )
        with self._database.reading() as session:
            return [resolved(entry) for entry in session.scalars(query)]

    def standing(self, actor: Actor, action_id: UUID) -> ActionStanding:
        """How an action stands, in a few words and one statement: for those who watch it."""
        query = (
            select(
                Action.id, Action.state, Action.plan_digest, Action.decision_id, Decision.state.label("decision"),
                func.cardinality(Decision.voted).label("voted"), Action.attempts, Action.error, Action.reference,
                Action.executed_at, Action.version,
            )
            .outerjoin(Decision, Decision.id == Action.decision_id)
            .where(Action.id == action_id, visible(actor))
        )  # fmt: skip
        with self._database.asking() as connection:
            found = connection.execute(query).first()
        if found is None:
            raise NotFound(kind="action", id=action_id)
        return ActionStanding(**found._mapping)

    def pulse(self) -> int:
        """A number that grows with everything that anybody does; reading it costs one look at an index."""
        with self._database.reading() as session:
            return session.scalar(select(func.max(AuditEntry.sequence))) or 0

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

    def offers(self) -> Sequence[Offer]:
        """What can be proposed, by channel and title."""
        offered = [Offer(one.name, one.title, one.channel, one.effect) for one in self._connectors.all()]
        return sorted(offered, key=lambda one: (one.channel, one.title))

    def edit_form(self, operation: str) -> Mapping[str, Any]:
        """The JSON Schema of an operation's parameters: titles, descriptions, limits; last, the connections there are.

        Where there is only one to go through, nobody is asked.
        """
        offered = self._connectors.operation(operation)
        schema = dict(offered.params.model_json_schema())
        fields = dict(schema["properties"])
        account = fields.pop("account", None)
        if account is not None:
            accounts = self._connectors.accounts
            names = [name for family in offered.families for name in accounts.names(family)]
            if len(names) > 1:
                said = {name: account[name] for name in ("title", "description") if name in account}
                fields["account"] = {**said, "enum": names, "empty": "The usual one"}
        return {**schema, "properties": fields}

    def _unconfirmed(self, action: Action, attempt: Attempt) -> Unconfirmed:
        plan = Plan.from_json(action.plan)
        try:
            hint = self._connectors.operation(action.operation).where_to_look(plan, attempt.key)
        except NotFound:
            hint = f"Look in {plan.account} for what the plan says."
        return Unconfirmed(
            id=action.id, title=action.title, operation=action.operation, plan=plan, error=action.error or "",
            key=attempt.key, reference=action.reference, called_at=attempt.called_at, attempts=action.attempts,
            approved_by=action.decided_by, approved_at=action.decided_at, expires_at=action.expires_at, hint=hint,
        )  # fmt: skip
