"""Reading rate cards, scenarios and exchange rates; which card is in force; money in another currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from pydantic import ValidationError
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.catalog.currencies import currencies
from core.catalog.queries import Definition, current_definition, definition_of
from core.catalog.savings import RateCard, Savings, calculate
from core.catalog.tables import WorkflowRevision
from core.database.unit_of_work import Database
from core.errors import InvalidInput
from core.savings.rules import (
    EDITORS,
    INPUTS,
    SEES_SAVINGS,
    Amount,
    Converted,
    DatedRate,
    break_even,
    card_among,
    convert,
)
from core.savings.tables import CalculatorProfile, ExchangeRate, RateCardRow

_SEE = "see savings"


@dataclass(frozen=True)
class CardLine:
    """One card of a workflow. Without an id it stands in the definition, and nobody withdraws it here."""

    card: RateCard
    worth: Savings
    id: UUID | None
    note: str
    created_by: str
    created_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    in_force: bool
    """On the day that was asked about."""

    @property
    def withdrawn(self) -> bool:
        return self.withdrawn_at is not None


@dataclass(frozen=True)
class ProfileLine:
    """A scenario with what it comes to."""

    id: UUID
    workflow_id: str
    name: str
    card: RateCard
    worth: Savings
    break_even: Decimal | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int
    mine: bool
    """The reader may change and delete it."""


@dataclass(frozen=True)
class RateLine:
    """An exchange rate with who added it."""

    id: UUID
    dated: DatedRate
    created_by: str
    created_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None


class SavingsQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def cards(self, reader: Actor, workflow_id: str, day: date | None = None) -> Sequence[CardLine]:
        """Every card of the workflow, the definition's and those added, the latest first; `day` is today by default."""
        reader.must_have(*SEES_SAVINGS, to=_SEE)
        day = day or self._today()
        with self._database.reading() as session:
            definition = current_definition(session, workflow_id)
            rows = session.scalars(_cards_of(workflow_id)).all()
        written = definition.workflow.rate_cards
        holds = [row for row in rows if row.withdrawn_at is None]
        force = card_among(written, [card_of(row) for row in holds], day)
        mark = next((r.id for r in reversed(holds) if force is not None and card_of(r) == force), None)
        lines = [_card_line(card_of(row), row, in_force=row.id == mark) for row in reversed(rows)]
        lines += [_card_line(card, None, in_force=mark is None and card is force) for card in written]
        return sorted(lines, key=lambda line: line.card.effective_from, reverse=True)

    def workflows(self) -> Sequence[Definition]:
        """The current definitions that this version can read, by title."""
        query = select(WorkflowRevision).where(WorkflowRevision.current).order_by(WorkflowRevision.title)
        with self._database.reading() as session:
            found = [definition_of(row) for row in session.scalars(query)]
        return [definition for definition in found if _readable(definition)]

    def in_force(self, definition: Definition, day: date | None = None) -> RateCard | None:
        """The card that a run of `definition` would be started under on `day`, today by default."""
        with self._database.reading() as session:
            cards = definition.workflow.rate_cards
            return card_in_force(session, cards, definition.workflow_id, day or self._today())

    def worth(self, definition: Definition, day: date | None = None) -> Savings | None:
        """What the card in force says; None without one."""
        card = self.in_force(definition, day)
        return calculate(card) if card else None

    def profiles(self, reader: Actor, workflow_id: str) -> Sequence[ProfileLine]:
        """The scenarios of the workflow, by name."""
        reader.must_have(*SEES_SAVINGS, to=_SEE)
        query = select(CalculatorProfile).where(CalculatorProfile.workflow_id == workflow_id)
        with self._database.reading() as session:
            current_definition(session, workflow_id)
            rows = session.scalars(query.order_by(CalculatorProfile.name, CalculatorProfile.id)).all()
        return [_profile_line(reader, row) for row in rows]

    def rates(self, reader: Actor) -> Sequence[RateLine]:
        """Every exchange rate, the latest day first; those withdrawn too."""
        reader.must_have(*SEES_SAVINGS, to=_SEE)
        query = select(ExchangeRate).order_by(ExchangeRate.day.desc(), ExchangeRate.id.desc())
        with self._database.reading() as session:
            return [
                RateLine(row.id, _dated(row), row.created_by, row.created_at, row.withdrawn_by, row.withdrawn_at)
                for row in session.scalars(query)
            ]

    def converted(self, totals: Iterable[Amount], to: str, day: date) -> Converted:
        """`totals` of one metric in the currency `to`, at rates not after `day`; each part says which rate.

        Where a rate is missing there is no sum, and a sentence says what to add.
        """
        known = currencies()
        if to not in known:
            raise InvalidInput(field="Currency", problem="use a code of ISO 4217, for example USD.")
        # Of one day the rate added last counts: it corrects the others.
        query = (
            select(ExchangeRate)
            .where((ExchangeRate.base == to) | (ExchangeRate.quote == to))
            .where(ExchangeRate.day <= day, ExchangeRate.withdrawn_at.is_(None))
            .order_by(ExchangeRate.day.desc(), ExchangeRate.id.desc())
        )
        with self._database.reading() as session:
            rates = [_dated(row) for row in session.scalars(query)]
        return convert(tuple(totals), to, day, rates, digits=get_currency_precision(to), currencies=known)

    def _today(self) -> date:
        return self._database.clock.now().date()


