"""Deciding in a real browser: by mouse, by key, and by two people at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Page, expect

from core import bootstrap
from core.actor import Actor, ActorKind, Role, Tier
from core.bootstrap import Application
from core.database.embedded import start_embedded_server
from core.identity.service import actor_of
from core.settings import Settings
from tests.browser.conftest import settle
from tests.browser.product import Product
from tests.conftest import PASSWORD

AGENT = Actor(ActorKind.AGENT, "ledger-agent", "Ledger agent", scopes=frozenset({"propose"}))


@pytest.fixture
def inside(product: Product) -> Iterator[Application]:
    """The running product's own database, to bring people and proposals in as an admin or an agent would."""
    app = bootstrap.build(Settings(_env_file=None, var_dir=product.var), url=start_embedded_server(product.var))
    yield app
    app.close()


@pytest.fixture
def account(inside: Application) -> Callable[..., tuple[str, str]]:
    """Makes a person with these roles; answers e-mail and password."""

    def make(email: str, *roles: Role) -> tuple[str, str]:
        found, _ = inside.identity_queries.people(text="asha@example.com")
        inside.identity.add_user(
            actor_of(found[0].user), email=email, name=email.split("@")[0].title(), password=PASSWORD,
            roles=frozenset(roles), tier=Tier.STARTER,
        )  # fmt: skip
        return email, PASSWORD

    return make


def propose(app: Application, title: str) -> None:
    message = {
        "to": ["accounts@meridian.example.com"], "subject": f"About: {title}", "body": "Dear Ms Okafor,\n\n₹ 4,200 is due.",
    }  # fmt: skip
    app.actions.propose(AGENT, "email_send", message, title=title)


def test_operator_reads_approves_and_sees_the_receipt(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application, product: Product
) -> None:
    propose(inside, "Send the loop reminder to Meridian Ltd")
    page = sign_in(account=account("olga@example.com", Role.OPERATOR), path="/inbox?q=loop%20reminder")
    expect(page.get_by_text("1 decision waits for you")).to_be_visible()
    expect(page.get_by_text("₹ 4,200 is due.")).to_be_visible()

    page.get_by_role("button", name="Approve & Execute").dblclick()
    expect(page.get_by_role("button", name="Executed")).to_be_visible(timeout=10_000)
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
    page = sign_in(account=account("karl@example.com", Role.OPERATOR), path="/inbox?q=keyboard%20note&sort=Newest")
    settle(page)
    expect(page.get_by_role("heading", name="Send keyboard note two")).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(2)  # from now on the list hears keys
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Send keyboard note one")).to_be_visible()
    settle(page)
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog.get_by_text("say why")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill("Paid this morning.")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Rejected by Karl")).to_be_visible()
    expect(page.get_by_role("button", name="Next decision")).to_be_visible()
    settle(page)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Send keyboard note two")).to_be_visible()
    settle(page)
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Executed")).to_be_visible(timeout=10_000)


def test_two_browsers_on_one_card_execute_it_once(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]], inside: Application, product: Product
) -> None:
    propose(inside, "Send twin message")
    first = sign_in(account=account("tina@example.com", Role.OPERATOR), path="/inbox?q=twin%20message")
    second = sign_in(account=account("tom@example.com", Role.OPERATOR), path="/inbox?q=twin%20message")
    for page in (first, second):
        expect(page.get_by_role("button", name="Approve & Execute")).to_be_visible()
    first.get_by_role("button", name="Approve & Execute").click()
    expect(first.get_by_role("button", name="Executed")).to_be_visible(timeout=10_000)
    second.get_by_role("button", name="Approve & Execute").click()
    expect(second.get_by_text("Tina approved this")).to_be_visible()
    sent = [path for path in product.var.glob("outbox/*.eml") if b"twin message" in path.read_bytes()]
    assert len(sent) == 1
