"""Keeping what a look found: one row for each thing and round, and the cards of what is gone taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.actions.withdrawing import withdraw
from core.brain.rule import Finding, Rule
from core.brain.rules import FindingState, Last, Step, step_for
from core.brain.tables import BrainFinding
from core.canonical import jsonable
from core.database.unit_of_work import Database, UnitOfWork
from core.identifiers import new_id

CHUNK = 500

WAITING = frozenset({ActionState.PENDING, ActionState.APPROVED})
"""A card that can still be taken back."""

GONE = "It is not so any more: what was noticed has changed since. The operator brain took the card back; nothing was done."
MOVED = (
    "The facts it named have moved since. The operator brain took the card back and proposes it anew; nothing was done."
)


@dataclass(frozen=True)
class Candidate:
    """A finding that may be proposed now, and its row."""

    row: UUID
    finding: Finding
    claimed_at: datetime | None
    """When a worker was about to propose it."""


def keep(database: Database, rule: Rule, found: Sequence[Finding]) -> list[Candidate]:
    """Writes down what was seen; answers what may be proposed, the most valuable first."""
    candidates: list[Candidate] = []
    ordered = sorted(found, key=lambda one: (-one.weight, one.key))
    for start in range(0, len(ordered), CHUNK):
        chunk = {one.key: one for one in ordered[start : start + CHUNK]}
        with database.begin() as uow:
            candidates += _keep(uow, rule, chunk)
    return candidates


def settle_gone(
    database: Database,
    rule: Rule,
    seen: Iterable[str],
    whole: frozenset[str],
    since: datetime,
    still_so: Iterable[str] = (),
) -> int:
    """Marks what a whole look at its scope did not see any more, and takes its waiting card back; answers how many.

    `since` is when the look began: what another worker found meanwhile is left alone. A card that has ended says
    nothing of a subject that is `still_so`: that one is not gone.
    """
    if not whole:
        return 0
    with database.reading() as session:
        missing = session.execute(
            select(BrainFinding.id, BrainFinding.key, BrainFinding.subject, Action.state)
            .outerjoin(Action, Action.id == BrainFinding.action_id)
            .where(
                BrainFinding.rule == rule.name, BrainFinding.scope.in_(sorted(whole)), BrainFinding.gone_at.is_(None),
                BrainFinding.last_seen_at < since,
            )
        ).all()  # fmt: skip
    there, same = frozenset(seen), frozenset(still_so)
    gone = [
        one for one in missing
        if one.key not in there and not (one.subject in same and one.state is not None and one.state not in WAITING)
    ]  # fmt: skip
    for one in gone:
        with database.begin() as uow:
            row = uow.session.get(BrainFinding, one.id, with_for_update=True)
            if row is None or row.gone_at is not None or row.last_seen_at >= since:
                continue
            row.gone_at = uow.now
            take_back(uow, row, GONE)
    return len(gone)


def hold(database: Database, rows: Sequence[UUID], why: str) -> None:
    """Says of rows that were not proposed why not."""
    with database.begin() as uow:
        uow.session.execute(
            update(BrainFinding)
            .where(BrainFinding.id.in_(rows), BrainFinding.state == FindingState.NOTICED)
            .values(held=why)
            .execution_options(synchronize_session=False)
        )


def take_back(uow: UnitOfWork, row: BrainFinding, why: str) -> bool:
    """Ends its card if nothing was done yet. False if that was too late."""
    action = uow.session.get(Action, row.action_id) if row.action_id else None
    if action is None:
        return True
    _found_card(row, action)
    if action.state not in WAITING:
        return False
    after = withdraw(uow, action.id, why).state
    if after not in (ActionState.EXPIRED, ActionState.FAILED):
        return False
    row.withdrawn_at = uow.now
    return True


def _keep(uow: UnitOfWork, rule: Rule, found: Mapping[str, Finding]) -> list[Candidate]:
    latest = {row.BrainFinding.key: row for row in _latest(uow.session, rule.name, found)}
    new: list[tuple[Finding, int]] = []
    candidates: list[Candidate] = []
    for finding in found.values():
        row = latest.get(finding.key)
        if row is not None and row.Action is not None:
            _found_card(row.BrainFinding, row.Action)
        number = row.BrainFinding.round if row else 0
        match step_for(_last(row) if row else None, finding.version, uow.now, rule.window):
            case Step.NEW:
                new.append((finding, number + 1))
            case Step.RESUME:
                assert row is not None
                _refresh(row.BrainFinding, finding, uow.now)
                candidates.append(Candidate(row.BrainFinding.id, finding, row.BrainFinding.claimed_at))
            case Step.REPLACE:
                assert row is not None
                if take_back(uow, row.BrainFinding, MOVED):
                    new.append((finding, number + 1))
            case Step.OPEN | Step.QUIET:
                assert row is not None
                row.BrainFinding.last_seen_at, row.BrainFinding.gone_at = uow.now, None
    return [*candidates, *_add(uow, rule, new)]


def _add(uow: UnitOfWork, rule: Rule, new: Sequence[tuple[Finding, int]]) -> list[Candidate]:
    """The rows that this worker made; what another one made at the same moment is that one's."""
    if not new:
        return []
    uow.session.flush()
    rows = [
        {"id": new_id(), "rule": rule.name, "key": one.key, "round": number, "state": FindingState.NOTICED,
         "first_seen_at": uow.now, "last_seen_at": uow.now, **_told(one)}
        for one, number in new
    ]  # fmt: skip
    query = insert(BrainFinding).on_conflict_do_nothing().returning(BrainFinding.id, BrainFinding.key)
    by_key = {one.key: one for one, _ in new}
    made = uow.session.execute(query, rows).all()
    return [Candidate(row.id, by_key[row.key], None) for row in made]


