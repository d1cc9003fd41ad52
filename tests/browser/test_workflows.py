"""Automated workflows in a real browser: a definition imported and looked over, and a run started with its form."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.core.catalog.test_automated import workflow
from tests.core.catalog.test_elsewhere import sparse

SLOW = 30_000


def violations(page: Page) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in Axe().run(page).response["violations"]]


def test_definition_is_refused_with_all_its_problems_then_imported_and_started(sign_in: Callable[..., Page]) -> None:
    document = workflow()
    document["steps"][0]["produces"], document["steps"][1]["scope"] = "moon", "sea"
    page = sign_in(path="/workflows")
    page.get_by_role("button", name="Import…").click(timeout=SLOW)
    text = page.get_by_role("textbox", name="Or its text")
    text.fill(json.dumps(document))
    text.press("Tab")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("$.steps[0].produces", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("$.steps[1].scope", exact=True)).to_be_visible()
    settle(page)
    assert violations(page) == []

    asked = {"site_name": {"type": "text", "required": True, "example": "Corner Bakery"}, "rows": {"type": "integer"}}
    text.fill(json.dumps(sparse() | {"workflow_id": "browser_sparse", "name": "Notes on a site", "inputs": asked}))
    text.press("Tab")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Notes on a site")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Start…").click(timeout=SLOW)
    page.get_by_role("button", name="Start", exact=True).click(timeout=SLOW)
    expect(page.get_by_text("It is needed to start")).to_be_visible(timeout=SLOW)
    page.get_by_role("textbox", name="Site name").fill("Corner Bakery")
    page.get_by_role("button", name="Start", exact=True).dblclick()
    page.wait_for_url("**/runs?run=*", timeout=SLOW)
    page.goto(page.url.split("/runs")[0] + "/runs")
    settle(page)
    expect(page.get_by_text("Notes on a site")).to_have_count(1, timeout=SLOW)


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}], ids=["light", "dark", "phone"])
def test_shipped_definition_and_its_form_pass_axe(sign_in: Callable[..., Page], look: dict[str, bool]) -> None:
    page = sign_in(path="/workflows?workflow=software_product_development", **look)
    expect(page.get_by_role("heading", name="Software product development")).to_be_visible(timeout=SLOW)
    settle(page)
    assert violations(page) == []
    page.goto(page.url.split("/workflows")[0] + "/discover?start=market_offer")
    expect(page.get_by_role("heading", name="Offer for a customer")).to_be_visible(timeout=SLOW)
    settle(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
