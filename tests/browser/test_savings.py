"""Savings in a browser: reckon, keep a scenario, add a card, and follow a figure to its runs."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import settle


def test_analyst_reckons_keeps_a_scenario_and_adds_a_card(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/savings?type=prompt_selling")
    settle(page)
    for label, value in {
        "Tasks a week": "20", "Minutes a task by hand": "30", "Wage an hour": "40", "Automated, %": "85",
        "Errors by hand, %": "5", "Cost of an error": "20", "Value of a faster task": "0", "Cost to set up": "0",
    }.items():  # fmt: skip
        field = page.get_by_role("spinbutton", name=label)
        field.fill(value)
        field.press("Enter")
        settle(page)
    expect(page.get_by_test_id("stMetricValue").filter(has_text="$357.00")).to_be_visible()
    expect(page.get_by_text("$18,564.00", exact=True)).to_be_visible()

    page.get_by_role("button", name="Save as scenario…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("The golden case")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    settle(page)
    page.get_by_role("radio", name="Scenarios").click()
    page.wait_for_url(re.compile("view=Scenarios"))
    settle(page)
    expect(page.get_by_role("columnheader", name="The golden case")).to_be_visible()
    expect(page.get_by_role("cell", name="$357.00")).to_be_visible()

    page.get_by_role("radio", name="Rate cards").click()
    settle(page)
    page.get_by_role("button", name="Add a rate card…").click()
    dialog = page.get_by_role("dialog")
    wage = dialog.get_by_role("spinbutton", name="Wage an hour")
    wage.fill("33")
    wage.press("Enter")
    dialog.get_by_label("Note").fill("After the survey")
    dialog.get_by_role("button", name="Add the card").click()
    expect(dialog).to_be_hidden()
    settle(page)
    expect(page.locator(".st-key-rate-card-0")).to_contain_text("In force today")
    expect(page.locator(".st-key-rate-card-0")).to_contain_text("$33.00 an hour")


def test_figure_leads_to_its_rows_and_a_row_to_its_run(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/savings?figure=proven&metric=revenue&unit=USD&dataset=Sample", phone=True)
    settle(page)
    head = page.locator(".st-key-evidence-head")
    expect(head).to_contain_text("Revenue, proven")
    proven = head.text_content() or ""
    page.get_by_role("radio", name="Measured").click()
    page.wait_for_url(re.compile("figure=measured"))
    settle(page)
    assert (head.text_content() or "") != proven
    page.get_by_role("button", name="Older").click()
    settle(page)
    page.locator(".st-key-evidence-20 a").click()
    page.wait_for_url(re.compile("/runs"))
    settle(page)
    expect(page.get_by_role("heading", name="Where the time went")).to_be_visible()


def test_rate_is_shown_with_what_it_converts(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/savings?view=Exchange+rates&to=CHF")
    settle(page)
    expect(page.get_by_text("No sum").first).to_be_visible()
    expect(page.get_by_text(re.compile("There is no rate between USD and CHF")).first).to_be_visible()
    expect(page.get_by_role("button", name="Add the rate")).to_be_visible()
