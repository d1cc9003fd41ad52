"""What every page owes everybody: no accessibility violation, no request elsewhere, no sideways scrolling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pages.components.navigation import PageSpec, page_specs
from tests.browser.conftest import settle

LOOKS = {"light": {}, "dark": {"dark": True}, "phone": {"phone": True}}


@pytest.mark.parametrize("look", LOOKS)
def test_pages_pass_axe_and_stay_at_home(sign_in: Callable[..., Page], look: str) -> None:
    page = sign_in(**LOOKS[look])
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if "127.0.0.1" not in request.url else None)
    problems: list[str] = []
    for spec in page_specs():
        _open(page, spec)
        found = Axe().run(page).response["violations"]
        problems += [f"{spec.url_path} ({look}): {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 1:
            problems.append(f"{spec.url_path} ({look}): scrolls sideways by {overflow} px")
    assert problems == []
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


@pytest.mark.parametrize("dark", [False, True])
def test_pages_before_sign_in_pass_axe(sign_in: Callable[..., Page], dark: bool) -> None:
    page = sign_in(dark=dark)
    origin = page.url.split("/")[0] + "//" + page.url.split("/")[2]
    for path in ("/auth/sign-out", "/auth/sign-in"):
        page.goto(origin + path)
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []


def _open(page: Page, spec: PageSpec) -> None:
    origin = page.url.split("/")[0] + "//" + page.url.split("/")[2]
    page.goto(f"{origin}/{'' if spec.url_path == 'home' else spec.url_path}")
    page.get_by_role("heading", level=1).wait_for()
    settle(page)
    # what mends Streamlit's drop zones comes over the network after the page is drawn
    expect(page.locator('[data-testid="stFileUploaderDropzone"][role="presentation"]')).to_have_count(0)
