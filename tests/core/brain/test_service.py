"""A look on real systems: one card for one thing, however many workers, however they die, and never past its limits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core import bootstrap
from core.actions.rules import ActionState, Priority, Risk
from core.actions.tables import Action
from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.brain.proposing import Proposing
from core.brain.queries import Became
from core.brain.rules import BRAIN, LookState
from core.brain.service import Look
from core.clock import ManualClock
from core.decisions.rules import VoteRefused
from core.errors import Conflict, InvalidInput, NotAllowed
from core.guardrails.rules import ExecutionMode
from core.settings import Settings
from tests.core.brain.conftest import cards, invoice, pass_days, states
from tests.doubles.odoo import Odoo

Execute = Callable[[Action], None]


def look_at(app: Application, rule: str) -> Look:
    return next(one for one in app.brain.look() if one.rule == rule)


def paid(odoo: Odoo, record: int) -> None:
    odoo.tables["account.move"][record] |= {"payment_state": "paid", "amount_residual": 0.0}


def test_ladder_climbs_only_after_each_reminder_was_really_sent(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock, execute: Execute
) -> None:
    invoice(odoo, "2026-01-01")  # four days past due
    app.brain.look()
    (first,) = cards(app)
    assert (first.priority, first.risk, first.operation) == (Priority.INFO, Risk.LOW, "email_send")
    assert first.params["to"] == ["books@meridian.example"] and "$1,200.00" in first.params["body"]
    assert first.proposer_name == "Operator brain" and first.state is ActionState.PENDING

    pass_days(clock, 2)
    app.brain.look()
    assert len(cards(app)) == 1  # it waits, and is not said twice
    execute(first)
    pass_days(clock, 10.9)  # 16 days past due, but not 11 since the first was sent
    app.brain.look()
    assert len(cards(app)) == 1
    pass_days(clock, 0.2)
    app.brain.look()
    second = cards(app)[-1]
    assert "second" in second.title and second.priority is Priority.ATTENTION
    assert "Second reminder" in second.params["subject"]

    pass_days(clock, 40)  # it expired undecided: whatever the days, the third does not come before the second
    app.actions.expire_due()
    app.brain.look()
    again = cards(app)[-1]
    assert "second" in again.title and again.id != second.id
    execute(again)
    pass_days(clock, 16)
    app.brain.look()
    third, call = sorted(cards(app)[-2:], key=lambda one: one.operation)
    assert (third.operation, third.risk, third.priority) == ("email_send", Risk.HIGH, Priority.CRITICAL)
    assert call.operation == "odoo_schedule_follow_up" and "call" in call.title
    execute(third)
    execute(call)
    pass_days(clock, 90)
    app.brain.look()
    assert len(cards(app)) == 5  # after the third, people go on


def test_payment_stops_the_ladder_and_takes_the_waiting_card_back(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock
) -> None:
    record = invoice(odoo, "2026-01-01")
    app.brain.look()
    paid(odoo, record)
    pass_days(clock, 0.1)
    app.brain.look()
    (card,) = cards(app)
    assert card.state is ActionState.EXPIRED and "took the card back" in (card.error or "")
    (row,), _ = app.brain_queries.findings(admin)
    assert row.became is Became.WITHDRAWN and row.gone_at is not None


def test_approved_reminder_that_waits_for_its_turn_is_taken_back_too(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock
) -> None:
    record = invoice(odoo, "2026-01-01")
    app.brain.look()
    (card,) = cards(app)
    app.actions.approve(admin, card.id, card.plan_digest)
    odoo.tables["account.move"][record]["payment_state"] = "reversed"  # credited
    pass_days(clock, 0.1)
    app.brain.look()
    assert cards(app)[0].state is ActionState.FAILED


def test_partial_payment_changes_the_amount_named(app: Application, odoo: Odoo, clock: ManualClock) -> None:
    record = invoice(odoo, "2026-01-01")
    app.brain.look()
    odoo.tables["account.move"][record] |= {"amount_residual": 200.0, "payment_state": "partial"}
    pass_days(clock, 0.1)
    app.brain.look()
    old, new = cards(app)
    assert old.state is ActionState.EXPIRED and new.state is ActionState.PENDING
    assert "Of $1,200.00, $1,000.00 has arrived; $200.00 is still open." in new.params["body"]


def test_database_behind_two_connections_is_reminded_from_once_and_goes_on_under_another_name(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock, execute: Execute, settings: Settings
) -> None:
    """Given a database that the settings name, and that somebody adds under Connections as well."""
    record = invoice(odoo, "2026-01-01")
    assert settings.odoo_api_key is not None
    values = {"url": settings.odoo_url, "database": settings.odoo_database, "login": settings.odoo_login,
              "key": settings.odoo_api_key.get_secret_value()}  # fmt: skip
    app.connections.add(admin, system="odoo", name="books", values=values)
    app.brain.look()
    (first,) = cards(app)
    execute(first)
    app.connections.add(admin, system="odoo", name="ledger", values=values)
    pass_days(clock, 0.1)
    app.brain.look()
    assert [state for _, state in states(app)] == [ActionState.EXECUTED]
    paid(odoo, record)
    pass_days(clock, 0.1)
    app.brain.look()
    (row,), _ = app.brain_queries.findings(admin)
    assert row.gone_at is not None


def test_rejected_card_stays_quiet_for_its_window(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock
) -> None:
    invoice(odoo, "2026-01-01")
    app.brain.look()
    app.actions.reject(admin, cards(app)[0].id, "They pay by the end of the week.")
    for _ in range(6):
        pass_days(clock, 1)
        app.brain.look()
    assert len(cards(app)) == 1
    pass_days(clock, 1.1)
    app.brain.look()
    assert len(cards(app)) == 2


def test_first_connection_with_thousands_does_not_flood_the_inbox(app: Application, admin: Actor, odoo: Odoo) -> None:
    for number in range(1_200):
        invoice(odoo, "2025-06-01", open=float(number + 1), currency_id=1 if number % 2 else 2)
    found = look_at(app, "overdue_invoices")
    assert (found.found, found.proposed, found.remaining) == (1_200, 10, 1_190)
    assert "the most valuable first; 1,190 remain" in found.words
    assert "€1,200.00" in cards(app)[0].title and len(cards(app)) == 10
    for _ in range(6):
        app.brain.look()
    assert len(cards(app)) == 40  # the day's limit
    rows, total = app.brain_queries.findings(admin, became=Became.NOT_PROPOSED)
    assert total == 1_160 and "40 cards a day" in rows[0].held


def test_two_passes_at_once_propose_once(
    app: Application, odoo: Odoo, settings: Settings, clean_database: str, clock: ManualClock
) -> None:
    for _ in range(4):
        invoice(odoo, "2026-01-01")
    others = [bootstrap.build(settings, url=clean_database, clock=clock) for _ in range(2)]
    start = threading.Barrier(3)
    broke: list[BaseException] = []

    def act(one: Application) -> None:
        start.wait()
        try:
            one.brain.look()
        except BaseException as problem:
            broke.append(problem)

    threads = [threading.Thread(target=act, args=(one,)) for one in (app, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.close()
    assert not broke
    assert len(cards(app)) == 4


@pytest.mark.parametrize("after", ["claim", "card"])
def test_worker_that_dies_between_finding_and_card_leaves_one_card(
    app: Application, odoo: Odoo, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    invoice(odoo, "2026-01-01")

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    name = "propose" if after == "claim" else "_proposed"
    with monkeypatch.context() as patch:
        patch.setattr(Proposing, name, die)
        with pytest.raises(Killed):
            app.brain.look()
    assert len(cards(app)) == (after == "card")
    app.brain.look()
    assert len(cards(app)) == (after == "card")  # whoever claimed it may still be about to propose it
    pass_days(clock, 0.02)
    app.brain.look()
    app.brain.look()
    assert len(cards(app)) == 1


def test_card_of_a_worker_that_died_before_saying_so_is_taken_back_when_its_invoice_is_paid(
    app: Application, odoo: Odoo, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = invoice(odoo, "2026-01-01")
    _die_behind_the_card(app, monkeypatch)
    paid(odoo, record)
    pass_days(clock, 0.1)
    app.brain.look()
    assert [state for _, state in states(app)] == [ActionState.EXPIRED]


def test_card_of_a_worker_that_died_before_saying_so_is_replaced_when_its_amount_moves(
    app: Application, odoo: Odoo, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = invoice(odoo, "2026-01-01")
    _die_behind_the_card(app, monkeypatch)
    odoo.tables["account.move"][record] |= {"amount_residual": 200.0, "payment_state": "partial"}
    pass_days(clock, 0.1)
    app.brain.look()
    old, new = cards(app)
    assert old.state is ActionState.EXPIRED and "$200.00" in new.title


def _die_behind_the_card(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Proposing, "_proposed", die)
        with pytest.raises(Killed):
            app.brain.look()
    assert len(cards(app)) == 1


def test_invoice_paid_while_its_words_are_sought_leaves_no_card_behind(
    app: Application, odoo: Odoo, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a worker that claimed a reminder and asks for words, another one's look finds the invoice paid."""
    record = invoice(odoo, "2026-01-01")
    propose = Proposing.propose

    def late(self: Proposing, *given: Any) -> str | None:
        monkeypatch.setattr(Proposing, "propose", propose)
        paid(odoo, record)
        clock.advance(timedelta(seconds=30))
        app.brain.look()
        return propose(self, *given)

    monkeypatch.setattr(Proposing, "propose", late)
    app.brain.look()
    assert [state for _, state in states(app)] == [ActionState.EXPIRED]


