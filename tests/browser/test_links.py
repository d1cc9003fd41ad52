"""A link lets somebody without an account answer what a run asks, once; the run's page says who it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.actor import Actor
from core.bootstrap import Application
from core.identity.service import actor_of
from tests.browser.conftest import PHONE, settle
from tests.core.executions.automated.driving import definition, production
from tests.waiting import until as until_true

SLOW = 30_000
until = partial(until_true, seconds=30)
SCHEMA = {
    "type": "object", "required": ["goal", "size"],
    "properties": {
        "goal": {"type": "string", "maxLength": 80, "title": "Your goal"},
        "budget": {"type": "number", "title": "Budget"},
        "size": {"type": "string", "enum": ["Small", "Large"], "title": "Size"},
        "colours": {"type": "array", "items": {"type": "string"}, "title": "Colours"},
        "extra": {"type": "object", "title": "Anything else"},
    },
}  # fmt: skip


@pytest.fixture
def asha(inside: Application) -> Actor:
    return actor_of(inside.identity_queries.people(text="asha@example.com")[0][0].user)


@pytest.fixture
def run(inside: Application, asha: Actor) -> UUID:
    documents = {"brief": {"name": "Brief by link", "scope": "project", "json_schema": SCHEMA}}
    steps = [production("brief", "brief", "project", title="Ask for the brief")]
    inside.catalog.import_definitions(asha, definition(steps, documents, workflow_id="by_link", name="By link"))
    return inside.runs.start(asha, "by_link", inputs={})


def make_link(page: Page, label: str) -> str:
    page.get_by_role("button", name="Let somebody answer by a link").click()
    field = page.get_by_label("Who is it for?")
    field.fill(label)
    field.press("Tab")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_text("For a person")).to_be_visible(timeout=SLOW)
    address = page.get_by_role("dialog").locator("code").first.inner_text().strip()
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(f"A link for {label}")).to_be_visible(timeout=SLOW)
    settle(page)
    return address


def has_no_faults(page: Page) -> None:
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1


@pytest.mark.parametrize("dark", [False, True])
def test_stranger_answers_by_a_link_once(
    sign_in: Callable[..., Page], browser: Browser, inside: Application, asha: Actor, run: UUID, dark: bool
) -> None:
    until(lambda: bool(inside.tree_queries.tree(asha, run).mine), what="what the run asks")
    page = sign_in(path=f"/runs?run={run}")
    address, withdrawn = make_link(page, "Acme Ltd."), make_link(page, "Somebody else")
    page.get_by_role("button", name="Withdraw").first.click()
    expect(page.get_by_text("The link for Somebody else is withdrawn.")).to_be_visible(timeout=SLOW)

    context = browser.new_context(viewport=PHONE, color_scheme="dark" if dark else "light")
    stranger = context.new_page()
    stranger.goto(withdrawn)
    expect(stranger.get_by_text("it was withdrawn")).to_be_visible()
    has_no_faults(stranger)

    stranger.goto(address)
    expect(stranger.get_by_text("Asha Rao asks this of Acme Ltd.")).to_be_visible()
    has_no_faults(stranger)
    stranger.get_by_label("Your goal").fill("More clients")
    stranger.get_by_label("Budget").fill("many")
    stranger.get_by_label("Large").check()
    stranger.get_by_label("Colours").fill("green\nblue")
    stranger.get_by_role("button", name="Hand in").click()
    expect(stranger.get_by_role("alert")).to_contain_text("use a number")
    expect(stranger.get_by_label("Your goal")).to_have_value("More clients")
    expect(stranger.get_by_label("Large")).to_be_checked()
    has_no_faults(stranger)
    stranger.get_by_label("Budget").fill("1200")
    stranger.get_by_role("button", name="Hand in").click()
    expect(stranger.get_by_role("heading", name="Thank you")).to_be_visible()
    has_no_faults(stranger)
    stranger.goto(address)
    expect(stranger.get_by_text("it was answered")).to_be_visible()
    context.close()

    page.goto(page.url)
    expect(page.get_by_text("Acme Ltd., by the link of Asha Rao").first).to_be_visible(timeout=SLOW)
