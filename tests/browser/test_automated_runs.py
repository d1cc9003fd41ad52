"""An automated run in a real browser: its tree by keyboard and address, changes without a click, and its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.actor import Actor
from core.bootstrap import Application
from core.executions.automated.rules import NodeState
from core.identity.service import actor_of
from tests.browser.conftest import settle
from tests.browser.product import Product
from tests.core.executions.automated.scene import DEFINITION, Scene, half_way

SLOW = 30_000


@pytest.fixture
def asha(inside: Application) -> Actor:
    return actor_of(inside.identity_queries.people(text="asha@example.com")[0][0].user)


@pytest.fixture
def scene(inside: Application, asha: Actor) -> Scene:
    return half_way(inside, asha)


def test_tree_is_walked_by_keyboard_and_each_step_has_an_address(
    sign_in: Callable[..., Page], scene: Scene, product: Product
) -> None:
    page = sign_in(path=f"/runs?run={scene.id}")
    expect(page.get_by_role("heading", name="Plan the spring range")).to_be_visible(timeout=SLOW)
    brief = page.get_by_role("treeitem", name="Write the brief")
    brief.click(timeout=SLOW)
    expect(page.get_by_role("heading", name="Brief", exact=True)).to_be_visible(timeout=SLOW)
    assert "node=brief" in page.url

    brief.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    epics = page.get_by_role("treeitem", name="Each epic")
    expect(epics).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(epics).to_have_attribute("aria-expanded", "false", timeout=SLOW)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 done")).to_be_visible(timeout=SLOW)

    page.get_by_role("link", name="2. Wool").click()
    expect(page.get_by_role("heading", name="2. Wool")).to_be_visible(timeout=SLOW)
    page.goto(f"{product.url}/runs?run={scene.id}&node=note%5B1%2C1%5D")
    expect(page.get_by_role("heading", name="Note", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("treeitem", name="Note").and_(page.locator('[aria-selected="true"]'))).to_be_visible()


def test_what_workers_do_is_seen_without_a_click(sign_in: Callable[..., Page], scene: Scene) -> None:
    page = sign_in(path=f"/runs?run={scene.id}")
    expect(page.get_by_text("2 of 4 steps done")).to_be_visible(timeout=SLOW)
    scene.step("summary", position=3, state=NodeState.COMPLETED)
    expect(page.get_by_text("3 of 4 steps done")).to_be_visible(timeout=10_000)


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (False, True), (True, False)])
def test_page_has_no_violations(
    sign_in: Callable[..., Page], scene: Scene, product: Product, phone: bool, dark: bool
) -> None:
    page = sign_in(phone=phone, dark=dark, path=f"/runs?run={scene.id}&node=brief")
    for node in ("brief", "epics"):
        page.goto(f"{product.url}/runs?run={scene.id}&node={node}")
        page.get_by_role("treeitem", name="Write the brief").wait_for(timeout=SLOW)
        settle(page)
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_run_without_a_model_waits_for_a_person_and_is_cancelled_with_a_reason(
    sign_in: Callable[..., Page], inside: Application, asha: Actor
) -> None:
    inside.catalog.import_definitions(asha, DEFINITION)
    run = inside.runs.start(asha, "spring_range", inputs={"brief": "Linen for Lisbon"})
    page = sign_in(path=f"/runs?run={run}")
    waits = page.get_by_role("treeitem", name="Write the brief").filter(has_text="Waits for you")
    expect(waits).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("textbox", name="Reason").fill("The range was dropped.")
    page.get_by_role("textbox", name="Reason").press("Tab")
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("Reason: The range was dropped.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Cancel…")).to_have_count(0)