def _latest(session: Session, rule: str, found: Mapping[str, Finding]) -> Sequence[Any]:
    newest = (
        select(BrainFinding.key, func.max(BrainFinding.round).label("round"))
        .where(BrainFinding.rule == rule, BrainFinding.key.in_(list(found)))
        .group_by(BrainFinding.key)
        .subquery()
    )
    query = (
        select(BrainFinding, Action)
        .join(newest, and_(newest.c.key == BrainFinding.key, newest.c.round == BrainFinding.round))
        .outerjoin(Action, Action.id == BrainFinding.action_id)
        .where(BrainFinding.rule == rule)
        .order_by(BrainFinding.id)
        .with_for_update(of=BrainFinding)
    )
    return session.execute(query).all()


def _last(row: Any) -> Last:
    kept: BrainFinding = row.BrainFinding
    action: Action | None = row.Action
    return Last(
        kept.state, kept.version, kept.withdrawn_at is not None, action.state if action else None,
        _ended_at(action) if action else kept.proposed_at,
    )  # fmt: skip


def _ended_at(action: Action) -> datetime:
    if action.state is ActionState.EXECUTED and action.executed_at:
        return action.executed_at
    if action.state is ActionState.EXPIRED:
        return action.expires_at
    return action.decided_at or action.proposed_at


def _found_card(row: BrainFinding, action: Action) -> None:
    """Its card is there though nobody wrote that down: whoever made it ended in between. It names what was claimed."""
    if row.state is FindingState.CLAIMED:
        row.state, row.proposed_at = FindingState.PROPOSED, action.proposed_at


def _refresh(row: BrainFinding, finding: Finding, now: datetime) -> None:
    row.last_seen_at, row.gone_at = now, None
    for name, value in _told(finding).items():
        setattr(row, name, value)


def _told(one: Finding) -> dict[str, Any]:
    return {
        "subject": one.subject, "scope": one.scope, "version": one.version, "title": one.title,
        "operation": one.operation, "weight": one.weight, "confidence": one.confidence, "impact": dict(one.impact),
        "evidence": [
            {"fact": each.fact, "source": each.source, "as_of": jsonable(each.as_of), "url": each.url}
            for each in one.evidence
        ],
    }  # fmt: skip
