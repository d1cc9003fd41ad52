"""A project in a real browser: a file of items, one approval, and a report that adds up."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.actor import Role
from tests.browser.conftest import settle
from tests.browser.product import Product

SLOW = 30_000
ITEMS = """operation,key,to,subject,body
email_send,one,one@spring.example.com,Spring offer,"Dear Ms Okafor, it is spring."
email_send,two,two@spring.example.com,Spring offer,"Dear Mr Rao, it is spring."
email_send,three,nobody,Spring offer,This one has no address.
"""


def test_file_of_items_is_approved_once_and_each_is_sent_once(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], product: Product
) -> None:
    page = sign_in(path="/projects")
    page.get_by_role("button", name="New project…").click(timeout=SLOW)
    page.get_by_role("textbox", name="Name").fill("Spring campaign")
    page.get_by_role("textbox", name="Name").press("Tab")
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("heading", name="Spring campaign")).to_be_visible(timeout=SLOW)

    # A file is planned item by item; what cannot be planned says why and is left out knowingly
    files = {"name": "spring.csv", "mimeType": "text/csv", "buffer": ITEMS.encode()}
    page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name="Add items").click(timeout=SLOW)
    expect(page.get_by_text("1 item cannot be planned")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Leave out 1").click()
    page.get_by_role("button", name="Propose 2 items").click(timeout=SLOW)

    # Somebody else approves the whole with one click
    other = sign_in(account=account("priya@example.com", Role.OPERATOR), path="/inbox?q=Spring%20campaign")
    expect(other.get_by_text("Send 2 e-mails")).to_be_visible(timeout=SLOW)
    other.get_by_role("button", name="Approve & Execute").dblclick()
    expect(other.get_by_role("button", name="Executed")).to_be_visible(timeout=SLOW)

    page.goto(f"{product.url}/projects")
    page.get_by_role("link", name="Spring campaign").click(timeout=SLOW)
    settle(page)
    expect(page.get_by_text("2 sent").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("1 skipped").first).to_be_visible()
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    sent = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in product.var.glob("outbox/*.eml")]
    ours = sorted(str(one["To"]) for one in sent if one["Subject"] == "Spring offer")
    assert ours == ["one@spring.example.com", "two@spring.example.com"]
