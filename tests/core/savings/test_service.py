"""Rate cards, scenarios and exchange rates: who may, what stays as written, and which card a run is started under."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.actor import Actor, Role
from core.bootstrap import Application
from core.catalog.savings import RateCard
from core.clock import ManualClock
from core.errors import Conflict, CountersignError, InvalidInput, NotAllowed, NotFound
from core.executions.tables import Execution
from core.savings import service
from core.savings.rules import (
    CardAlreadyWithdrawn,
    NotYourScenario,
    RateAlreadyWithdrawn,
    ScenarioNameTaken,
    TooManyScenarios,
)
from core.settings import ROOT
from tests.core.executions.automated.scene import DEFINITION
from tests.core.savings.test_rules import Money

RESUME = "resume_generator"
TODAY = date(2026, 1, 5)
CARD = RateCard(Decimal(10), Decimal(60), Decimal(50), Decimal("0.5"), currency="EUR", effective_from=TODAY)


@pytest.fixture
def analyst(app: Application, person: Callable[..., Actor]) -> Actor:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    return person(Role.ANALYST, name="Meera")


@pytest.fixture
def ravi(person: Callable[..., Actor]) -> Actor:
    return person(Role.USER, name="Ravi")


def estimate(app: Application, run: UUID) -> tuple[Decimal | None, str | None, object]:
    with app.database.reading() as session:
        row = session.get_one(Execution, run)
        return row.calculated_savings, row.savings_currency, row.rate_card


def test_new_runs_take_the_card_in_force_and_old_runs_keep_theirs(
    app: Application, analyst: Actor, ravi: Actor, person: Callable[..., Actor], clock: ManualClock
) -> None:
    before = app.executions.start(ravi, RESUME)
    app.savings.add_card(analyst, RESUME, CARD)
    app.savings.add_card(
        analyst, RESUME, replace(CARD, hourly_wage=Decimal(90), effective_from=TODAY + timedelta(days=1))
    )
    during = app.executions.start(person(Role.USER), RESUME)
    clock.advance(timedelta(days=1))
    after = app.executions.start(person(Role.USER), RESUME)

    assert [estimate(app, run)[:2] for run in (before, during, after)] == [
        (Decimal("30.00"), "USD"), (Decimal("250.00"), "EUR"), (Decimal("450.00"), "EUR"),
    ]  # fmt: skip
    assert estimate(app, during)[2] == CARD.facts()


def test_automated_runs_take_it_too(app: Application, admin: Actor) -> None:
    app.catalog.import_definitions(admin, DEFINITION)
    app.savings.add_card(admin, "spring_range", CARD)

    run = app.runs.start(admin, "spring_range", inputs={})

    assert estimate(app, run) == (Decimal("250.00"), "EUR", CARD.facts())


def test_a_withdrawn_card_is_out_of_force_and_stays_with_the_runs_started_under_it(
    app: Application, analyst: Actor, ravi: Actor, person: Callable[..., Actor]
) -> None:
    card_id = app.savings.add_card(analyst, RESUME, CARD, note="After the survey")
    under = app.executions.start(ravi, RESUME)

    app.savings.withdraw_card(analyst, card_id, "Wrong wage")

    assert estimate(app, app.executions.start(person(Role.USER), RESUME))[:2] == (Decimal("30.00"), "USD")
    assert estimate(app, under)[:2] == (Decimal("250.00"), "EUR")
    lines = app.savings_queries.cards(analyst, RESUME)
    assert [(line.id, line.withdrawn, line.in_force) for line in lines] == [
        (card_id, True, False), (None, False, True),
    ]  # fmt: skip
    assert (lines[0].note, lines[0].withdrawn_by, lines[0].withdrawn_reason) == (
        "After the survey", "Meera", "Wrong wage",
    )  # fmt: skip
    with pytest.raises(CardAlreadyWithdrawn):
        app.savings.withdraw_card(analyst, card_id, "Again")


@pytest.mark.parametrize(
    "change",
    ["UPDATE rate_cards SET hourly_wage = 1", "DELETE FROM rate_cards", "UPDATE exchange_rates SET rate = 2",
     "DELETE FROM exchange_rates", "UPDATE rate_cards SET withdrawn_at = now(), note = 'other'"],
)  # fmt: skip
def test_database_keeps_cards_and_rates_as_they_were_written(app: Application, analyst: Actor, change: str) -> None:
    app.savings.add_card(analyst, RESUME, CARD)
    app.savings.add_rate(analyst, "USD", "EUR", Decimal("0.86"), day=TODAY, source="ECB")

    with pytest.raises(DBAPIError, match="stay as they were written"), app.database.begin() as uow:
        uow.session.execute(text(change))


def test_a_withdrawal_cannot_be_taken_back(app: Application, analyst: Actor) -> None:
    card_id = app.savings.add_card(analyst, RESUME, CARD)
    app.savings.withdraw_card(analyst, card_id, "Wrong wage")

    with pytest.raises(DBAPIError, match="stay as they were written"), app.database.begin() as uow:
        uow.session.execute(text("UPDATE rate_cards SET withdrawn_at = NULL"))


def test_card_in_force_is_marked_on_the_timeline(app: Application, analyst: Actor) -> None:
    first = app.savings.add_card(analyst, RESUME, CARD)
    second = app.savings.add_card(analyst, RESUME, replace(CARD, hourly_wage=Decimal(60)))
    later = app.savings.add_card(analyst, RESUME, replace(CARD, effective_from=TODAY + timedelta(days=30)))

    now = {line.id: line.in_force for line in app.savings_queries.cards(analyst, RESUME)}
    then = {line.id: line.in_force for line in app.savings_queries.cards(analyst, RESUME, date(2026, 3, 1))}

    assert now == {first: False, second: True, later: False, None: False}
    assert then == {first: False, second: False, later: True, None: False}
    assert app.savings_queries.worth(app.catalog_queries.by_id(RESUME), TODAY) == (
        next(line.worth for line in app.savings_queries.cards(analyst, RESUME) if line.in_force)
    )


@pytest.mark.parametrize("role", [Role.USER, Role.OPERATOR, Role.COUNCIL])
def test_only_analysts_and_admins_change_what_savings_are_reckoned_from(
    app: Application, analyst: Actor, person: Callable[..., Actor], role: Role
) -> None:
    other = person(role)
    card_id = app.savings.add_card(analyst, RESUME, CARD)
    scenario = app.savings.save_profile(analyst, RESUME, "Half of it", CARD)
    rate_id = app.savings.add_rate(analyst, "USD", "EUR", Decimal("0.86"), day=TODAY, source="ECB")
    entries = app.audit_queries.count()
    for refused in (
        lambda: app.savings.add_card(other, RESUME, CARD),
        lambda: app.savings.withdraw_card(other, card_id, "No"),
        lambda: app.savings.save_profile(other, RESUME, "Mine", CARD),
        lambda: app.savings.change_profile(other, scenario, "Mine", CARD, version=1),
        lambda: app.savings.delete_profile(other, scenario),
        lambda: app.savings.add_rate(other, "USD", "EUR", Decimal(1), day=TODAY, source="x"),
        lambda: app.savings.withdraw_rate(other, rate_id),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert app.audit_queries.count() == entries


def test_users_do_not_read_what_savings_are_reckoned_from(app: Application, analyst: Actor, ravi: Actor) -> None:
    for refused in (
        lambda: app.savings_queries.cards(ravi, RESUME),
        lambda: app.savings_queries.profiles(ravi, RESUME),
        lambda: app.savings_queries.rates(ravi),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_every_change_is_in_the_audit(app: Application, analyst: Actor) -> None:
    card_id = app.savings.add_card(analyst, RESUME, CARD)
    app.savings.withdraw_card(analyst, card_id, "Wrong wage")
    scenario = app.savings.save_profile(analyst, RESUME, "Half of it", CARD)
    app.savings.change_profile(analyst, scenario, "More of it", replace(CARD, hourly_wage=Decimal(60)), version=1)
    app.savings.delete_profile(analyst, scenario)
    rate_id = app.savings.add_rate(analyst, "USD", "EUR", Decimal("0.86"), day=TODAY, source="ECB")
    app.savings.withdraw_rate(analyst, rate_id)

    with app.database.reading() as session:
        events = session.execute(text("SELECT event FROM audit_entries ORDER BY sequence DESC LIMIT 7")).scalars().all()
    assert list(reversed(events)) == [
        "rate_card.added", "rate_card.withdrawn", "scenario.saved", "scenario.changed", "scenario.deleted",
        "exchange_rate.added", "exchange_rate.withdrawn",
    ]  # fmt: skip


def test_what_is_stored_comes_back_exactly(app: Application, analyst: Actor) -> None:
    exact = replace(
        CARD, hourly_wage=Decimal("0.0123456789"), error_rate=Decimal("0.3333333333"), implementation_cost=Decimal(900)
    )
    app.savings.add_card(analyst, RESUME, exact)
    app.savings.save_profile(analyst, RESUME, "Exact", exact)

    assert app.savings_queries.cards(analyst, RESUME)[0].card == exact
    scenario = app.savings_queries.profiles(analyst, RESUME)[0]
    assert replace(scenario.card, effective_from=TODAY) == exact


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (replace(CARD, currency="XXX"), "ISO 4217"),
        (replace(CARD, currency=""), "ISO 4217"),
        (replace(CARD, effective_from=date.min), "2000 to 2099"),
        (replace(CARD, hourly_wage=Decimal("0.12345678901")), "10 decimals"),
    ],
)
def test_bad_cards_are_refused(app: Application, analyst: Actor, card: RateCard, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        app.savings.add_card(analyst, RESUME, card)


@pytest.mark.parametrize("said", ["", "   ", "two\nlines", "a" * 600, "\u202eevil", "nul\0", "\ud800", "\u200b"])
def test_names_reasons_and_sources_are_one_line_that_can_be_read(app: Application, analyst: Actor, said: str) -> None:
    card_id = app.savings.add_card(analyst, RESUME, CARD)
    for refused in (
        lambda: app.savings.save_profile(analyst, RESUME, said, CARD),
        lambda: app.savings.withdraw_card(analyst, card_id, said),
        lambda: app.savings.add_rate(analyst, "USD", "EUR", Decimal(1), day=TODAY, source=said),
    ):
        with pytest.raises(InvalidInput, match="one line"):
            refused()


def test_nothing_is_kept_for_a_workflow_or_an_id_that_is_none(app: Application, analyst: Actor) -> None:
    for refused in (
        lambda: app.savings.add_card(analyst, "nothing", CARD),
        lambda: app.savings.save_profile(analyst, "nothing", "Name", CARD),
        lambda: app.savings.withdraw_card(analyst, uuid4(), "Why"),
        lambda: app.savings.withdraw_rate(analyst, uuid4()),
        lambda: app.savings.delete_profile(analyst, uuid4()),
        lambda: app.savings_queries.cards(analyst, "nothing"),
        lambda: app.savings_queries.profiles(analyst, "nothing"),
    ):
        with pytest.raises(NotFound):
            refused()


def test_scenarios_are_changed_by_their_makers_and_by_admins(
    app: Application, admin: Actor, analyst: Actor, person: Callable[..., Actor]
) -> None:
    other = person(Role.ANALYST)
    scenario = app.savings.save_profile(analyst, RESUME, "Half of it", CARD)

    with pytest.raises(NotYourScenario, match="Meera"):
        app.savings.change_profile(other, scenario, "Mine", CARD, version=1)
    with pytest.raises(NotYourScenario):
        app.savings.delete_profile(other, scenario)
    assert [app.savings_queries.profiles(who, RESUME)[0].mine for who in (analyst, other, admin)] == [True, False, True]

    app.savings.change_profile(analyst, scenario, "HALF of it", CARD, version=1)
    with pytest.raises(Conflict):
        app.savings.change_profile(admin, scenario, "Stale", CARD, version=1)
    app.savings.delete_profile(admin, scenario)
    assert not app.savings_queries.profiles(analyst, RESUME)


def test_two_scenarios_of_one_workflow_have_two_names(app: Application, analyst: Actor) -> None:
    app.savings.save_profile(analyst, RESUME, "Half of it", CARD)
    with pytest.raises(ScenarioNameTaken, match="half of IT"):
        app.savings.save_profile(analyst, RESUME, "half of IT", CARD)
    other = app.savings.save_profile(analyst, RESUME, "All of it", CARD)
    with pytest.raises(ScenarioNameTaken):
        app.savings.change_profile(analyst, other, "Half of it", CARD, version=1)
    app.savings.save_profile(analyst, "whatsapp_bot", "Half of it", CARD)


def test_of_two_that_save_one_name_at_once_one_is_told(app: Application, analyst: Actor) -> None:
    def save(_: int) -> str:
        try:
            return str(app.savings.save_profile(analyst, RESUME, "Same", CARD))
        except CountersignError as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(save, range(4)))
    assert said.count("ScenarioNameTaken") == 3


def test_a_workflow_has_no_end_of_scenarios(app: Application, analyst: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_PROFILES", 2)
    for name in ("One", "Two"):
        app.savings.save_profile(analyst, RESUME, name, CARD)
    with pytest.raises(TooManyScenarios):
        app.savings.save_profile(analyst, RESUME, "Three", CARD)


@pytest.mark.parametrize(
    ("base", "quote", "rate", "day"),
    [
        ("USD", "USD", "1", TODAY), ("USD", "ABC", "1", TODAY), ("", "USD", "1", TODAY), ("USD", "EUR", "0", TODAY),
        ("USD", "EUR", "1", TODAY + timedelta(days=1)), ("USD", "EUR", "1", date(1999, 12, 31)),
    ],
)  # fmt: skip
def test_bad_rates_are_refused(app: Application, analyst: Actor, base: str, quote: str, rate: str, day: date) -> None:
    with pytest.raises(InvalidInput):
        app.savings.add_rate(analyst, base, quote, Decimal(rate), day=day, source="ECB")


def test_of_one_day_the_rate_added_last_counts_and_a_withdrawn_one_never(app: Application, analyst: Actor) -> None:
    app.savings.add_rate(analyst, "usd", "eur", Decimal("0.80"), day=TODAY, source="A guess")
    right = app.savings.add_rate(analyst, "USD", "EUR", Decimal("0.86"), day=TODAY, source="ECB")
    wrong = app.savings.add_rate(analyst, "USD", "EUR", Decimal("8.6"), day=TODAY, source="A slip")
    app.savings.withdraw_rate(analyst, wrong)

    found = app.savings_queries.converted([Money(Decimal(100), "USD")], "EUR", TODAY)

    assert found.sum == Decimal("86.00")
    assert found.parts[0].rate and found.parts[0].rate.dated.source == "ECB"
    lines = app.savings_queries.rates(analyst)
    assert [(line.id == right, line.withdrawn_by) for line in lines] == [(False, "Meera"), (True, None), (False, None)]
    with pytest.raises(RateAlreadyWithdrawn):
        app.savings.withdraw_rate(analyst, wrong)
    with pytest.raises(InvalidInput, match="ISO 4217"):
        app.savings_queries.converted([], "dollars", TODAY)
