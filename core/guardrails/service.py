"""Judging an action inside somebody's transaction, with a record each time, and changing the guardrails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from core.actor import Actor, ActorKind, Role
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import NotAllowed
from core.guardrails import ledger, row
from core.guardrails.ledger import release, reserve
from core.guardrails.row import current, initial_mode, shown
from core.guardrails.rules import Evaluation, ExecutionMode, Facts, Limits, Stage, evaluate
from core.guardrails.tables import GuardrailRecord, LedgerEntry
from core.settings import Settings

__all__ = [
    "GuardrailService", "current", "forget", "initial_mode", "judge", "look", "release", "reserve",
]  # fmt: skip

_PURGE = 10_000


def judge(
    uow: UnitOfWork,
    settings: Settings,
    facts: Facts,
    *,
    stage: Stage,
    subject: str,
    actor: Actor,
    hold: bool = False,
) -> Evaluation:
    """Every rule's verdict, with rates and repeats as they stand; leaves a record in this transaction.

    `subject` (`action:<id>`) is whom the work belongs to: what it has reserved itself does not count against it. With
    `hold`, neither the guardrails nor what others reserved on this channel changes until the transaction ends, so
    that `reserve` in the same transaction is exact.
    """
    limits = current(uow, settings, hold=hold)
    if hold:
        ledger.lock(uow, facts)
    evaluation = evaluate(limits, facts, ledger.usage(uow.session, limits, facts, subject=subject))
    _record(uow, evaluation, facts, stage=stage, subject=subject, actor=actor)
    return evaluation


def look(session: Session, settings: Settings, facts: Facts, *, subject: str = "") -> Evaluation:
    """What `judge` would say now, for whoever only looks: nothing is written."""
    limits = shown(session, settings, facts.now)
    return evaluate(limits, facts, ledger.usage(session, limits, facts, subject=subject))


def forget(uow: UnitOfWork, subjects: Sequence[str]) -> None:
    """Removes what is kept of these subjects, for example of sample data that is taken out."""
    for chosen in (delete(GuardrailRecord).where(GuardrailRecord.subject.in_(subjects)),
                   delete(LedgerEntry).where(LedgerEntry.holder.in_(subjects))):  # fmt: skip
        uow.session.execute(chosen.execution_options(synchronize_session=False))


class GuardrailService:
    """What an admin does to the guardrails, and what anybody who operates may: stop everything."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings

    def ensure(self) -> Limits:
        """Writes the guardrails of a new installation when it starts; a policy file that is wrong is refused here."""
        with self._database.begin() as uow:
            return current(uow, self._settings)

    def stop(self, actor: Actor) -> Limits:
        """The kill switch. When this returns, queued work that has not begun its call will not begin it."""
        return self.set_mode(actor, ExecutionMode.OFF)

    def set_mode(self, actor: Actor, mode: ExecutionMode) -> Limits:
        """Off, preview or on. Whoever operates may stop; only admins start again."""
        if mode is ExecutionMode.OFF:
            _must_stop(actor)
        else:
            _must_change(actor)
        with self._database.begin() as uow:
            return row.apply(uow, self._settings, actor, {"mode": mode}, None)

    def change(self, actor: Actor, changes: Mapping[str, Any], expected_version: int | None = None) -> Limits:
        """Changes the fields named in `changes` (as in `Limits.to_json`, or `mode`) and leaves the rest.

        Conflict if `expected_version` is no longer the one in force; InvalidInput names a field that cannot be.
        """
        _must_change(actor)
        with self._database.begin() as uow:
            return row.apply(uow, self._settings, actor, changes, expected_version)

    def forget_old(self, *, ledger_before: datetime, records_before: datetime) -> tuple[int, int]:
        """Removes what is too old to count and records that are too old to keep; answers how many of each."""
        entries = records = 0
        while removed := self._purge_ledger(ledger_before):
            entries += removed
        while removed := self._purge_records(records_before):
            records += removed
        return entries, records

    def _purge_ledger(self, before: datetime) -> int:
        with self._database.begin() as uow:
            return ledger.purge(uow, before=before)

    def _purge_records(self, before: datetime) -> int:
        old = select(GuardrailRecord.id).where(GuardrailRecord.at < before).limit(_PURGE)
        with self._database.begin() as uow:
            removed = uow.session.execute(
                delete(GuardrailRecord).where(GuardrailRecord.id.in_(old)).execution_options(synchronize_session=False)
            )
            assert isinstance(removed, CursorResult)
            return removed.rowcount


def _record(uow: UnitOfWork, evaluation: Evaluation, facts: Facts, *, stage: Stage, subject: str, actor: Actor) -> None:
    uow.session.add(
        GuardrailRecord(
            subject=subject, stage=stage, at=facts.now, revision=evaluation.revision, outcome=evaluation.judgement,
            verdicts=[verdict.to_json() for verdict in evaluation.verdicts],
            actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name[:200],
        )
    )  # fmt: skip


def _must_stop(actor: Actor) -> None:
    """Stopping is safe: whoever operates may, by any token that lets them decide or administer."""
    if actor.scopes is not None and actor.scopes.isdisjoint({"decide", "admin"}):
        raise NotAllowed(who=actor.name, what="stop execution with this token", needs="token with the scope decide")
    actor.must_have(Role.OPERATOR, Role.ADMIN, to="stop execution")


def _must_change(actor: Actor) -> None:
    if actor.kind not in {ActorKind.PERSON, ActorKind.SYSTEM}:
        raise NotAllowed(who=actor.name, what="change the guardrails", needs="admin")
    if actor.scopes is not None and "admin" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="change them with this token", needs="token with the scope admin")
    actor.must_have(Role.ADMIN, to="change the guardrails")
