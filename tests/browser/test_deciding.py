"""Deciding in a real browser: by mouse, by key, and by two people at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

from core.actions.rules import ActionState
from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from tests.browser.conftest import settle
from tests.browser.product import Product

SLOW = 15_000
"""Milliseconds that a loaded machine may take for what takes a tenth of a second on one's own."""

AGENT = Actor(ActorKind.AGENT, "ledger-agent", "Ledger agent", scopes=frozenset({"propose"}))


def propose(app: Application, title: str, to: str = "") -> UUID:
    """Each to somebody else: nobody gets two messages in a row."""
    to = to or f"{title.lower().replace(' ', '.')}@meridian.example.com"
    message = {"to": [to], "subject": f"About: {title}", "body": "Dear Ms Okafor,\n\n₹ 4,200 is due."}
    return app.actions.propose(AGENT, "email_send", message, title=title)


def wait_for_list(page: Page, cards: int) -> None:
    """From then on the list hears keys."""
    expect(page.get_by_role("option")).to_have_count(cards, timeout=SLOW)
    settle(page)


def press(page: Page, key: str) -> None:
    settle(page)
    page.keyboard.press(key)


def headline(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=SLOW)


def approves(page: Page) -> None:
    expect(page.get_by_role("button", name="Approve & Execute")).to_be_enabled(timeout=SLOW)


def executed(page: Page) -> None:
    expect(page.get_by_role("button", name="Executed")).to_be_visible(timeout=SLOW)


