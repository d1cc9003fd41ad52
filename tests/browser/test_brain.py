"""The operator brain as an admin meets it: on a desk and a phone, light and dark, without a fault for axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core import bootstrap
from core.actor import Role
from core.bootstrap import Application
from core.database.embedded import start_embedded_server
from core.settings import Settings
from tests.browser.conftest import settle
from tests.browser.product import Product
from tests.core.brain.conftest import invoice
from tests.core.connectors.conftest import odoo_settings
from tests.doubles.odoo import running_odoo

SignIn = Callable[..., Page]


@pytest.fixture
def watched(product: Product) -> Iterator[Application]:
    """The product's own database with an Odoo in which there is work, looked at once."""
    with running_odoo() as odoo:
        settings = Settings(_env_file=None, var_dir=product.var).model_copy(update=odoo_settings(odoo))
        app = bootstrap.build(settings, url=start_embedded_server(product.var))
        due = (app.clock.now() - timedelta(days=9)).date().isoformat()
        for amount in (4_800.0, 1_250.0, 320.0):
            invoice(odoo, due, open=amount)
        before = f"{app.clock.now() - timedelta(days=30):%Y-%m-%d %H:%M:%S}"
        odoo.add_lead(
            name="Web shop for Northwind", stage_id=2, expected_revenue=18_000.0, probability=40.0, create_date=before,
            date_last_stage_update=before, user_id=3,
        )  # fmt: skip
        app.brain.look()
        yield app
        app.close()


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}, {"phone": True, "dark": True}], ids=str)
def test_brain_and_jobs_are_readable_everywhere(watched: Application, sign_in: SignIn, look: dict[str, bool]) -> None:
    page = sign_in(path="/brain", **look)
    page.get_by_text("Overdue invoices").first.wait_for()
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert Axe().run(page).response["violations"] == []
    page.goto(page.url.replace("/brain", "/jobs"))
    page.get_by_text("Watch for work").first.wait_for()
    settle(page)
    assert Axe().run(page).response["violations"] == []


def test_finding_leads_to_its_card(watched: Application, sign_in: SignIn) -> None:
    page = sign_in(path="/brain")
    page.get_by_role("link", name="Go on with “Web shop for Northwind”").first.click()  # of the latest look
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("In the stage Qualified since")).to_be_visible()
    dialog.get_by_role("link", name="Open its card").click()
    expect(page.get_by_role("heading", name="Go on with “Web shop for Northwind”").first).to_be_visible()


def test_admin_turns_a_rule_off_and_an_operator_finds_no_settings(
    watched: Application, sign_in: SignIn, account: Callable[..., tuple[str, str]]
) -> None:
    page = sign_in(path="/brain")
    card = page.locator(".st-key-rule-waiting_reviews")
    card.get_by_role("button", name="Settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Off").click()
    dialog.get_by_role("button", name="Save").click()
    expect(card.get_by_text("Off: it does not look.")).to_be_visible()
    operator = sign_in(path="/brain", account=account("brain-operator@example.com", Role.OPERATOR))
    operator.get_by_role("button", name="Look now").wait_for()
    expect(operator.get_by_role("button", name="Settings")).to_have_count(0)
