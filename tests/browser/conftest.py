"""One running product and one browser for the whole session of browser tests; signed-in pages for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from core import bootstrap
from core.actor import Role, Tier
from core.bootstrap import Application
from core.database.embedded import start_embedded_server
from core.identity.service import actor_of
from core.settings import Settings
from tests.browser.find import find_browser
from tests.browser.product import Product
from tests.conftest import PASSWORD

ADMIN = ("asha@example.com", PASSWORD)
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def product(browser: Browser) -> Iterator[Product]:
    """A fresh installation with its admin and sample data, set up through the browser as a person would."""
    # Not in pytest's own folder: the next session closes that to the server's user, and this one may still run.
    folder = TemporaryDirectory(prefix="countersign-", ignore_cleanup_errors=True)
    running = Product(Path(folder.name) / "var").start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(running.url)
    page.get_by_label("Your name").fill("Asha Rao")
    page.get_by_label("E-mail").fill(ADMIN[0])
    page.get_by_label("Password").fill(ADMIN[1])
    page.get_by_role("button", name="Create the admin account").click()
    page.get_by_text("Sample data loaded").wait_for(timeout=60_000)
    context.close()
    yield running
    running.stop()
    folder.cleanup()


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


@pytest.fixture
def sign_in(browser: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """`sign_in()` gives a page of the admin's; viewport, colour scheme and account can be chosen."""
    contexts: list[BrowserContext] = []

    def make(*, phone: bool = False, dark: bool = False, account: tuple[str, str] = ADMIN, path: str = "/") -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP, color_scheme="dark" if dark else "light", has_touch=phone
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{product.url}/auth/sign-in?next={quote(path, safe='')}")
        page.get_by_label("E-mail").fill(account[0])
        page.get_by_label("Password").fill(account[1])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/auth/" not in url)
        return page

    yield make
    for context in contexts:
        context.close()


def settle(page: Page) -> None:
    """Waits until Streamlit has drawn and nothing runs."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=20_000)
    page.wait_for_function("document.querySelectorAll('[data-stale=\"true\"],[data-testid=stSkeleton]').length === 0")
