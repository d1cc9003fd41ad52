"""What each rule decides, from facts alone; and what it reads of real rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.actions.rules import ActionState
from core.actor import Actor, ActorKind, Role
from core.analytics.rules import Rate
from core.bootstrap import Application
from core.brain.rule import Past
from core.brain.rules import BRAIN
from core.brain.statistics import as_confidence, binomial_tail, chance_better
from core.brain.watchers import (
    failing_workflows,
    low_success_segments,
    overdue_invoices,
    stalled_deals,
    waiting_decisions,
)
from core.brain.watchers.low_success_segments import Cell, Facts
from core.brain.wording import money, name
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from tests.core.brain.conftest import pass_days
from tests.doubles.odoo import Odoo

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)

INVOICE = overdue_invoices.Invoice(
    account="main", place="odoo/x", id=7, number="INV/7", customer="Meridian Ltd", email="a@example.com", total=Decimal(100),
    open=Decimal(100), currency="EUR", value=Decimal(110), due=date(2026, 1, 1), salesperson=None, url="https://x.example",
    read_at=NOW, kind="1",
)  # fmt: skip
LADDER = (3, 14, 30)


def sent(*days_ago: float) -> tuple[Past, ...]:
    return tuple(Past(INVOICE.key(step), NOW - days * DAY) for step, days in enumerate(days_ago, 1))


@pytest.mark.parametrize(
    ("late", "past", "step"),
    [
        (2, (), None), (3, (), 1), (400, (), 1),  # a first connection begins at the beginning
        (14, sent(11), 2), (14, sent(10.9), None), (13, sent(11), None), (400, sent(10), None),
        (30, sent(30, 16), 3), (30, sent(30, 15.9), None), (400, sent(90, 60, 30), None),
        (400, (Past(INVOICE.key(1), None),), 1),  # proposed and never sent is not sent
        (400, (Past(INVOICE.key(2), NOW - 90 * DAY),), 1),
    ],
)  # fmt: skip
def test_no_reminder_is_skipped_and_none_comes_early(late: int, past: tuple[Past, ...], step: int | None) -> None:
    invoice = replace(INVOICE, due=NOW.date() - late * DAY, past=past)
    assert overdue_invoices.step_due(invoice, NOW, LADDER) == step


def test_paid_invoice_is_left_alone_and_amounts_keep_their_currency() -> None:
    values = overdue_invoices.RULE.defaults
    assert overdue_invoices.decide([replace(INVOICE, open=Decimal(0))], NOW, values) == []
    (found,) = overdue_invoices.decide([INVOICE], NOW, values)
    assert found.impact == {"revenue_change": {"value": "100", "currency": "EUR"}} and "€100.00" in found.params["body"]
    (odd,) = overdue_invoices.decide([replace(INVOICE, currency="<b>x")], NOW, values)
    assert odd.impact == {} and "100.00 <b>x" in odd.params["body"]
    assert money(Decimal("1234.5"), "JPY") == "¥1,234" and money(Decimal(-5), "INR") == "-₹5.00"


DEAL = stalled_deals.Deal(
    account="main", place="odoo/x", id=3, called="Web shop", customer="Northwind", stage="Qualified", revenue=Decimal(18_000),
    currency="EUR", probability=Decimal(40), moved_at=NOW - 20 * DAY, touched_at=None, planned=False, salesperson=3,
    url="https://x.example", read_at=NOW, kind="1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "values", "stalled"),
    [
        ({}, {"days": 14, "stages": {}}, True), ({}, {"days": 21, "stages": {}}, False),
        ({}, {"days": 14, "stages": {"qualified": 30}}, False), ({}, {"days": 60, "stages": {"Qualified": 20}}, True),
        ({"touched_at": NOW - 2 * DAY}, {"days": 14, "stages": {}}, False),
        ({"planned": True}, {"days": 14, "stages": {}}, False),
    ],
)  # fmt: skip
def test_deal_is_stalled_by_the_days_of_its_stage(
    change: dict[str, object], values: dict[str, object], stalled: bool
) -> None:
    found = stalled_deals.decide([replace(DEAL, **change)], NOW, values)  # type: ignore[arg-type]
    assert bool(found) is stalled
    if found:
        assert found[0].impact["revenue_change"] == {"value": "7200.00", "currency": "EUR"}
        assert 0 < found[0].confidence < 1 and found[0].confidence_why in found[0].confidence_why
        assert found[0].params["due"] == "2026-01-06"


def record(failed: int, ended: int, before: int, ended_before: int) -> failing_workflows.Record:
    return failing_workflows.Record(
        "cv", "CV", failed, ended, before, ended_before, failed, Decimal(6), 7, NOW, "https://x.example", "/runs"
    )


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ((12, 20, 10, 100), True), ((3, 20, 10, 100), False), ((9, 9, 10, 100), False),  # too few lately
        ((12, 20, 5, 19), False),  # too few before
        ((60, 100, 55, 100), False), ((0, 50, 50, 100), False), ((20, 20, 0, 500), True),
    ],
)  # fmt: skip
def test_workflow_fails_more_than_its_own_past_explains(counts: tuple[int, int, int, int], found: bool) -> None:
    answers = failing_workflows.decide([record(*counts)], NOW, failing_workflows.RULE.defaults)
    assert bool(answers) is found
    if found:
        assert "n = 20" in answers[0].evidence[0].fact and answers[0].confidence > Decimal("0.9")


def cell(called: str, rate: Rate, people: int = 9, **more: object) -> Cell:
    given = {"goals": frozenset({"earn_money"}), "market": "freelancer", "skill_level": "beginner", **more}
    return Cell(called.lower(), called, rate=rate, people=people, hours=2.0, counted_at=NOW, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ((cell("A", Rate(10, 60)), cell("B", Rate(40, 60))), True),
        ((cell("A", Rate(25, 60)), cell("B", Rate(32, 60))), False),  # intervals touch
        ((cell("A", Rate(10, 60), people=4), cell("B", Rate(40, 60))), False),
        ((cell("A", Rate(10, 60)), cell("B", Rate(40, 60), people=4)), False),
        ((cell("A", Rate(10, 60)), cell("B", Rate(40, 60), goals=frozenset({"save_time"}))), False),
        ((cell("A", Rate(10, 60)), cell("B", Rate(40, 60), market="student")), False),
        ((cell("A", Rate(10, 60), market="unknown"), cell("B", Rate(40, 60), market="unknown")), False),
    ],
)
def test_segment_has_a_better_workflow_only_where_intervals_are_apart(cells: Sequence[Cell], found: bool) -> None:
    answers = low_success_segments.decide(Facts(cells, "https://x.example"), NOW, low_success_segments.RULE.defaults)
    assert [one.params["link"] for one in answers] == (["/analytics"] if found else [])
    if found:
        assert "“B”" in answers[0].title and "9 people" in answers[0].evidence[0].fact


def test_tail_and_chance_are_what_tables_say() -> None:
    assert binomial_tail(0, 10, 0.5) == 1.0 and binomial_tail(11, 10, 0.5) == 0.0
    assert binomial_tail(8, 10, 0.5) == pytest.approx(0.0546875) and binomial_tail(10, 10, 0.5) == pytest.approx(
        0.5**10
    )
    assert chance_better(50, 100, 50, 100) == pytest.approx(0.5) and chance_better(90, 100, 10, 100) > 0.999
    assert as_confidence(1.0) == Decimal("0.999")


def test_names_become_one_harmless_line() -> None:
    assert name("  A\r\nB\u202eC\u200b\x00 ") == "A B C"
    assert len(name("x" * 900)) == 80 and name("\u200b \x07") == "somebody without a name"


# -- real rows --------------------------------------------------------------------------------------------------------


def stalled_lead(odoo: Odoo, **more: object) -> int:
    old = "2025-11-01 09:00:00"
    values = {"name": "Web shop", "stage_id": 1, "create_date": old, "date_last_stage_update": old, **more}
    return odoo.add_lead(**values)


def test_deals_with_a_plan_a_note_or_a_win_are_left_alone(app: Application, admin: Actor, odoo: Odoo) -> None:
    stalled = stalled_lead(odoo, expected_revenue=100.0, probability=50.0)
    stalled_lead(odoo, stage_id=3)  # won
    stalled_lead(odoo, active=False)
    planned, noted, tracked = stalled_lead(odoo), stalled_lead(odoo), stalled_lead(odoo)
    on = {"res_model": "crm.lead", "model": "crm.lead"}
    odoo.add("mail.activity", res_model=on["model"], res_id=planned, date_deadline="2026-01-09")
    odoo.add("mail.activity", res_model=on["model"], res_id=stalled, date_deadline="2025-12-01")  # long overdue
    odoo.add("mail.message", model=on["model"], res_id=noted, date="2026-01-02 10:00:00")
    odoo.add("mail.message", model=on["model"], res_id=tracked, date="2026-01-02 10:00:00", message_type="notification")
    app.brain.look()
    found, _ = app.brain_queries.findings(admin, rule="stalled_deals")
    links = {fact["url"] for one in found for fact in one.evidence}
    assert {f"#id={one}&" for one in (stalled, tracked)} == {f"#{link.split('#')[1].split('&')[0]}&" for link in links}


def test_reminder_goes_to_those_whose_turn_it_is_and_not_about_itself(
    app: Application, admin: Actor, person: Callable[..., Actor], clock: ManualClock
) -> None:
    ravi = person(Role.OPERATOR, name="Ravi")
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
    params = {"to": ["x@example.com"], "subject": "Hello", "body": "Hello"}
    app.actions.propose(scout, "email_send", params, title="Say hello", expires_in=30 * DAY)
    app.actions.propose(ravi, "email_send", {**params, "subject": "Hi"}, title="Say hi", expires_in=30 * DAY)
    app.brain.look()
    assert app.brain_queries.findings(admin)[1] == 0
    pass_days(clock, 0.6)
    app.brain.look()
    found, total = app.brain_queries.findings(admin, rule="waiting_decisions")
    told = {one.title for one in found}
    assert total == 2 and told == {"Remind Asha of 2 decisions", "Remind Ravi of 1 decision"}  # not of his own
    pass_days(clock, 0.4)
    app.brain.look()
    assert app.brain_queries.findings(admin, rule="waiting_decisions")[1] == 2  # none about the reminders


def test_decision_that_ends_soon_waits_too_long_only_after_half_of_its_time(
    app: Application, admin: Actor, clock: ManualClock
) -> None:
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
    params = {"to": ["x@example.com"], "subject": "Hello", "body": "Hello"}
    app.actions.propose(scout, "email_send", params, title="Say hello", expires_in=timedelta(hours=2))
    values = waiting_decisions.RULE.defaults
    assert waiting_decisions.read(app.brain._sources, clock.now(), values).facts == []
    clock.advance(timedelta(minutes=61))
    (one,) = waiting_decisions.read(app.brain._sources, clock.now(), values).facts
    assert [person.name for person in one.people] == ["Asha"]


# -- tasks --------------------------------------------------------------------------------------------------------------


def test_task_is_given_once_ticked_off_by_its_own_people_and_taken_back_by_undo(
    app: Application, admin: Actor, person: Callable[..., Actor]
) -> None:
    ravi, mona = person(Role.OPERATOR, name="Ravi"), person(Role.ANALYST, name="Mona")
    plan = app.connectors.plan("team_task", {"title": "Look", "role": "operator"})
    give = app.connectors.operation("team_task")
    assert give.execute(plan, "k:1") == give.execute(plan, "k:1")  # the same key gives the same task
    (task,) = app.brain_queries.tasks(ravi)
    assert app.brain_queries.tasks(mona) == [] and app.brain_queries.tasks(BRAIN) == ()
    with pytest.raises(Exception, match="no task"):
        app.brain.finish_task(mona, task.id)
    undoing = give.undo(plan, give.execute(plan, "k:1").to_json())
    assert undoing is not None
    back = app.connectors.plan(undoing.operation, undoing.params)
    app.brain.finish_task(ravi, task.id)
    taken = app.connectors.operation(undoing.operation)
    assert taken.drift(back) is not None and "is done" in taken.execute(back, "k:2").message
    with pytest.raises(Exception, match="is done already, by Ravi"):
        app.brain.finish_task(ravi, task.id)


def test_task_needs_no_open_channel_and_stops_with_everything_else(app: Application, admin: Actor) -> None:
    app.guardrails.change(admin, {"channels": []})
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
    card = app.actions.propose(scout, "team_task", {"title": "Look", "role": "admin"}, title="Give a task")
    digest = app.actions_queries.card(admin, card).row.plan_digest
    app.guardrails.stop(admin)
    with pytest.raises(Exception, match="stopped"):
        app.actions.approve(admin, card, digest)
    app.guardrails.change(admin, {"mode": "preview"})
    app.actions.approve(admin, card, digest)
    app.action_execution.execute_action(InlineSteps(), str(card), 1)
    assert app.actions_queries.card(admin, card).row.state is ActionState.EXECUTED
    assert [one.title for one in app.brain_queries.tasks(admin)] == ["Look"]


@pytest.mark.parametrize(
    "params",
    [{"role": "operator", "person": "asha@example.com"}, {}, {"person": "nobody@example.com"}, {"role": "king"},
     {"role": "admin", "link": "https://evil.example"}, {"role": "admin", "link": "//evil.example"},
     {"role": "admin", "link": "javascript:alert(1)"}, {"role": "admin", "details": "a\x07b"}],
)  # fmt: skip
def test_tasks_that_cannot_be_are_refused(app: Application, admin: Actor, params: dict[str, str]) -> None:
    with pytest.raises(Exception, match="Nothing was saved"):
        app.connectors.plan("team_task", {"title": "Look", **params})
