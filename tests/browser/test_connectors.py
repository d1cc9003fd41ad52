"""Every operation, in a real browser against its counterpart: the card shows it, one click does it, the receipt says so."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core import bootstrap
from core.actor import Actor, ActorKind
from core.bootstrap import Application
from core.database.embedded import start_embedded_server
from core.identity.service import actor_of
from core.settings import Settings
from tests.browser.conftest import ADMIN, DESKTOP, settle
from tests.browser.product import Product
from tests.core.connectors.counterpart import Counterpart, all_counterparts
from tests.core.connectors.test_contract import CALLS
from tests.waiting import until

SLOW = 20_000
AGENT = Actor(ActorKind.AGENT, "ledger-agent", "Ledger agent", scopes=frozenset({"propose"}))
LIVE = {
    "EXECUTION_ENABLED": "true", "EXECUTION_DRY_RUN": "false",
    "EXECUTION_CHANNELS": "email,odoo,social,crm,http,project",
}  # fmt: skip
RUNNING = all_counterparts()


class Live:
    """An installation that executes for real, seen from the browser and from inside."""

    def __init__(self, page: Page, inside: Application, url: str, authority: Path) -> None:
        self.page, self.inside, self.url, self.authority = page, inside, url, authority
        found, _ = inside.identity_queries.people(text=ADMIN[0])
        self.admin = actor_of(found[0].user)
        rules = {"recipient_rates": {}, "duplicate_hours": 0}  # the same person is written to again and again here
        inside.guardrails.change(self.admin, rules, None)

    def connect(self, counterpart: Counterpart, name: str) -> dict[str, str]:
        """What an operation's parameters say of the account."""
        if counterpart.system is None:
            return {}
        if trusted := os.environ.get("SSL_CERT_FILE"):  # a counterpart that speaks TLS made an authority of its own
            shutil.copyfile(trusted, self.authority)
        return {
            "account": self.inside.connections.add(
                self.admin, system=counterpart.system, name=name, values=counterpart.account()
            )
        }


@pytest.fixture(scope="module")
def live(browser: Browser) -> Iterator[Live]:
    folder = TemporaryDirectory(prefix="countersign-", ignore_cleanup_errors=True)
    authority = Path(folder.name) / "authority.pem"
    product = Product(Path(folder.name) / "var", environment={**LIVE, "SSL_CERT_FILE": str(authority)}).start()
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(product.url)
    page.get_by_label("Your name").fill("Asha Rao")
    page.get_by_label("E-mail").fill(ADMIN[0])
    page.get_by_label("Password").fill(ADMIN[1])
    page.get_by_label("sample data").uncheck()
    page.get_by_role("button", name="Create the admin account").click()
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    inside = bootstrap.build(Settings(_env_file=None, var_dir=product.var), url=start_embedded_server(product.var))
    yield Live(page, inside, product.url, authority)
    inside.close()
    page.context.close()
    product.stop()
    folder.cleanup()


def approve(live: Live, card: object) -> None:
    live.page.goto(f"{live.url}/inbox?card={card}&show=all%20waiting")
    settle(live.page)
    live.page.get_by_role("button", name="Approve & Execute").click(timeout=SLOW)
    expect(live.page.get_by_role("button", name="Executed")).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize(("name", "operation"), [one for one in CALLS if one[0] not in ("odoo-18", "outbox")])
def test_operation_is_shown_approved_executed_and_done_as_shown(live: Live, name: str, operation: str) -> None:
    with RUNNING[name]() as counterpart:
        before = counterpart.state()
        params: dict[str, Any] = {
            **counterpart.calls()[operation],
            **live.connect(counterpart, re.sub("[^a-z0-9]+", "-", f"{name}-{operation}".lower())[:40].strip("-")),
        }
        card = live.inside.actions.propose(AGENT, operation, params, title=f"{operation} through {name}")
        plan = live.inside.actions_queries.card(live.admin, card).plan
        approve(live, card)

        said = [
            plan.account,
            *(one.after for one in plan.changes if isinstance(one.after, str) and len(one.after) < 60),
        ]
        if plan.message:
            said += plan.message.text.splitlines()
        until(lambda: all(_bare(one) in _seen(live.page) for one in said), seconds=30, what=f"the card to say {said}")
        if live.inside.connectors.operation(operation).effect_of(plan).value == "read":
            return
        assert counterpart.effects() >= 1 and counterpart.holds(plan)
        if plan.reversible and before is not None:
            undo(live, card)
            assert counterpart.state() == before


def _seen(page: Page) -> str:
    return _bare(page.get_by_test_id("stMain").inner_text())


def _bare(text: str) -> str:
    return "".join(text.split())


def undo(live: Live, card: object) -> None:
    live.page.get_by_role("button", name="Undo").click(timeout=SLOW)
    live.page.get_by_role("button", name="Approve & Execute").click(timeout=SLOW)
    expect(live.page.get_by_role("button", name="Executed")).to_be_visible(timeout=SLOW)


def test_admin_connects_a_system_by_the_form_and_its_key_is_never_seen_again(live: Live) -> None:
    with RUNNING["http_request"]() as counterpart:
        account = counterpart.account()
        page = live.page
        page.goto(f"{live.url}/connections")
        page.get_by_role("button", name="Add a connection").click(timeout=SLOW)
        page.get_by_role("combobox").first.click()
        page.get_by_role("option", name="Web address").click()
        page.get_by_role("textbox", name="Name").fill("by-hand", timeout=SLOW)
        page.get_by_role("textbox", name="Address").fill(account["base_url"])
        page.locator("input[type=password]").fill(account["secret"])
        page.locator("input[type=password]").press("Tab")  # leaves the field without leaving the form
        page.get_by_text("It is inside our own network").click()
        page.get_by_role("button", name="Add and test").click()
        expect(page.get_by_text("It answered 200.")).to_be_visible(timeout=SLOW)
        settle(page)
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
        page.get_by_role("button", name="Change…").click()
        expect(page.get_by_role("dialog")).to_be_visible(timeout=SLOW)
        assert account["secret"] not in page.content() + json.dumps(page.locator("input").all_inner_texts())
