"""An admin sets the guardrails: each group in its dialog, refusals in words, and the switch on every page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import settle


def test_each_group_is_changed_and_says_what_changed(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/guardrails")
    dialog = page.get_by_role("dialog")

    page.get_by_role("button", name="Change how much").click()
    amounts = dialog.get_by_role("textbox", name="Most that one action may move, one currency a line")
    amounts.fill("USD lots")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("“lots” is no amount. Nothing was saved.")).to_be_visible()
    expect(amounts).to_have_value("USD lots")
    amounts.fill("USD 5000.00")
    dialog.get_by_role("spinbutton", name="Recipients a message, at most").fill("8")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Recipients: At most 8 a message (was: At most 10 a message).")).to_be_visible()
    expect(page.get_by_role("row", name="Amounts At most $5,000.00 an action; other currencies stop")).to_be_visible()

    page.get_by_role("button", name="Change when").click()
    dialog.get_by_text("Only in business hours").click()
    dialog.get_by_role("button", name="Sat").click()
    settle(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Business hours Mon–Sat 08:00–18:00 (UTC)")).to_be_visible()

    page.get_by_role("button", name="Change who").click()
    dialog.get_by_role("textbox", name="Never these recipients, one address or domain a line").fill(
        "press.example\na b"
    )
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("“a b” is neither an address nor a domain")).to_be_visible()
    dialog.get_by_role("textbox", name="Never these recipients, one address or domain a line").fill("press.example")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Never written to press.example")).to_be_visible()

    page.get_by_role("button", name="Change what may run").click()
    dialog.get_by_role("button", name="odoo").click()
    settle(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Channels email, odoo")).to_be_visible()

    # Back to what the other tests of this session start from
    undo: dict[str, Callable[[], None]] = {
        "Change how much": lambda: amounts.fill(""),
        "Change when": lambda: dialog.get_by_text("Only in business hours").click(),
        "Change who": lambda: dialog.get_by_role("textbox", name="Never these recipients").fill(""),
        "Change what may run": lambda: dialog.get_by_role("button", name="odoo").click(),
    }
    for change, back in undo.items():
        page.get_by_role("button", name=change).click()
        back()
        settle(page)
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_be_hidden()


def test_two_admins_at_one_policy_do_not_overwrite_each_other(sign_in: Callable[..., Page]) -> None:
    first, second = sign_in(path="/guardrails"), sign_in(path="/guardrails")
    for page in (first, second):
        page.get_by_role("button", name="Change when").click()
    for page, hours in ((first, "30"), (second, "40")):
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("spinbutton", name="A card expires after, in hours").fill(hours)
        dialog.get_by_role("button", name="Save").click()
    expect(first.get_by_text("A card waits 30 hours").first).to_be_visible()
    expect(second.get_by_role("dialog").get_by_text("changed by someone else in the meantime")).to_be_visible()


def test_everything_is_stopped_from_any_page_and_started_again(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/inbox")
    page.get_by_role("button", name="Stop…").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop everything").click()
    strip = page.locator(".st-key-strip")
    expect(strip.get_by_text("Stopped by Asha Rao")).to_be_visible()
    expect(page.get_by_role("button", name="Stop…")).to_be_hidden()
    page.get_by_role("link", name="Guardrails").click()
    page.get_by_role("button", name="Back to preview").click()
    expect(strip.get_by_text("Preview: nothing leaves this machine")).to_be_visible()
