"""An admin adds a webhook in a real browser and sees its secret once."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_webhook_is_added_and_its_secret_shown_once(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/webhooks")
    page.get_by_role("button", name="Add a webhook").click()
    address = page.get_by_role("textbox", name="Address")

    # An address no webhook may have is refused in words
    address.fill("http://169.254.169.254/latest")
    address.press("Tab")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("no call may go")

    # A good one is added; the secret is there until it is copied, and never again
    address.fill("https://chat.invalid/hooks?key=1")
    address.press("Tab")
    page.get_by_role("textbox", name="What is it? (optional)").fill("Operations chat")
    page.get_by_role("textbox", name="What is it? (optional)").press("Tab")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("shown this once")).to_be_visible()
    expect(page.get_by_role("dialog")).to_contain_text("whsec_")
    page.get_by_role("button", name="I have copied it").click()
    page.get_by_role("link", name="Operations chat").click()
    expect(page.get_by_role("heading", name="Operations chat")).to_be_visible()
    expect(page.get_by_role("button", name="Send a test event")).to_be_enabled()
    assert "whsec_" not in page.content()
    assert "key=1" not in page.content()
