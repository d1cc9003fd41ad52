"""An operator's way with a prompt in a real browser: read, edit, compare, take back, and add one."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_prompt_is_edited_compared_and_restored(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/prompts")
    page.get_by_role("link", name="Copy Editor v1.0").click()
    expect(page.get_by_role("heading", name="Copy Editor v1.0")).to_be_visible()
    expect(page.get_by_text("Write to one reader about their situation")).to_be_visible()

    page.get_by_role("button", name="Edit…").click()
    text = page.get_by_role("dialog").get_by_role("textbox", name="Text")
    expect(text).to_have_value(re.compile("^You are a copy editor"))
    text.fill("You edit copy.\nKeep it short.")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Edited here")).to_be_visible()
    expect(page.locator("ins", has_text="Keep it short.")).to_be_visible()
    expect(page.locator("del").first).to_be_visible()

    page.get_by_role("button", name="Restore the shipped text").click()
    expect(page.get_by_text("As shipped")).to_be_visible()
    expect(page.get_by_role("button", name="Restore the shipped text")).to_have_count(0)


def test_a_prompt_is_added_under_the_name_a_definition_gives_it(sign_in: Callable[..., Page]) -> None:
    page = sign_in(path="/prompts")
    page.get_by_role("button", name="Add a prompt").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Nothing was saved")

    dialog.get_by_role("textbox", name="Name").fill("Press Release v2.0")
    dialog.get_by_role("textbox", name="Text").fill("Write a press release.")
    dialog.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Press Release v2.0")).to_be_visible()
    expect(page.get_by_text("no workflow that can be started")).to_be_visible()
