"""Commands on what savings are reckoned from: rate cards, scenarios, exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.actor import Actor
from core.audit import service as audit
from core.catalog.currencies import currencies
from core.catalog.queries import current_definition
from core.catalog.savings import RateCard
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import Conflict, InvalidInput, NotFound
from core.identifiers import new_id
from core.savings.queries import card_of, may_change
from core.savings.rules import (
    EDITORS,
    INPUTS,
    MOST_PROFILES,
    CardAlreadyWithdrawn,
    NotYourScenario,
    RateAlreadyWithdrawn,
    ScenarioNameTaken,
    TooManyScenarios,
    checked_decimals,
    checked_rate,
)
from core.savings.tables import CalculatorProfile, ExchangeRate, RateCardRow
from core.text import can_be_seen, has_controls, turns

MOST_NOTE, MOST_NAME, MOST_SOURCE = 500, 80, 200
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)


class SavingsService:
    """Analysts and admins; every change is one transaction with one audit entry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_card(self, actor: Actor, workflow_id: str, card: RateCard, *, note: str = "") -> UUID:
        """Runs started from now on, on days from `card.effective_from`, are reckoned by it; those started keep theirs.

        Of two cards from the same day, the one added last holds: that is how a mistake is corrected.
        """
        actor.must_have(*EDITORS, to="add rate cards")
        card, note = _checked(card), _line("Note", note, MOST_NOTE, least=0)
        if not _FIRST <= card.effective_from <= _LAST:
            raise InvalidInput(field="In force from", problem="use a day from 2000 to 2099.")
        with self._database.begin() as uow:
            current_definition(uow.session, workflow_id)
            row = RateCardRow(
                id=new_id(), workflow_id=workflow_id, effective_from=card.effective_from, note=note,
                withdrawn_reason="", **_inputs(card), **_author(uow, actor),
            )  # fmt: skip
            uow.session.add(row)
            uow.session.flush()
            after = {"workflow": workflow_id, "card": card.facts(), "note": note}
            audit.record(uow, actor, "rate_card.added", f"rate_card:{row.id}", after=after)
            return row.id

    def withdraw_card(self, actor: Actor, card_id: UUID, reason: str) -> None:
        """Takes it out of force for runs to come; what was started under it stays as it was reckoned."""
        actor.must_have(*EDITORS, to="withdraw rate cards")
        reason = _line("Reason", reason, MOST_NOTE)
        with self._database.begin() as uow:
            row = uow.session.get(RateCardRow, card_id, with_for_update=True)
            if row is None:
                raise NotFound(kind="rate card", id=card_id)
            if row.withdrawn_at is not None:
                raise CardAlreadyWithdrawn(who=row.withdrawn_by)
            row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = uow.now, actor.name[:200], reason
            before = {"workflow": row.workflow_id, "card": card_of(row).facts()}
            after = {"withdrawn": True, "reason": reason}
            audit.record(uow, actor, "rate_card.withdrawn", f"rate_card:{row.id}", before=before, after=after)

    def save_profile(self, actor: Actor, workflow_id: str, name: str, card: RateCard) -> UUID:
        """Keeps the inputs as a scenario of the workflow; its name is its own there."""
        actor.must_have(*EDITORS, to="save scenarios")
        card, name = _checked(card), _line("Name", name, MOST_NAME)
        with self._database.begin() as uow:
            current_definition(uow.session, workflow_id)
            _take_turn(uow, workflow_id)
            there = select(func.count()).where(CalculatorProfile.workflow_id == workflow_id)
            if (uow.session.scalar(there) or 0) >= MOST_PROFILES:
                raise TooManyScenarios(most=MOST_PROFILES)
            _must_be_free(uow, workflow_id, name, None)
            row = CalculatorProfile(
                id=new_id(), workflow_id=workflow_id, name=name, updated_at=uow.now, version=1, **_inputs(card),
                **_author(uow, actor),
            )  # fmt: skip
            uow.session.add(row)
            uow.session.flush()
            audit.record(uow, actor, "scenario.saved", f"scenario:{row.id}", after=_scenario(row))
            return row.id

    def change_profile(self, actor: Actor, profile_id: UUID, name: str, card: RateCard, *, version: int) -> None:
        """One's own; an admin changes any. Raises Conflict where it was changed since `version`."""
        actor.must_have(*EDITORS, to="change scenarios")
        card, name = _checked(card), _line("Name", name, MOST_NAME)
        with self._database.begin() as uow:
            row = _own(uow, actor, profile_id)
            if row.version != version:
                raise Conflict(what="This scenario")
            _take_turn(uow, row.workflow_id)
            _must_be_free(uow, row.workflow_id, name, row.id)
            before = _scenario(row)
            for field, value in _inputs(card).items():
                setattr(row, field, value)
            row.name, row.updated_at, row.version = name, uow.now, row.version + 1
            audit.record(uow, actor, "scenario.changed", f"scenario:{row.id}", before=before, after=_scenario(row))

    def delete_profile(self, actor: Actor, profile_id: UUID) -> None:
        actor.must_have(*EDITORS, to="delete scenarios")
        with self._database.begin() as uow:
            row = _own(uow, actor, profile_id)
            uow.session.delete(row)
            audit.record(uow, actor, "scenario.deleted", f"scenario:{row.id}", before=_scenario(row))

    def add_rate(self, actor: Actor, base: str, quote: str, rate: Decimal, *, day: date, source: str) -> UUID:
        """From `day` on one `base` counts as `rate` `quote`, until a later day's. Of the same day the last one counts."""
        actor.must_have(*EDITORS, to="add exchange rates")
        base, quote, rate = base.strip().upper(), quote.strip().upper(), checked_rate(rate)
        for code in (base, quote):
            if code not in currencies():
                raise InvalidInput(field="Currency", problem="use a code of ISO 4217, for example USD.")
        if base == quote:
            raise InvalidInput(field="Currency", problem="choose two different ones.")
        source = _line("Source", source, MOST_SOURCE)
        with self._database.begin() as uow:
            if not _FIRST <= day <= uow.now.date():
                raise InvalidInput(
                    field="Day", problem="use a day from 2000 to today: nobody knows a rate before its day."
                )
            row = ExchangeRate(
                id=new_id(), base=base, quote=quote, rate=rate, day=day, source=source, **_author(uow, actor)
            )
            uow.session.add(row)
            uow.session.flush()
            audit.record(uow, actor, "exchange_rate.added", f"exchange_rate:{row.id}", after=_rate(row))
            return row.id

    def withdraw_rate(self, actor: Actor, rate_id: UUID) -> None:
        """From now on nothing is converted by it."""
        actor.must_have(*EDITORS, to="withdraw exchange rates")
        with self._database.begin() as uow:
            row = uow.session.get(ExchangeRate, rate_id, with_for_update=True)
            if row is None:
                raise NotFound(kind="exchange rate", id=rate_id)
            if row.withdrawn_at is not None:
                raise RateAlreadyWithdrawn(who=row.withdrawn_by)
            row.withdrawn_at, row.withdrawn_by = uow.now, actor.name[:200]
            audit.record(uow, actor, "exchange_rate.withdrawn", f"exchange_rate:{row.id}", before=_rate(row))


