"""From the click on Approve & Execute until the browser shows Executed, timed inside the page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.installation import EMAIL, PASSWORD, installation
from benchmarks.measure import Figure, percentile, show
from core import bootstrap
from core.actor import Actor, ActorKind
from core.database.embedded import start_embedded_server
from core.settings import Settings
from tests.browser.conftest import CHROMIUM_FLAGS, DESKTOP
from tests.browser.find import find_browser

CLICKS = 40

_TIMED_CLICK = """() => new Promise((resolve, reject) => {
  const button = [...document.querySelectorAll('button')].find((b) => b.innerText.includes('Approve & Execute'));
  const started = performance.now();
  const shown = () => [...document.querySelectorAll('button')].some((b) => b.innerText.trim().endsWith('Executed'));
  const observer = new MutationObserver(() => {
    if (shown()) { observer.disconnect(); resolve(performance.now() - started); }
  });
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  setTimeout(() => { observer.disconnect(); reject(new Error('not executed within ten seconds')); }, 10000);
  button.click();
})"""


def measure() -> None:
    with installation() as ours, sync_playwright() as playwright:
        _propose(ours.product.var)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.goto(f"{ours.product.url}/auth/sign-in?next=/inbox%3Fq%3Dbenchmark")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        times = []
        for _ in range(CLICKS):
            page.get_by_role("button", name="Approve & Execute").wait_for(timeout=20_000)
            page.wait_for_timeout(300)
            times.append(float(page.evaluate(_TIMED_CLICK)))
            page.get_by_role("button", name="Next decision").click()
        browser.close()
        show(
            f"Approve & Execute, click to Executed on screen (outbox e-mail, {CLICKS} clicks)",
            [
                Figure("p50", percentile(times, 0.5), "ms", 300),
                Figure("p95", percentile(times, 0.95), "ms"),
            ],
        )


def _propose(var: Path) -> None:
    settings = Settings(var_dir=var)
    app = bootstrap.build(settings, url=start_embedded_server(var))
    agent = Actor(ActorKind.AGENT, "benchmark", "Benchmark", scopes=frozenset({"propose"}))
    for number in range(CLICKS + 1):
        message = {"to": [f"a{number}@example.com"], "subject": f"Benchmark {number}", "body": "Hello"}
        app.actions.propose(agent, "email_send", message, title=f"Send benchmark message {number}")
    app.close()
