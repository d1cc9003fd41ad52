"""A new installation, walked by its first person; and a fresh process that nobody has signed in to."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.browser.product import Product


def test_fresh_process_serves_no_page_and_runs_no_script_for_nobody(browser: Browser, tmp_path: Path) -> None:
    """Streamlit would run pages/audit.py for the first anonymous deep link to a fresh process."""
    product = Product(tmp_path / "var").start()
    try:
        with pytest.raises(InvalidStatus):
            connect(f"{product.url.replace('http', 'ws')}/_stcore/stream", subprotocols=[Subprotocol("streamlit")])
        page = browser.new_context().new_page()
        page.goto(f"{product.url}/audit")
        expect(page.get_by_role("heading", name="Set up Countersign")).to_be_visible()

        page.get_by_label("Your name").fill("Asha Rao")
        page.get_by_label("E-mail").fill("asha@example.com")
        page.get_by_label("Password").fill("correct horse battery staple")
        page.get_by_label("Load sample data").uncheck()
        page.get_by_role("button", name="Create the admin account").click()
        expect(page.get_by_role("heading", name="Hello, Asha")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("Sample data loaded")).to_have_count(0)

        stranger = browser.new_context().new_page()
        stranger.goto(f"{product.url}/audit?q=x")
        expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
        assert "next=%2Faudit%3Fq%3Dx" in stranger.url
    finally:
        product.stop()