def test_operator_reads_approves_and_sees_the_receipt(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application, product: Product
) -> None:
    propose(inside, "Send the loop reminder to Meridian Ltd")
    page = sign_in(account=account("olga@example.com", Role.OPERATOR), path="/inbox?q=loop%20reminder")
    expect(page.get_by_text("1 decision waits for you")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("₹ 4,200 is due.")).to_be_visible()

    page.get_by_role("button", name="Approve & Execute").dblclick()
    executed(page)
    expect(page.get_by_text("Written to the outbox folder")).to_be_visible()

    sent = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in product.var.glob("outbox/*.eml")]
    ours = [message for message in sent if "loop reminder" in str(message["subject"])]
    assert len(ours) == 1
    body = ours[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Dear Ms Okafor,", "", "₹ 4,200 is due."]


def test_keyboard_decides_and_rejection_needs_a_reason(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    propose(inside, "Send keyboard note one")
    propose(inside, "Send keyboard note two")
    page = sign_in(account=account("karl@example.com", Role.OPERATOR), path="/inbox?q=keyboard%20note&sort=newest")
    wait_for_list(page, 2)
    headline(page, "Send keyboard note two")
    press(page, "j")
    headline(page, "Send keyboard note one")
    press(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("approve and execute", timeout=SLOW)
    press(page, "a")  # under a dialog no key decides
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SLOW)
    approves(page)
    press(page, "r")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog.get_by_text("say why")).to_be_visible(timeout=SLOW)
    dialog.get_by_role("textbox", name="Reason").fill("Paid this morning.")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_have_count(0, timeout=SLOW)
    expect(page.get_by_text("Rejected by Karl")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Next decision")).to_be_visible(timeout=SLOW)
    wait_for_list(page, 1)
    press(page, "n")
    headline(page, "Send keyboard note two")
    approves(page)
    press(page, "a")
    executed(page)


def test_ten_routine_cards_are_decided_by_two_keys_each(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    cards = [propose(inside, f"Send routine note {number}") for number in range(10)]
    page = sign_in(account=account("kira@example.com", Role.OPERATOR), path="/inbox?q=routine%20note&sort=oldest")
    wait_for_list(page, 10)
    for number in range(10):
        headline(page, f"Send routine note {number}")
        approves(page)
        press(page, "a")
        executed(page)
        if number < 9:
            expect(page.get_by_role("button", name="Next decision")).to_be_visible(timeout=SLOW)
            press(page, "n")
    assert {one.state for one in inside.actions_queries.progress(cards).values()} == {ActionState.EXECUTED}


def test_two_browsers_on_one_card_execute_it_once(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application, product: Product
) -> None:
    propose(inside, "Send twin message")
    first = sign_in(account=account("tina@example.com", Role.OPERATOR), path="/inbox?q=twin%20message")
    second = sign_in(account=account("tom@example.com", Role.OPERATOR), path="/inbox?q=twin%20message")
    for page in (first, second):
        approves(page)
        settle(page)
    first.get_by_role("button", name="Approve & Execute").click()
    with suppress(TimeoutError):  # the second may see that it is decided before they can click
        second.get_by_role("button", name="Approve & Execute").click(timeout=1000)
    executed(first)
    expect(second.get_by_text("Tina approved this")).to_be_visible(timeout=SLOW)
    sent = [path for path in product.var.glob("outbox/*.eml") if b"twin message" in path.read_bytes()]
    assert len(sent) == 1


def test_what_others_do_is_seen_without_a_reload(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    for number in range(3):
        propose(inside, f"Send live letter {number}")
    mine = sign_in(account=account("lena@example.com", Role.OPERATOR), path="/inbox?q=live%20letter&sort=oldest")
    theirs = sign_in(account=account("leo@example.com", Role.OPERATOR), path="/inbox?q=live%20letter&sort=oldest")
    for page in (mine, theirs):
        wait_for_list(page, 3)
        headline(page, "Send live letter 0")
    mine.evaluate("window.stillHere = true")

    for number in range(3):
        propose(inside, f"Send live letter {number + 3}")
        expect(mine.get_by_role("option")).to_have_count(4, timeout=SLOW)

        headline(theirs, f"Send live letter {number}")
        approves(theirs)
        press(theirs, "a")
        executed(theirs)
        expect(mine.get_by_text("Leo approved this while you had it open")).to_be_visible(timeout=SLOW)
        expect(mine.get_by_role("option")).to_have_count(3, timeout=SLOW)
        headline(mine, f"Send live letter {number}")
        for page in (mine, theirs):
            expect(page.get_by_role("button", name="Next decision")).to_be_visible(timeout=SLOW)
            press(page, "n")
            headline(page, f"Send live letter {number + 1}")
    assert mine.evaluate("window.stillHere") is True


def test_half_typed_reason_survives_what_others_do(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    for number in range(2):
        propose(inside, f"Send patient letter {number}")
    mine = sign_in(account=account("pia@example.com", Role.OPERATOR), path="/inbox?q=patient%20letter&sort=oldest")
    wait_for_list(mine, 2)
    headline(mine, "Send patient letter 0")
    press(mine, "r")
    reason = mine.get_by_role("dialog").get_by_role("textbox", name="Reason")
    reason.press_sequentially("They paid", delay=10)

    colleague = account("paul@example.com", Role.OPERATOR)
    theirs = sign_in(account=colleague, path="/inbox?q=patient%20letter&sort=oldest")
    wait_for_list(theirs, 2)
    propose(inside, "Send patient letter 2")
    expect(theirs.get_by_role("option")).to_have_count(3, timeout=SLOW)  # so mine has had its chance to
    mine.wait_for_timeout(2500)
    expect(reason).to_have_value("They paid")
    expect(reason).to_be_focused()
    expect(mine.get_by_role("option", include_hidden=True)).to_have_count(2)

    press(theirs, "a")
    executed(theirs)
    reason.press_sequentially(" already.", delay=10)
    mine.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(mine.get_by_role("dialog").get_by_text("Paul approved this")).to_be_visible(timeout=SLOW)
    mine.keyboard.press("Escape")
    expect(mine.get_by_role("dialog")).to_have_count(0, timeout=SLOW)
    expect(mine.get_by_role("option")).to_have_count(2, timeout=SLOW)
    expect(mine.get_by_text("Paul approved this while you had it open")).to_be_visible(timeout=SLOW)


def test_dialog_that_stops_everything_is_not_closed_by_what_others_do(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    propose(inside, "Send stopping letter 0")
    page = sign_in(account=account("stan@example.com", Role.OPERATOR), path="/inbox?q=stopping%20letter")
    wait_for_list(page, 1)
    page.get_by_role("button", name="Stop…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Stop everything")).to_be_visible(timeout=SLOW)
    propose(inside, "Send stopping letter 1")
    page.wait_for_timeout(2500)
    expect(dialog.get_by_role("button", name="Stop everything")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("option")).to_have_count(2, timeout=SLOW)


def test_like_cards_are_picked_by_key_and_decided_together(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    cards = [propose(inside, f"Send joint letter {number}") for number in range(4)]
    page = sign_in(account=account("bea@example.com", Role.OPERATOR), path="/inbox?q=joint%20letter&sort=oldest")
    wait_for_list(page, 4)
    for key in "xjx":
        page.keyboard.press(key)  # as fast as they come
    expect(page.get_by_text("2 selected")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("option", checked=True)).to_have_count(2)
    page.get_by_role("button", name="All 4 like the first").click()
    expect(page.get_by_text("4 selected")).to_be_visible(timeout=SLOW)
    settle(page)
    page.get_by_role("button", name="Approve 4 together").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("send.joint.letter.3@meridian.example.com").first).to_be_visible(timeout=SLOW)
    dialog.get_by_role("textbox", name="Reason").fill("All of them are overdue.")
    dialog.get_by_role("button", name="Approve & execute 4").click()
    expect(dialog.get_by_text("4 of 4 executed")).to_be_visible(timeout=SLOW)
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SLOW)
    states = inside.actions_queries.progress(cards)
    assert {one.state for one in states.values()} == {ActionState.EXECUTED}


def test_operator_edits_a_plan_and_sees_what_it_does_differently(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    propose(inside, "Send the draft letter")
    page = sign_in(account=account("edda@example.com", Role.OPERATOR), path="/inbox?q=draft%20letter")
    approves(page)
    settle(page)
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Message").fill("Dear Mr Bell,\n\n₹ 4,200 is due.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0, timeout=SLOW)
    expect(page.get_by_text("What the plan does differently now · 1 change")).to_be_visible(timeout=SLOW)
    expect(page.locator("del", has_text="Dear Ms Okafor,")).to_be_visible()
    expect(page.locator("ins", has_text="Dear Mr Bell,")).to_be_visible()
    expect(page.get_by_text("You edited this plan, so somebody else decides")).to_be_visible()
    expect(page.get_by_role("button", name="Approve & Execute")).to_be_disabled()


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}], ids=["light", "dark", "phone"])
def test_open_dialogs_and_the_batch_bar_pass_axe(
    sign_in: Callable[..., Page], inside: Application, look: dict[str, bool]
) -> None:
    for number in range(2):
        propose(inside, f"Send axe letter {number}", f"axe-{number}{'-'.join(['', *look])}@meridian.example.com")
    page = sign_in(path="/inbox?q=axe%20letter", **look)
    expect(page.get_by_role("option").nth(1)).to_be_visible(timeout=SLOW)
    settle(page)
    page.get_by_role("option").nth(1).locator(".box").click()
    expect(page.get_by_text("1 selected")).to_be_visible(timeout=SLOW)
    settle(page)
    problems = violations(page)
    page.get_by_role("button", name="Approve 1 together").click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=SLOW)
    settle(page)
    problems += violations(page)
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1


def test_phone_decides_with_the_thumb(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application
) -> None:
    propose(inside, "Send pocket letter one")
    propose(inside, "Send pocket letter two")
    who = account("thea@example.com", Role.OPERATOR)
    page = sign_in(account=who, path="/inbox?q=pocket%20letter&sort=oldest", phone=True)
    wait_for_list(page, 2)
    page.get_by_role("option").nth(1).tap()
    headline(page, "Send pocket letter two")
    approve = page.get_by_role("button", name="Approve & Execute")
    expect(approve).to_be_in_viewport(timeout=SLOW)
    box = approve.bounding_box()
    assert box is not None and box["height"] >= 44
    approve.tap()
    executed(page)
    page.get_by_role("button", name="Next decision").tap()
    headline(page, "Send pocket letter one")
    approves(page)


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
