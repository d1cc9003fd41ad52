"""Analytics in a browser: a click on a mark narrows the whole page, and the address keeps all that was chosen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from pages.components.analytics_views import VIEWS
from tests.browser.conftest import settle


def started(page: Page) -> int:
    """How many runs the page says it is about."""
    return int(re.sub(r"\D", "", page.locator(".st-key-chips a.way[href^='/runs']").inner_text()))


def click(page: Page, mark: Locator) -> None:
    mark.click(force=True)  # Plotly lays a sheet over its marks; the click goes through it to the mark


def test_click_on_a_mark_narrows_the_page_and_its_chip_lets_go(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/analytics?dataset=Sample&view=Workflows")
    settle(page)
    everything = started(page)
    block = page.locator(".st-key-chart-success-by-workflow")
    click(page, block.locator(".scatterlayer .points path").first)
    chip = page.locator(".st-key-chip-workflow button")
    chip.wait_for()
    settle(page)
    page.wait_for_url(re.compile("workflow="))
    narrowed = started(page)
    assert 0 < narrowed < everything
    expect(block.locator(".annotation", has_text="✓")).to_have_count(1)
    expect(block.locator(".scatterlayer .points path")).not_to_have_count(1)

    chip.click()
    expect(page.locator(".st-key-chip-workflow")).to_have_count(0)
    settle(page)
    assert started(page) == everything


def test_another_click_on_the_same_mark_lets_go(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/analytics?dataset=Sample&view=Segments")
    settle(page)
    marks = page.locator(".st-key-chart-success-by-market .scatterlayer .points path")
    click(page, marks.nth(1))
    page.locator(".st-key-chip-market").wait_for()
    settle(page)
    page.wait_for_function(
        "document.querySelectorAll('.st-key-chart-success-by-market .scatterlayer .points path').length > 1"
    )
    click(page, marks.nth(1))
    expect(page.locator(".st-key-chip-market")).to_have_count(0)


def test_click_on_a_week_makes_the_page_about_its_days(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/analytics?dataset=Sample&view=Trends")
    settle(page)
    everything = started(page)
    bars = page.locator(".st-key-chart-runs-over-time .barlayer .point path")
    click(page, bars.nth(10))
    page.locator(".st-key-chip-period").wait_for()
    settle(page)
    page.wait_for_url(re.compile(r"days=\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d"))
    assert 0 < started(page) < everything

    page.reload()
    settle(page)
    assert 0 < started(page) < everything


def test_runs_behind_a_view_are_one_click_away(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/analytics?dataset=Sample&market=Agency")
    settle(page)
    total = f"{started(page):,}"
    page.locator(".st-key-chips a.way[href^='/runs']").click()
    page.wait_for_url(re.compile("/runs.*market=Agency"))
    settle(page)
    expect(page.get_by_text(f"{total} runs:")).to_be_visible()


def test_outlier_opens_its_run(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/analytics?dataset=Sample&view=Outliers")
    settle(page)
    page.locator("tbody tr a").first.click()
    page.wait_for_url(re.compile("/runs.run="))
    expect(page.get_by_role("heading", name="Where the time went")).to_be_visible()


def test_views_and_tables_stay_in_the_address(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/analytics", phone=True)
    settle(page)
    page.get_by_text("Segments", exact=True).click()
    page.wait_for_url(re.compile("view=Segments"))
    page.get_by_text("Table view").click()
    page.wait_for_url(re.compile("tables=true"))
    page.reload()
    settle(page)
    expect(page.get_by_role("button", name="Export CSV").first).to_be_visible()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text(re.compile("view=Segments.*tables=true|tables=true.*view=Segments"))).to_be_visible()


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_passes_axe_by_light_and_dark_and_on_a_phone(sign_in: Callable[..., Page], view: str) -> None:
    for phone, dark in ((False, False), (True, True)):
        page = sign_in(path=f"/analytics?dataset=Sample&view={view}", phone=phone, dark=dark)
        settle(page)
        page.locator("[class*=st-key-chart-]").first.wait_for()
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide
