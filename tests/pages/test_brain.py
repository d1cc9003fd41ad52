"""The operator brain's page: what it saw and did not see, in words, and settings that only admins change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.engine.steps import InlineSteps
from core.settings import Settings
from jobs.found import all_jobs
from tests.core.brain.conftest import cards, invoice
from tests.core.connectors.conftest import odoo_settings
from tests.doubles.odoo import Odoo, running_odoo
from tests.pages.conftest import Visit
from tests.pages.test_guardrails import html


@pytest.fixture
def odoo() -> Iterator[Odoo]:
    with running_odoo() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, odoo: Odoo) -> Settings:
    return settings.model_copy(update=odoo_settings(odoo))


def test_page_says_what_was_found_and_what_was_not_looked_at(
    app: Application, admin: Actor, odoo: Odoo, visit: Visit, clock: ManualClock
) -> None:
    assert "has not looked yet" in visit("brain", admin).markdown[0].value
    odoo.tables["res.partner"][31]["name"] = "<b>Meridian</b>"
    invoice(odoo, "2026-01-01")
    app.brain.look()
    screen = visit("brain", admin)
    assert "1 card waits for a decision" in screen.markdown[0].value
    assert "proposed 1" in html(screen) and "<b>Meridian" not in html(screen)
    odoo.fail["search_read"] = "lose"
    clock.advance(timedelta(hours=1))
    app.brain.look()
    screen = visit("brain", admin)
    assert "Nothing is known of it until the next look" in html(screen)
    assert any("Not looked" in one.value for one in screen.markdown)


def test_operators_read_and_only_admins_find_settings(
    app: Application, admin: Actor, person: Callable[..., Actor], visit: Visit
) -> None:
    operator = person(Role.OPERATOR)
    assert not any(one.key.startswith("settings-") for one in visit("brain", operator).button if one.key)
    screen = visit("brain", admin)
    screen.button(key="settings-overdue_invoices").click().run()
    screen.number_input(key="brain-overdue_invoices-first").set_value(20)
    screen.button(key="brain-overdue_invoices-save").click().run()
    screen.button(
        key="settings-overdue_invoices"
    ).click().run()  # the runner draws the whole page: the dialog is closed
    assert not screen.exception
    assert any("rising numbers" in one.value for one in screen.error)
    screen.number_input(key="brain-overdue_invoices-first").set_value(5)
    screen.button(key="brain-overdue_invoices-save").click().run()
    view = next(one for one in app.brain_queries.rules(admin) if one.rule.name == "overdue_invoices")
    assert view.settings.thresholds["first"] == 5 and view.changed_by == "Asha"


def test_stage_times_are_typed_one_a_line(app: Application, admin: Actor, visit: Visit) -> None:
    screen = visit("brain", admin)
    screen.button(key="settings-stalled_deals").click().run()
    screen.text_area(key="brain-stalled_deals-stages").set_value("Won: soon")
    screen.button(key="brain-stalled_deals-save").click().run()
    screen.button(key="settings-stalled_deals").click().run()
    assert any("whole number" in one.value for one in screen.error)
    screen.text_area(key="brain-stalled_deals-stages").set_value("New: 7\n\nQualified : 21")
    screen.button(key="brain-stalled_deals-save").click().run()
    view = next(one for one in app.brain_queries.rules(admin) if one.rule.name == "stalled_deals")
    assert view.settings.thresholds["stages"] == {"New": 7, "Qualified": 21}


def test_look_now_queues_the_job(app: Application, person: Callable[..., Actor], visit: Visit) -> None:
    app.schedule.introduce([job.described() for job in all_jobs().values()])
    screen = visit("brain", person(Role.OPERATOR))
    screen.button(key="look-now").click().run()
    assert not screen.exception and not screen.error
    assert [run.job for run in app.schedule_queries.runs()] == ["watch_for_work"]


def test_finding_opens_with_its_evidence(app: Application, admin: Actor, odoo: Odoo, visit: Visit) -> None:
    invoice(odoo, "2026-01-01")
    app.brain.look()
    (found,), _ = app.brain_queries.findings(admin)
    screen = visit("brain", admin, finding=str(found.id))
    said = "\n".join(one.value for one in screen.markdown)
    assert "is open" in said and "Odoo \\(" not in said and odoo.url.replace("http", "http") in said
    assert str(cards(app)[0].id) in html(screen)


def test_task_stands_on_home_of_whom_it_is_for_until_it_is_ticked_off(
    app: Application, admin: Actor, person: Callable[..., Actor], visit: Visit
) -> None:
    operator, analyst = person(Role.OPERATOR), person(Role.ANALYST)
    params = {"title": "Look into <it>", "details": "It fails.", "role": "operator", "link": "/runs"}
    card = app.actions.propose(operator, "team_task", params, title="Give a task")
    app.actions.approve(admin, card, app.actions_queries.card(admin, card).row.plan_digest)
    app.action_execution.execute_action(InlineSteps(), str(card), 1)
    assert "Look into" not in html(visit("home", analyst))
    screen = visit("home", operator)
    assert "Look into &lt;it&gt;" in html(screen)
    next(one for one in screen.button if str(one.key).startswith("done-")).click().run()
    assert "Look into" not in html(visit("home", operator))
