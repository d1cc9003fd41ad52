"""The report as one web page, opened from disk as a client would: no fault for axe, no request, no sideways scrolling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from core.deliverables.content import Report
from core.deliverables.formats.html import render
from core.deliverables.look import Look
from tests.browser.conftest import DESKTOP, PHONE
from tests.core.deliverables.reports import hostile_report, picture, report

REPORTS = {"all": replace(report(), sample=True), "arabic": report(language="ar"), "hostile": hostile_report()}


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., tuple[Page, list[str]]]]:
    """`opened(report)` gives the page and the list of what it asked for, which goes on to be filled."""
    contexts: list[BrowserContext] = []

    def make(told: Report, *, look: str = "light", theme: Look | None = None) -> tuple[Page, list[str]]:
        file = tmp_path / "report.html"
        file.write_bytes(render(told, theme or Look("Meridian Advisory", footer="Confidential")).data)
        context = browser.new_context(
            viewport=PHONE if look == "phone" else DESKTOP,
            color_scheme="dark" if look == "dark" else "light",
            offline=True,
        )
        contexts.append(context)
        page, asked = context.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: asked.append(message.text))
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        page.goto(file.as_uri())
        page.evaluate("document.fonts.ready")
        assert asked.pop(0) == file.as_uri()
        return page, asked

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_a_report_passes_axe_and_fits_its_window(
    opened: Callable[..., tuple[Page, list[str]]], name: str, look: str
) -> None:
    page, asked = opened(REPORTS[name], look=look)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    faults = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in Axe().run(page).response["violations"]]
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert [url for url in asked if not url.startswith("data:")] == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_glaring_theme_can_be_read(opened: Callable[..., tuple[Page, list[str]]], look: str) -> None:
    theme = Look("Glare", accent="#FFFF00", ink="#F0F0F0", series=("#FFFF00", "#00FFFF"), logo=picture(300, 80))
    page, _ = opened(report(), look=look, theme=theme)
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []


def test_the_table_of_a_chart_opens_and_its_csv_is_saved_offline(opened: Callable[..., tuple[Page, list[str]]]) -> None:
    page, asked = opened(report())
    page.get_by_text("Figures as a table").first.click()
    with page.expect_download() as saving:
        page.locator("details[open] a[download]").click()
    assert saving.value.suggested_filename == "bars.csv"
    assert Path(saving.value.path()).read_text("utf-8-sig").startswith("Workflow,Series 1 (EUR)\n")
    assert [url for url in asked if not url.startswith("data:")] == []


def test_a_keyboard_reaches_the_report_past_its_contents(opened: Callable[..., tuple[Page, list[str]]]) -> None:
    page, _ = opened(report())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"


def test_it_prints_light_with_the_tables_that_drawings_need(opened: Callable[..., tuple[Page, list[str]]]) -> None:
    page, _ = opened(report(), look="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("details.needed table").first.is_visible()
    assert not page.get_by_text("Save as CSV").first.is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