def _checked(card: RateCard) -> RateCard:
    if card.currency not in currencies():
        raise InvalidInput(field="Currency", problem="use a code of ISO 4217, for example USD.")
    return checked_decimals(card)


def _line(field: str, said: str, most: int, *, least: int = 1) -> str:
    """One line that people can read, as it is stored."""
    said = " ".join(said.split(" ")).strip()
    fits = least <= len(said) <= most and (not said or can_be_seen(said))
    halves = any("\ud800" <= letter <= "\udfff" for letter in said)
    if not fits or has_controls(said) or turns(said) or halves:
        raise InvalidInput(field=field, problem=f"use one line of {least} to {most} characters that can be seen.")
    return said


def _inputs(card: RateCard) -> dict[str, Any]:
    return {name: getattr(card, name) for name in (*INPUTS, "currency")}


def _author(uow: UnitOfWork, actor: Actor) -> dict[str, Any]:
    return {"created_by": actor.name[:200], "created_by_id": actor.id, "created_at": uow.now}


def _take_turn(uow: UnitOfWork, workflow_id: str) -> None:
    """Two that save at the same moment do so one after the other: names and numbers are counted here."""
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"scenarios:{workflow_id}", 0))))


def _must_be_free(uow: UnitOfWork, workflow_id: str, name: str, own: UUID | None) -> None:
    query = select(CalculatorProfile.id).where(
        CalculatorProfile.workflow_id == workflow_id, func.lower(CalculatorProfile.name) == name.lower()
    )
    if any(found != own for found in uow.session.scalars(query)):
        raise ScenarioNameTaken(name=name)


def _own(uow: UnitOfWork, actor: Actor, profile_id: UUID) -> CalculatorProfile:
    row = uow.session.get(CalculatorProfile, profile_id, with_for_update=True)
    if row is None:
        raise NotFound(kind="scenario", id=profile_id)
    if not may_change(actor, row):
        raise NotYourScenario(owner=row.created_by)
    return row


def _scenario(row: CalculatorProfile) -> dict[str, Any]:
    facts = card_of(row).facts()
    facts.pop("effective_from")
    return {"workflow": row.workflow_id, "name": row.name, "inputs": facts}


def _rate(row: ExchangeRate) -> dict[str, Any]:
    return {"base": row.base, "quote": row.quote, "rate": row.rate, "day": row.day, "source": row.source}
