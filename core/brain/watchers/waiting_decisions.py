"""Cards and gates that wait too long, or end soon: a reminder to those whose turn it is, never a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.actions.rules import Priority, Risk
from core.actions.tables import Action
from core.actor import Role
from core.brain.rule import HERE, Evidence, Finding, Rule, Sight, Threshold, Values
from core.brain.sources import MOST, Sources
from core.brain.tables import BrainFinding
from core.brain.wording import age, count, name, title
from core.canonical import digest
from core.decisions.electorate import Electorate
from core.decisions.rules import DecisionState
from core.decisions.tables import Decision
from core.executions.automated.rules import GateState
from core.executions.automated.tables import RunGate
from core.identifiers import parse_id
from core.identity.tables import User

NAME = "waiting_decisions"
NAMED = 10
"""Decisions that a reminder names one by one."""


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    email: str


@dataclass(frozen=True)
class Waiting:
    """One open decision that has waited too long or ends soon, and who can still vote."""

    id: str
    title: str
    url: str
    path: str
    opened_at: datetime
    deadline: datetime | None
    people: tuple[Person, ...]
    read_at: datetime


def read(sources: Sources, now: datetime, values: Values) -> Sight[list[Waiting]]:
    old = now - timedelta(hours=values["hours"])
    soon = now + timedelta(hours=values["soon"])
    # What ends soon is only late once half of its time has passed: a card for an hour is not late when it is made.
    half = Decision.deadline - now <= now - Decision.opened_at
    query = (
        select(Decision, Action, RunGate)
        .outerjoin(Action, Action.decision_id == Decision.id)
        .outerjoin(RunGate, and_(RunGate.decision_id == Decision.id, RunGate.state == GateState.OPEN))
        .outerjoin(BrainFinding, and_(BrainFinding.action_id == Action.id, BrainFinding.rule == NAME))
        .where(
            Decision.state == DecisionState.OPEN,
            or_(Decision.deadline.is_(None), Decision.deadline > now),
            or_(Decision.opened_at <= old, and_(Decision.deadline <= soon, half)),
            BrainFinding.id.is_(None),  # a reminder of reminders would never end
            or_(Action.id.is_(None), ~Action.sample),
            or_(Action.snoozed_until.is_(None), Action.snoozed_until <= now),
            or_(Action.id.is_not(None), RunGate.id.is_not(None)),
        )
        .order_by(Decision.opened_at)
        .limit(MOST + 1)
    )
    with sources.database.reading() as session:
        rows = session.execute(query).all()[:MOST]
        who = _who(session, [decision for decision, _, _ in rows])
        found = [
            _waiting(sources, decision, action, gate, who[decision.id], now) for decision, action, gate in rows
        ]  # fmt: skip
    return Sight(found, frozenset({HERE}) if len(rows) < MOST else frozenset())


def decide(waiting: Sequence[Waiting], now: datetime, values: Values) -> list[Finding]:
    """One reminder a person, naming what waits for them; one task where nobody can decide."""
    by_person: dict[Person, list[Waiting]] = {}
    for one in waiting:
        for person in one.people:
            by_person.setdefault(person, []).append(one)
    found = [_reminder(person, sorted(mine, key=_urgency), now) for person, mine in by_person.items()]
    return found + [_nobody(one, now) for one in waiting if not one.people]


def _reminder(person: Person, mine: Sequence[Waiting], now: datetime) -> Finding:
    many = count(len(mine), "decision waits", "decisions wait")
    oldest = min(one.opened_at for one in mine)
    ending = [one.deadline for one in mine if one.deadline]
    lines = [f"- {one.title}, {_since(one)}: {one.url}" for one in mine[:NAMED]]
    if len(mine) > NAMED:
        lines.append(f"- and {len(mine) - NAMED} more in the inbox")
    body = f"Hello {person.name},\n\n{many} for you in Countersign:\n\n" + "\n".join(lines)
    return Finding(
        key=f"person/{person.id}", subject=f"person/{person.id}", scope=HERE,
        version=digest(sorted(one.id for one in mine)),
        title=title(f"Remind {person.name} of {count(len(mine), 'decision')}"),
        operation="email_send",
        params={"to": [person.email], "subject": f"{many} for you", "body": body},
        rationale=f"{many} for {person.name}, the longest for {age(oldest, now)}."
        + (f" The first ends in {age(now, min(ending))}." if ending else ""),
        evidence=tuple(
            Evidence(f"“{one.title}”: {_since(one)}", "Open decisions", one.read_at, one.url) for one in mine[:NAMED]
        ),
        confidence=Decimal("0.99"), confidence_why="Confidence 0.99: counted, not estimated.",
        weight=Decimal(len(mine)), priority=Priority.ATTENTION if ending else Priority.INFO, risk=Risk.LOW,
        worded=("subject", "body"), must_say=(person.name, many, *(one.title for one in mine[:NAMED]),
                                              *(one.url for one in mine[:NAMED])),
    )  # fmt: skip


def _nobody(one: Waiting, now: datetime) -> Finding:
    return Finding(
        key=f"nobody/{one.id}", subject=f"nobody/{one.id}", scope=HERE, version=digest([one.id]),
        title=title(f"Name somebody who can decide “{one.title}”"), operation="team_task",
        params={
            "title": title(f"Nobody can decide “{one.title}”"), "role": Role.ADMIN.value, "link": one.path,
            "details": "Its council or group has no active member who may vote. Add one, or it ends at its deadline.",
        },
        rationale=f"It has waited for {age(one.opened_at, now)}, and nobody who may vote on it is left.",
        evidence=(Evidence(f"“{one.title}”: {_since(one)}, nobody may vote", "Open decisions", one.read_at, one.url),),
        confidence=Decimal("0.99"), confidence_why="Confidence 0.99: counted, not estimated.",
        weight=Decimal(1_000), priority=Priority.ATTENTION, risk=Risk.LOW,
    )  # fmt: skip


def _since(one: Waiting) -> str:
    """In absolute times: the reminder is read later than it is written."""
    words = f"waits since {one.opened_at:%Y-%m-%d %H:%M} UTC"
    return f"{words}, ends {one.deadline:%Y-%m-%d %H:%M} UTC" if one.deadline else words


def _urgency(one: Waiting) -> tuple[bool, datetime]:
    return one.deadline is None, one.deadline or one.opened_at


def _who(session: Session, decisions: Sequence[Decision]) -> Mapping[UUID, tuple[Person, ...]]:
    electorate = Electorate(session)
    ids: dict[UUID, frozenset[str]] = {}
    for one in decisions:
        seats = frozenset().union(*(panel.electorate for panel in electorate.panels(one)))
        ids[one.id] = seats - set(one.voted)
    wanted = [found for one in frozenset().union(*ids.values()) if (found := parse_id(one))]
    users = session.scalars(select(User).where(User.id.in_(wanted), User.active)) if wanted else ()
    people = {str(one.id): Person(str(one.id), name(one.name, 60), one.email) for one in users}
    return {key: tuple(people[one] for one in sorted(asked) if one in people) for key, asked in ids.items()}


def _waiting(
    sources: Sources, decision: Decision, action: Action | None, gate: RunGate | None, people: tuple[Person, ...],
    now: datetime,
) -> Waiting:  # fmt: skip
    path = f"/inbox?card={action.id}" if action else f"/inbox?gate={gate.id}" if gate else "/inbox"
    called = action.title if action else gate.title if gate else decision.subject_kind
    return Waiting(
        str(decision.id),
        name(called, 100),
        sources.page(path),
        path,
        decision.opened_at,
        decision.deadline,
        people,
        now,
    )


RULE = Rule(
    name=NAME,
    title="Decisions that wait too long",
    watches=(
        "Cards and gates that have waited for hours, or end soon. Proposes a reminder by e-mail to those whose turn it is, "
        "and a task where nobody can decide. It decides nothing."
    ),
    source="This installation",
    nouns=("person to remind", "people to remind"),
    thresholds=(
        Threshold("hours", "Waiting for", 12, 1, 720, "hours"),
        Threshold("soon", "Or ending within", 4, 1, 168, "hours"),
    ),
    read=read,
    decide=decide,
    window=timedelta(hours=24),
    waits=timedelta(hours=12),
)
