"""Which cards the inbox shows: filter and order as statements, and a row as somebody sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, true
from sqlalchemy.orm import Session

from core.actions.cards import InboxRow
from core.actions.rules import ActionState, Priority, Risk, reads_all
from core.actions.tables import Action
from core.actor import Actor
from core.decisions.policy import Policy
from core.decisions.queries import before_a_council
from core.decisions.tables import Council, Decision


class InboxSort(StrEnum):
    PRIORITY = "priority"
    """Most urgent first, then what expires first."""
    EXPIRY = "expiry"
    OLDEST = "oldest"
    """Who has waited longest."""
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
    mine: bool = False
    """Only what this person may decide and has not voted on."""
    reviewed: bool = False
    """Only what a council must approve."""
    ids: frozenset[UUID] = frozenset()
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


_COLUMNS = (
    Action.id, Action.title, Action.body, Action.plan["summary"].astext.label("summary"), Action.operation,
    Action.priority, Action.risk, Action.confidence, Action.impact, Action.state, Action.plan_digest,
    Action.leaves_machine, Action.plan["reversible"].as_boolean().label("reversible"),
    Action.proposer_kind, Action.proposer_name, Action.proposed_at, Action.expires_at, Action.snoozed_until,
    Action.decided_by, Action.decided_at, Action.error, Action.reference, Action.executed_at, Action.attempts,
    Action.council_id, Action.undo_of, Action.automatic, Action.sample, Action.version, Action.origin,
)  # fmt: skip
_OWN = tuple(column.key for column in _COLUMNS)


ORDER: Mapping[InboxSort, tuple[Any, ...]] = {
    InboxSort.PRIORITY: (Action.priority_rank, Action.expires_at, Action.id),
    InboxSort.EXPIRY: (Action.expires_at, Action.id),
    InboxSort.OLDEST: (Action.proposed_at, Action.id),
    InboxSort.NEWEST: (Action.proposed_at.desc(), Action.id.desc()),
}


def rows_of(mine: ColumnElement[bool]) -> Select[Any]:
    """Cards, each with what it takes to say whether the reader may decide it."""
    return select(
        *_COLUMNS, Action.plan["amounts"].label("amounts"), Decision.panels, Decision.authors, mine.label("mine")
    ).outerjoin(Decision, Decision.id == Action.decision_id)


def visible(actor: Actor) -> ColumnElement[bool]:
    return true() if reads_all(actor) else Action.proposer_id == actor.id


def matching(wanted: InboxFilter, now: datetime) -> list[ColumnElement[bool]]:
    """The filter without its priorities, which have their own counts."""
    chosen: list[ColumnElement[bool]] = []
    if wanted.states:
        chosen.append(Action.state.in_(wanted.states))
    if wanted.states == {ActionState.PENDING}:
        chosen.append(Action.expires_at > now)
        asleep = and_(Action.snoozed_until.is_not(None), Action.snoozed_until > now)
        awake = or_(Action.snoozed_until.is_(None), Action.snoozed_until <= now)
        chosen.append(asleep if wanted.snoozed else awake)
    if wanted.reviewed:
        chosen.append(before_a_council())
    if wanted.ids:
        chosen.append(Action.id.in_(wanted.ids))
    if wanted.risks:
        chosen.append(Action.risk.in_(wanted.risks))
    if wanted.operations:
        chosen.append(Action.operation.in_(wanted.operations))
    if wanted.proposer:
        chosen.append(Action.proposer_name == wanted.proposer)
    if wanted.expires_before is not None:
        chosen.append(Action.expires_at < wanted.expires_before)
    if wanted.sample is not None:
        chosen.append(Action.sample == wanted.sample)
    if wanted.text:
        places = (Action.title, Action.body, Action.proposer_name, Action.plan["summary"].astext)
        chosen.append(or_(*(place.icontains(wanted.text, autoescape=True) for place in places)))
    return chosen


def council_names(session: Session, rows: Sequence[Row[Any]]) -> Mapping[str, str]:
    """The names of the councils before which the cards are; mostly there are none, and then nothing is asked."""
    named = {panel["council"] for row in rows for panel in row.panels or () if panel.get("council")}
    if not named:
        return {}
    query = select(Council.id, Council.name).where(Council.id.in_(named))
    return {row.id: row.name for row in session.execute(query)}


def inbox_row(actor: Actor, row: Row[Any], names: Mapping[str, str]) -> InboxRow:
    panels = [Policy.from_json(one) for one in row.panels or ()]
    councils = tuple(panel.council for panel in panels if panel.council)
    return InboxRow(
        **{key: row._mapping[key] for key in _OWN},
        councils=councils,
        council_names=tuple(names.get(one, one) for one in councils),
        amount=_amount(row),
        why_not_decide=None if row.mine else _why_not(actor, panels, row.authors or (), names),
    )


def _why_not(actor: Actor, panels: Sequence[Policy], authors: Sequence[str], names: Mapping[str, str]) -> str:
    """In a few words for a list; the open card says it exactly."""
    if not panels:
        return "it has no decision."
    if actor.id in authors and all(panel.recusal for panel in panels):
        return "you wrote or edited this plan; somebody else decides."
    councils = [names.get(panel.council, panel.council) for panel in panels if panel.council]
    return f"the council {' and '.join(councils)} decides." if councils else "others decide it, or you have voted."


def _amount(row: Row[Any]) -> tuple[Decimal, str] | None:
    sums = row.amounts or ()
    expected = row.impact.get("revenue_change")
    if sums:
        return Decimal(sums[0]["value"]), sums[0]["currency"]
    return (Decimal(str(expected["value"])), str(expected["currency"])) if expected else None