def card_in_force(session: Session, of_definition: Iterable[RateCard], workflow_id: str, day: date) -> RateCard | None:
    """The card in force on `day`: the latest that had begun, of the definition's and those added, which win a tie."""
    query = _cards_of(workflow_id).where(RateCardRow.withdrawn_at.is_(None), RateCardRow.effective_from <= day)
    return card_among(of_definition, [card_of(row) for row in session.scalars(query)], day)


def card_of(row: RateCardRow | CalculatorProfile) -> RateCard:
    """The calculator's form of a stored row; what follows the last decimal that counts is dropped."""
    inputs: dict[str, Any] = {name: _short(getattr(row, name)) for name in INPUTS}
    since = row.effective_from if isinstance(row, RateCardRow) else date.min
    return RateCard(**inputs, currency=row.currency, effective_from=since)


def _readable(definition: Definition) -> bool:
    try:
        return bool(definition.workflow)
    except ValidationError:  # of an older version, which takes no part in anything else either
        return False


def _cards_of(workflow_id: str) -> Select[RateCardRow]:
    """In the order in which they were added: the ids sort by time."""
    return select(RateCardRow).where(RateCardRow.workflow_id == workflow_id).order_by(RateCardRow.id)


def _short(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value.normalize():f}")


def _card_line(card: RateCard, row: RateCardRow | None, *, in_force: bool) -> CardLine:
    return CardLine(
        card=card, worth=calculate(card), id=row.id if row else None, note=row.note if row else "",
        created_by=row.created_by if row else "", created_at=row.created_at if row else None,
        withdrawn_by=row.withdrawn_by if row else None, withdrawn_at=row.withdrawn_at if row else None,
        withdrawn_reason=row.withdrawn_reason if row else "", in_force=in_force,
    )  # fmt: skip


def _profile_line(reader: Actor, row: CalculatorProfile) -> ProfileLine:
    card = card_of(row)
    return ProfileLine(
        id=row.id, workflow_id=row.workflow_id, name=row.name, card=card, worth=calculate(card),
        break_even=break_even(card), created_by=row.created_by, created_at=row.created_at, updated_at=row.updated_at,
        version=row.version, mine=may_change(reader, row),
    )  # fmt: skip


def may_change(actor: Actor, row: CalculatorProfile) -> bool:
    """Their own for analysts and admins; any for admins."""
    return actor.has(*EDITORS) and (row.created_by_id == actor.id or actor.has(Role.ADMIN))


def _dated(row: ExchangeRate) -> DatedRate:
    return DatedRate(row.base, row.quote, _short(row.rate) or row.rate, row.day, row.source)
