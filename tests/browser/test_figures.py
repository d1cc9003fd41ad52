"""Analytics and Runs in a browser: a click on a mark shows the runs behind it, and the way leads to all of them."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import settle


def test_click_on_a_mark_leads_to_the_runs_behind_it(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/analytics?dataset=Sample")
    settle(page)
    page.get_by_role("radio", name="Workflows").click()
    page.wait_for_url(re.compile("view=Workflows"))
    settle(page)
    block = page.locator(".st-key-chart-success-by-workflow")
    mark = block.locator(".scatterlayer .points path").first
    mark.click(force=True)  # Plotly lays a sheet over its marks; the click goes through it to the mark
    way = page.locator(".st-key-behind-workflow a.way")
    way.wait_for()
    total = (way.text_content() or "").removeprefix("Show all ").removesuffix(" runs")

    way.click()
    page.wait_for_url(re.compile("/runs.*workflow="))
    settle(page)
    expect(page.get_by_text(f"{total} runs:")).to_be_visible()

    page.locator("tbody tr").nth(2).click()
    page.wait_for_url(re.compile("run="))
    expect(page.get_by_role("heading", name="Where the time went")).to_be_visible()
    page.get_by_role("button", name="All runs").click()
    expect(page.get_by_text(f"{total} runs:")).to_be_visible()


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