def test_dead_network_is_not_looked_and_never_nothing_found(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock
) -> None:
    invoice(odoo, "2026-01-01")
    app.brain.look()
    odoo.fail["search_read"] = "lose"
    pass_days(clock, 0.1)
    found = look_at(app, "overdue_invoices")
    assert (found.state, found.found) == (LookState.NOT_LOOKED, None)
    assert "could not be asked" in found.words and "Nothing is known" in found.words
    assert cards(app)[0].state is ActionState.PENDING  # nobody knows that it is paid
    view = next(one for one in app.brain_queries.rules(admin) if one.rule.name == "overdue_invoices")
    assert view.look and view.look.found is None and view.look.seen_at and view.look.seen_at < view.look.at


def test_rule_that_breaks_does_not_keep_the_others_from_looking(
    app: Application, odoo: Odoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice(odoo, "2026-01-01", invoice_date_due="2026-01-01")
    monkeypatch.setattr("core.brain.sources.AnalyticsQueries.performance", lambda *_: 1 / 0)
    looks = {one.rule: one for one in app.brain.look()}
    assert looks["low_success_segments"].state is LookState.FAILED
    assert "ZeroDivisionError" in looks["low_success_segments"].words
    assert looks["overdue_invoices"].proposed == 1


HOSTILE = "<img src=x onerror=alert(1)>\r\nBcc: evil@example.com\u202e" + "9" * 500


def test_hostile_names_stay_text_on_one_line(app: Application, odoo: Odoo) -> None:
    odoo.tables["res.partner"][31]["name"] = HOSTILE
    invoice(odoo, "2026-01-01", name=HOSTILE)
    odoo.add_lead(
        name=HOSTILE, stage_id=1, partner_name=HOSTILE, expected_revenue=5_000.0, probability=50.0,
        create_date="2025-11-01 09:00:00", date_last_stage_update="2025-11-01 09:00:00",
    )  # fmt: skip
    app.brain.look()
    made = cards(app)
    assert sorted(one.operation for one in made) == ["email_send", "odoo_schedule_follow_up"]
    for card in made:
        assert len(card.title) <= 200 and card.title.isprintable()
    mail = next(one for one in made if one.operation == "email_send")
    assert "\n" not in mail.params["subject"] and mail.params["to"] == ["books@meridian.example"]


@pytest.mark.parametrize(
    "email", ["", "a@example.com, b@example.com", "no address", "x@example.com\nBcc: y@example.com"]
)
def test_customer_without_one_good_address_is_called(app: Application, odoo: Odoo, email: str) -> None:
    odoo.tables["res.partner"][31]["email"] = email or False
    invoice(odoo, "2026-01-01", invoice_user_id=3)
    app.brain.look()
    (card,) = cards(app)
    assert card.operation == "odoo_schedule_follow_up" and card.params["user"] == "3"


def test_brain_proposes_and_never_lets_a_rule_approve(app: Application, admin: Actor, odoo: Odoo) -> None:
    app.guardrails.change(admin, {"automatic": True, "automatic_operations": ["email_send"]})
    invoice(odoo, "2026-01-01")
    app.brain.look()
    assert states(app)[0][1] is ActionState.PENDING
    with pytest.raises(VoteRefused):
        app.actions.approve(BRAIN, cards(app)[0].id, cards(app)[0].plan_digest)


def test_rule_that_only_watches_keeps_what_it_finds_and_one_that_is_off_does_not_look(
    app: Application, admin: Actor, odoo: Odoo
) -> None:
    invoice(odoo, "2026-01-01")
    app.brain.change(admin, "overdue_invoices", {"mode": "watch"})
    assert "only watches" in look_at(app, "overdue_invoices").words
    (row,), _ = app.brain_queries.findings(admin)
    assert row.became is Became.NOT_PROPOSED and not cards(app)
    app.brain.change(admin, "overdue_invoices", {"mode": "off"})
    assert all(one.rule != "overdue_invoices" for one in app.brain.look())
    app.brain.change(admin, "overdue_invoices", {"mode": "propose"})
    app.brain.look()
    assert len(cards(app)) == 1


def test_stopped_installation_still_only_proposes(app: Application, admin: Actor, odoo: Odoo) -> None:
    app.guardrails.set_mode(admin, ExecutionMode.OFF)
    invoice(odoo, "2026-01-01")
    app.brain.look()
    assert states(app)[0][1] is ActionState.PENDING


# -- setting up -------------------------------------------------------------------------------------------------------


def test_only_admins_change_rules_and_each_change_is_in_the_audit(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    agent = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", roles=frozenset({Role.ADMIN}))
    for actor in (person(Role.OPERATOR), person(Role.ANALYST), agent):
        with pytest.raises(NotAllowed):
            app.brain.change(actor, "stalled_deals", {"mode": "off"})
    with pytest.raises(NotAllowed):
        app.brain_queries.rules(person(Role.ANALYST))
    set_ = app.brain.change(admin, "stalled_deals", {"thresholds": {"days": 10, "stages": {"New": 3}}, "per_day": 5})
    assert set_.thresholds == {"days": 10, "stages": {"New": 3}} and set_.version == 2
    with pytest.raises(Conflict):
        app.brain.change(admin, "stalled_deals", {"mode": "off"}, expected_version=1)
    with app.database.reading() as session:
        kept = session.execute(text("SELECT before, after FROM audit_entries WHERE event = 'brain.rule_changed'")).one()
    assert (kept.before["thresholds"]["days"], kept.after["thresholds"]["days"]) == (14, 10)


@pytest.mark.parametrize(
    "changes",
    [{"mode": "always"}, {"per_look": 0}, {"per_day": 10**9}, {"thresholds": {"first": 0}}, {"sql": 1},
     {"thresholds": {"first": 20}}, {"thresholds": {"nonsense": 1}}, {"thresholds": {"first": True}}],
)  # fmt: skip
def test_thresholds_that_cannot_be_are_refused(app: Application, admin: Actor, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        app.brain.change(admin, "overdue_invoices", changes)


def test_operators_may_ask_for_a_look_and_nobody_else(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    from jobs.found import all_jobs

    app.schedule.introduce([job.described() for job in all_jobs().values()])
    assert app.brain.look_now(person(Role.OPERATOR)).startswith("watch_for_work:")
    with pytest.raises(NotAllowed):
        app.brain.look_now(person(Role.COUNCIL))


def test_what_was_executed_and_is_settled_is_counted(
    app: Application, admin: Actor, odoo: Odoo, clock: ManualClock, execute: Execute
) -> None:
    record = invoice(odoo, "2026-01-01")
    app.brain.look()
    execute(cards(app)[0])
    for settled in (0, 1):  # between two reminders it is open still, and nothing came of the first
        pass_days(clock, 3)
        if settled:
            paid(odoo, record)
        app.brain.look()
        view = next(one for one in app.brain_queries.rules(admin) if one.rule.name == "overdue_invoices")
        assert (view.cards, view.executed, view.settled.successes, view.settled.n) == (1, 1, settled, 1)


def test_job_says_in_a_sentence_what_it_did(app: Application, odoo: Odoo, clock: ManualClock) -> None:
    from jobs.watch_for_work import JOB

    invoice(odoo, "2026-01-01")
    assert JOB.run(app, clock.now())["summary"] == "Proposed 1 of 1 things noticed by 6 rules"
    odoo.fail["search_read"] = "lose"
    clock.advance(timedelta(hours=1))
    assert "Not looked: " in JOB.run(app, clock.now())["summary"]
