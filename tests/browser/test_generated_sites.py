"""Generated sites in a browser, each layout in light, dark and on a phone: no fault for axe, no sideways scrolling, no error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.websites.content import Brand, Hero, Link, Picture, Site
from core.websites.generating import generate
from core.websites.layout import find_layouts
from tests.browser.conftest import DESKTOP, PHONE
from tests.core.websites.sites import hostile_site, site

PAGES = ("", "about/", "shop/", "shop/rye-bread/", "blog/", "blog/first-loaf/", "contact/", "contact-sent/", "404.html")
GLARE = Brand(primary="#FFFF00", secondary="#FFFFFF", accent="#FEFEFE")
Opened = Callable[..., Page]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def pictured(layout: str) -> tuple[Site, dict[str, bytes]]:
    """A site whose first page opens with a picture, and whose links are partly paid for."""
    out = BytesIO()
    Image.new("RGB", (1200, 900), "#557799").save(out, "PNG")
    key = sha256(out.getvalue()).hexdigest()
    paid = Link(label="Partner", to="https://example.com/", sponsored=True)
    shown = site(layout=layout)
    hero = Hero(title="Bread", text="Baked at four.", actions=(paid,), picture=Picture(sha256=key, alt="A loaf"))
    home = shown.pages[0].model_copy(update={"blocks": (hero, *shown.pages[0].blocks[1:])})
    return shown.model_copy(update={"pages": (home, *shown.pages[1:]), "footer": (paid,)}), {key: out.getvalue()}


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """`opened(site)` serves it as any server of files would, and gives its first page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    contexts: list[BrowserContext] = []

    def make(told: Site, *, look: str = "light", pictures: dict[str, bytes] | None = None) -> Page:
        address = f"http://127.0.0.1:{server.server_port}/sites/harbour/"
        made = generate(told, address=address, form_action="/api/forms/x", pictures=(pictures or {}).__getitem__)
        for path, file in made.files.items():
            place = tmp_path / "sites" / "harbour" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.data)
        context = browser.new_context(
            viewport=PHONE if look == "phone" else DESKTOP,
            color_scheme="dark" if look == "dark" else "light",
            reduced_motion="reduce",
            base_url=address,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: pytest.fail(message.text))
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.goto("")
        return page

    yield make
    for context in contexts:
        context.close()
    server.shutdown()
    server.server_close()


def faults(page: Page) -> list[str]:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"][:3]
    ]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("layout", find_layouts())
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_every_page_passes_axe_and_fits_its_window(opened: Opened, layout: str, look: str) -> None:
    page = opened(site(layout=layout), look=look)
    for path in PAGES:
        page.goto(path)
        assert faults(page) == []
        assert overflow(page) == 0, path


@pytest.mark.parametrize("layout", find_layouts())
@pytest.mark.parametrize("look", ["light", "dark"])
def test_glaring_brands_pictures_and_paid_links_can_be_read(opened: Opened, layout: str, look: str) -> None:
    told, pictures = pictured(layout)
    page = opened(told.model_copy(update={"brand": GLARE}), look=look, pictures=pictures)
    assert page.get_by_alt_text("A loaf").evaluate("one => one.complete && one.naturalWidth > 0")
    for path in ("", "shop/", "contact/"):
        page.goto(path)
        assert faults(page) == []


@pytest.mark.parametrize("layout", find_layouts())
@pytest.mark.parametrize("name", ["arabic", "japanese", "hostile"])
def test_other_scripts_and_hostile_texts_fit_a_phone(opened: Opened, layout: str, name: str) -> None:
    told = {
        "arabic": site(name="مخبز الميناء", language="ar"),
        "japanese": site(name="港のパン屋", language="ja"),
        "hostile": hostile_site(),
    }[name]  # fmt: skip
    page = opened(told.model_copy(update={"layout": layout}), look="phone")
    assert faults(page) == []
    assert overflow(page) == 0


@pytest.mark.parametrize("layout", find_layouts())
def test_a_phone_opens_the_menu_by_touch_and_by_keys(opened: Opened, layout: str) -> None:
    page = opened(site(layout=layout), look="phone")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    menu.get_by_role("link", name="Contact").click()
    expect(page.get_by_role("heading", level=1, name="Contact")).to_be_visible()


def test_the_first_tab_leads_past_the_navigation(opened: Opened) -> None:
    page = opened(site())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
