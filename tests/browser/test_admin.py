"""An admin in the browser: runs a job, adds a person who signs in, makes a token that programs use."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2 as httpx2
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.browser.product import Product

PASSWORD = "a quiet river in autumn"


def test_job_runs_now_and_says_how_it_went(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/jobs")
    card = page.locator(".st-key-job-verify_audit")

    card.get_by_role("button", name="Run now").click()

    expect(card.get_by_text("Succeeded")).to_be_visible(timeout=15_000)
    expect(card.get_by_text("follow one another unchanged")).to_be_visible()
    expect(card.get_by_role("button", name="Run now")).to_be_enabled()
    expect(page.get_by_role("table", name="Job runs").get_by_text("Verify the audit chain").first).to_be_visible()


def test_added_person_signs_in_and_a_wrong_form_keeps_what_was_typed(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/people")
    page.get_by_role("button", name="Add a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Meera Iyer")
    dialog.get_by_label("E-mail").fill("meera@example.com")
    dialog.get_by_role("textbox", name="First password").fill("short")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text("use at least 12 characters")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("Meera Iyer")

    dialog.get_by_role("textbox", name="First password").fill(PASSWORD)
    dialog.get_by_role("button", name="Add", exact=True).click()

    expect(dialog).to_be_hidden()
    settle(page)
    expect(page.get_by_role("link", name="Meera Iyer")).to_be_visible()
    theirs = sign_in(account=("meera@example.com", PASSWORD))
    expect(theirs.get_by_text("Meera Iyer").first).to_be_visible()


def test_token_is_shown_once_and_opens_the_api_until_revoked(sign_in: Callable[..., Page], product: Product) -> None:
    page = sign_in(path="/people?show=Agents+and+tokens")
    page.get_by_role("button", name="New token for yourself").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What is it for?").fill("Nightly import")
    dialog.get_by_role("button", name="Make the token").click()
    token = dialog.get_by_text(re.compile(r"^cs_")).inner_text()
    dialog.get_by_role("button", name="I have copied it").click()
    expect(dialog).to_be_hidden()
    settle(page)
    expect(page.get_by_text(token)).to_have_count(0)

    headers = {"authorization": f"Bearer {token}"}
    assert httpx2.get(f"{product.url}/api/profile", headers=headers).json()["name"] == "Asha Rao"
    assert httpx2.post(f"{product.url}/api/profile", headers=headers, json={}).status_code == 403

    page.get_by_role("link", name="Asha Rao").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("of Asha Rao is revoked.")).to_be_visible()
    assert httpx2.get(f"{product.url}/api/profile", headers=headers).status_code == 401


def test_api_documentation_opens_for_whoever_asks(sign_in: Callable[..., Page], product: Product) -> None:
    page = sign_in()
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if "127.0.0.1" not in request.url else None)

    page.goto(f"{product.url}/api/docs")

    page.locator("#operations-tag-Actions").click(timeout=15_000)
    expect(page.get_by_text("Propose an action")).to_be_visible(timeout=15_000)
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_class("dark-mode")
    assert page.evaluate(background) != light
