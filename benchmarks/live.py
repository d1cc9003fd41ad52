"""How soon a new card, and somebody else's decision, is on the screen of an inbox that nobody touches."""

from __future__ import annotations

import time

from playwright.sync_api import expect, sync_playwright

from benchmarks.installation import EMAIL, PASSWORD, installation
from benchmarks.measure import Figure, percentile, show
from core import bootstrap
from core.actor import Actor, ActorKind
from core.database.embedded import start_embedded_server
from core.settings import Settings
from tests.browser.conftest import CHROMIUM_FLAGS, DESKTOP, settle
from tests.browser.find import find_browser

CARDS = 15
AGENT = Actor(ActorKind.AGENT, "benchmark", "Benchmark", scopes=frozenset({"propose"}))


def measure() -> None:
    with installation() as ours, sync_playwright() as playwright:
        settings = Settings(var_dir=ours.product.var)
        app = bootstrap.build(settings, url=start_embedded_server(ours.product.var))
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.goto(f"{ours.product.url}/auth/sign-in?next=/inbox%3Fq%3Dbenchmark%26sort%3Doldest")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Inbox").wait_for(timeout=20_000)
        settle(page)
        admin = next(one.user for one in app.identity_queries.people(text=EMAIL)[0])
        person = app.identity_queries.actor_of_session(ours.cookie.partition("=")[2])
        assert person is not None and str(admin.id) == person.id
        appeared, gone = [], []
        made = []
        for number in range(CARDS):
            message = {"to": [f"a{number}@example.com"], "subject": f"Benchmark {number}", "body": "Hello"}
            started = time.perf_counter()
            made.append(app.actions.propose(AGENT, "email_send", message, title=f"Send benchmark message {number}"))
            expect(page.get_by_role("option")).to_have_count(number + 1, timeout=20_000)
            appeared.append((time.perf_counter() - started) * 1000)
        for number, action_id in enumerate(reversed(made[1:])):  # the open card, the first, stays open
            started = time.perf_counter()
            app.actions.reject(person, action_id, "Measured.")
            expect(page.get_by_role("option")).to_have_count(CARDS - 1 - number, timeout=20_000)
            gone.append((time.perf_counter() - started) * 1000)
        browser.close()
        app.close()
        show(
            f"Inbox that nobody touches, {CARDS} cards",
            [
                Figure("a new card is in the list, p50", percentile(appeared, 0.5), "ms", 2000),
                Figure("a new card is in the list, slowest", max(appeared), "ms", 2000),
                Figure("somebody else's decision, p50", percentile(gone, 0.5), "ms", 2000),
                Figure("somebody else's decision, slowest", max(gone), "ms", 2000),
            ],
        )
