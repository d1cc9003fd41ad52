"""What a hostile page of a published site can do in a real browser: nothing runs, and nothing of the dashboard is near."""
# ruff: noqa: F811 - fixtures of the sites of core are asked for by their names

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core.bootstrap import Application
from core.identity.rules import SESSION_COOKIE
from core.websites.browser import open_browser
from core.websites.built import SiteFile
from core.websites.generating import generate
from tests.core.websites.conftest import admin_of, answering, hosted  # noqa: F401 - fixtures
from tests.core.websites.sites import site

_RAN = "document.documentElement.dataset.ran='yes'"
_HOSTILE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Hostile</title>
<script>{_RAN}</script><script type="module">{_RAN}</script><script src="evil.js"></script>
<script src="data:text/javascript,{_RAN}"></script><link rel="modulepreload" href="evil.js">
<base href="https://evil.example/"><object data="evil.svg"></object><embed src="evil.svg"></head>
<body onload="{_RAN}"><h1>Hostile</h1><img src="x" alt="" onerror="{_RAN}"><svg onload="{_RAN}"><script>{_RAN}</script></svg>
<button onclick="{_RAN}">Press</button><a href="javascript:void({_RAN})" id="to">Go</a>
<iframe srcdoc="<script>parent.{_RAN}</script>"></iframe><iframe src="/inbox"></iframe>
<details open ontoggle="{_RAN}"><summary>x</summary></details><input autofocus onfocus="{_RAN}">
</body></html>"""
_SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{_RAN}"><script>{_RAN}</script></svg>'
_STEP = """
() => { const told = {origin: self.origin};
  for (const [name, ask] of Object.entries({
    cookie: () => document.cookie, local: () => localStorage.getItem("k"), session: () => sessionStorage.getItem("k"),
    database: () => indexedDB.open("k"), opener: () => String(window.opener && window.opener.document),
  })) { try { told[name] = "reached: " + ask(); } catch (problem) { told[name] = problem.name; } }
  return told; }
"""


@pytest.fixture
def page(hosted: Application) -> Iterator[Page]:
    """Of a browser that is signed in to the dashboard beside, and has something stored there."""
    base = hosted.settings.base_url
    with open_browser(base) as browser:
        assert browser is not None
        context = _signed_in(browser, base)
        yield context.new_page()
        context.close()


def _signed_in(browser: Browser, base: str) -> BrowserContext:
    context = browser.new_context()
    context.add_cookies(
        [{"name": SESSION_COOKIE, "value": "secret", "url": base}, {"name": "k", "value": "v", "url": base}]
    )
    own = context.new_page()
    own.goto(f"{base}/robots.txt")
    own.evaluate("localStorage.setItem('k', 'secret')")
    assert own.evaluate("document.cookie") and own.evaluate("localStorage.getItem('k')") == "secret"
    return context


def _published(app: Application) -> str:
    """The address of a site whose files are not what we make of it."""
    with app.database.begin() as uow:
        row = app.sites.reserve(uow, name="Hostile", run_id=None)
    address = app.sites.address_on("here", row.slug)
    told = site(name="Hostile")
    built = generate(told, address=address, form_action=app.sites.form_address(row.slug, "here"))
    evil = {
        "index.html": SiteFile(_HOSTILE.encode(), "text/html; charset=utf-8"),
        "evil.js": SiteFile(_RAN.encode(), "text/javascript"),
        "evil.svg": SiteFile(_SVG.encode(), "image/svg+xml"),
    }
    version = app.sites.keep(row.id, replace(built, files={**built.files, **evil}), told)
    app.sites.deploy(row.id, version.id, key="hostile")
    return address


def test_nothing_of_a_hostile_page_runs(hosted: Application, page: Page) -> None:
    address = _published(hosted)
    answered: list[str] = []
    page.on("response", lambda one: answered.append(one.url))

    page.goto(address, wait_until="load")
    page.get_by_role("button", name="Press").click()
    page.locator("#to").click()

    assert page.evaluate("document.documentElement.dataset.ran") is None
    assert page.url == address
    assert [one for one in answered if one.startswith(address)] == answered
    assert not [one for one in answered if one.endswith(("evil.js", "evil.svg"))]
    page.goto(f"{address}evil.svg", wait_until="load")
    assert page.evaluate("document.documentElement.dataset.ran") is None


def test_nothing_of_the_dashboard_is_within_reach_of_a_page(hosted: Application, page: Page) -> None:
    """Even of a script that could run, as an extension's or a tool's: the page's origin is its own."""
    page.goto(_published(hosted), wait_until="load")

    told = page.evaluate(_STEP)

    assert told.pop("origin") == "null"
    assert told == {"cookie": "SecurityError", "local": "SecurityError", "session": "SecurityError", "database": "SecurityError",
                    "opener": "reached: null"}, told  # fmt: skip
    for asked in ("/inbox", "/api/me", "/sites/hostile/"):
        assert page.evaluate("path => fetch(path).then(() => 'reached', () => 'refused')", asked) == "refused"
