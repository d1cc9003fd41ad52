"""A new installation gets its history: a log is handed in, its columns said, looked at, imported, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.core.imports.logs import csv_bytes, loans

SLOW = 30_000


def looked_at(page: Page) -> list[dict[str, Any]]:
    """What axe has to say, without the help that opens for whatever has the mouse or the focus."""
    page.mouse.move(1, 1)
    page.evaluate("document.activeElement?.blur()")
    settle(page)
    page.locator("[role=tooltip]").first.wait_for(state="hidden")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return found


@pytest.mark.timeout(240)
def test_log_is_handed_in_looked_at_imported_and_taken_back(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/import_runs")
    rows = [*loans(40), ("L-900000", "Decide", "yesterday", "today", "", "", "")]
    file = {"name": "loans.csv", "mimeType": "text/csv", "buffer": csv_bytes(rows)}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Look at the file").click(timeout=SLOW)

    # The columns are proposed; only a name is missing
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible(timeout=SLOW)
    page.get_by_role("textbox", name="Name of the workflow").fill("Loan application")
    page.get_by_role("textbox", name="Name of the workflow").press("Tab")
    settle(page)
    violations = [looked_at(page)]
    page.get_by_role("button", name="Read it and show what it will be").click()

    # A worker reads and rehearses; the preview comes by itself
    expect(page.get_by_role("button", name="Import 40 runs")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("The time is not written as said").first).to_be_visible()
    settle(page)
    violations.append(looked_at(page))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all as CSV").click()
    assert b"L-900000" in download.value.path().read_bytes()
    page.get_by_role("button", name="Import 40 runs").dblclick()
    expect(page.get_by_text("They are runs of")).to_be_visible(timeout=SLOW)
    settle(page)
    violations.append(looked_at(page))

    # And all of it goes again as one
    page.get_by_role("button", name="Take back…").click()
    page.get_by_role("button", name="Take back", exact=True).click(timeout=SLOW)
    expect(page.get_by_text("None of its runs is here any more")).to_be_visible(timeout=SLOW)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for found in violations for one in found] == []
